"""Writes vgg16_features.safetensors: what Keras's VGG16 without top computes from the embedded weights, in float64.

Three photos go the whole way (file, decoding, resizing, preprocessing, network); one row of the earlier stages is kept
to tell where a difference begins. A random image of whole numbers, stored whole, tests resizing and the network alone.

JPEG decoders differ. Keras decodes with libjpeg's fast transform, which is 1.05 grey levels (at most 7) from its
accurate one; the features then differ by 3 % (relative L2 norm, their average by 2 %). stb_image is 0.08 levels (at
most 3) from the accurate one, the features 0.7 %, the average 0.4 %. So "features" and "average" are of the accurately
decoded photo, and "keras_average" is of the photo as Keras decodes it. Measured on these three photos.
"""

import argparse
from pathlib import Path

from common import FOLDER, GoldenFile, generator_for, keras, np, tf

ROOT = FOLDER.parent.parent
PHOTOS = ("val/animal/koala.jpg", "val/fish/fish1.jpg", "val/monument/arcDeTriomphe.jpg")
SIZE = (224, 224)
ROW = 100
RANDOM_SIZE = (64, 48)  # no multiple of the other, and the smallest side is above VGG16's 32
RESIZED_SIZE = (40, 56)  # shrinks the height and stretches the width


def load_backbone(path):
    """VGG16 without top, with the file's tensors matched by name."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    base = keras.applications.VGG16(weights=None, include_top=False)
    for layer in base.layers:
        if layer.weights:
            layer.set_weights([tensors[f"{layer.name}/{variable}"] for variable in ("kernel", "bias")])
    return base


def features(base, image):
    """The output of block5_pool for one RGB image (height, width, 3) with values 0..255."""
    x = keras.applications.vgg16.preprocess_input(np.array(image, np.float64)[None])
    return base(x).numpy()[0]


def photo_case(golden, base, data, name):
    file, key = tf.io.read_file(str(data / name)), Path(name).stem
    decoded = tf.io.decode_jpeg(file, channels=3, dct_method="INTEGER_ACCURATE")
    as_keras = tf.io.decode_image(file, channels=3, expand_animations=False)
    resized = tf.image.resize(decoded, SIZE).numpy()
    output, keras_output = features(base, resized), features(base, tf.image.resize(as_keras, SIZE).numpy())
    return {
        "name": key,
        "file": name,
        "decoded_shape": list(decoded.shape),
        "row": ROW,
        "decoded_row": golden.add(f"{key}/decoded_row", decoded[ROW], np.float32),
        "resized_row": golden.add(f"{key}/resized_row", resized[ROW], np.float32),
        "features": golden.add(f"{key}/features", output, np.float32),
        "average": golden.add(f"{key}/average", output.mean(axis=(0, 1)), np.float32),
        "keras_average": golden.add(f"{key}/keras_average", keras_output.mean(axis=(0, 1)), np.float32),
    }


def random_case(golden, base):
    image = generator_for("vgg16").integers(0, 256, (*RANDOM_SIZE, 3)).astype(np.float32)
    return {
        "name": "random",
        "image": golden.add("random/image", image, np.float32),
        "resized": golden.add("random/resized", tf.image.resize(image, RESIZED_SIZE).numpy(), np.float32),
        "features": golden.add("random/features", features(base, image), np.float32),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "examples" / "data" / "photos")
    parser.add_argument("--weights", type=Path, default=ROOT / "weights" / "vgg16_imagenet_notop.safetensors")
    arguments = parser.parse_args()
    base, golden = load_backbone(arguments.weights), GoldenFile("vgg16_features")
    golden.cases += [photo_case(golden, base, arguments.data, name) for name in PHOTOS]
    golden.cases.append(random_case(golden, base))
    golden.save()


if __name__ == "__main__":
    main()
