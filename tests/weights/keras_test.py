"""Converts files that Keras writes and compares the golden output with what Keras computes. Needs keras, a backend and
h5py; `python3 tests/weights/keras_test.py NAME..` takes other backbones of weights/convert.py --list than one of each
kind, without top."""

import importlib.util
import json
import logging
import os
import sys
import tempfile
import unittest
from pathlib import Path

MISSING = [name for name in ("numpy", "h5py", "keras", "tensorflow") if importlib.util.find_spec(name) is None]
if MISSING:
    raise unittest.SkipTest(f"not installed: {', '.join(MISSING)}")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "weights"))
import convert  # noqa: E402
import parity  # noqa: E402

logging.getLogger("absl").setLevel(logging.ERROR)  # it advises against .h5 files
CASES = [("resnet50", False), ("resnet50v2", False), ("densenet121", False), ("inception_v3", False),
         ("xception", False), ("mobilenet_0.25_128", True), ("mobilenetv2_0.35_96", True), ("efficientnetb0", False)]


def keras_class(name):
    """resnet50v2 -> keras.applications.ResNet50V2, mobilenet_0.25_128 -> MobileNet and its alpha"""
    stem, *alpha = name.replace("inception_v3", "inceptionv3").split("_")
    makers = {key.lower(): getattr(keras.applications, key) for key in dir(keras.applications) if key != key.lower()}
    return makers[stem], {"alpha": float(alpha[0])} if alpha else {}


def seeded(variable, generator):
    """A value that keeps the signal as strong as it is: an output that hardly depends on the input shows no fault."""
    if variable.name.endswith("kernel"):
        inputs = variable.shape[:2] if variable.shape[-1] == 1 else variable.shape[:-1]  # depthwise: one channel each
        return generator.normal(0, np.sqrt(2 / np.prod(inputs)), variable.shape)
    if variable.name in ("gamma", "moving_variance", "variance"):
        return generator.uniform(0.5, 1.5, variable.shape)
    return generator.normal(0, 0.1, variable.shape)


def keras_model(name, include_top):
    """Keras's model with seeded weights, for the golden input; its normalizations have statistics of their own."""
    make, options = keras_class(name)
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    size = convert.BACKBONES[name].golden_size[0 if include_top else 1]
    model = make(weights=None, include_top=include_top, input_shape=(size, size, 3), **options)
    generator = np.random.default_rng(2)
    for variable in model.variables:
        if variable.name != "count" and "seed" not in variable.path:
            variable.assign(seeded(variable, generator))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with copies of its variables
    return model


def golden_input(golden):
    formula = golden["input"].removeprefix("x[i] = ").removesuffix(" in row-major order")
    return eval(formula, {"i": np.arange(np.prod(golden["input_shape"]))}).reshape(golden["input_shape"])


def second_rescaling(model):
    """The layers of an EfficientNet behind its normalization, where ImageNet's weights add a rescaling."""
    first = next(i for i, layer in enumerate(model.layers) if isinstance(layer, keras.layers.Normalization))
    head = keras.Model(model.input, model.layers[first].output)
    return head, keras.Model(model.layers[first].output, model.output)


def predict(model, name, x):
    if not name.startswith("efficientnet"):
        return np.asarray(model(x, training=False))
    head, rest = second_rescaling(model)
    return np.asarray(rest(np.asarray(head(x)) / np.sqrt([0.229, 0.224, 0.225]), training=False))


class KerasFiles(unittest.TestCase):
    def check(self, name, include_top):
        model = keras_model(name, include_top)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "seeded.h5"
            model.save(path)
            arguments = [name, "--file", str(path), "--own-weights", "--output", folder]
            self.assertEqual(convert.main(arguments + ["--include-top"] * include_top), 0)
            tensors, metadata = convert.read_safetensors(Path(folder) / "seeded.safetensors")
        golden = json.loads(metadata["golden"])
        expected, mirrored = (predict(model, name, sign * golden_input(golden)).ravel() for sign in (1, -1))
        self.assertEqual(sum(array.size for array in tensors.values()), model.count_params())
        # Keras computes in float32: about 1e-7 for each of up to 800 layers. A layer in a wrong place changes the
        # output as another input does.
        difference, change = (np.linalg.norm(y - expected) / np.linalg.norm(expected)
                              for y in (golden["output"], mirrored))
        self.assertGreater(change, 1e-3)
        self.assertLess(difference, min(1e-5, change / 100))

    def test_the_golden_output_is_that_of_keras(self):
        for name, include_top in CASES:
            with self.subTest(name=name, include_top=include_top):
                self.check(name, include_top)


class Recorded(unittest.TestCase):
    def test_every_call_of_a_layer_is_recorded_also_in_nested_models(self):
        keras.utils.clear_session()
        inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="a"), keras.layers.ReLU(name="b")])
        x, y = keras.Input((4,)), keras.Input((4,))
        model = keras.Model([x, y], keras.layers.Add(name="end")([inner(x), inner(y)]))
        inputs = parity.random_inputs(model, batch=2, size=8, scale=1.0, seed=1)
        outputs = parity.keras_outputs(model, inputs, keras)
        self.assertEqual([output.layer for output in outputs], ["a", "b", "a", "b", "end"])
        np.testing.assert_array_equal(outputs[4].value, outputs[1].value + outputs[3].value)
        np.testing.assert_array_equal(outputs[1].value, np.maximum(outputs[0].value, 0))


if __name__ == "__main__":
    if sys.argv[1:]:
        CASES = [(name, False) for name in sys.argv[1:]]
    unittest.main(argv=sys.argv[:1])
