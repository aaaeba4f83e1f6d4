"""What the make_*.py scripts share: a quiet, deterministic Keras, and the golden file format.

A golden file is a safetensors file: the tensors of its cases, and two strings in `__metadata__`,
"recipe" (JSON: script, keras, tensorflow, numpy, seed) and "cases" (JSON: a list). Import this module before keras.
"""

import contextlib
import datetime
import json
import os
import struct
import sys
import zipfile
from pathlib import Path
from unittest import mock

os.environ.update(
    KERAS_BACKEND="tensorflow",
    TF_CPP_MIN_LOG_LEVEL="3",
    CUDA_VISIBLE_DEVICES="-1",
    TF_ENABLE_ONEDNN_OPTS="0",  # oneDNN picks kernels, and with them the order of sums, by processor
    COLUMNS="80",
)

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.saving import legacy_h5_format
from keras.src.saving import saving_lib, serialization_lib

FOLDER = Path(__file__).resolve().parent
SEED = 20240607

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.experimental.enable_op_determinism()


def set_precision(name):
    """What new tensors and new layers compute in. set_floatx alone leaves the layers' policy as first used."""
    keras.config.set_floatx(name)
    keras.config.set_dtype_policy(name)


set_precision("float64")


def recipe(seed):
    """Where a file's numbers come from."""
    return {
        "script": Path(sys.argv[0]).name,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "seed": seed,
    }


def jsonable(value):
    """`value` with NumPy's and Keras's types replaced by what JSON has."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value


def plain_config(thing):
    """get_config() of a layer, loss, metric or optimizer without its dtype."""
    config = jsonable(thing.get_config())
    config.pop("dtype", None)
    return config


def generator_for(name):
    """The random generator of one case, by name: adding a case changes the numbers of no other."""
    return np.random.default_rng([SEED, *name.encode()])


def normal(generator, shape, scale=1.0):
    """Normal numbers that float32 holds exactly, so that a float and a double run start from the same ones."""
    return generator.normal(0.0, scale, shape).astype(np.float32).astype(np.float64)


def random_weight(generator, variable):
    """Values that make every weight matter; a variance stays positive."""
    kind, shape = variable.path.split("/")[-1], variable.shape
    if kind in ("moving_variance", "variance"):
        return generator.uniform(0.5, 2.0, shape).astype(np.float32).astype(np.float64)
    if kind == "gamma":
        return 1.0 + normal(generator, shape, 0.3)
    if kind == "kernel":
        return normal(generator, shape, np.prod(shape[:-1]) ** -0.5)
    return normal(generator, shape, 0.5)


def probabilities(generator, shape):
    """Rows that sum to 1, but for rounding to what float32 holds."""
    return generator.dirichlet(np.ones(shape[-1]), shape[:-1]).astype(np.float32).astype(np.float64)


def sample_weights(generator, shape):
    """Weights from 0 to 3 in steps of 1/8, so that sums of them are exact."""
    return np.round(generator.uniform(0.0, 3.0, shape) * 8) / 8


def one_hot(labels, classes):
    return np.eye(classes)[labels]


FROM = {"values": lambda x: x, "softmax": keras.activations.softmax, "sigmoid": keras.activations.sigmoid}


class GoldenFile:
    """Collects cases and the tensors they name, and writes them to one safetensors file."""

    def __init__(self, name, folder=FOLDER):
        self.path = Path(folder) / f"{name}.safetensors"
        self.tensors = {}
        self.cases = []
        self.lists = {}  # further lists for __metadata__, by key

    def add(self, name, array, dtype=np.float64):
        """Stores an array under `name`, which it returns for the case to mention."""
        if name in self.tensors:
            raise ValueError(f"two tensors are called {name}")
        self.tensors[name] = np.array(array, dtype=dtype, order="C")
        return name

    def add_all(self, prefix, arrays, dtype=np.float64):
        """Stores `prefix`0, `prefix`1, ..; None stays None."""
        return [
            None if array is None else self.add(f"{prefix}{index}", array, dtype) for index, array in enumerate(arrays)
        ]

    def save(self):
        names = [case["name"] for case in self.cases]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.path.name}: case names must be unique")
        lists = {"cases": self.cases} | self.lists
        metadata = {key: json.dumps(jsonable(value), allow_nan=False) for key, value in lists.items()}
        metadata = {"recipe": json.dumps(recipe(SEED))} | metadata
        write_safetensors(self.path, self.tensors, metadata)
        print(f"{self.path.name}: {len(self.cases)} cases, {self.path.stat().st_size} bytes")


def save_json(name, cases):
    """Writes a file of cases that need no tensors."""
    path = FOLDER / f"{name}.json"
    lines = ",\n".join(json.dumps(jsonable(case), ensure_ascii=False, allow_nan=False) for case in cases)
    text = f'{{"recipe": {json.dumps(recipe(SEED))},\n"cases": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


def weights_of(model):
    """Its weights without the states of random generators."""
    return [weight for weight in model.weights if "seed" not in weight.path]


def predict(model, xs):
    """A list of outputs."""
    ys = model.predict(xs if len(xs) > 1 else xs[0], verbose=0)
    return list(ys) if isinstance(ys, (list, tuple)) else [ys]


def write_weights_only(path, model):
    """The older layout with nothing but weights, which Keras 3 reads but has no public function to write."""
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


@contextlib.contextmanager
def reproducible_files():
    """Keras writes the time and the addresses of objects into its files. Inside of this they are 2024-06-07 and numbers."""
    then, numbers = datetime.datetime(2024, 6, 7), {}
    clock = mock.Mock()
    clock.datetime.now.return_value = then

    def number(thing):
        return numbers.setdefault(id(thing), len(numbers) + 1)

    with (
        mock.patch.object(saving_lib, "datetime", clock),
        mock.patch.object(serialization_lib, "id", number, create=True),
        mock.patch("time.localtime", lambda *_: then.timetuple()),
    ):
        yield


def write_archive(path, files):
    """Deflates {name: bytes} into a zip file: equal files make equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)
    print(f"{path.name}: {len(files)} files, {path.stat().st_size} bytes")


def set_trainable(model, flags):
    """Sets `trainable` by layer name or parent/child path, in order.

    Assigned twice, since Keras on TensorFlow skips an assignment that changes nothing, children included."""
    for path, value in flags.items():
        layer = model
        for name in path.split("/"):
            layer = layer.get_layer(name)
        layer.trainable = not value
        layer.trainable = value


def write_safetensors(path, tensors, metadata):
    """Writes the format of https://github.com/huggingface/safetensors in the order given.

    The package's own writer orders `__metadata__` by a hash that differs from run to run."""
    kinds = {np.dtype(np.float64): "F64", np.dtype(np.float32): "F32"}
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):
        blob = array.tobytes()
        header[name] = {
            "dtype": kinds[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
