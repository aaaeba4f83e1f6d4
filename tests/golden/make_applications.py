"""Writes applications.safetensors: what keras.applications builds and computes, without any stored weights.

Every weight is a function of its name ("conv1_conv/kernel") and the place of an element in it: see seeded(). So both
sides have the same numbers, and the file holds only outputs. The images are made in the same way from their name.
"""

from unittest import mock

from common import GoldenFile, keras, np, set_precision, tf

APPLICATIONS = [
    ("VGG16", 32),
    ("VGG19", 32),
    ("ResNet50", 224),
    ("ResNet101", 224),
    ("ResNet152", 224),
    ("ResNet50V2", 224),
    ("ResNet101V2", 224),
    ("ResNet152V2", 224),
    ("InceptionV3", 299),
    ("DenseNet121", 224),
    ("DenseNet169", 224),
    ("DenseNet201", 224),
    ("MobileNet", 224),
    ("MobileNetV2", 224),
    ("Xception", 299),
    ("EfficientNetB0", 224),
    ("EfficientNetB1", 240),
    ("EfficientNetB2", 260),
    ("EfficientNetB3", 300),
    ("EfficientNetB4", 380),
    ("EfficientNetB5", 456),
    ("EfficientNetB6", 528),
    ("EfficientNetB7", 600),
]
# Of the others only the hash of the listing.
LISTED = (
    "VGG16 VGG19 ResNet50 ResNet50V2 InceptionV3 DenseNet121 MobileNet MobileNetV2 Xception EfficientNetB0"
).split()
# From which layer on, in the second step. Not the EfficientNets: they drop whole blocks at random also while frozen.
TRAINED = {
    "VGG16": "block5_conv1",
    "VGG19": "block5_conv1",
    "ResNet50": "conv5_block3_1_conv",
    "ResNet50V2": "conv5_block3_1_conv",
    "InceptionV3": "mixed9",
    "DenseNet121": "conv5_block16_0_bn",
    "MobileNet": "conv_dw_13",
    "MobileNetV2": "block_16_expand",
    "Xception": "block14_sepconv1",
}
SAMPLES = 200


def hash_text(text):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def uniform(name, shape):
    """Numbers in [0, 1) that float32 holds exactly: SplitMix64 of hash_text(name) + the element's index, 24 bits."""
    with np.errstate(over="ignore"):
        z = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(hash_text(name))
        z = (z + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2.0**24).reshape(shape)


def seeded(name, shape):
    """A kernel keeps the scale of what passes relu; a gamma below 1 keeps sums over many blocks from growing fast."""
    u, kind = uniform(name, shape), name.split("/")[-1]
    if kind.endswith("kernel"):
        depthwise = kind == "depthwise_kernel" or (len(shape) == 4 and shape[-1] == 1)
        inputs = np.prod(shape[:2]) if depthwise else np.prod(shape[:-1])
        return (2 * u - 1) * np.sqrt(6.0 / inputs)
    if kind == "gamma":
        return 0.4 + 0.4 * u
    if kind in ("moving_variance", "variance"):
        return 0.5 + u
    return 0.2 * (2 * u - 1)


def set_seeded_weights(model):
    for variable in model.weights:
        if not variable.path.endswith("/count"):
            variable.assign(seeded(variable.path, tuple(variable.shape)))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with copies of its weights


def image(name, shape):
    low, high = (0, 256) if name.startswith("EfficientNet") else (-1, 1)
    return low + (high - low) * uniform(f"{name}/image", shape)


def build(name, **options):
    keras.utils.clear_session()
    return getattr(keras.applications, name)(weights=None, **options)


def structure(model):
    """Counts, and per layer: name, class, output shape, number of parameters."""
    lines = [f"{x.name} {type(x).__name__} {tuple(x.output.shape)} {x.count_params()}" for x in model.layers]
    return {
        "name": model.name,
        "layers": len(model.layers),
        "weights": len(model.weights),
        "params": model.count_params(),
        "trainable": int(sum(np.prod(v.shape) for v in model.trainable_weights)),
        "output": str(tuple(model.output.shape)),
        "listing": lines,
        "hash": f"{hash_text(chr(10).join(lines)):016x}",
    }


