#!/usr/bin/env python3
"""Keras on TensorFlow in the benchmark: the same tasks as graft's programs, each the fastest way that was found.

Two threads between operations are quicker than one in training; a data pipeline without the autotuner, all steps of
an epoch in one call of the compiled function, and XLA for the dense network only: it takes 1.5 times as long for the
convolutional one.
"""

import argparse
import sys

from worker import ROOT, TRUNK_WEIGHTS, fastest, read_weights, seconds_per_call, serve, write_result

sys.path[:0] = [str(ROOT / "tests" / "end_to_end"), str(ROOT / "tests" / "benchmark")]
from exchange import save_weights
from keras_finetune import build_model  # also sets TensorFlow's environment

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from safetensors.numpy import load_file

BATCH_SIZE = 16


def classifier(folder):
    """The course's network for two classes, and its trunk."""
    trunk, model = build_model(TRUNK_WEIGHTS, 2)
    head = read_weights(folder + "/head.safetensors")
    model.layers[-2].set_weights(head[:2])
    model.layers[-1].set_weights(head[2:])
    return trunk, model


def forward(arguments):
    trunk, _ = classifier(arguments.folder)
    measure_forward(arguments, trunk, int(arguments.options[0]))


def make_backbone(name):
    return getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(224, 224, 3))


def save_backbone(arguments):
    """Random weights, also where training starts from ones and zeros: a wrong folding must not go unseen."""
    keras.utils.set_random_seed(1)
    model = make_backbone(arguments.options[0])
    random = np.random.default_rng(1)
    ranges = {"gamma": (0.5, 1.5), "moving_variance": (0.5, 1.5), "beta": (-0.1, 0.1), "moving_mean": (-0.1, 0.1)}
    weights = [random.uniform(*ranges[variable.name], variable.shape).astype("float32") if variable.name in ranges
               else variable.numpy() for variable in model.weights]
    save_weights(f"{arguments.folder}/{arguments.options[0]}.safetensors", weights)


def backbone(arguments):
    model = make_backbone(arguments.options[0])
    model.set_weights(read_weights(f"{arguments.folder}/{arguments.options[0]}.safetensors"))
    measure_forward(arguments, model, int(arguments.options[1]))


def measure_forward(arguments, trunk, batch):
    x = load_file(arguments.folder + "/images.safetensors")["x"][:batch]
    constant = tf.constant(x)
    function = tf.function(lambda images: trunk(images, training=False))
    write_result(arguments.result, [function(constant)])
    call = fastest(lambda: function(constant).numpy(), lambda: trunk.predict_on_batch(x))
    serve(lambda: seconds_per_call(call))


def compile_for(model, learning_rate, **options):
    model.compile(keras.optimizers.SGD(learning_rate, momentum=0.9), "categorical_crossentropy", **options)


def first_update(model, lowest, x, y):
    """What one step changes in the lowest kernel that learns; its gradient came through all that learns."""
    before, old = model.get_weights(), lowest.get_weights()[0]
    compile_for(model, 0.01)
    model.train_on_batch(x, y)
    change = lowest.get_weights()[0] - old
    model.set_weights(before)
    return change


def training_step(arguments):
    trunk, model = classifier(arguments.folder)
    first, augmented = int(arguments.options[0]), arguments.options[1] == "augmented"
    for layer in trunk.layers[:first]:
        layer.trainable = False
    data = load_file(arguments.folder + "/images.safetensors")
    x, y = tf.constant(data["x"][:BATCH_SIZE]), tf.constant(data["y"][:BATCH_SIZE])
    write_result(arguments.result, [first_update(model, trunk.layers[first], x, y)])
    if augmented:
        images = keras.Input((224, 224, 3))
        turned = layers.RandomRotation(0.05)(layers.RandomFlip("horizontal")(images))
        model = keras.Model(images, model(turned))
    compile_for(model, 1e-4)
    model.train_on_batch(x, y)
    serve(lambda: seconds_per_call(lambda: model.train_on_batch(x, y)))


def make_convnet():
    model = keras.Sequential([keras.Input((32, 32, 3))])
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, padding="same"))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(10, activation="softmax"))
    return model


def make_mlp():
    return keras.Sequential([keras.Input((784,)), layers.Dense(512, activation="relu"),
                             layers.Dense(256, activation="relu"), layers.Dense(10, activation="softmax")])


def small_network(arguments):
    name = arguments.options[0]
    model, batch_size = (make_convnet(), 64) if name == "convnet" else (make_mlp(), 128)
    before = read_weights(f"{arguments.folder}/{name}.safetensors")
    model.set_weights(before)
    data = load_file(f"{arguments.folder}/{name}_data.safetensors")
    compile_for(model, 0.01)
    model.train_on_batch(data["x"][:batch_size], data["y"][:batch_size])
    write_result(arguments.result, [after - old for after, old in zip(model.get_weights(), before)])

    steps = len(data["x"]) // batch_size
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = arguments.threads
    batches = tf.data.Dataset.from_tensor_slices((data["x"], data["y"])).batch(batch_size)
    batches = batches.cache().prefetch(2).with_options(options)
    compile_for(model, 0.01, steps_per_execution=steps, jit_compile=name == "mlp")
    epoch = lambda: model.fit(batches, verbose=0)
    epoch()
    serve(lambda: seconds_per_call(epoch) / steps)


def save(arguments):
    classifier(arguments.folder)[1].save(arguments.folder + "/keras_model.keras")


def first_prediction(arguments):
    model = keras.models.load_model(arguments.folder + "/keras_model.keras", compile=False)
    x = load_file(arguments.folder + "/image.safetensors")["x"]
    write_result(arguments.result, [model(x, training=False)])  # without the time to compile a function for one call


def main():
    tasks = {task.__name__: task for task in (forward, backbone, save_backbone, training_step, small_network, save,
                                              first_prediction)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=tasks)
    parser.add_argument("folder", help="where the driver put weights and data")
    parser.add_argument("result", help="the file for what the driver compares")
    parser.add_argument("threads", type=int)
    parser.add_argument("options", nargs="*", help="forward: batch size; backbone: its name, batch size; "
                        "training_step: first layer that learns, augmented or cached; small_network: convnet or mlp")
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    forward_only = arguments.task in ("forward", "backbone")
    tf.config.threading.set_inter_op_parallelism_threads(1 if forward_only else arguments.threads)
    tasks[arguments.task](arguments)


if __name__ == "__main__":
    main()
