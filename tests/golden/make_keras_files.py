"""Writes keras_files/ and keras_files.safetensors: models in every format that Keras 3 writes, and what they compute.

Everything is float32. A case names the files of one model, its inputs and outputs and, where it is compiled, the batches
that it was trained on before it was saved and after, and the weights at the end."""

import warnings

import h5py

from common import (
    FOLDER,
    GoldenFile,
    generator_for,
    keras,
    normal,
    np,
    one_hot,
    predict,
    random_weight,
    set_precision,
    set_trainable,
    weights_of,
    write_weights_only,
)

set_precision("float32")
L = keras.layers
FILES = FOLDER / "keras_files"
BATCH = 5


def sequential():
    return keras.Sequential(
        [
            keras.Input((7, 6, 3), name="image"),
            L.Rescaling(0.5, offset=-0.1, name="scale"),
            L.Conv2D(
                4, 3, strides=(2, 1), padding="same", kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.L2(1e-3),
                name="conv",
            ),
            L.BatchNormalization(momentum=0.9, name="bn"),
            L.ReLU(max_value=6.0, name="relu"),
            L.ZeroPadding2D(((0, 1), (1, 0)), name="pad"),
            L.MaxPooling2D(2, name="pool"),
            L.Dropout(0.25, name="drop"),
            L.Flatten(name="flat"),
            L.Dense(3, activation="softmax", kernel_constraint=keras.constraints.MaxNorm(3.0), name="head"),
        ],
        name="sequential_case",
    )


def functional():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = L.Dense(4, activation="tanh", name="shared")
    a, b = shared(left), shared(right)
    again = shared(L.Add(name="sum")([a, b]))
    joined = L.Concatenate(name="joined")([a, again])
    first = L.Dense(2, name="first")(joined)
    second = L.Activation("sigmoid", name="second")(L.Dense(1, use_bias=False, name="logit")(again))
    return keras.Model([left, right], [first, second], name="functional_case")


def nested():
    inner = keras.Input((6, 6, 2), name="inner_image")
    x = L.Conv2D(2, 3, name="c1")(inner)
    x = L.BatchNormalization(name="bn1")(x)
    x = L.Conv2D(2, 1, name="c2")(x)
    x = L.BatchNormalization(name="bn2")(x)
    trunk = keras.Model(inner, x, name="trunk")
    head = keras.Sequential([keras.Input((2,)), L.Dense(3, name="d1"), L.Dense(2, name="d2")], name="head")
    image = keras.Input((6, 6, 2), name="image")
    model = keras.Model(image, head(L.GlobalAveragePooling2D(name="gap")(trunk(image))), name="nested_case")
    set_trainable(model, {"trunk/c1": False, "trunk/bn2": False})
    return model


def catalogue():
    """Layers that the others do not have."""
    image, token = keras.Input((6, 9, 3), name="image"), keras.Input((3,), name="token")
    x = L.CenterCrop(5, 4, name="crop")(L.Resizing(6, 6, crop_to_aspect_ratio=True, name="resize")(image))
    x = L.PReLU(alpha_regularizer="l2", shared_axes=[1, 2], name="prelu")(L.Conv2D(4, 1, name="conv")(x))
    x = L.UpSampling2D((2, 1), interpolation="bilinear", name="up")(x)
    x = L.Cropping2D(((1, 2), (0, 1)), name="cut")(L.Permute((1, 2, 3), name="same")(x))
    x = L.SpatialDropout2D(0.25, name="drop")(x)
    x = L.GaussianNoise(0.25, seed=3, name="noise")(L.GaussianDropout(0.25, name="shake")(x))
    a, b = L.LeakyReLU(negative_slope=0.125, name="leaky")(x), L.ELU(alpha=0.5, name="elu")(x)
    x = L.Average(name="mean")([L.Maximum(name="high")([a, b]), L.Minimum(name="low")([a, b]), L.Subtract(name="gap")([a, b])])
    x = L.PReLU(name="own")(L.GlobalAveragePooling2D(name="pool")(L.Permute((2, 1, 3), name="turn")(x)))
    index = L.Rescaling(4.875, name="index")(L.Activation("sigmoid", name="unit")(token))
    words = L.Embedding(5, 4, embeddings_constraint="unit_norm", name="words")(index)
    both = L.Dot(axes=(1, 2), normalize=True, name="cosine")([x, words])
    return keras.Model([image, token], L.Dense(2, name="head")(both), name="catalogue_case")


