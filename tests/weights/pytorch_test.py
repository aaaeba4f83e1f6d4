"""Tests of weights/pytorch.py; where torch is installed, against modules that are built as torchvision builds them."""

import importlib.util
import json
import unittest

import numpy as np
from support import TemporaryFolder, convert, has, run

import pytorch
from safetensors_file import ConvertError, read_safetensors, write_safetensors

VGG16, RESNET50 = convert.BACKBONES["vgg16"], convert.BACKBONES["resnet50"]


def state_dict(backbone, include_top):
    """Random tensors under torchvision's names; convolutions before normalizations have no bias."""
    generator = np.random.default_rng(5)
    resnet = backbone.name.startswith("resnet")
    return {key: generator.uniform(0, 0.05, pytorch.torch_shape(node.weights[variable])).astype("<f4")
            for (node, variable), key in pytorch.expected_keys(backbone, include_top).items()
            if variable != "bias" or not resnet or key == "fc.bias"}


class Names(unittest.TestCase):
    def test_they_are_those_of_torchvision(self):
        vgg = pytorch.vgg_modules(VGG16)
        self.assertEqual([vgg[f"block{b}_conv{i}"] for b, i in ((1, 1), (1, 2), (2, 1), (3, 3), (5, 3))],
                         ["features.0", "features.2", "features.5", "features.14", "features.28"])
        self.assertEqual(pytorch.vgg_modules(convert.BACKBONES["vgg19"])["block5_conv4"], "features.34")
        resnet = pytorch.resnet_modules(RESNET50)
        layers = ("conv1_bn", "conv2_block1_0_conv", "conv4_block6_3_bn", "predictions")
        self.assertEqual([resnet[layer] for layer in layers],
                         ["bn1", "layer1.0.downsample.0", "layer3.5.bn3", "fc"])
        self.assertEqual(len(set(resnet.values())), 107)


class Tensors(unittest.TestCase):
    def test_kernels_turn_from_oihw_to_hwio(self):
        state = state_dict(VGG16, False)
        kernel = pytorch.torch_tensors(VGG16, False, state)["block2_conv1/kernel"]
        for o, i, h, w in ((5, 3, 0, 2), (127, 63, 1, 0)):
            self.assertEqual(kernel[h, w, i, o], state["features.5.weight"][o, i, h, w])

    def test_the_dense_layer_behind_flatten_is_reordered(self):
        node = next(node for node in VGG16.layers(True) if node.name == "fc1")
        array = np.arange(2 * 512 * 7 * 7.0).reshape(2, -1)  # two units
        kernel = pytorch.converted(node, "kernel", array)
        self.assertEqual(kernel.shape, (512 * 7 * 7, 2))
        for unit, c, h, w in ((0, 3, 0, 0), (1, 511, 6, 2), (0, 0, 4, 6)):
            self.assertEqual(kernel[(h * 7 + w) * 512 + c, unit], array[unit, (c * 7 + h) * 7 + w])

    def test_variances_make_up_for_the_other_epsilon(self):
        state = state_dict(RESNET50, False)
        tensors = pytorch.torch_tensors(RESNET50, False, state)
        np.testing.assert_allclose(tensors["conv1_bn/moving_variance"].astype("f8") + 1.001e-5,
                                   state["bn1.running_var"].astype("f8") + 1e-5, rtol=1e-6)  # float32: 6e-8 of each
        self.assertFalse(tensors["conv1_conv/bias"].any())

    def test_every_fault_is_listed(self):
        state = state_dict(VGG16, False) | {"features.1.running_mean": np.zeros(64)}  # of a VGG with normalizations
        state["features.2.weight"] = np.zeros((3, 3, 64, 64))
        del state["features.0.bias"]
        with self.assertRaises(ConvertError) as caught:
            pytorch.torch_tensors(VGG16, False, state)
        for fault in ("features.0.bias is missing, it should hold block1_conv1/bias",
                      "features.2.weight has shape (3, 3, 64, 64), expected (64, 64, 3, 3)",
                      "features.1.running_mean has no place in vgg16"):
            self.assertIn(fault, str(caught.exception))

    def test_the_top_and_counters_may_be_there_without_use(self):
        state = state_dict(RESNET50, True) | {"bn1.num_batches_tracked": np.zeros((), "<i8")}
        self.assertNotIn("predictions/kernel", pytorch.torch_tensors(RESNET50, False, state))


class Files(TemporaryFolder):
    def test_a_state_dict_is_converted(self):
        path = self.folder / "torch.safetensors"
        state = state_dict(VGG16, False)
        write_safetensors(path, state, {})
        status, _, err = run("vgg16", "--file", path, "--output", self.folder / "out")
        self.assertEqual((status, err), (0, ""))
        tensors, metadata = read_safetensors(self.folder / "out" / "torch.safetensors")
        np.testing.assert_array_equal(tensors["block1_conv1/bias"], state["features.0.bias"])
        self.assertEqual((metadata["weights"], metadata["source"]), ("own", "torch.safetensors"))

    def test_the_stride_of_torchvisions_resnets_is_refused(self):
        err = run("resnet50", "--file", self.write("x.safetensors", b""), "--output", self.folder)[2]
        self.assertIn("have the stride of a block in its 3x3 convolution", err)
        self.assertIn("add --stride-in-1x1", err)

    def test_other_backbones_are_refused(self):
        err = run("xception", "--file", self.write("x.safetensors", b""), "--output", self.folder)[2]
        self.assertIn("read for vgg16, vgg19, resnet50, resnet101, resnet152, not for xception", err)


