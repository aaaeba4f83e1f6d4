"""Weights of torchvision's VGG16, VGG19 and ResNets, from the safetensors file of a state_dict.

PyTorch keeps a convolution's kernel as (out, in, height, width) and a dense layer's as (out, in); its Flatten runs over
(channels, height, width), Keras's over (height, width, channels).
"""
import re

import numpy as np

import networks
from architectures import RESIDUAL_EPSILON
from safetensors_file import ConvertError, read_safetensors
from sources import raise_faults

VARIABLES = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
             "moving_variance": "running_var"}
EPSILON = 1e-5  # of torch.nn.BatchNorm2d
STRIDES = ("torchvision's ResNets have the stride of a block in its 3x3 convolution, Keras's and graft's in the 1x1 "
           "before it: with the same weights they compute something else, and no change of the weights mends that. "
           "Train from Keras's weights instead. If this network has the stride in the 1x1 convolution, as Caffe's "
           "has, add --stride-in-1x1")


def vgg_modules(backbone):
    """layer -> module: features.0, .. counts convolutions, activations and pools; classifier has dropouts between."""
    modules, position = {"fc1": "classifier.0", "fc2": "classifier.3", "predictions": "classifier.6"}, 0
    for node in networks.visit(backbone.network(False))[1][1:]:
        if node.weights:
            modules[node.name] = f"features.{position}"
        position += 2 if node.weights else 1
    return modules


def resnet_modules(backbone):
    """layer -> module: conv3_block1_2_bn is layer2.0.bn2, the projection of a shortcut downsample.0 and .1"""
    modules = {"conv1_conv": "conv1", "conv1_bn": "bn1", "predictions": "fc"}
    for node in backbone.layers(False)[2:]:
        stack, block, part, kind = re.fullmatch(r"conv(\d)_block(\d+)_(\d)_(conv|bn)", node.name).groups()
        module = f"downsample.{int(kind == 'bn')}" if part == "0" else kind + part
        modules[node.name] = f"layer{int(stack) - 1}.{int(block) - 1}.{module}"
    return modules


MODULES = {"vgg16": vgg_modules, "vgg19": vgg_modules, "resnet50": resnet_modules, "resnet101": resnet_modules,
           "resnet152": resnet_modules}


def torch_shape(shape):
    """PyTorch's shape of a variable: (height, width, in, out) is (out, in, height, width), (in, out) is (out, in)."""
    return shape[:1:-1] + shape[:2] if len(shape) == 4 else shape[::-1]


def converted(node, variable, array):
    """One of the network's variables from PyTorch's."""
    if variable == "moving_variance":
        return array + (EPSILON - RESIDUAL_EPSILON)  # so that variance + epsilon is what it was
    if variable != "kernel":
        return array
    if node.name == "fc1":  # behind Flatten
        array = array.reshape(-1, 512, 7, 7).transpose(0, 2, 3, 1).reshape(array.shape)
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T


def expected_keys(backbone, include_top):
    """(node, variable) -> the state_dict's key; the layers are those of the network."""
    modules = MODULES[backbone.name](backbone)
    return {(node, variable): f"{modules[node.name]}.{VARIABLES[variable]}"
            for node in backbone.layers(include_top) for variable in node.weights}


def torch_tensors(backbone, include_top, state):
    """The network's tensors from those of a state_dict (name -> array)."""
    keys = expected_keys(backbone, include_top)
    if backbone.name.startswith("resnet"):  # no bias where a normalization follows
        biases = [(node, key) for (node, variable), key in keys.items() if variable == "bias" and key != "fc.bias"]
        state = {key: np.zeros(node.channels, "<f4") for node, key in biases} | state
    faults = [f"{key} is missing, it should hold {node.name}/{variable}" for (node, variable), key in keys.items()
              if key not in state]
    faults += [f"{key} has shape {state[key].shape}, expected {torch_shape(node.weights[variable])}"
               for (node, variable), key in keys.items()
               if key in state and state[key].shape != torch_shape(node.weights[variable])]
    others = set(state) - set(keys.values()) - (set() if include_top else set(expected_keys(backbone, True).values()))
    faults += [f"{key} has no place in {backbone.name}" for key in sorted(others)
               if not key.endswith("num_batches_tracked")]
    raise_faults(f"the file is no state_dict of torchvision's {backbone.name}", faults)
    return {f"{node.name}/{variable}": converted(node, variable, state[key]) for (node, variable), key in keys.items()}


def read_pytorch(backbone, options, _):
    """A state_dict in a safetensors file."""
    if backbone.name not in MODULES:
        raise ConvertError(f"weights of PyTorch are read for {', '.join(MODULES)}, not for {backbone.name}")
    if backbone.name.startswith("resnet") and not options.stride_in_1x1:
        raise ConvertError(STRIDES)
    state, _ = read_safetensors(options.file)
    return torch_tensors(backbone, options.include_top, state), options.file.name
