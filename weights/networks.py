"""Networks as graphs of NumPy functions: enough of Keras's layers to compute its ImageNet networks in float64.

Images are (height, width, channels), one at a time. A convolution's kernel is (height, width, in, out), a depthwise one
(height, width, channels, 1).
"""
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable

import numpy as np


@dataclass(frozen=True, eq=False)
class Node:
    """One layer and its call on other nodes."""

    name: str
    inputs: tuple
    channels: int
    compute: Callable  # (weights by variable, *inputs) -> output
    weights: dict = field(default_factory=dict)  # variable -> shape


# ------------------------------------------------------------------------------------------------ arithmetic


def softmax(x):
    exponents = np.exp(x - x.max())
    return exponents / exponents.sum()


def sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))  # 1 / (1 + exp(-x)) without overflow


ACTIVATIONS = {"linear": lambda x: x, "relu": lambda x: np.maximum(x, 0), "relu6": lambda x: np.clip(x, 0, 6),
               "sigmoid": sigmoid, "silu": lambda x: x * sigmoid(x), "softmax": softmax}


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def pad_same(x, size, stride, value=0.0):
    """Pads so that ceil(n / stride) windows fit, the odd row below and on the right."""
    borders = []
    for n, k in zip(x.shape, size):
        missing = max((-(-n // stride) - 1) * stride + k - n, 0)
        borders.append((missing // 2, missing - missing // 2))
    return np.pad(x, (*borders, (0, 0)), constant_values=value)


def taps(x, size, stride):
    """For each place in the window: its row, its column, and what of x lies there over all windows."""
    rows, columns = ((n - k) // stride * stride + 1 for n, k in zip(x.shape, size))
    for i in range(size[0]):
        for j in range(size[1]):
            yield i, j, x[i:i + rows:stride, j:j + columns:stride]


def convolve(x, kernel, stride, padding, product=np.matmul):
    """The sum of product(what lies under a place of the kernel, that place) over the kernel's places."""
    size = kernel.shape[:2]
    x = pad_same(x, size, stride) if padding == "same" else x
    return sum(product(part, kernel[i, j]) for i, j, part in taps(x, size, stride))


def depthwise(x, kernel, stride, padding):
    return convolve(x, kernel[..., 0], stride, padding, np.multiply)


def max_pool(x, size, stride, padding):
    x = pad_same(x, size, stride, -np.inf) if padding == "same" else x
    return np.maximum.reduce([part for _, _, part in taps(x, size, stride)])


def average_pool(x, size, stride, padding):
    """The mean of what lies inside the image: padding does not count."""
    ones = np.ones((*x.shape[:2], 1))
    if padding == "same":
        x, ones = pad_same(x, size, stride), pad_same(ones, size, stride)
    return sum(part for _, _, part in taps(x, size, stride)) / sum(part for _, _, part in taps(ones, size, stride))


POOLS = {"max_pooling2d": max_pool, "average_pooling2d": average_pool}


def normalize(w, x, epsilon):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta"""
    return (x - w["moving_mean"]) / np.sqrt(w["moving_variance"] + epsilon) * w.get("gamma", 1) + w["beta"]


def pad_for_stride_2(x, size):
    """What a convolution with stride 2 lacks: one row less above and on the left of even sizes. Keras: correct_pad."""
    return np.pad(x, (*((size // 2 - (1 - n % 2), size // 2) for n in x.shape[:2]), (0, 0)))


# ----------------------------------------------------------------------------------------------------- layers


class Layers:
    """Makes the nodes of one network. Without a name a layer gets Keras's automatic one: conv2d, conv2d_1, .."""

    def __init__(self):
        self.counts = Counter()

    def node(self, kind, name, inputs, channels, compute, weights=None):
        if not name:
            number = self.counts[kind]
            self.counts[kind] += 1
            name = f"{kind}_{number}" if number else kind
        return Node(name, inputs, channels, compute, weights or {})

    def image(self):
        return self.node("input_layer", "", (), 3, None)

    def conv(self, x, filters, size, name="", stride=1, padding="valid", bias=True, activation="linear"):
        weights = {"kernel": (*pair(size), x.channels, filters)} | ({"bias": (filters,)} if bias else {})
        return self.node("conv2d", name, (x,), filters, lambda w, y: ACTIVATIONS[activation](
            w.get("bias", 0) + convolve(y, w["kernel"], stride, padding)), weights)

    def depthwise(self, x, size, name="", stride=1, padding="valid"):
        return self.node("depthwise_conv2d", name, (x,), x.channels, lambda w, y: depthwise(
            y, w["kernel"], stride, padding), {"kernel": (size, size, x.channels, 1)})

    def separable(self, x, filters, name=""):
        return self.node("separable_conv2d", name, (x,), filters, lambda w, y: convolve(depthwise(
            y, w["depthwise_kernel"], 1, "same"), w["pointwise_kernel"], 1, "valid"),
            {"depthwise_kernel": (3, 3, x.channels, 1), "pointwise_kernel": (1, 1, x.channels, filters)})

    def dense(self, x, units, name="", activation="linear"):
        return self.node("dense", name, (x,), units, lambda w, y: ACTIVATIONS[activation](y @ w["kernel"] + w["bias"]),
                         {"kernel": (x.channels, units), "bias": (units,)})

    def batch_norm(self, x, name="", epsilon=1e-3, scale=True):
        variables = (["gamma"] if scale else []) + ["beta", "moving_mean", "moving_variance"]
        return self.node("batch_normalization", name, (x,), x.channels, lambda w, y: normalize(w, y, epsilon),
                         {variable: (x.channels,) for variable in variables})

    def normalization(self, x):
        return self.node("normalization", "", (x,), x.channels,
                         lambda w, y: (y - w["mean"]) / np.maximum(np.sqrt(w["variance"]), 1e-7),
                         {"mean": (x.channels,), "variance": (x.channels,), "count": ()})

    def elementwise(self, kind, x, compute, name=""):
        """A layer without weights that keeps the channels."""
        return self.node(kind, name, (x,), x.channels, lambda w, y: compute(y))

    def activation(self, x, function, name=""):
        return self.elementwise("activation", x, ACTIVATIONS[function], name)

    def rescaling(self, x, scale):
        return self.elementwise("rescaling", x, lambda y: y * scale)

    def dropout(self, x, name=""):
        return self.elementwise("dropout", x, lambda y: y, name)

    def zero_padding(self, x, border, name=""):
        return self.elementwise("zero_padding2d", x, lambda y: np.pad(y, (pair(border), pair(border), (0, 0))), name)

    def stride_2_padding(self, x, size, name):
        return self.elementwise("zero_padding2d", x, lambda y: pad_for_stride_2(y, size), name)

    def pool(self, x, kind, size, stride, padding="valid", name=""):
        return self.elementwise(kind, x, lambda y: POOLS[kind](y, pair(size), stride, padding), name)

    def average(self, x, name="", keep_axes=False):
        return self.elementwise("global_average_pooling2d", x, lambda y: y.mean((0, 1), keepdims=keep_axes), name)

    def flatten(self, x, side, name):
        return self.node("flatten", name, (x,), side * side * x.channels, lambda w, y: y.ravel())

    def add(self, *inputs, name=""):
        return self.node("add", name, inputs, inputs[0].channels, lambda w, *y: sum(y))

    def multiply(self, *inputs, name=""):
        return self.node("multiply", name, inputs, inputs[0].channels, lambda w, a, b: a * b)

    def concatenate(self, *inputs, name=""):
        return self.node("concatenate", name, inputs, sum(x.channels for x in inputs),
                         lambda w, *y: np.concatenate(y, axis=-1))


# ------------------------------------------------------------------------------------------------------ graph


def visit(output):
    """The nodes below output as a depth-first walk enters them, and as it leaves them: each after its inputs."""
    entered, left, stack = {output: 0}, [], [(output, iter(output.inputs))]
    while stack:
        node, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            left.append(node)
            stack.pop()
        elif following not in entered:
            entered[following] = len(entered)
            stack.append((following, iter(following.inputs)))
    return entered, left


def keras_order(output):
    """The nodes as Keras's model.layers lists them, on which loading by position depends: by the longest way to the
    output, the farthest first, ties by first visit. Source: map_graph_network in keras/src/ops/function.py."""
    entered, left = visit(output)
    depth = dict.fromkeys(left, 0)
    for node in reversed(left):
        for parent in node.inputs:
            depth[parent] = max(depth[parent], depth[node] + 1)
    return sorted(left, key=lambda node: (-depth[node], entered[node]))


def forward(output, tensors, image):
    """What the network makes of one image in float64, with weights by the names layer/variable."""
    values = {}
    for node in visit(output)[1]:
        weights = {variable: tensors[f"{node.name}/{variable}"].astype(np.float64) for variable in node.weights}
        values[node] = node.compute(weights, *(values[x] for x in node.inputs)) if node.inputs else image
    return values[output]
