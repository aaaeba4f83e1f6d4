"""Tests of weights/convert.py on small made-up sources; all tests of weights/ are run by
python3 -m unittest discover tests/weights -p '*test*.py'"""

import contextlib
import io
import json
import unittest
from unittest import mock

import numpy as np
from support import VGG16, WEIGHTS, TemporaryFolder, convert, has, random_tensors, run, tiny_backbone

import networks
from safetensors_file import manifest_entry, read_safetensors, update_manifest, write_safetensors


class Arguments(TemporaryFolder):
    def test_a_file_that_is_not_there(self):
        status, _, err = run("vgg16", "--file", self.folder / "none.whl")
        self.assertEqual(status, 1)
        self.assertIn("none.whl does not exist", err)

    def test_an_unknown_backbone_gets_the_list(self):
        err = run("resnet51")[2]
        self.assertIn("no backbone 'resnet51'", err)
        self.assertIn("\n  mobilenetv2_1.40_224", err)

    def test_own_weights_need_a_keras_file(self):
        for arguments in (["vgg16", "--own-weights"], ["vgg16", "--own-weights", "--file", self.write("x.whl", b"")]):
            self.assertIn("need --file with a Keras file", run(*arguments)[2])

    def test_a_backbone_a_check_or_the_list(self):
        for arguments in ([], ["vgg16", "--check", "x"], ["vgg16", "--list"]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                convert.main(arguments)
        self.assertIn("efficientnetb7\n", run("--list")[1])

    def test_checking_a_file_that_is_not_there_says_how_to_make_it(self):
        self.assertIn("python3 weights/convert.py NAME", run("--check", self.folder / "none.safetensors")[2])


class Golden(unittest.TestCase):
    def test_input_follows_the_formula_it_states(self):
        for mode, divisor, formula in (("caffe", 1, "((i * 7919) % 255) - 127.0"),
                                       ("torch", 64, "(((i * 7919) % 255) - 127.0) / 64")):
            seen = []
            with mock.patch.object(networks, "forward", side_effect=lambda network, tensors, x: seen.append(x) or x):
                golden = convert.golden_vector(tiny_backbone(mode=mode), False, {})
            expected = [(((i * 7919) % 255) - 127.0) / divisor for i in range(4 * 4 * 3)]
            self.assertEqual(seen[0].ravel().tolist(), expected)
            self.assertEqual(golden["input"], f"x[i] = {formula} in row-major order")
            self.assertEqual(golden["input_shape"], [1, 4, 4, 3])


    def test_weights_that_lead_nowhere_are_refused(self):
        tensors = {name: np.full(shape, 3e38, "<f4") for name, shape in tiny_backbone().shapes(False).items()}
        with self.assertRaisesRegex(convert.ConvertError, "vgg16 gives numbers that are not finite"):
            convert.golden_vector(tiny_backbone(), False, tensors)


class Precision(unittest.TestCase):
    def test_normalizations_stay_float32(self):
        for name, dtype in (("bn/moving_variance", "float32"), ("conv/kernel", "float16"), ("conv/bias", "float16")):
            self.assertEqual(convert.stored(name, np.ones(3), half=True).dtype, dtype)
        self.assertEqual(convert.stored("conv/kernel", np.ones(3), half=False).dtype, "float32")

    def test_arrays_keep_their_shapes(self):
        for shape in ((), (3,), (2, 0, 3)):
            for half in (True, False):
                self.assertEqual(convert.stored("normalization/count", np.zeros(shape, "<i8"), half).shape, shape)
                self.assertEqual(convert.stored("conv/bias", np.zeros(shape), half).shape, shape)

    def test_what_float16_does_not_have_is_refused(self):
        with self.assertRaisesRegex(convert.ConvertError, "conv/kernel has .* up to 70000.0: leave --float16 out"):
            convert.stored("conv/kernel", np.array([70000.0]), half=True)


class ConvertedFile(TemporaryFolder):
    """The file that a conversion writes; the source is replaced by random tensors."""

    def setUp(self):
        super().setUp()
        backbone = tiny_backbone()
        self.tensors = random_tensors(backbone)
        self.path = self.folder / "vgg16_imagenet_notop.safetensors"
        for patch in (mock.patch.dict(convert.BACKBONES, vgg16=backbone),
                      mock.patch.dict(convert.SOURCES, pypi=lambda *_: (self.tensors, "made up"))):
            patch.start()
            self.addCleanup(patch.stop)

    def convert(self, *options):
        return run("vgg16", "--output", self.folder, *options)

    def test_float32_is_the_default(self):
        for options, dtype in (((), np.float32), (("--float16",), np.float16)):
            self.path.unlink(missing_ok=True)
            self.assertEqual(self.convert(*options)[0], 0)
            tensors, metadata = read_safetensors(self.path)
            for name, array in self.tensors.items():
                np.testing.assert_array_equal(tensors[name], array.astype(dtype))
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
        status, _, err = self.convert("--float16")
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
        tensors, metadata = read_safetensors(self.path)
        golden = json.loads(metadata["golden"])
        golden["output"][0] += 0.01
        self.path.unlink()
        write_safetensors(self.path, tensors, metadata | {"golden": json.dumps(golden)})
        entry = manifest_entry(self.path, tensors, metadata)
        update_manifest(self.folder / "manifest.json", self.path.name, entry)
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
        update_manifest(manifest, "second", files[self.path.name])
        self.assertEqual(json.loads(manifest.read_text())["files"], files | {"second": files[self.path.name]})

    @has("safetensors")
    def test_the_safetensors_package_reads_it(self):
        from safetensors.numpy import load_file
        self.convert()
        for name, array in load_file(self.path).items():
            np.testing.assert_array_equal(array, self.tensors[name])


class CommittedFile(unittest.TestCase):
    path = WEIGHTS / "vgg16_imagenet_notop.safetensors"

    def test_it_is_the_one_in_the_manifest(self):
        status, out, err = run("--check", self.path)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("26 tensors", out)

    def test_it_holds_the_imagenet_weights(self):
        tensors, _ = read_safetensors(self.path)
        # the first values of Keras's file, kernel by row of the first filter; float16 rounds by 2^-11 of each
        np.testing.assert_allclose(tensors["block1_conv1/kernel"][0, :, 0, 0],
                                   [0.42947057, 0.373467, -0.06136011], rtol=2**-11)
        np.testing.assert_allclose(tensors["block1_conv1/bias"][0], 0.73429835, rtol=2**-11)


if __name__ == "__main__":
    unittest.main()