def sequences():
    """Layers over sequences, what grows an image, and normalizations of a sample."""
    steps, image = keras.Input((11, 4), name="steps"), keras.Input((3, 4, 2), name="image")
    x = L.Conv1D(6, 3, padding="causal", activation="relu", kernel_regularizer="l2", name="causal")(steps)
    x = L.Cropping1D((1, 0), name="short")(L.ZeroPadding1D((0, 2), name="long")(x))
    x = L.LayerNormalization(name="rows")(x)
    x = L.MaxPooling1D(2, padding="same", name="high")(x)
    x = L.Conv1D(4, 2, dilation_rate=2, groups=2, use_bias=False, name="wide")(x)
    x = L.AveragePooling1D(2, strides=1, name="mean")(x)
    x = L.Concatenate(name="both")([L.GlobalMaxPooling1D(name="top")(x), L.GlobalAveragePooling1D(name="middle")(x)])
    y = L.Conv2DTranspose(6, 3, strides=2, padding="same", output_padding=1, kernel_constraint="max_norm", name="grow")(image)
    y = L.GroupNormalization(3, gamma_regularizer="l1", name="groups")(y)
    y = L.LayerNormalization(axis=[1, 3], epsilon=1e-5, name="apart")(L.Conv2DTranspose(2, 2, name="more")(y))
    y = L.GlobalAveragePooling2D(name="pool")(L.Softmax(axis=[1, 2], name="where")(y))
    return keras.Model([steps, image], [L.Dense(2, name="first")(x), L.Dense(2, name="second")(y)], name="sequences_case")


def small(optimizer, loss, metrics):
    def make():
        x = image = keras.Input((5, 5, 2), name="image")
        x = L.Conv2D(3, 3, activation="relu", name="conv")(x)
        x = L.BatchNormalization(name="bn")(x)
        x = L.Flatten(name="flat")(x)
        model = keras.Model(image, L.Dense(3, activation="softmax", name="head")(x), name="small_case")
        model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
        return model

    return make


MODELS = {
    "sequential": sequential,
    "functional": functional,
    "nested": nested,
    "catalogue": catalogue,
    "sequences": sequences,
    "adam": small(keras.optimizers.Adam(0.01, amsgrad=True), "categorical_crossentropy", ["accuracy"]),
    "sgd": small(
        keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5), momentum=0.9, nesterov=True),
        keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        [keras.metrics.CategoricalAccuracy(name="right"), "mse"],
    ),
    "rmsprop": small("rmsprop", "mse", None),
}


def write_as_keras_2(path, model):
    """The same as the official weights have it: names of fixed length that end in :0."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in model.layers])
        file.attrs["backend"], file.attrs["keras_version"] = np.bytes_(b"tensorflow"), np.bytes_(b"2.1.6")
        for layer in model.layers:
            group = file.create_group(layer.name)
            weights = layer.trainable_weights + layer.non_trainable_weights
            names = ["/".join(weight.path.split("/")[-2:]).encode() + b":0" for weight in weights]
            group.attrs["weight_names"] = np.array(names)
            for name, weight in zip(names, weights):
                group[name.decode()] = weight.numpy()


def batches(generator, model, count):
    x = normal(generator, (count, BATCH, *model.input_shape[1:]))
    y = one_hot(generator.integers(3, size=(count, BATCH)), 3)
    return x.astype(np.float32), y.astype(np.float32)


def train(model, x, y):
    for one_x, one_y in zip(x, y):
        model.train_on_batch(one_x, one_y)


def main():
    warnings.filterwarnings("ignore", message="You are saving your model as an HDF5")
    FILES.mkdir(exist_ok=True)
    golden = GoldenFile("keras_files")
    for name, make in MODELS.items():
        keras.utils.clear_session()
        generator, model = generator_for(name), make()
        for weight in weights_of(model):
            weight.assign(random_weight(generator, weight))
        case = {"name": name, "compiled": getattr(model, "optimizer", None) is not None}
        if case["compiled"]:
            before, after = batches(generator, model, 3), batches(generator, model, 3)
            train(model, *before)
        xs = [normal(generator, (BATCH, *tensor.shape[1:])).astype(np.float32) for tensor in model.inputs]
        ys = predict(model, xs)
        case["x"], case["y"] = golden.add_all(f"{name}/x", xs, np.float32), golden.add_all(f"{name}/y", ys, np.float32)
        case["weights"] = golden.add_all(f"{name}/w", [weight.numpy() for weight in weights_of(model)], np.float32)
        model.save(FILES / f"{name}.keras")
        model.save(FILES / f"{name}_whole.h5")
        if not case["compiled"]:
            model.save_weights(FILES / f"{name}.weights.h5")
            write_weights_only(FILES / f"{name}_weights.h5", model)
            write_as_keras_2(FILES / f"{name}_keras2.h5", model)
        else:
            train(model, *after)
            case["later_x"], case["later_y"] = (golden.add(f"{name}/later_{k}", v, np.float32) for k, v in zip("xy", after))
            case["later_weights"] = golden.add_all(f"{name}/later_w", [w.numpy() for w in model.weights], np.float32)
        golden.cases.append(case)
    golden.save()
    sizes = [path.stat().st_size for path in FILES.iterdir()]
    print(f"{len(sizes)} files, {sum(sizes)} bytes")


main()
