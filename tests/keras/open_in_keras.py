#!/usr/bin/env python3
"""Opens in Keras what graft wrote, and compares: config, weights, predictions, and how training goes on.

    python3 tests/keras/open_in_keras.py build/tests/keras_tests

Run by hand, in an environment with tests/golden/requirements.txt; without Keras it says so and ends with status 0. The
files are those that keras_tests writes from the models of tests/golden/keras_files; exit status 1 if one differs.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    # oneDNN orders its sums by processor: without it the predictions are those of the golden file, bit by bit.
    os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
    import h5py
    import keras
    import numpy as np
    from keras.src.legacy.saving import legacy_h5_format
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def read_golden(path):
    """The tensors of a golden file by name, and its cases."""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    cases = json.loads(header.pop("__metadata__")["cases"])
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        kind = {"F32": np.float32, "F64": np.float64}[entry["dtype"]]
        tensors[name] = np.frombuffer(raw[begin:end], kind).reshape(entry["shape"])
    return tensors, cases


def differences(a, b, path=""):
    """Where two configs differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            yield from differences(a.get(key), b.get(key), f"{path}/{key}")
    elif isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
        for index, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}/{index}")
    elif b == [a] or a == [b]:
        return  # one axis
    elif path.endswith("_factor") and isinstance(a, float) and list(b) == [-a, a]:
        return  # a range, as Keras takes the number
    elif a != b and not (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= 1e-6 * abs(a)):
        yield f"{path}: {a} became {b}"


def weights(model):
    return [weight.numpy() for weight in model.weights if "seed" not in weight.path]


def check(model, case, tensors, original=None, train=False):
    """Faults of one model that came out of a file."""
    expected = [tensors[name] for name in case["weights"]]
    found = weights(model)
    if len(found) != len(expected) or any(not np.array_equal(a, b) for a, b in zip(found, expected)):
        yield "weights differ"
    inputs = [tensors[name] for name in case["x"]]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    for output, name in zip(outputs, case["y"]):
        if not np.array_equal(output, tensors[name]):
            yield f"{name} differs by {np.abs(output - tensors[name]).max()}"
    if original is None:
        return
    yield from differences(original.get_config(), model.get_config(), "config")
    if not case["compiled"] or not train:
        return
    yield from differences(original.optimizer.get_config(), model.optimizer.get_config(), "optimizer")
    for x, y in zip(tensors[case["later_x"]], tensors[case["later_y"]]):
        model.train_on_batch(x, y)
    for found, name in zip(weights(model), case["later_weights"]):
        if not np.allclose(found, tensors[name], rtol=1e-6, atol=1e-7):
            yield f"{name} differs by {np.abs(found - tensors[name]).max()} after more training"


def write_from_graft(program, test, folder, **variables):
    """Runs the tests that write into a folder what Keras is to open."""
    environment = os.environ | {"GRAFT_EXCHANGE": str(folder)} | variables
    subprocess.run([program, test], env=environment, check=True, stdout=subprocess.DEVNULL)


def read_new_weights(base):
    """NAME.weights.h5, in a model with others."""
    model = keras.models.clone_model(keras.models.load_model(base + ".keras", compile=False))
    model.load_weights(base + ".weights.h5")
    return model


def read_old_weights(base):
    """NAME_weights.h5, in a model with others."""
    model = keras.models.load_model(base + ".keras", compile=False)
    for weight in model.weights:
        weight.assign(0 * weight)
    with h5py.File(base + "_weights.h5") as file:
        legacy_h5_format.load_weights_from_hdf5_group(file, model)
    return model


def faults_of(name, run):
    """The faults that `run` finds, printed; an exception is one."""
    try:
        found = list(run())
    except Exception as error:
        found = [f"{type(error).__name__}: {str(error)[:2000]}"]
    for fault in found:
        print(f"{name}: {fault}")
    return found


def main(program):
    tensors, cases = read_golden(GOLDEN / "keras_files.safetensors")
    faults = count = 0
    with tempfile.TemporaryDirectory() as folder:
        write_from_graft(program, "[.exchange]", folder)
        for case in cases:
            base = f"{folder}/{case['name']}"

            def whole(ending):
                # Keras 3.15.1 cannot train on from an .h5, its own or another: it builds the optimizer for no variables.
                archive = ending == ".keras"
                original = keras.models.load_model(GOLDEN / "keras_files" / f"{case['name']}{ending}", compile=archive)
                return check(keras.models.load_model(base + ending), case, tensors, original, train=archive)

            checks = {
                ".keras": lambda: whole(".keras"),
                "_whole.h5": lambda: whole("_whole.h5"),
                ".weights.h5": lambda: check(read_new_weights(base), case, tensors),
                "_weights.h5": lambda: check(read_old_weights(base), case, tensors),
            }
            if case["name"] == "sequences":
                del checks["_whole.h5"]  # Keras 3.15.1 drops a list of several axes from an .h5, its own included
            for ending, run in checks.items():
                count += 1
                faults += bool(faults_of(f"{case['name']}{ending}", run))
    print(f"{count} files opened in Keras {keras.__version__}, {faults} with faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else print(__doc__))
