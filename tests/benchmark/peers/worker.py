"""The Python side of worker.hpp: what a peer and the driver say to each other, and the files they share."""

import sys
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[3]
TRUNK_WEIGHTS = ROOT / "weights" / "vgg16_imagenet_notop.safetensors"


def read_weights(path):
    """The tensors weight_0, weight_1, .. of a file, in the order of get_weights()."""
    tensors = load_file(path)
    return [tensors[f"weight_{i}"] for i in range(len(tensors))]


def read_trunk():
    """VGG16's 13 pairs of kernel (height, width, in, out) and bias, by the layers' names."""
    tensors = {name: value.astype("float32") for name, value in load_file(TRUNK_WEIGHTS).items()}
    names = [f"block{block}_conv{i}" for block, count in enumerate((2, 2, 3, 3, 3), 1) for i in range(1, count + 1)]
    return {name: (tensors[f"{name}/kernel"], tensors[f"{name}/bias"]) for name in names}


def write_result(path, arrays):
    """The bare numbers, for the driver to compare."""
    with open(path, "wb") as file:
        for array in arrays:
            np.ascontiguousarray(array, dtype="float32").tofile(file)


def seconds_per_call(call, least=0.5):
    """The time of one call: the mean over at least `least` seconds of calls."""
    start, calls = time.perf_counter(), 0
    while True:
        call()
        calls += 1
        passed = time.perf_counter() - start
        if passed >= least:
            return passed / calls


def fastest(*candidates):
    """The quickest of several ways to do the same, by the better of two calls after a first one."""

    def best(call):
        call()
        return min(seconds_per_call(call, 0) for _ in range(2))

    return min(candidates, key=best)


def serve(measure):
    """Answers every line of the input by the seconds that measure() gives."""
    print("ready", flush=True)
    for _ in sys.stdin:
        print("seconds", measure(), flush=True)
