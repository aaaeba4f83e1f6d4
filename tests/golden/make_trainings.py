"""Writes trainings.safetensors: whole fits of small networks, phase after phase, in float64 and in float32.

Everything starts from numbers that float32 holds exactly, is never shuffled and has no randomness, so that the two runs
differ by rounding alone and their difference says how far apart two right float32 programs may end."""

import json

from common import (
    GoldenFile,
    generator_for,
    keras,
    normal,
    np,
    one_hot,
    plain_config,
    random_weight,
    set_precision,
    set_trainable,
)

L = keras.layers
SAMPLES = 11  # with batches of 4 the last one is partial


def image_input(name="image", shape=(8, 8, 3)):
    return keras.Input(shape, name=name)


def images(generator, count=SAMPLES, shape=(8, 8, 3)):
    return normal(generator, (count, *shape))


def labelled_images(generator, classes=3, count=SAMPLES):
    return {"x": [images(generator, count)], "y": [one_hot(generator.integers(classes, size=count), classes)]}


def with_validation(make, generator, **options):
    return make(generator, **options) | {"validation": make(generator, count=5, **options)}


def phase(optimizer, loss, metrics=(), **options):
    """One compile() and one fit(); options named as Keras names them."""
    known = {"trainable": {}, "weighted_metrics": [], "loss_weights": None}
    made = {key: options.pop(key, default) for key, default in known.items()}
    fit = {"batch_size": 4, "epochs": 3, "class_weight": None, "sample_weight": None, "validation_split": 0.0}
    if set(options) - set(fit):
        raise ValueError(f"unknown options {set(options) - set(fit)}")
    return made | {"optimizer": optimizer, "loss": loss, "metrics": metrics or [], "fit": fit | options}


def described(thing):
    config = plain_config(thing)
    config.pop("name")  # numbered by how many were made before
    return {"class_name": type(thing).__name__, "config": config}


def sgd(rate, **options):
    return described(keras.optimizers.SGD(rate, **options))


def rmsprop(rate=0.001, **options):
    return described(keras.optimizers.RMSprop(rate, **options))


def adam(rate=0.001, **options):
    return described(keras.optimizers.Adam(rate, **options))


def mlp_softmax_sgd():
    model = keras.Sequential(
        [
            keras.Input((5,), name="features"),
            L.Dense(7, activation="relu", name="hidden"),
            L.Dense(4, activation="softmax", name="classes"),
        ],
        name="mlp",
    )

    def data(generator, count=SAMPLES):
        return {"x": [normal(generator, (count, 5))], "y": [one_hot(generator.integers(4, size=count), 4)]}

    return model, lambda g: with_validation(data, g), [
        phase(sgd(0.1), "categorical_crossentropy", ["accuracy"], epochs=4)
    ]


def mlp_sigmoid_rmsprop():
    model = keras.Sequential(
        [
            keras.Input((6,), name="features"),
            L.Dense(8, activation="tanh", name="hidden"),
            L.Dense(1, activation="sigmoid", name="answer"),
        ],
        name="mlp",
    )

    def data(generator, count=14):
        x = normal(generator, (count, 6))
        return {"x": [x], "y": [(x[:, :1] + x[:, 1:2] > 0).astype(float)]}

    return model, data, [phase(rmsprop(0.01), "binary_crossentropy", ["accuracy"], validation_split=0.3, epochs=4)]


def regression_regularized():
    """The penalty of a frozen layer leaves the loss in phase 2."""
    model = keras.Sequential(
        [
            keras.Input((4,), name="features"),
            L.Dense(6, activation="elu", kernel_regularizer=keras.regularizers.L2(0.02), name="hidden"),
            L.Dense(
                2,
                kernel_regularizer=keras.regularizers.L1L2(0.01, 0.03),
                bias_regularizer=keras.regularizers.L1(0.05),
                name="values",
            ),
        ],
        name="regression",
    )

    def data(generator, count=SAMPLES):
        x = normal(generator, (count, 4))
        return {"x": [x], "y": [np.stack([x[:, 0] * x[:, 1], x[:, 2] - x[:, 3]], axis=1)]}

    return model, lambda g: with_validation(data, g), [
        phase(sgd(0.05), "mse", ["mae"]),
        phase(sgd(0.05), "mean_squared_error", ["mae"], trainable={"hidden": False}),
    ]


