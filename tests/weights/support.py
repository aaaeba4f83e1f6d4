"""What the tests of weights/ share."""

import contextlib
import dataclasses
import importlib.util
import io
import sys
import tempfile
import unittest
from pathlib import Path

if importlib.util.find_spec("numpy") is None:
    raise unittest.SkipTest("numpy is not installed")

import numpy as np

WEIGHTS = Path(__file__).resolve().parent.parent.parent / "weights"
sys.dont_write_bytecode = True
sys.path.insert(0, str(WEIGHTS))
import convert  # noqa: E402

VGG16 = convert.BACKBONES["vgg16"]


def has(module):
    return unittest.skipUnless(importlib.util.find_spec(module), f"{module} is not installed")


def tiny_network(net, x, include_top):
    """One convolution and one pooling, and a softmax on two classes as the top."""
    x = net.conv(x, 4, 3, "block1_conv1", padding="same", activation="relu")
    x = net.pool(x, "max_pooling2d", 2, 2, name="block1_pool")
    return net.dense(net.flatten(x, 2, "flatten"), 2, "predictions", "softmax") if include_top else x


def tiny_backbone(**changes):
    return dataclasses.replace(VGG16, build=tiny_network, golden_size=(4, 4), **changes)


def random_tensors(backbone, include_top=False):
    generator = np.random.default_rng(7)
    return {name: generator.normal(size=shape).astype(np.float32)
            for name, shape in backbone.shapes(include_top).items()}


def run(*arguments):
    """main()'s exit status, what it printed and what it complained of."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = convert.main([str(argument) for argument in arguments])
    return status, out.getvalue(), err.getvalue()


class TemporaryFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, data):
        (self.folder / name).write_bytes(data)
        return self.folder / name
