"""Writes metrics.safetensors: running results over batches of unequal size, and what the strings of compile() mean."""

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
)
from keras.src.trainers import compile_utils

M = keras.metrics
BATCHES = [4, 1, 7]


def add_case(golden, name, metric, batches, source="values", dtype=np.float64):
    """`batches`: (y_true, y_pred, weight or None), one per update_state; the result is taken after each."""
    updates = []
    for index, (y_true, y_pred, weight) in enumerate(batches):
        metric.update_state(y_true, FROM[source](keras.ops.convert_to_tensor(y_pred, dtype)), sample_weight=weight)
        prefix = f"{name}/{index}"
        updates.append(
            {
                "y_true": golden.add(f"{prefix}/y_true", y_true, dtype),
                "y_pred": golden.add(f"{prefix}/y_pred", y_pred, dtype),
                "sample_weight": None if weight is None else golden.add(f"{prefix}/sample_weight", weight, dtype),
                "result": float(metric.result()),
            }
        )
    golden.cases.append(
        {
            "name": name,
            "class_name": type(metric).__name__,
            "config": plain_config(metric),
            "dtype": np.dtype(dtype).name,
            "from": source,
            "updates": updates,
        }
    )


def classes_of(generator, count, classes, sparse):
    labels = generator.integers(classes, size=count)
    return labels.astype(float) if sparse else one_hot(labels, classes)


def variants(golden, name, make, batch, **options):
    """The metric unweighted, weighted, and weighted with a batch that does not count at all."""
    for key in ["plain", "weighted", "some_zero"]:
        generator = generator_for(f"{name}_{key}")
        batches = []
        for index, count in enumerate(BATCHES):
            weight = None if key == "plain" else sample_weights(generator, count)
            if key == "some_zero" and index == 0:
                weight = np.zeros(count)
            batches.append((*batch(generator, count), weight))
        add_case(golden, f"{name}_{key}", make(), batches, **options)


def accuracies(golden):
    def binary(generator, count):
        shape = (count, 1)
        return generator.integers(2, size=shape).astype(float), generator.uniform(0.0, 1.0, shape).astype(np.float32)

    def wide(generator, count):
        shape = (count, 3)
        return generator.integers(2, size=shape).astype(float), generator.uniform(0.0, 1.0, shape).astype(np.float32)

    def categorical(generator, count):
        return classes_of(generator, count, 4, False), probabilities(generator, (count, 4))

    def sparse(generator, count):
        return classes_of(generator, count, 4, True), probabilities(generator, (count, 4))

    def column(generator, count):
        return classes_of(generator, count, 4, True)[:, None], probabilities(generator, (count, 4))

    variants(golden, "binary_accuracy", M.BinaryAccuracy, binary)
    variants(golden, "binary_accuracy_threshold", lambda: M.BinaryAccuracy(threshold=0.25), binary)
    variants(golden, "binary_accuracy_wide", M.BinaryAccuracy, wide)
    variants(golden, "categorical_accuracy", M.CategoricalAccuracy, categorical)
    variants(golden, "sparse_categorical_accuracy", M.SparseCategoricalAccuracy, sparse)
    variants(golden, "sparse_categorical_accuracy_column", M.SparseCategoricalAccuracy, column)


def top_k(golden):
    """In float32: TensorFlow has no other in_top_k."""

    def batch(sparse):
        def make(generator, count):
            return classes_of(generator, count, 6, sparse), probabilities(generator, (count, 6))

        return make

    options = {"dtype": np.float32}
    for name, cls, sparse in [
        ("top_k_categorical_accuracy", M.TopKCategoricalAccuracy, False),
        ("sparse_top_k_categorical_accuracy", M.SparseTopKCategoricalAccuracy, True),
    ]:
        variants(golden, name, lambda: cls(dtype="float32"), batch(sparse), **options)
        variants(golden, f"{name}_k2", lambda: cls(k=2, dtype="float32"), batch(sparse), **options)


def errors(golden):
    def values(generator, count):
        return normal(generator, (count, 3)), normal(generator, (count, 3))

    def sequences(generator, count):
        return normal(generator, (count, 2, 3)), normal(generator, (count, 2, 3))

    def flat(generator, count):
        return normal(generator, (count,)), normal(generator, (count, 1))

    for name, cls in [
        ("mean_squared_error", M.MeanSquaredError),
        ("mean_absolute_error", M.MeanAbsoluteError),
        ("root_mean_squared_error", M.RootMeanSquaredError),
    ]:
        variants(golden, name, cls, values)
        variants(golden, f"{name}_rank_1_target", cls, flat)
        generator = generator_for(f"{name}_3d")
        add_case(golden, f"{name}_3d", cls(), [(*sequences(generator, count), None) for count in BATCHES])


def decisions(golden):
    """What counts decisions at thresholds; every number of y_pred is one."""

    def batch(generator, count):
        return generator.integers(2, size=(count, 3)).astype(float), generator.uniform(size=(count, 3))

    for name, make in {
        "precision": M.Precision,
        "precision_threshold": lambda: M.Precision(thresholds=0.7),
        "precision_top_k": lambda: M.Precision(top_k=2),
        "precision_class_id": lambda: M.Precision(class_id=1),
        "recall": M.Recall,
        "recall_threshold": lambda: M.Recall(thresholds=0.3),
        "recall_top_k": lambda: M.Recall(top_k=1),
        "auc": M.AUC,
        "auc_few": lambda: M.AUC(num_thresholds=7),
        "auc_minoring": lambda: M.AUC(num_thresholds=20, summation_method="minoring"),
        "auc_majoring": lambda: M.AUC(num_thresholds=20, summation_method="majoring"),
        "auc_pr": lambda: M.AUC(curve="PR"),
        "auc_pr_majoring": lambda: M.AUC(num_thresholds=20, curve="PR", summation_method="majoring"),
    }.items():
        for key in ["plain", "weighted"]:
            generator = generator_for(f"{name}_{key}")
            batches = []
            for count in BATCHES:
                weight = None if key == "plain" else sample_weights(generator, (count, 1))
                batches.append((*batch(generator, count), weight))
            add_case(golden, f"{name}_{key}", make(), batches)


