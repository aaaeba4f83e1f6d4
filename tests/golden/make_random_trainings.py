"""Writes random_trainings.zip and random_trainings.safetensors: 40 small trainings that are drawn at random.

Keras saves a compiled model (NAME_start.keras), trains it on `before` batches, saves it with its optimizer (NAME.keras,
NAME_whole.h5) and trains on. From the same numbers float64 goes on as well, from the start and from the middle: how far
float32 ends from there is what rounding does. Nothing in these models has a kink, where rounding would decide the way."""

import logging
import tempfile
from pathlib import Path

from common import (
    FOLDER,
    SEED,
    GoldenFile,
    keras,
    np,
    one_hot,
    probabilities,
    random_weight,
    reproducible_files,
    set_precision,
    weights_of,
    write_archive,
)
from draw_models import Draw, paths

L, R, C, O = keras.layers, keras.regularizers, keras.constraints, keras.optimizers
BATCH = 4
OPTIMIZERS = ("SGD", "RMSprop", "Adam", "AdamW")  # all that graft has, in turns
WORDS = 24
SMOOTH = "tanh sigmoid softplus softsign silu gelu elu celu mish log_sigmoid squareplus tanh_shrink exponential".split()
SCHEDULES = {
    "ExponentialDecay": lambda d, rate: {"decay_steps": 3, "decay_rate": 0.7, "staircase": d.chance(0.5)},
    "InverseTimeDecay": lambda d, rate: {"decay_steps": 2, "decay_rate": 0.5},
    "PolynomialDecay": lambda d, rate: {"decay_steps": 4, "power": d.one(1.0, 2.0), "cycle": d.chance(0.5)},
    "CosineDecay": lambda d, rate: d.one({"decay_steps": 6}, {"decay_steps": 5, "warmup_target": 2 * rate, "warmup_steps": 2}),
}


def learning_rate(d, rate):
    if d.chance(0.6):
        return rate
    if d.chance(0.2):
        return O.schedules.PiecewiseConstantDecay([1, 3], [rate, rate / 2, rate / 4])
    name = d.one(*SCHEDULES)
    return getattr(O.schedules, name)(rate, **SCHEDULES[name](d, rate))