def structures(name, size):
    set_precision("float32")
    top = structure(build(name, input_shape=(size, size, 3)))
    notop = structure(build(name, include_top=False))
    notop.pop("listing")
    if name not in LISTED:
        top.pop("listing")
    top["input_size"] = size
    set_precision("float64")
    return {"top": top, "notop": notop}


def sampled(values):
    """Every n-th value, so that at most SAMPLES are left."""
    flat = np.asarray(values).reshape(-1)
    return flat[:: -(-flat.size // SAMPLES)]


def forward(golden, name, least):
    """Square with top, and not square without, in the three ways of pooling."""
    runs = []
    logits = {"include_top": True, "classes": 10, "classifier_activation": None}
    wide = {"include_top": False, "input_shape": (None, None, 3)}
    for key, options, size in (
        ("logits", {**logits, "input_shape": (least, least, 3)}, (least, least)),
        ("none", wide, (least, least + 21)),
        ("avg", {**wide, "pooling": "avg"}, (least + 10, least)),
        ("max", {**wide, "pooling": "max"}, (least + 10, least)),
    ):
        model = build(name, **options)
        set_seeded_weights(model)
        y = model(tf.constant(image(name, (2, *size, 3))), training=False).numpy()
        run = {"key": key, "height": size[0], "width": size[1], "shape": list(y.shape)}
        runs.append(run | {"output": golden.add(f"{name}/{key}", sampled(y))})
    return runs


def imagenet(golden, name):
    """As weights="imagenet" builds an EfficientNet, which differs from all others; its weights are seeded all the same."""
    source = "keras.src.applications.efficientnet.file_utils.get_file"
    with mock.patch(source), mock.patch.object(keras.Model, "load_weights"):
        keras.utils.clear_session()
        model = getattr(keras.applications, name)(weights="imagenet", include_top=False, input_shape=(32, 53, 3))
    set_seeded_weights(model)
    y = model(tf.constant(image(name, (2, 32, 53, 3))), training=False).numpy()
    run = {"key": "imagenet", "height": 32, "width": 53, "shape": list(y.shape), "layers": len(model.layers)}
    return run | {"output": golden.add(f"{name}/imagenet", sampled(y))}


def train(golden, name, first, size):
    """One step on a head while the trunk is frozen, then one with the layers from `first` on. Samples of all weights."""
    base = build(name, include_top=False, input_shape=(size, size, 3), pooling="avg")
    model = keras.Model(base.input, keras.layers.Dense(3, activation="softmax", name="head")(base.output))
    set_seeded_weights(model)
    x, labels = image(name, (4, size, size, 3)), np.eye(3)[[0, 2, 1, 1]]
    names = [layer.name for layer in base.layers]
    phases = []
    for number, start in enumerate((len(names), names.index(first))):
        for i, layer in enumerate(base.layers):
            layer.trainable = i >= start
        model.compile(optimizer=keras.optimizers.SGD(0.01), loss="categorical_crossentropy")
        loss = model.train_on_batch(x, labels)
        after = np.concatenate([sampled(v.numpy())[:3] for v in model.weights])
        phases.append({"start": start, "loss": float(loss), "weights": golden.add(f"{name}/train{number}", after)})
    return {"size": size, "phases": phases}


def main():
    golden = GoldenFile("applications")
    for name, size in APPLICATIONS:
        least = {"InceptionV3": 75, "Xception": 71}.get(name, 32)
        case = {"name": name, **structures(name, size), "forward": forward(golden, name, least)}
        if name in TRAINED:
            case["training"] = train(golden, name, TRAINED[name], max(least, 64))
        if name == "EfficientNetB0":
            case["imagenet"] = imagenet(golden, name)
        golden.cases.append(case)
        print(name, flush=True)
    golden.save()


if __name__ == "__main__":
    main()
