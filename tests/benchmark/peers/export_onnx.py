#!/usr/bin/env python3
"""Writes VGG16's trunk and the course's network as ONNX files: export_onnx.py FOLDER -> trunk.onnx, model.onnx"""

import sys

import onnx
from onnx import TensorProto, helper, numpy_helper

from worker import read_trunk, read_weights


class Graph:
    """A chain of nodes that grows from the input `images`."""

    def __init__(self):
        self.nodes, self.constants, self.value = [], [], "images"

    def constant(self, array):
        name = f"weight_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, kind, weights=(), **attributes):
        output = f"value_{len(self.nodes)}"
        inputs = [self.value, *(self.constant(array) for array in weights)]
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        self.value = output

    def save(self, path):
        shape = ["batch", 3, 224, 224]
        images = helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)
        result = helper.make_tensor_value_info(self.value, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "vgg16", [images], [result], self.constants)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def main():
    folder = sys.argv[1]
    graph = Graph()
    trunk = read_trunk()
    for name, (kernel, bias) in trunk.items():
        if name.endswith("conv1") and not name.startswith("block1"):
            graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        graph.add("Conv", (kernel.transpose(3, 2, 0, 1).copy(), bias), kernel_shape=[3, 3], pads=[1] * 4)
        graph.add("Relu")
    graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.save(folder + "/trunk.onnx")
    head = read_weights(folder + "/head.safetensors")
    graph.add("GlobalAveragePool")
    graph.add("Flatten")
    graph.add("Gemm", head[:2])
    graph.add("Relu")
    graph.add("Gemm", head[2:])
    graph.add("Softmax")
    graph.save(folder + "/model.onnx")


if __name__ == "__main__":
    main()