def conv_pool_adam():
    model = keras.Sequential(
        [
            image_input(),
            L.Conv2D(4, 3, padding="same", activation="relu", name="conv1"),
            L.MaxPooling2D(name="pool1"),
            L.Conv2D(5, 3, activation="relu", name="conv2"),
            L.Flatten(name="flatten"),
            L.Dense(3, activation="softmax", name="classes"),
        ],
        name="convnet",
    )
    return model, lambda g: with_validation(labelled_images, g), [
        phase(adam(0.01), "categorical_crossentropy", ["accuracy"], epochs=4)
    ]


def batchnorm_model(**options):
    return keras.Sequential(
        [
            image_input(),
            L.Conv2D(4, 3, padding="same", use_bias=False, name="conv"),
            L.BatchNormalization(momentum=0.8, name="bn", **options),
            L.Activation("relu", name="relu"),
            L.GlobalAveragePooling2D(name="gap"),
            L.Dense(5, use_bias=False, name="dense"),
            L.BatchNormalization(name="bn_dense"),
            L.Dense(3, activation="softmax", name="classes"),
        ],
        name="normalized",
    )


def batchnorm():
    return batchnorm_model(), lambda g: with_validation(labelled_images, g), [
        phase(adam(0.01), "categorical_crossentropy", ["accuracy"], epochs=4)
    ]


def batchnorm_frozen_after_recompile():
    loss = "categorical_crossentropy"
    return batchnorm_model(), lambda g: with_validation(labelled_images, g), [
        phase(sgd(0.1), loss, ["accuracy"]),
        phase(sgd(0.1), loss, ["accuracy"], trainable={"bn": False}),
        phase(sgd(0.1), loss, ["accuracy"], trainable={"conv": False, "bn_dense": False}),
        phase(sgd(0.1), loss, ["accuracy"], trainable={"conv": True, "bn": True, "bn_dense": True}, epochs=2),
    ]


def nested_transfer():
    """A frozen nested trunk, then all of it but its first convolution and its BatchNormalization."""
    image = image_input("trunk_image")
    x = L.Conv2D(4, 3, padding="same", activation="relu", name="conv1")(image)
    x = L.MaxPooling2D(name="pool1")(x)
    x = L.Conv2D(5, 3, padding="same", use_bias=False, name="conv2")(x)
    x = L.BatchNormalization(momentum=0.9, name="bn")(x)
    x = L.Activation("relu", name="relu")(x)
    x = L.Conv2D(4, 3, padding="same", activation="relu", name="conv3")(x)
    trunk = keras.Model(image, x, name="trunk")
    outer = image_input()
    x = L.GlobalAveragePooling2D(name="gap")(trunk(outer))
    x = L.Dense(6, activation="relu", name="hidden")(x)
    model = keras.Model(outer, L.Dense(3, activation="softmax", name="classes")(x), name="transfer")
    loss, metrics = "categorical_crossentropy", ["accuracy"]
    return model, lambda g: with_validation(labelled_images, g), [
        phase(rmsprop(0.01), loss, metrics, trainable={"trunk": False}),
        phase(
            sgd(0.05, momentum=0.9), loss, metrics, trainable={"trunk": True, "trunk/bn": False, "trunk/conv1": False}
        ),
    ]