def crossentropies(golden):
    def labelled(sparse):
        def batch(logits):
            def make(generator, count):
                y_true = classes_of(generator, count, 4, sparse)
                shape = (count, 4)
                return y_true, normal(generator, shape, 2.0) if logits else probabilities(generator, shape)

            return make

        return batch

    def binary(logits):
        def make(generator, count):
            y_true = generator.integers(2, size=(count, 1)).astype(float)
            if logits:
                return y_true, normal(generator, (count, 1), 2.0)
            return y_true, generator.uniform(0.02, 0.98, (count, 1)).astype(np.float32).astype(np.float64)

        return make

    for name, cls, batch, source in [
        ("categorical_crossentropy", M.CategoricalCrossentropy, labelled(False), "softmax"),
        ("sparse_categorical_crossentropy", M.SparseCategoricalCrossentropy, labelled(True), "softmax"),
        ("binary_crossentropy", M.BinaryCrossentropy, binary, "sigmoid"),
    ]:
        variants(golden, name, cls, batch(False))
        variants(golden, f"{name}_logits", lambda: cls(from_logits=True), batch(True))
        variants(golden, f"{name}_{source}", cls, batch(True), source=source)


def ties(golden):
    """Equal scores: the first one is the arg max; a class is in the top k if fewer than k scores are above its own."""
    equal = np.array([[0.25, 0.25, 0.25, 0.25], [0.4, 0.1, 0.4, 0.1], [0.1, 0.4, 0.1, 0.4], [0.3, 0.3, 0.3, 0.1]])
    labels = np.array([1.0, 0.0, 3.0, 2.0])
    hot = one_hot(labels.astype(int), 4)
    half = np.array([[0.5], [0.5], [0.5000001], [0.4999999]])
    add_case(golden, "categorical_accuracy_ties", M.CategoricalAccuracy(), [(hot, equal, None)])
    add_case(golden, "sparse_categorical_accuracy_ties", M.SparseCategoricalAccuracy(), [(labels, equal, None)])
    sparse = M.SparseTopKCategoricalAccuracy(k=2, dtype="float32")
    add_case(golden, "sparse_top_k_ties", sparse, [(labels, equal, None)], dtype=np.float32)
    dense = M.TopKCategoricalAccuracy(k=2, dtype="float32")
    add_case(golden, "top_k_ties", dense, [(hot, equal, None)], dtype=np.float32)
    binary = [(np.array([[1.0], [0.0], [1.0], [0.0]]), half, None)]
    add_case(golden, "binary_accuracy_ties", M.BinaryAccuracy(), binary)


SHAPES = [((4, 1), (4, 1)), ((4,), (4, 1)), ((4,), (4, 3)), ((4, 1), (4, 3)), ((4, 3), (4, 3)), ((4, 2), (4, 2, 3))]
METRIC_STRINGS = (
    "accuracy acc Accuracy binary_accuracy BinaryAccuracy categorical_accuracy sparse_categorical_accuracy "
    "top_k_categorical_accuracy mse MSE mae MeanSquaredError mean_absolute_error binary_crossentropy bce "
    "categorical_crossentropy sparse_categorical_crossentropy ce crossentropy no_such_metric"
).split()
LOSS_STRINGS = (
    "crossentropy ce CE binary_crossentropy bce BCE BinaryCrossentropy categorical_crossentropy cce "
    "CategoricalCrossentropy sparse_categorical_crossentropy mse MSE mean_squared_error MeanSquaredError mae "
    "mean_absolute_error no_such_loss"
).split()


def snake(name):
    return keras.src.utils.naming.to_snake_case(name)


def resolved_metric(string, y_true, y_pred):
    metric = compile_utils.get_metric(string, y_true, y_pred)
    inner = metric._fn if type(metric) is M.MeanMetricWrapper else None
    return {"resolves_to": inner.__name__ if inner else snake(type(metric).__name__), "log_key": metric.name}


def resolved_loss(string, y_true, y_pred):
    loss = compile_utils.get_loss(string, y_true, y_pred)
    plain = type(loss).__name__ == "LossFunctionWrapper"
    return {"resolves_to": loss.fn.__name__ if plain else snake(type(loss).__name__)}


def strings():
    """One entry per kind, string and shapes; `resolves_to` is null where Keras raises."""
    entries = []
    for kind, names, resolve in [("metric", METRIC_STRINGS, resolved_metric), ("loss", LOSS_STRINGS, resolved_loss)]:
        for name in names:
            by_shape = name.lower() in ["accuracy", "acc", "crossentropy", "ce"]
            for shape_true, shape_pred in SHAPES if by_shape else SHAPES[:1]:
                try:
                    found = resolve(name, np.zeros(shape_true), np.zeros(shape_pred))
                except ValueError:
                    found = {"resolves_to": None}
                shapes = {"y_true_shape": shape_true, "y_pred_shape": shape_pred}
                entries.append({"kind": kind, "string": name} | shapes | found)
    return entries


def main():
    golden = GoldenFile("metrics")
    for group in [accuracies, top_k, errors, decisions, crossentropies, ties]:
        group(golden)
    golden.lists["strings"] = strings()
    golden.save()


if __name__ == "__main__":
    main()
