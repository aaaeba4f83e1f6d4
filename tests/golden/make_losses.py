"""Writes losses.safetensors: values and gradients of the losses, weighted, reduced, clipped and taken from logits."""

import itertools

from common import (
    FROM,
    GoldenFile,
    generator_for,
    keras,
    normal,
    np,
    one_hot,
    plain_config,
    probabilities,
    sample_weights,
    tf,
)

REDUCTIONS = ["sum_over_batch_size", "sum", "none", "mean_with_sample_weight"]


def value_and_gradient(loss, y_true, y_pred, weight, source):
    """The loss of FROM[source](y_pred), and the gradient of its sum with respect to y_pred."""
    y_pred = tf.constant(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        value = loss(y_true, FROM[source](y_pred), sample_weight=weight)
        target = tf.reduce_sum(value)
    return value.numpy(), tape.gradient(target, y_pred).numpy()


def add_case(golden, name, cls, y_true, y_pred, weight=None, source="values", **options):
    loss = cls(**options)
    value, gradient = value_and_gradient(loss, y_true, y_pred, weight, source)
    per_sample, _ = value_and_gradient(cls(**options | {"reduction": "none"}), y_true, y_pred, None, source)
    golden.cases.append(
        {
            "name": name,
            "class_name": cls.__name__,
            "config": plain_config(loss),
            "from": source,
            "y_true": golden.add(f"{name}/y_true", y_true),
            "y_pred": golden.add(f"{name}/y_pred", y_pred),
            "sample_weight": None if weight is None else golden.add(f"{name}/sample_weight", weight),
            "value": np.ravel(value),
            "per_sample": golden.add(f"{name}/per_sample", per_sample),
            "gradient": golden.add(f"{name}/gradient", gradient),
        }
    )


CLASSES = {
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "mean_squared_error": keras.losses.MeanSquaredError,
    "mean_absolute_error": keras.losses.MeanAbsoluteError,
}
SHAPES = {"2d": (5, 4), "3d": (2, 3, 4)}


def targets(key, generator, shape):
    if key.endswith("categorical_crossentropy"):
        labels = generator.integers(shape[-1], size=shape[:-1])
        return labels.astype(float) if key.startswith("sparse") else one_hot(labels, shape[-1])
    if key == "binary_crossentropy":
        return generator.integers(2, size=shape).astype(float)
    return normal(generator, shape)


def predictions(key, generator, shape, source):
    if source != "values" or key.startswith("mean"):
        return normal(generator, shape, 2.0)
    if key == "binary_crossentropy":
        return generator.uniform(0.02, 0.98, shape).astype(np.float32).astype(np.float64)
    return probabilities(generator, shape)


def sources(key):
    """(name, where y_pred comes from, options)."""
    if key.startswith("mean"):
        return [("values", "values", {})]
    activation = "sigmoid" if key.startswith("binary") else "softmax"
    return [
        ("probabilities", "values", {}),
        ("logits", "values", {"from_logits": True}),
        (activation, activation, {}),
    ]


def reductions(golden):
    """Every loss, shape and reduction, with and without weights: one per sample of the batch, as (2, 1) in 3-D, since
    Keras refuses (2,) there."""
    for (key, cls), (rank, shape) in itertools.product(CLASSES.items(), SHAPES.items()):
        for reduction, weighted in itertools.product(REDUCTIONS, [False, True]):
            name = f"{key}_{rank}_{reduction}" + ("_weighted" if weighted else "")
            generator = generator_for(name)
            y_true = targets(key, generator, shape)
            y_pred = predictions(key, generator, shape, "values")
            weight = sample_weights(generator, (5,) if rank == "2d" else (2, 1)) if weighted else None
            add_case(golden, name, cls, y_true, y_pred, weight, reduction=reduction)


def origins(golden):
    """Probabilities, logits, and the output of a softmax or sigmoid, of which Keras takes the logits."""
    for (key, cls), (rank, shape) in itertools.product(CLASSES.items(), SHAPES.items()):
        for origin, source, options in sources(key):
            smoothings = [0.0] if key.startswith(("sparse", "mean")) else [0.0, 0.2]
            for smoothing in smoothings:
                name = f"{key}_{rank}_{origin}" + ("_smoothed" if smoothing else "")
                generator = generator_for(name)
                y_true = targets(key, generator, shape)
                y_pred = predictions(key, generator, shape, "logits" if origin == "logits" else source)
                smooth = {"label_smoothing": smoothing} if smoothing else {}
                weight = sample_weights(generator, shape[:-1])
                add_case(golden, name, cls, y_true, y_pred, weight, source, **options, **smooth)


def extremes(golden):
    """Probabilities of exactly 0 and 1, rows that do not sum to 1, and a logit gap of 200."""
    certain = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]])
    labels = np.array([0, 2, 0])
    gap = np.array([[200.0, 0.0, 0.0], [0.0, 200.0, 0.0], [-100.0, 100.0, 0.0]])
    unscaled = np.array([[0.5, 0.25, 0.125], [2.0, 1.0, 1.0], [0.1, 0.1, 0.1]])
    for key, y_true in [
        ("categorical_crossentropy", one_hot(labels, 3)),
        ("sparse_categorical_crossentropy", labels.astype(float)),
    ]:
        add_case(golden, f"{key}_certain", CLASSES[key], y_true, certain)
        add_case(golden, f"{key}_unscaled", CLASSES[key], y_true, unscaled)
        add_case(golden, f"{key}_gap_logits", CLASSES[key], y_true, gap, from_logits=True)
        add_case(golden, f"{key}_gap_softmax", CLASSES[key], y_true, gap, source="softmax")
    key, y_true = "binary_crossentropy", np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.25]])
    add_case(golden, f"{key}_certain", CLASSES[key], y_true, np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    spread = np.array([[200.0, -200.0], [200.0, -200.0], [-100.0, 100.0]])
    add_case(golden, f"{key}_gap_logits", CLASSES[key], y_true, spread, from_logits=True)
    add_case(golden, f"{key}_gap_sigmoid", CLASSES[key], y_true, spread, source="sigmoid")


def ranks(golden):
    """Targets of (samples,) against predictions of (samples, 1), sparse labels of (samples, 1), weights of any rank."""
    generator = generator_for("ranks")
    column = normal(generator, (5, 1))
    add_case(golden, "mean_squared_error_rank_1_target", CLASSES["mean_squared_error"], normal(generator, 5), column)
    add_case(
        golden,
        "binary_crossentropy_rank_1_target",
        CLASSES["binary_crossentropy"],
        np.array([0.0, 1.0, 1.0, 0.0, 1.0]),
        column,
        source="sigmoid",
    )
    labels = np.array([[2.0], [0.0], [1.0], [2.0], [0.0]])
    sparse = CLASSES["sparse_categorical_crossentropy"]
    add_case(golden, "sparse_categorical_crossentropy_column_target", sparse, labels, probabilities(generator, (5, 3)))
    add_case(
        golden,
        "mean_absolute_error_column_weight",
        CLASSES["mean_absolute_error"],
        normal(generator, (5, 2)),
        normal(generator, (5, 2)),
        sample_weights(generator, (5, 1)),
    )


def others(golden):
    """The losses that are neither crossentropies nor plain errors, and a class that is ignored."""

    def signs(generator, shape):
        return generator.integers(2, size=shape) * 2.0 - 1.0

    def binary(generator, shape):
        return generator.integers(2, size=shape).astype(float)

    def hot(generator, shape):
        return one_hot(generator.integers(shape[-1], size=shape[:-1]), shape[-1])

    def positive(generator, shape):
        return generator.uniform(0.02, 3.0, shape).astype(np.float32).astype(np.float64)

    losses = keras.losses
    for name, cls, true, pred in [
        ("mean_absolute_percentage_error", losses.MeanAbsolutePercentageError, normal, normal),
        ("mean_squared_logarithmic_error", losses.MeanSquaredLogarithmicError, positive, positive),
        ("huber", losses.Huber, normal, normal),
        ("log_cosh", losses.LogCosh, normal, normal),
        ("kl_divergence", losses.KLDivergence, probabilities, probabilities),
        ("poisson", losses.Poisson, positive, positive),
        ("cosine_similarity", losses.CosineSimilarity, normal, normal),
        ("hinge", losses.Hinge, signs, normal),
        ("hinge_binary", losses.Hinge, binary, normal),
        ("squared_hinge", losses.SquaredHinge, signs, normal),
        ("categorical_hinge", losses.CategoricalHinge, hot, normal),
    ]:
        generator = generator_for(f"others_{name}")
        shape = (6, 4)
        batch = true(generator, shape), pred(generator, shape)
        add_case(golden, f"others_{name}", cls, *batch)
        add_case(golden, f"others_{name}_weighted", cls, *batch, sample_weights(generator, 6))
    generator = generator_for("ignore_class")
    labels = np.array([0.0, -1.0, 2.0, -1.0, 1.0, 3.0])
    batch, weight = probabilities(generator, (6, 4)), sample_weights(generator, 6)
    sparse = CLASSES["sparse_categorical_crossentropy"]
    for reduction in REDUCTIONS:
        for given in (None, weight):
            name = f"ignore_class_{reduction}" + ("" if given is None else "_weighted")
            add_case(golden, name, sparse, labels, batch, given, ignore_class=-1, reduction=reduction)


def main():
    golden = GoldenFile("losses")
    for group in [reductions, origins, extremes, ranks, others]:
        group(golden)
    golden.save()


if __name__ == "__main__":
    main()