def nested_twice():
    """A child that is on under a parent that is off does not learn."""
    inner = keras.Sequential(
        [image_input("inner_image", (4, 4, 4)), L.Conv2D(4, 3, activation="relu", name="inner_conv")], name="inner"
    )
    trunk = keras.Sequential(
        [
            image_input("trunk_image"),
            L.Conv2D(4, 3, padding="same", activation="tanh", name="trunk_conv"),
            L.AveragePooling2D(2, name="trunk_pool"),
            inner,
        ],
        name="trunk",
    )
    model = keras.Sequential(
        [image_input(), trunk, L.Flatten(name="flatten"), L.Dense(3, activation="softmax", name="classes")], name="deep"
    )
    loss, metrics = "categorical_crossentropy", ["accuracy"]
    return model, labelled_images, [
        phase(sgd(0.1), loss, metrics, trainable={"trunk": False, "trunk/inner": True}),
        phase(sgd(0.1), loss, metrics, trainable={"trunk": True, "trunk/inner": False}),
        phase(sgd(0.1), loss, metrics, trainable={"trunk": True}, epochs=2),
    ]


def flat_transfer():
    """A new head on the trunk's own graph; the lower layers frozen one by one, and fewer of them in phase 2."""
    image = image_input()
    x = image
    for block, filters in [(1, 3), (2, 4)]:
        for index in [1, 2]:
            name = f"block{block}_conv{index}"
            x = L.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = L.MaxPooling2D(name=f"block{block}_pool")(x)
    base = keras.Model(image, x, name="base")
    x = L.GlobalAveragePooling2D(name="gap")(base.output)
    x = L.Dense(8, activation="relu", name="hidden")(x)
    model = keras.Model(base.input, L.Dense(3, activation="softmax", name="predictions")(x), name="course")
    loss, metrics = "categorical_crossentropy", ["accuracy"]
    block2 = {"block2_conv1": True, "block2_conv2": True, "block2_pool": True}
    return model, lambda g: with_validation(labelled_images, g), [
        phase(rmsprop(0.005), loss, metrics, trainable={layer.name: False for layer in base.layers}),
        phase(sgd(0.02, momentum=0.9), loss, metrics, trainable=block2, epochs=4),
    ]


def shared_layer():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = L.Dense(3, activation="tanh", name="shared")
    x = L.Concatenate(name="both")([shared(left), shared(right)])
    model = keras.Model([left, right], L.Dense(1, name="value")(x), name="siamese")

    def data(generator, count=SAMPLES):
        x = [normal(generator, (count, 4)) for _ in range(2)]
        return {"x": x, "y": [np.sum(x[0] * x[1], axis=1, keepdims=True)]}

    return model, lambda g: with_validation(data, g), [phase(sgd(0.05), "mse", ["mae"], epochs=4)]


def two_outputs():
    image, extra = image_input(), keras.Input((3,), name="extra")
    x = L.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="conv")(image)
    x = L.GlobalMaxPooling2D(name="gmp")(x)
    x = L.Concatenate(name="joined")([x, extra])
    x = L.Dense(6, activation="relu", name="hidden")(x)
    kind = L.Dense(3, activation="softmax", name="kind")(x)
    size = L.Dense(2, name="size")(x)
    model = keras.Model([image, extra], [kind, size], name="two_outputs")

    def data(generator, count=SAMPLES):
        labels = one_hot(generator.integers(3, size=count), 3)
        x = [images(generator, count), normal(generator, (count, 3))]
        return {"x": x, "y": [labels, normal(generator, (count, 2))]}

    loss = {"kind": "categorical_crossentropy", "size": "mse"}
    weights = {"kind": 0.5, "size": 2.0}
    return model, lambda g: with_validation(data, g), [
        phase(adam(0.01), loss, {"kind": ["accuracy"], "size": ["mae"]}, loss_weights=weights)
    ]


def sparse_data(generator, count=SAMPLES):
    return {"x": [normal(generator, (count, 5))], "y": [generator.integers(3, size=count).astype(float)]}


def sparse_model(name):
    return keras.Sequential(
        [
            keras.Input((5,), name="features"),
            L.Dense(6, activation="relu", name="hidden"),
            L.Dense(3, activation="softmax", name="classes"),
        ],
        name=name,
    )


