"""Tests of weights/parity.py with a script in place of graft's program."""

import stat
import sys
import types
import unittest

import numpy as np
from support import WEIGHTS, TemporaryFolder

import parity
from parity import Output
from safetensors_file import ConvertError


def outputs(**values):
    return [Output(layer, np.array(value, "<f4")) for layer, value in values.items()]


class Comparison(unittest.TestCase):
    def report(self, expected, found, tolerance=1e-4):
        good, lines = parity.report(parity.compare(expected, found), tolerance)
        return good, "\n".join(lines)

    def test_equal_outputs_agree(self):
        good, text = self.report(outputs(a=[1, 2], b=[3, 4]), outputs(b=[3, 4.0001], a=[1, 2]))
        self.assertTrue(good)
        self.assertEqual(text, "2 outputs agree within 0.0001, the largest relative difference is 2.0e-05 at 'b'")

    def test_the_first_that_differs_is_named_with_those_before_it(self):
        good, text = self.report(outputs(a=[1, 2], b=[3, 4], c=[5, 6]), outputs(a=[1, 2], b=[3, 5], c=[7, 6]))
        self.assertFalse(good)
        self.assertEqual(text.splitlines(), ["the first output that differs is that of 'b' (2,): relative difference "
                                             "2.0e-01, allowed 0.0001", "before it: 'a' (2,), 0.0e+00"])

    def test_another_shape_and_what_is_not_finite_differ(self):
        for value in ([3, 4, 5], [3, np.nan], [[3, 4]]):
            self.assertIn("that of 'b'", self.report(outputs(a=[1], b=[3, 4]), outputs(a=[1], b=value))[1])

    def test_zeros_agree_with_zeros_only(self):
        self.assertTrue(self.report(outputs(a=[0, 0]), outputs(a=[0, 0]))[0])
        self.assertFalse(self.report(outputs(a=[0, 0]), outputs(a=[0, 1e-9]))[0])

    def test_calls_of_a_shared_layer_may_come_in_another_order(self):
        first, second = Output("shared", np.ones(2)), Output("shared", np.zeros(2))
        self.assertTrue(self.report([first, second], [second, first])[0])

    def test_a_layer_that_graft_does_not_have_is_named(self):
        good, text = self.report(outputs(a=[1], b=[2]), outputs(a=[1]))
        self.assertFalse(good)
        self.assertIn("graft has no layer 'b'", text)


class Inputs(unittest.TestCase):
    def test_open_axes_get_the_size(self):
        model = types.SimpleNamespace(inputs=[np.zeros((1, 4)), types.SimpleNamespace(shape=(None, None, 7, 3))])
        first, second = parity.random_inputs(model, batch=2, size=5, scale=2.0, seed=1)
        self.assertEqual((first.shape, second.shape, second.dtype), ((2, 4), (2, 5, 7, 3), np.float32))
        again = parity.random_inputs(model, batch=2, size=5, scale=1.0, seed=1)
        np.testing.assert_allclose(second, 2 * again[1], rtol=1e-6)


class Program(TemporaryFolder):
    def program(self, *lines):
        """A program in Python."""
        path = self.write("program", "\n".join((f"#!{sys.executable}", "import sys", *lines, "")).encode())
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def test_it_gets_the_inputs_and_gives_the_outputs(self):
        program = self.program(f"sys.path.insert(0, {str(WEIGHTS)!r})", "from pathlib import Path",
                               "from safetensors_file import *", "given = read_safetensors(Path(sys.argv[2]))[0]",
                               "made = {'0:first': given['0'], '1:a:b': given['1'] + 1}",
                               "write_safetensors(Path(sys.argv[3]), made, {})")
        found = parity.graft_outputs(program, "model.keras", [np.ones((1, 2), "<f4"), np.zeros(3, "<f4")])
        self.assertEqual([output.layer for output in found], ["first", "a:b"])
        self.assertEqual([output.value.tolist() for output in found], [[[1, 1]], [1, 1, 1]])

    def test_what_it_complains_of_is_shown(self):
        with self.assertRaisesRegex(ConvertError, "graft: error: no such layer"):
            parity.graft_outputs(self.program("sys.exit('error: no such layer')"), "model.keras", [])

    def test_a_program_that_is_not_there(self):
        with self.assertRaisesRegex(ConvertError, "build graft's examples and give the path of 70_layer_outputs"):
            parity.graft_outputs(self.folder / "none", "model.keras", [])


if __name__ == "__main__":
    unittest.main()
