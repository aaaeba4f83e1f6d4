"""Tests of weights/networks.py and of the networks of weights/backbones.py; keras_test.py compares them with Keras."""

import unittest

import numpy as np
from support import VGG16, convert, random_tensors, tiny_backbone

import networks

# With top and without: tensors, and numbers in them. What Keras 3.15.1 counts in the networks of its applications; an
# EfficientNet's count includes the 7 numbers of its normalization.
COUNTS = {
    "vgg16": (32, 138_357_544, 26, 14_714_688),
    "vgg19": (38, 143_667_240, 32, 20_024_384),
    "resnet50": (320, 25_636_712, 318, 23_587_712),
    "resnet101": (626, 44_707_176, 624, 42_658_176),
    "resnet152": (932, 60_419_944, 930, 58_370_944),
    "resnet50v2": (272, 25_613_800, 270, 23_564_800),
    "inception_v3": (378, 23_851_784, 376, 21_802_784),
    "xception": (236, 22_910_480, 234, 20_861_480),
    "densenet121": (606, 8_062_504, 604, 7_037_504),
    "mobilenet_1.00_224": (137, 4_253_864, 135, 3_228_864),
    "mobilenetv2_1.00_224": (262, 3_538_984, 260, 2_257_984),
    "efficientnetb0": (314, 5_330_571, 312, 4_049_571),
}


class Backbones(unittest.TestCase):
    def test_they_have_the_variables_of_keras(self):
        for name, counts in COUNTS.items():
            found = [convert.BACKBONES[name].shapes(include_top) for include_top in (True, False)]
            numbers = [sum(int(np.prod(shape)) for shape in shapes.values()) for shapes in found]
            self.assertEqual((len(found[0]), numbers[0], len(found[1]), numbers[1]), counts, name)

    def test_every_width_and_scale_can_be_built(self):
        for backbone in convert.BACKBONES.values():
            for include_top in (True, False):
                self.assertGreater(len(backbone.shapes(include_top)), 25, backbone.name)

    def test_layers_come_in_the_order_of_keras_files(self):
        names = [node.name for node in convert.BACKBONES["inception_v3"].layers(False) if "conv2d" in node.name]
        self.assertEqual(names[4:12], [f"conv2d_{i}" for i in (4, 8, 6, 9, 5, 7, 10, 11)])
        names = [node.name for node in convert.BACKBONES["resnet50"].layers(False)]
        self.assertEqual(names[6:10], ["conv2_block1_0_conv", "conv2_block1_3_conv", "conv2_block1_0_bn",
                                       "conv2_block1_3_bn"])

    def test_official_files_are_named_as_in_keras(self):
        for name, include_top, file in (
                ("vgg16", False, "tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_"
                                 "notop.h5"),
                ("mobilenet_0.75_192", True, "tensorflow/keras-applications/mobilenet/mobilenet_7_5_192_tf.h5"),
                ("mobilenetv2_1.00_224", False, "tensorflow/keras-applications/mobilenet_v2/mobilenet_v2_weights_tf_"
                                                "dim_ordering_tf_kernels_1.0_224_no_top.h5"),
                ("efficientnetb3", False, "keras-applications/efficientnetb3_notop.h5")):
            self.assertEqual(convert.BACKBONES[name].keras_file(include_top)[0], file)

    def test_only_the_mobilenets_have_no_hash(self):
        without = {name.split("_")[0] for name, backbone in convert.BACKBONES.items() if None in backbone.md5}
        self.assertEqual(without, {"mobilenet", "mobilenetv2"})


class Arithmetic(unittest.TestCase):
    def test_convolution_equals_its_definition(self):
        generator = np.random.default_rng(3)
        for stride, padding, shape in ((1, "same", (3, 5, 2)), (2, "valid", (7, 6, 2)), (2, "same", (6, 5, 2))):
            x, kernel = (generator.normal(size=size) for size in (shape, (3, 3, 2, 4)))
            rows, columns = (-(-n // stride) if padding == "same" else (n - 3) // stride + 1 for n in shape[:2])
            above, left = (max((out - 1) * stride + 3 - n, 0) // 2 if padding == "same" else 0
                           for out, n in zip((rows, columns), shape))
            expected = np.zeros((rows, columns, 4))
            for r, c, i, j in np.ndindex(rows, columns, 3, 3):
                row, column = r * stride + i - above, c * stride + j - left
                if 0 <= row < shape[0] and 0 <= column < shape[1]:
                    expected[r, c] += x[row, column] @ kernel[i, j]
            # sums of 18 terms of size 1 in another order: rounding of float64, 18 * 1.1e-16 each
            np.testing.assert_allclose(networks.convolve(x, kernel, stride, padding), expected, atol=1e-14)

    def test_a_depthwise_convolution_keeps_channels_apart(self):
        generator = np.random.default_rng(4)
        x, kernel = generator.normal(size=(5, 4, 2)), generator.normal(size=(3, 3, 2, 1))
        for c in range(2):
            alone = networks.convolve(x[..., c:c + 1], kernel[:, :, c:c + 1], 1, "same")
            np.testing.assert_array_equal(networks.depthwise(x, kernel, 1, "same")[..., c:c + 1], alone)

    def test_pools_do_not_count_padding(self):
        x = np.array([[-1.0, -2, -5], [-4, -3, -9]])[..., None]
        np.testing.assert_array_equal(networks.max_pool(x, (2, 2), 2, "valid")[..., 0], [[-1]])
        np.testing.assert_array_equal(networks.max_pool(x, (2, 2), 2, "same")[..., 0], [[-1, -5]])
        np.testing.assert_array_equal(networks.average_pool(x, (2, 2), 2, "same")[..., 0], [[-2.5, -7]])

    def test_stride_2_pads_less_before_even_sizes(self):
        self.assertEqual(networks.pad_for_stride_2(np.zeros((4, 5, 1)), 3).shape, (5, 7, 1))
        self.assertEqual(networks.pad_for_stride_2(np.ones((4, 5, 1)), 3)[0, :, 0].tolist(), [0, 1, 1, 1, 1, 1, 0])

    def test_the_top_ends_in_probabilities(self):
        backbone = tiny_backbone()
        y = networks.forward(backbone.network(True), random_tensors(backbone, True), np.ones((4, 4, 3)))
        self.assertEqual(y.shape, (2,))
        self.assertAlmostEqual(y.sum(), 1, places=12)

    def test_vgg16_halves_its_image_five_times(self):
        tensors = {name: np.zeros(shape, np.float32) for name, shape in VGG16.shapes(False).items()}
        self.assertEqual(networks.forward(VGG16.network(False), tensors, np.zeros((64, 32, 3))).shape, (2, 1, 512))


if __name__ == "__main__":
    unittest.main()
