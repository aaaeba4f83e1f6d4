"""What the programs share through files: weights and data for all, results to compare."""

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

IMAGES = 32


def glorot(random, *shape):
    """Keras's glorot_uniform for a kernel (.., in, out)."""
    area = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (area * (shape[-2] + shape[-1])))
    return random.uniform(-limit, limit, shape).astype("float32")


def save_weights(path, weights):
    save_file({f"weight_{i}": weight for i, weight in enumerate(weights)}, path)


def dense_weights(random, *sizes):
    for inputs, outputs in zip(sizes, sizes[1:]):
        yield from (glorot(random, inputs, outputs), np.zeros(outputs, "float32"))


def convnet_weights(random):
    for inputs, outputs in ((3, 32), (32, 64), (64, 128)):
        yield from (glorot(random, 3, 3, inputs, outputs), np.zeros(outputs, "float32"))
        gamma, beta, mean, variance = (np.full(outputs, value, "float32") for value in (1, 0, 0, 1))
        yield from (gamma, beta, mean, variance)
    yield from dense_weights(random, 4 * 4 * 128, 10)


def labels(random, samples, classes):
    return np.eye(classes, dtype="float32")[random.integers(0, classes, samples)]


def write_inputs(folder):
    """Everything random, from one seed. Images are as VGG16's preprocess_input leaves them, in -124 .. 151."""
    random = np.random.default_rng(1)
    x = random.random((IMAGES, 224, 224, 3), "float32")
    x *= 275
    x -= 124
    save_file({"x": x, "y": labels(random, IMAGES, 2)}, folder / "images.safetensors")
    save_file({"x": x[:1]}, folder / "image.safetensors")
    save_weights(folder / "head.safetensors", list(dense_weights(random, 512, 1024, 2)))
    save_weights(folder / "convnet.safetensors", list(convnet_weights(random)))
    save_weights(folder / "mlp.safetensors", list(dense_weights(random, 784, 512, 256, 10)))
    for name, samples, shape in (("convnet", 16 * 64, (32, 32, 3)), ("mlp", 64 * 128, (784,))):
        x = random.random((samples, *shape), "float32")
        save_file({"x": x, "y": labels(random, samples, 10)}, folder / f"{name}_data.safetensors")


def relative_difference(path, reference_path):
    """||a - b|| / ||b|| of two files of float32, b the reference."""
    a, b = np.fromfile(path, "float32"), np.fromfile(reference_path, "float32")
    if a.shape != b.shape or a.size == 0:
        raise ValueError(f"{path.name} holds {a.size} numbers, {reference_path.name} {b.size}")
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def accuracy_difference(output, reference_output):
    """Of the validation accuracy after the last epoch, from what two programs printed."""
    a, b = (json.loads(text.splitlines()[-1])["fine"]["val_accuracy"][-1] for text in (output, reference_output))
    return abs(a - b)


def photo_folders(data, folder):
    """`data` if it holds train/ and val/; else links to its class folders' photos, every third one for validation."""
    if (data / "train").is_dir() and (data / "val").is_dir():
        return data
    shutil.rmtree(folder, ignore_errors=True)
    for photos in sorted(path for path in data.iterdir() if path.is_dir()):
        for i, photo in enumerate(sorted(path for path in photos.iterdir() if path.is_file())):
            link = folder / ("val" if i % 3 == 2 else "train") / photos.name / photo.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(photo.resolve())
    return folder
