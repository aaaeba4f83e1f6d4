#!/usr/bin/env python3
"""Runs a model in Keras and in graft on the same input and names the first layer whose output differs.

    python3 weights/parity.py model.keras --program build/examples/70_layer_outputs

Needs keras with a backend, and the example 70_layer_outputs built with HDF5 and libzip. Layers inside nested models are
compared too. Exit status 1 if a layer differs.
"""
import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from safetensors_file import ConvertError, read_safetensors, write_safetensors
from sources import load_module

UNKNOWN_AXIS = 64  # where a model takes any height and width


@dataclass(frozen=True)
class Output:
    """What the call of a layer gave."""

    layer: str
    value: np.ndarray


# ------------------------------------------------------------------------------------------------------ Keras


def inner_layers(model, keras):
    """All layers that compute, those of nested models in their place."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from inner_layers(layer, keras)
        else:
            yield layer


def recording(layer, call, outputs):
    def recorded(*arguments, **options):
        y = call(*arguments, **options)
        parts = y if isinstance(y, (list, tuple)) else [y]
        outputs.extend(Output(layer.name, np.asarray(part, "<f4")) for part in parts)
        return y
    return recorded


def keras_outputs(model, inputs, keras):
    """The outputs of every call of a layer in the order in which Keras makes them."""
    outputs = []
    for layer in {id(layer): layer for layer in inner_layers(model, keras)}.values():
        if not isinstance(layer, keras.layers.InputLayer):
            layer.call = recording(layer, layer.call, outputs)
    model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return outputs


def random_inputs(model, batch, size, scale, seed):
    generator = np.random.default_rng(seed)
    shapes = [(batch, *(axis or size for axis in tensor.shape[1:])) for tensor in model.inputs]
    return [(scale * generator.normal(size=shape)).astype("<f4") for shape in shapes]


# ------------------------------------------------------------------------------------------------------ graft


def graft_outputs(program, model_path, inputs):
    """The outputs of every call of a layer, by the example 70_layer_outputs."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "inputs.safetensors", Path(folder) / "outputs.safetensors"
        write_safetensors(given, {str(i): x for i, x in enumerate(inputs)}, {})
        try:
            result = subprocess.run([program, model_path, given, made], capture_output=True, text=True, check=False)
        except OSError as error:
            raise ConvertError(f"{program} cannot be started ({error}): build graft's examples and give the path of "
                               "70_layer_outputs by --program") from None
        if result.returncode != 0:
            raise ConvertError(f"graft: {result.stderr.strip()}")
        return [Output(name.split(":", 1)[1], value) for name, value in read_safetensors(made)[0].items()]


# -------------------------------------------------------------------------------------------------- comparison


def difference(a, b):
    """Relative to a, as lengths of vectors; infinite for other shapes and for what is not finite."""
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    if not a.any():
        return np.inf if b.any() else 0.0
    return np.linalg.norm(a - b) / np.linalg.norm(a)


def compare(expected, found):
    """Each of Keras's outputs with its difference from graft's of that layer, or None without one. Of a layer that is
    called several times the closest call counts, since the two may call it in another order."""
    rows = []
    for output in expected:
        values = [other.value for other in found if other.layer == output.layer]
        rows.append((output, min((difference(output.value, value) for value in values), default=None)))
    return rows


def report(rows, tolerance):
    """Whether all layers agree, and the lines to print."""
    absent = [output.layer for output, distance in rows if distance is None]
    known = [(output, distance) for output, distance in rows if distance is not None]
    lines = [f"graft has no layer '{layer}'" for layer in absent]
    first = next((i for i, (_, distance) in enumerate(known) if not distance <= tolerance), None)
    if first is None:
        largest, distance = max(known, key=lambda row: row[1])
        return not absent, lines + [f"{len(known)} outputs agree within {tolerance:g}, the largest relative difference "
                                    f"is {distance:.1e} at '{largest.layer}'"]
    output, distance = known[first]
    lines.append(f"the first output that differs is that of '{output.layer}' {output.value.shape}: relative difference "
                 f"{distance:.1e}, allowed {tolerance:g}")
    lines += [f"before it: '{before.layer}' {before.value.shape}, {close:.1e}" for before, close in known[:first][-3:]]
    return False, lines


# -------------------------------------------------------------------------------------------------- arguments


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model that Keras saved: .keras or .h5")
    parser.add_argument("--program", type=Path, required=True, help="graft's example 70_layer_outputs, built")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="relative difference of an output (default 1e-4)")
    parser.add_argument("--batch", type=int, default=2, help="samples (default 2)")
    parser.add_argument("--size", type=int, default=UNKNOWN_AXIS, help="axes that the model leaves open (default 64)")
    parser.add_argument("--scale", type=float, default=1.0, help="deviation of the random input (default 1)")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def run(options):
    """Prints the report and returns whether all layers agree."""
    if not options.model.exists():
        raise ConvertError(f"{options.model} does not exist")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keras = load_module("keras")
    try:
        model = keras.models.load_model(options.model, compile=False)
    except (ValueError, OSError, TypeError) as error:
        raise ConvertError(f"Keras cannot load {options.model}: {error}") from None
    inputs = random_inputs(model, options.batch, options.size, options.scale, options.seed)
    found = graft_outputs(options.program, options.model, inputs)
    good, lines = report(compare(keras_outputs(model, inputs, keras), found), options.tolerance)
    print("\n".join(lines))
    return good


def main(arguments=None):
    options = parse_arguments(arguments)
    try:
        return 0 if run(options) else 1
    except ConvertError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