def optimizer(d, name):
    options = {}
    if d.chance(0.3):
        options[d.one("clipnorm", "clipvalue", "global_clipnorm")] = d.real(0.05, 0.5)
    if d.chance(0.2):
        options |= {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": d.one(None, 2)}
    if name == "AdamW" or d.chance(0.2):
        options["weight_decay"] = d.real(0.001, 0.05)
    if name == "SGD":
        momentum = d.one(0.0, 0.5, 0.9)
        return O.SGD(learning_rate(d, d.real(0.02, 0.2)), momentum=momentum, nesterov=momentum > 0 and d.chance(0.5), **options)
    options["epsilon"] = d.one(1e-7, 1e-4)
    rate = learning_rate(d, d.real(0.002, 0.02))
    if name == "RMSprop":
        return O.RMSprop(rate, rho=d.real(0.5, 0.95), momentum=d.one(0.0, 0.6), centered=d.chance(0.5), **options)
    betas = {"beta_1": d.real(0.7, 0.95), "beta_2": d.real(0.9, 0.999), "amsgrad": d.chance(0.5)}
    return getattr(O, name)(rate, **betas, **options)


def weighted(d, *weights):
    """Penalties and constraints without a kink."""
    options = d.named()
    for weight in weights:
        if d.chance(0.25):
            options[f"{weight}_regularizer"] = R.L2(d.real(0.001, 0.05))
        if d.chance(0.2):
            options[f"{weight}_constraint"] = d.one(C.MaxNorm(d.real(0.5, 2)), C.UnitNorm(), C.MinMaxNorm(0.2, 1.5, d.real(0.3, 1)))
    return options


def images(d):
    """Convolutions and what goes between them, up to one row per sample."""
    square = {"padding": d.one("valid", "same"), "activation": d.one(*SMOOTH)}
    yield d.one(
        L.Conv2D(4, 3, groups=1, strides=d.number(1, 2), **square, **weighted(d, "kernel", "bias")),
        L.DepthwiseConv2D(3, depth_multiplier=2, **square, **weighted(d, "depthwise", "bias")),
        L.SeparableConv2D(4, 3, **square, **weighted(d, "depthwise", "pointwise")),
        L.Conv2DTranspose(4, 2, strides=2, **square, **weighted(d, "kernel", "bias")),
    )
    if d.chance(0.6):
        yield L.Conv2D(3, 2, use_bias=False, **weighted(d, "kernel"))
        yield L.BatchNormalization(momentum=d.real(0.6, 0.99), scale=d.chance(0.8), **weighted(d, "beta"))
        yield L.Activation(d.one(*SMOOTH), **d.named())
    elif d.chance(0.5):
        yield d.one(L.LayerNormalization(**d.named()), L.GroupNormalization(1, **d.named()))
    if d.chance(0.4):
        yield L.AveragePooling2D(2, padding=d.one("valid", "same"), **d.named())
    if d.chance(0.3):
        yield d.one(L.UpSampling2D(2, interpolation=d.one("nearest", "bilinear"), **d.named()), L.ZeroPadding2D(1, **d.named()))
    yield L.GlobalAveragePooling2D(**d.named())


def sequences(d):
    if d.chance(0.7):
        yield L.Conv1D(4, 2, padding=d.one("causal", "same"), activation=d.one(*SMOOTH), **weighted(d, "kernel", "bias"))
    if d.chance(0.5):
        yield L.LayerNormalization(**d.named())
    if d.chance(0.3):
        yield L.AveragePooling1D(2, **d.named())
    yield d.one(L.Flatten(**d.named()), L.GlobalAveragePooling1D(**d.named()))


def rows(d):
    for _ in range(d.number(0, 2)):
        if d.chance(0.4):
            yield L.Dense(4, use_bias=False, **weighted(d, "kernel"))
            yield L.BatchNormalization(momentum=d.real(0.6, 0.99), **d.named())
            yield L.Activation(d.one(*SMOOTH), **d.named())
        else:
            yield L.Dense(d.number(3, 5), activation=d.one(*SMOOTH), **weighted(d, "kernel", "bias"))


def normal_targets(g, shape):
    return g.normal(size=shape)


def labels(g, shape):
    return one_hot(g.integers(shape[-1], size=shape[:-1]), shape[-1])


def loss_and_targets(d):
    """(loss, activation of the last layer, targets from (generator, shape), metrics that make sense)."""
    k, regression = keras.losses, ["mse", keras.metrics.MeanSquaredError(name="error"), keras.metrics.RootMeanSquaredError()]
    classes = ["accuracy", keras.metrics.CategoricalAccuracy(name="right"), keras.metrics.AUC(num_thresholds=20)]
    return d.one(
        ("categorical_crossentropy", "softmax", labels, classes),
        (k.CategoricalCrossentropy(from_logits=True, label_smoothing=d.real(0, 0.3)), "linear", labels, ["accuracy"]),
        ("sparse_categorical_crossentropy", "softmax", lambda g, s: g.integers(s[-1], size=(*s[:-1], 1)), ["accuracy"]),
        ("binary_crossentropy", "sigmoid", lambda g, s: g.integers(2, size=s), [keras.metrics.BinaryAccuracy(), keras.metrics.Precision()]),
        (k.BinaryCrossentropy(from_logits=True), "linear", lambda g, s: g.integers(2, size=s), []),
        ("mse", "linear", normal_targets, regression),
        (k.MeanSquaredError(reduction="sum"), "tanh", normal_targets, regression),
        ("huber", "linear", normal_targets, regression),
        (k.LogCosh(), "linear", normal_targets, regression),
        (k.KLDivergence(), "softmax", probabilities, []),
        ("poisson", "softplus", lambda g, s: g.poisson(2.0, size=s), regression),
        ("mean_squared_logarithmic_error", "softplus", lambda g, s: g.uniform(0, 3, size=s), []),
        (k.CosineSimilarity(), "linear", normal_targets, regression),
        ("squared_hinge", "tanh", lambda g, s: 2 * g.integers(2, size=s) - 1, []),
    )


def body(d, kind):
    """The layers of a model but its last."""
    if kind == "image":
        return [keras.Input((6, 5, 2), **d.named()), *images(d), *rows(d)]
    if kind == "sequence":
        return [keras.Input((6, 3), **d.named()), *sequences(d), *rows(d)]
    if kind == "words":
        first = keras.Input((5,), **d.named())
        d.words[first.name] = WORDS
        return [first, L.Embedding(WORDS, 2, **weighted(d, "embeddings")), *sequences(d), *rows(d)]
    return [keras.Input((5,), **d.named()), *rows(d)]


def functional(layers, d):
    """The same as a graph with a branch, or with a model inside."""
    x = layers[0]
    at = d.number(1, len(layers) - 1)
    for layer in layers[1:at]:
        x = layer(x)
    if d.chance(0.5):
        inner = keras.Input(x.shape[1:])
        y = inner
        for layer in layers[at:-1]:
            y = layer(y)
        if y is not inner:
            x = keras.Model(inner, y, **d.named())(x)
    else:
        x = L.Add(**d.named())([x, L.Activation("tanh", **d.named())(x)])
        for layer in layers[at:-1]:
            x = layer(x)
    return keras.Model(layers[0], layers[-1](x), **d.named())


def distinct_words(generator, shape):
    """Five words for each sample, none twice in a batch. Of a word that occurs twice Keras on TensorFlow squares either
    gradient, where other backends, and graft, square their sum."""
    return np.stack([generator.permutation(WORDS)[: shape[1] * 5].reshape(shape[1], 5) for _ in range(shape[0])])


def draw_training(seed, precision):
    """(compiled model, x of every batch, y of every batch, how many batches come before the file)."""
    keras.utils.clear_session()
    set_precision(precision)
    d = Draw(seed, None)
    loss, activation, targets, metrics = loss_and_targets(d)
    layers = body(d, d.one("image", "image", "sequence", "words", "vector"))
    width = d.number(2, 3)
    layers.append(L.Dense(width, activation=activation, **weighted(d, "kernel", "bias")))
    model = keras.Sequential(layers, **d.named()) if d.chance(0.4) else functional(layers, d)
    for weight in weights_of(model):
        weight.assign(random_weight(d.generator, weight))
    frozen = list(paths(model))[:-1]
    if d.chance(0.4) and frozen:
        layer = model
        for name in d.one(*frozen).split("/"):
            layer = layer.get_layer(name)
        layer.trainable = False
    model.compile(optimizer(d, OPTIMIZERS[seed[1] % len(OPTIMIZERS)]), loss, metrics=d.some(metrics, 0, 2) or None)
    before, batches = d.number(1, 4), d.number(2, 4)
    shape = (before + batches, BATCH)
    if model.inputs[0].name in d.words:
        x = distinct_words(d.generator, shape)
    else:
        x = d.generator.normal(size=(*shape, *model.input_shape[1:]))
    return model, x.astype(np.float32), targets(d.generator, (*shape, width)).astype(np.float32), before


def train(model, x, y):
    for one_x, one_y in zip(x, y):
        model.train_on_batch(one_x, one_y)
    return values(weights_of(model))


def save(model, path):
    with reproducible_files():
        model.save(path)


def values(variables):
    return [variable.numpy() for variable in variables]


def draw_case(golden, name, seed, folder):
    """Draws until the training is sound in float32. Returns its files."""
    for attempt in range(100):
        model, x, y, before = draw_training([*seed, attempt], "float32")
        if not model.trainable_variables or sum(weight.size for weight in values(model.weights)) > 400:
            continue
        files = {f"{name}_start.keras": folder / "start.keras", f"{name}.keras": folder / "m.keras", f"{name}_whole.h5": folder / "m.h5"}
        saved = list(files.values())
        save(model, saved[0])
        middle = train(model, x[:before], y[:before])
        state = values(model.optimizer.variables)
        save(model, saved[1])
        save(model, saved[2])
        end = train(model, x[before:], y[before:])
        through = train(draw_training([*seed, attempt], "float64")[0], x, y)
        exact, *_ = draw_training([*seed, attempt], "float64")
        exact.optimizer.build(exact.trainable_variables)
        for variables, numbers in ((weights_of(exact), middle), (exact.optimizer.variables, state)):
            for variable, number in zip(variables, numbers, strict=True):
                variable.assign(number)
        later = train(exact, x[before:], y[before:])
        pairs = [*zip(end, through), *zip(end, later)]
        if not all(np.isfinite(a).all() and np.abs(a - b).max() <= 1e-5 * (1 + np.abs(b).max()) for a, b in pairs):
            continue
        case = {"name": name, "optimizer": type(model.optimizer).__name__, "before": before, "attempt": attempt}
        case["x"], case["y"] = (golden.add(f"{name}/{key}", array, np.float32) for key, array in (("x", x), ("y", y)))
        case["middle"], case["end"] = (golden.add_all(f"{name}/{key}", w, np.float32) for key, w in (("m", middle), ("e", end)))
        case["through"], case["later"] = (golden.add_all(f"{name}/{key}", w) for key, w in (("t", through), ("l", later)))
        golden.cases.append(case)
        return {inner: path.read_bytes() for inner, path in files.items()}
    raise RuntimeError(f"{name}: a hundred draws and none that is sound")


def write_trainings(folder, seed, count):
    """Draws so many trainings into random_trainings.zip and random_trainings.safetensors."""
    logging.getLogger("absl").setLevel(logging.ERROR)  # that .h5 is old
    golden, files = GoldenFile("random_trainings", folder), {}
    with tempfile.TemporaryDirectory() as temporary:
        for index in range(count):
            files |= draw_case(golden, f"training{index}", (seed, index), Path(temporary))
    golden.save()
    write_archive(golden.path.with_suffix(".zip"), files)


if __name__ == "__main__":
    write_trainings(FOLDER, SEED, 40)
