#!/usr/bin/env python3
"""onnxruntime in the benchmark: forward FOLDER RESULT THREADS BATCH, or first_prediction FOLDER RESULT THREADS"""

import sys

import onnxruntime
from safetensors.numpy import load_file

from worker import seconds_per_call, serve, write_result


def open_session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def channels_first(images):
    return images.transpose(0, 3, 1, 2).copy()


def forward(folder, result, threads, batch):
    session = open_session(folder + "/trunk.onnx", int(threads))
    x = {"images": channels_first(load_file(folder + "/images.safetensors")["x"][: int(batch)])}
    features = session.run(None, x)[0]
    write_result(result, [features.transpose(0, 2, 3, 1)])
    serve(lambda: seconds_per_call(lambda: session.run(None, x)))


def first_prediction(folder, result, threads):
    session = open_session(folder + "/model.onnx", int(threads))
    x = {"images": channels_first(load_file(folder + "/image.safetensors")["x"])}
    write_result(result, session.run(None, x))


if __name__ == "__main__":
    {"forward": forward, "first_prediction": first_prediction}[sys.argv[1]](*sys.argv[2:])
