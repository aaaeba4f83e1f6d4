#!/usr/bin/env python3
"""The two-phase VGG16 recipe in Keras: the reference that graft's time and accuracy are compared with.

    python3 tests/end_to_end/keras_finetune.py --data FOLDER        FOLDER holds train/ and val/, a folder per class

Phase 1 trains a new head (average, Dense 1024 relu, Dense softmax) by rmsprop on the frozen trunk; phase 2 recompiles
and trains block5 too, by SGD(1e-4, momentum 0.9). Both validate after every epoch. Prints one line of JSON.

Keras runs at its fastest here: oneDNN on, every photo decoded and resized once and kept in memory, the data pipeline
without the autotuner (which takes time from the two cores it tunes for). The clock starts when the folders are read:
importing TensorFlow is not counted, building the model and tracing its functions are. "cpu_seconds" is the processor
time of all threads in that span: on a machine with other work, cpu_seconds / threads is the least it would take alone.
"""

import argparse
import json
import os
import platform
import resource
import time
from pathlib import Path

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="1",
                  CUDA_VISIBLE_DEVICES="-1")

import keras
import tensorflow as tf
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parent.parent.parent


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "examples" / "data" / "photos")
    parser.add_argument("--weights", type=Path, default=ROOT / "weights" / "vgg16_imagenet_notop.safetensors")
    parser.add_argument("--epochs-head", type=int, default=3)
    parser.add_argument("--epochs-fine", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def read_folder(folder, arguments, shuffle):
    """The preprocessed photos and one-hot labels of one folder in batches, and the class names."""
    size = (arguments.image_size, arguments.image_size)
    photos = keras.utils.image_dataset_from_directory(folder, label_mode="categorical", batch_size=None,
                                                      image_size=size, shuffle=False, verbose=False)
    names, count = photos.class_names, int(photos.cardinality())
    ready = photos.map(lambda x, y: (keras.applications.vgg16.preprocess_input(x), y)).cache()
    if shuffle:
        ready = ready.shuffle(count, seed=arguments.seed)  # all of them, anew in every epoch
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = arguments.threads
    return ready.batch(arguments.batch_size).prefetch(2).with_options(options), names, count


def build_model(weights, classes):
    """VGG16 without top, its tensors loaded by name, and a new head on it."""
    tensors = load_file(weights)
    base = keras.applications.VGG16(weights=None, include_top=False)
    for layer in base.layers:
        if layer.weights:
            values = [tensors[f"{layer.name}/{variable}"] for variable in ("kernel", "bias")]
            layer.set_weights([value.astype("float32") for value in values])
    x = keras.layers.GlobalAveragePooling2D()(base.output)
    x = keras.layers.Dense(1024, activation="relu")(x)
    return base, keras.Model(base.input, keras.layers.Dense(classes, activation="softmax")(x))


def run_phase(model, optimizer, train, val, epochs):
    """Compiles, trains, and returns the phase's seconds and its accuracy after each epoch."""
    start = time.perf_counter()
    model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=val, epochs=epochs, verbose=0).history
    return {"seconds": round(time.perf_counter() - start, 2),
            **{key: [round(value, 4) for value in history[key]] for key in ("accuracy", "val_accuracy", "val_loss")}}


def processor():
    """The processor's name as Linux gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main():
    arguments = parse_arguments()
    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
    keras.utils.set_random_seed(arguments.seed)

    start, cpu_start = time.perf_counter(), time.process_time()
    train, names, train_count = read_folder(arguments.data / "train", arguments, shuffle=True)
    val, _, val_count = read_folder(arguments.data / "val", arguments, shuffle=False)
    base, model = build_model(arguments.weights, len(names))
    base.trainable = False
    head = run_phase(model, "rmsprop", train, val, arguments.epochs_head)
    base.trainable = True
    for layer in base.layers[:15]:
        layer.trainable = False
    fine = run_phase(model, keras.optimizers.SGD(1e-4, momentum=0.9), train, val, arguments.epochs_fine)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": round(seconds, 2), "cpu_seconds": round(cpu_seconds, 2), "head": head, "fine": fine,
                      "train": train_count, "val": val_count, "classes": names, "peak_megabytes": round(peak),
                      "threads": arguments.threads, "batch_size": arguments.batch_size,
                      "image_size": arguments.image_size, "seed": arguments.seed,
                      "keras": keras.__version__, "tensorflow": tf.__version__, "processor": processor()}))


if __name__ == "__main__":
    main()