def class_weights_sparse():
    loss, metrics = "sparse_categorical_crossentropy", ["accuracy"]
    weights = {0: 0.5, 2: 3.0}  # a class without a weight counts once
    return sparse_model("sparse"), lambda g: with_validation(sparse_data, g), [
        phase(sgd(0.1), loss, metrics, weighted_metrics=["accuracy"], class_weight=weights)
    ]


def sample_weights():
    def data(generator):
        weights = np.round(generator.uniform(0.0, 2.0, SAMPLES) * 8) / 8
        weights[3] = 0.0
        return sparse_data(generator) | {"sample_weight": weights}

    loss, metrics = "sparse_categorical_crossentropy", ["accuracy"]
    weighted = ["accuracy", "sparse_categorical_crossentropy"]
    return sparse_model("weighted"), data, [
        phase(sgd(0.1, momentum=0.8), loss, metrics, weighted_metrics=weighted, sample_weight=True),
        phase(sgd(0.1), loss, metrics, weighted_metrics=weighted, sample_weight=True, validation_split=0.3),
    ]


def conv_variants():
    """Strides, dilation, groups, average pooling, padding, a residual addition and a concatenation."""
    image = image_input()
    x = L.Conv2D(6, 3, padding="same", name="stem")(image)
    y = L.Conv2D(6, 3, padding="same", groups=3, activation="relu", name="grouped")(x)
    x = L.Add(name="residual")([x, y])
    x = L.ReLU(max_value=6.0, name="relu6")(x)
    a = L.Conv2D(4, 3, strides=2, padding="same", activation="silu", name="strided")(x)
    b = L.Conv2D(3, 3, dilation_rate=2, padding="same", activation="relu", name="dilated")(x)
    b = L.AveragePooling2D(3, strides=2, padding="same", name="average")(b)
    x = L.Concatenate(name="branches")([a, b])
    x = L.ZeroPadding2D(((0, 1), (1, 0)), name="padded")(x)
    x = L.Conv2D(4, (3, 2), strides=3, activation="tanh", name="sparse_windows")(x)
    x = L.Reshape((-1,), name="flat")(x)
    model = keras.Model(image, L.Dense(3, activation="softmax", name="classes")(x), name="variants")
    return model, lambda g: with_validation(labelled_images, g), [
        phase(rmsprop(0.002, momentum=0.5, centered=True), "categorical_crossentropy", ["accuracy"])
    ]


def label_smoothing_nesterov():
    model = keras.Sequential(
        [image_input(), L.Flatten(name="flatten"), L.Dense(3, name="logits"), L.Softmax(name="softmax")], name="smooth"
    )
    loss = described(keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    return model, lambda g: with_validation(labelled_images, g), [
        phase(sgd(0.01, momentum=0.9, nesterov=True), loss, ["accuracy", "categorical_crossentropy"])
    ]


def logits_clipped_adam():
    model = keras.Sequential(
        [
            keras.Input((6,), name="features"),
            L.Dense(5, activation="gelu", kernel_constraint=keras.constraints.MaxNorm(1.0), name="hidden"),
            L.Dense(1, name="logit"),
        ],
        name="logits",
    )

    def data(generator, count=SAMPLES):
        return {"x": [normal(generator, (count, 6))], "y": [generator.integers(2, size=(count, 1)).astype(float)]}

    loss = described(keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.05))
    return model, lambda g: with_validation(data, g), [
        phase(adam(0.02, amsgrad=True, clipnorm=0.1, weight_decay=0.01), loss, ["mean_absolute_error"], epochs=4)
    ]


TRAININGS = [
    mlp_softmax_sgd,
    mlp_sigmoid_rmsprop,
    regression_regularized,
    conv_pool_adam,
    batchnorm,
    batchnorm_frozen_after_recompile,
    nested_transfer,
    nested_twice,
    flat_transfer,
    shared_layer,
    two_outputs,
    class_weights_sparse,
    sample_weights,
    conv_variants,
    label_smoothing_nesterov,
    logits_clipped_adam,
]