if importlib.util.find_spec("torch"):
    import torch
    from torch import nn

    def torch_vgg(convolutions, include_top):
        """torchvision.models.vgg16 and vgg19."""
        layers, channels = [], 3
        for count, filters in zip(convolutions, (64, 128, 256, 512, 512)):
            for _ in range(count):
                layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
                channels = filters
            layers.append(nn.MaxPool2d(2, 2))
        if not include_top:
            return nn.Sequential(nn.ModuleDict({"features": nn.Sequential(*layers)})["features"])
        top = [nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
               nn.Linear(4096, 1000)]
        return nn.Sequential(nn.Sequential(*layers), nn.Flatten(), nn.Sequential(*top), nn.Softmax(1))

    class Bottleneck(nn.Module):
        """torchvision's, but with the stride in the 1x1 convolution."""

        def __init__(self, channels, filters, stride, projected):
            super().__init__()
            self.conv1 = nn.Conv2d(channels, filters, 1, stride, bias=False)
            self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
            self.conv3 = nn.Conv2d(filters, 4 * filters, 1, bias=False)
            self.bn1, self.bn2, self.bn3 = (nn.BatchNorm2d(n) for n in (filters, filters, 4 * filters))
            self.downsample = nn.Sequential(nn.Conv2d(channels, 4 * filters, 1, stride, bias=False),
                                            nn.BatchNorm2d(4 * filters)) if projected else nn.Identity()

        def forward(self, x):
            y = torch.relu(self.bn1(self.conv1(x)))
            y = torch.relu(self.bn2(self.conv2(y)))
            return torch.relu(self.bn3(self.conv3(y)) + self.downsample(x))

    class ResNet50(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
            self.pool, channels = nn.MaxPool2d(3, 2, 1), 64
            for stack, count in enumerate((3, 4, 6, 3)):
                blocks = []
                for i in range(count):
                    blocks.append(Bottleneck(channels, 64 << stack, 2 if stack > 0 and i == 0 else 1, i == 0))
                    channels = 4 * (64 << stack)
                self.add_module(f"layer{stack + 1}", nn.Sequential(*blocks))
            self.fc = nn.Linear(2048, 1000)

        def forward(self, x):
            x = self.pool(torch.relu(self.bn1(self.conv1(x))))
            x = self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))
            return torch.softmax(self.fc(x), 1)

    VGG_PREFIXES = {"0.": "features.", "2.": "classifier."}


@has("torch")
class Outputs(TemporaryFolder):
    """The golden output of what was converted is PyTorch's output."""

    def check(self, name, model, state, *options):
        path = self.folder / "model.safetensors"
        write_safetensors(path, {key: value.numpy() for key, value in state.items() if value.ndim > 0}, {})
        self.assertEqual(run(name, "--file", path, "--output", self.folder / "out", *options)[0], 0)
        golden = json.loads(read_safetensors(self.folder / "out" / "model.safetensors")[1]["golden"])
        size = golden["input_shape"][1]
        x = ((torch.arange(size * size * 3) * 7919) % 255 - 127.0).reshape(1, size, size, 3).permute(0, 3, 1, 2)
        with torch.no_grad():
            y = model.eval()(x)
        y = (y.permute(0, 2, 3, 1) if y.ndim == 4 else y).numpy().ravel()
        # PyTorch computes in float32, 53 layers at most; a kernel in another order changes all
        self.assertLess(np.linalg.norm(golden["output"] - y) / np.linalg.norm(y), 1e-5)

    def test_vgg16_without_top(self):
        torch.manual_seed(1)
        model = torch_vgg((2, 2, 3, 3, 3), include_top=False)
        state = {key.replace("0.", "features.", 1): value for key, value in model.state_dict().items()}
        self.check("vgg16", model, state)

    def test_vgg19_with_top(self):
        torch.manual_seed(2)
        model = torch_vgg((2, 2, 4, 4, 4), include_top=True)
        for parameter in model.parameters():
            parameter.data *= 2  # so that the probabilities differ
        state = {VGG_PREFIXES[key[:2]] + key[2:]: value for key, value in model.state_dict().items()}
        self.check("vgg19", model, state, "--include-top")

    def test_resnet50_with_the_stride_in_the_1x1_convolution(self):
        torch.manual_seed(3)
        model = ResNet50()
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(1e-4, 1)  # where epsilon counts
        self.check("resnet50", model, model.state_dict(), "--include-top", "--stride-in-1x1")


if __name__ == "__main__":
    unittest.main()