def single(arrays):
    return arrays[0] if len(arrays) == 1 else arrays


def compiled(thing, module):
    """What compile() takes for a string, a described object, a list or a map of these."""
    if isinstance(thing, dict) and "class_name" in thing:
        return module.deserialize({"module": module.__name__, "registered_name": None, **thing})
    if isinstance(thing, dict):
        return {key: compiled(item, module) for key, item in thing.items()}
    return thing


def run_phase(model, phase, data):
    """compile() and fit(): the history and the weights afterwards."""
    set_trainable(model, phase["trainable"])
    optimizer = keras.optimizers.deserialize(dict(phase["optimizer"]))  # which rewrites what it is given
    loss = compiled(phase["loss"], keras.losses)
    options = {key: phase[key] for key in ["metrics", "weighted_metrics", "loss_weights"]}
    model.compile(optimizer=optimizer, loss=loss, **options)
    fit = dict(phase["fit"])
    if fit["sample_weight"]:
        fit["sample_weight"] = data["sample_weight"]
    if "validation" in data:
        fit["validation_data"] = (single(data["validation"]["x"]), single(data["validation"]["y"]))
    history = model.fit(single(data["x"]), single(data["y"]), shuffle=False, verbose=0, **fit).history
    return {key: [float(value) for value in values] for key, values in history.items()}, model.get_weights()


def run(make, floatx):
    """All phases from the same start: (parsed to_json(), initial weights, data, phases, results)."""
    keras.utils.clear_session()
    set_precision(floatx)
    model, data, phases = make()
    generator = generator_for(make.__name__)
    data = data(generator)
    for variable in model.weights:
        variable.assign(random_weight(generator, variable))
    config, initial = json.loads(model.to_json()), model.get_weights()
    return config, initial, data, phases, [run_phase(model, phase, data) for phase in phases]


def difference(results, results32):
    """The largest difference between the runs, over histories and weights: (relative to the largest value there)."""
    worst = 0.0
    for (history, weights), (history32, weights32) in zip(results, results32):
        pairs = [(history[key], history32[key]) for key in history] + list(zip(weights, weights32))
        for value, value32 in pairs:
            worst = max(worst, np.max(np.abs(np.subtract(value, value32))) / max(1.0, np.max(np.abs(value))))
    return worst


def add_training(golden, make):
    name = make.__name__
    config, _, _, _, results32 = run(make, "float32")
    _, initial, data, phases, results = run(make, "float64")
    print(f"{name}: {sum(w.size for w in initial)} weights, float32 differs by {difference(results, results32):.1e}")
    case = {
        "name": name,
        "config": config,
        "initial": golden.add_all(f"{name}/initial", initial),
        "x": golden.add_all(f"{name}/x", data["x"]),
        "y": golden.add_all(f"{name}/y", data["y"]),
        "validation": None,
        "phases": [],
    }
    if "validation" in data:
        case["validation"] = {key: golden.add_all(f"{name}/val_{key}", data["validation"][key]) for key in ["x", "y"]}
    if "sample_weight" in data:
        golden.add(f"{name}/sample_weight", data["sample_weight"])
    for index, (phase, result, result32) in enumerate(zip(phases, results, results32)):
        prefix = f"{name}/phase{index}"
        weight = f"{name}/sample_weight" if phase["fit"]["sample_weight"] else None
        case["phases"].append(
            phase
            | {
                "fit": phase["fit"] | {"sample_weight": weight},
                "history": result[0],
                "weights": golden.add_all(f"{prefix}/w", result[1]),
                "history32": result32[0],
                "weights32": golden.add_all(f"{prefix}/w32_", result32[1], np.float32),
            }
        )
    golden.cases.append(case)


def main():
    golden = GoldenFile("trainings")
    for make in TRAININGS:
        add_training(golden, make)
    golden.save()


if __name__ == "__main__":
    main()
