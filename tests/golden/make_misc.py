"""Writes misc.safetensors: regularizers, constraints, initializers, the directory split's shuffle, image resizing,
to_categorical, schedules, Normalization.adapt. The "group" of a case says which fields it has."""

import itertools
import tempfile
from pathlib import Path

from common import GoldenFile, generator_for, keras, normal, np, plain_config, tf


def described(group, name, thing):
    return {"group": group, "name": name, "class_name": type(thing).__name__, "config": plain_config(thing)}


def regularizers(golden):
    """The penalty of `input` and its gradient."""
    weights = normal(generator_for("regularizers"), (3, 4))
    weights[1, 2] = 0.0
    weights = golden.add("regularizer/input", weights)
    for name, regularizer in {
        "l1": keras.regularizers.L1(),
        "l1_strong": keras.regularizers.L1(0.3),
        "l2": keras.regularizers.L2(),
        "l2_strong": keras.regularizers.L2(0.3),
        "l1l2_default": keras.regularizers.L1L2(),
        "l1l2": keras.regularizers.L1L2(0.1, 0.2),
    }.items():
        x = tf.constant(golden.tensors[weights])
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = regularizer(x)
        gradient = tape.gradient(value, x)
        gradient = np.zeros(x.shape) if gradient is None else gradient.numpy()
        gradient = golden.add(f"regularizer/{name}/gradient", gradient)
        golden.cases.append(
            described("regularizer", f"regularizer_{name}", regularizer)
            | {"input": weights, "value": float(value), "gradient": gradient}
        )


def constraints(golden):
    """What becomes of `input`."""
    generator = generator_for("constraints")
    inputs = {"2d": normal(generator, (4, 3), 2.0), "4d": normal(generator, (2, 3, 2, 2))}
    inputs["2d"][:, 1] *= 0.1
    inputs["2d"][:, 2] = 0.0
    names = {rank: golden.add(f"constraint/input_{rank}", x) for rank, x in inputs.items()}
    conv = {"axis": [0, 1, 2]}
    for name, constraint, rank in [
        ("max_norm", keras.constraints.MaxNorm(), "2d"),
        ("max_norm_conv", keras.constraints.MaxNorm(1.5, **conv), "4d"),
        ("max_norm_axis1", keras.constraints.MaxNorm(0.5, axis=1), "2d"),
        ("unit_norm", keras.constraints.UnitNorm(), "2d"),
        ("unit_norm_conv", keras.constraints.UnitNorm(**conv), "4d"),
        ("non_neg", keras.constraints.NonNeg(), "2d"),
        ("min_max_norm", keras.constraints.MinMaxNorm(0.5, 1.5), "2d"),
        ("min_max_norm_rate", keras.constraints.MinMaxNorm(0.5, 1.5, rate=0.4), "2d"),
        ("min_max_norm_conv", keras.constraints.MinMaxNorm(0.5, 1.0, **conv), "4d"),
    ]:
        output = np.asarray(constraint(tf.constant(inputs[rank])))
        golden.cases.append(
            described("constraint", f"constraint_{name}", constraint)
            | {"input": names[rank], "output": golden.add(f"constraint/{name}/output", output)}
        )


def initializers(golden):
    """Fixed values in full; of random ones the fans and what many values measured."""
    fixed = {
        "zeros": (keras.initializers.Zeros(), (2, 3)),
        "ones": (keras.initializers.Ones(), (2, 3)),
        "constant": (keras.initializers.Constant(0.25), (2, 3)),
        "identity": (keras.initializers.Identity(), (3, 4)),
    }
    for name, (initializer, shape) in fixed.items():
        output = golden.add(f"initializer/{name}/output", initializer(shape))
        golden.cases.append(
            described("initializer", f"initializer_{name}", initializer) | {"shape": shape, "output": output}
        )
    random = [
        ("random_normal", keras.initializers.RandomNormal),
        ("random_uniform", keras.initializers.RandomUniform),
        ("truncated_normal", keras.initializers.TruncatedNormal),
        ("glorot_uniform", keras.initializers.GlorotUniform),
        ("glorot_normal", keras.initializers.GlorotNormal),
        ("he_uniform", keras.initializers.HeUniform),
        ("he_normal", keras.initializers.HeNormal),
        ("lecun_uniform", keras.initializers.LecunUniform),
        ("lecun_normal", keras.initializers.LecunNormal),
    ]
    modes = itertools.product(["fan_in", "fan_out", "fan_avg"], ["truncated_normal", "untruncated_normal", "uniform"])
    random += [(f"variance_scaling_{mode}_{kind}", variance_scaling(mode, kind)) for mode, kind in modes]
    for (name, make), (rank, shape) in itertools.product(random, {"2d": (200, 300), "4d": (3, 3, 64, 96)}.items()):
        initializer = make(seed=1)
        values = np.asarray(initializer(shape))
        fan_in, fan_out = keras.src.initializers.random_initializers.compute_fans(shape)
        measured = {key: float(getattr(values, key)()) for key in ["min", "max", "mean", "std"]}
        golden.cases.append(
            described("initializer", f"initializer_{name}_{rank}", initializer)
            | {"shape": shape, "output": None, "fan_in": fan_in, "fan_out": fan_out, "measured": measured}
        )


def variance_scaling(mode, distribution):
    def make(seed):
        return keras.initializers.VarianceScaling(scale=1.5, mode=mode, distribution=distribution, seed=seed)

    return make


def shuffles(golden):
    """The order into which image_dataset_from_directory(seed) puts `count` sorted files before it splits them."""
    for count, seed in itertools.product([1, 2, 7, 15, 100], [0, 1, 1337]):
        order = list(range(count))
        np.random.RandomState(seed).shuffle(order)
        golden.cases.append(
            {"group": "shuffle", "name": f"shuffle_{count}_seed{seed}", "count": count, "seed": seed, "order": order}
        )


def resizes(golden):
    """tf.image.resize without antialiasing, in float32, of values 0..255."""
    pairs = [((5, 7), (8, 9)), ((7, 5), (3, 4)), ((6, 4), (3, 8)), ((4, 6), (4, 6)), ((1, 1), (3, 2)), ((9, 8), (1, 5))]
    for (size, target), interpolation in itertools.product(pairs, ["bilinear", "nearest"]):
        name = f"resize_{interpolation}_{size[0]}x{size[1]}_to_{target[0]}x{target[1]}"
        image = generator_for(name).integers(0, 256, (*size, 3)).astype(np.float32)
        output = tf.image.resize(image, target, method=interpolation)
        golden.cases.append(
            {
                "group": "resize",
                "name": name,
                "interpolation": interpolation,
                "size": target,
                "input": golden.add(f"{name}/input", image, np.float32),
                "output": golden.add(f"{name}/output", output, np.float32),
            }
        )


def load(image, size, **options):
    """`image` as image_dataset_from_directory loads it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "image.png").write_bytes(tf.io.encode_png(image.astype(np.uint8)).numpy())
        options = {"labels": None, "batch_size": None, "shuffle": False, "verbose": False} | options
        dataset = keras.utils.image_dataset_from_directory(folder, image_size=size, **options)
        return next(iter(dataset)).numpy()


def fits(golden):
    """image_dataset_from_directory with crop_to_aspect_ratio, pad_to_aspect_ratio and neither, in float32."""
    pairs = [((5, 9), (4, 4)), ((9, 5), (4, 4)), ((8, 8), (3, 5))]
    pairs += [((7, 10), (6, 5)), ((3, 11), (2, 7)), ((6, 4), (9, 6))]
    fit = {"stretch": {}, "crop": {"crop_to_aspect_ratio": True}, "pad": {"pad_to_aspect_ratio": True}}
    for (size, target), key in itertools.product(pairs, fit):
        name = f"load_{key}_{size[0]}x{size[1]}_to_{target[0]}x{target[1]}"
        image = generator_for(name).integers(0, 256, (*size, 3)).astype(np.float32)
        golden.cases.append(
            {
                "group": "load",
                "name": name,
                "fit": key,
                "interpolation": "bilinear",
                "size": target,
                "input": golden.add(f"{name}/input", image, np.float32),
                "output": golden.add(f"{name}/output", load(image, target, **fit[key]), np.float32),
            }
        )


def to_categorical(golden):
    for name, labels, classes in [
        ("plain", [0, 2, 1, 2], None),
        ("more_classes", [0, 2, 1], 5),
        ("column", [[1], [0], [3]], None),
        ("matrix", [[0, 1], [2, 1], [0, 0]], 3),
        ("negative", [0, -1, 1], 3),
    ]:
        golden.cases.append(
            {
                "group": "to_categorical",
                "name": f"to_categorical_{name}",
                "num_classes": classes,
                "input": golden.add(f"to_categorical/{name}/input", labels),
                "output": golden.add(f"to_categorical/{name}/output", keras.utils.to_categorical(labels, classes)),
            }
        )


def schedules(golden):
    """The learning rate of steps before, at and after what a schedule turns on."""
    schedules = keras.optimizers.schedules
    steps = [0, 1, 2, 3, 4, 5, 9, 10, 11, 19, 20, 21, 35]
    for name, schedule in {
        "exponential": schedules.ExponentialDecay(0.1, 10, 0.9),
        "exponential_staircase": schedules.ExponentialDecay(0.1, 10, 0.9, staircase=True),
        "inverse_time": schedules.InverseTimeDecay(0.1, 10, 0.5),
        "inverse_time_staircase": schedules.InverseTimeDecay(0.1, 10, 0.5, staircase=True),
        "polynomial": schedules.PolynomialDecay(0.1, 10, 0.01, power=2.0),
        "polynomial_cycle": schedules.PolynomialDecay(0.1, 10, 0.01, cycle=True),
        "cosine": schedules.CosineDecay(0.1, 10, alpha=0.2),
        "cosine_warmup": schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=4),
        "piecewise": schedules.PiecewiseConstantDecay([2, 4], [0.3, 0.2, 0.1]),
    }.items():
        rates = [float(schedule(step)) for step in steps]
        golden.cases.append(described("schedule", f"schedule_{name}", schedule) | {"steps": steps, "rates": rates})


def adaptations(golden):
    """What Normalization takes from a dataset whose last batch is smaller."""
    for axis, batch in [(-1, 4), (-1, 3), (1, 4)]:
        name = f"adapt_axis{axis}_batch{batch}"
        x = normal(generator_for(name), (10, 3, 2), 5.0)
        layer = keras.layers.Normalization(axis=axis)
        layer.adapt(tf.data.Dataset.from_tensor_slices(x).batch(batch))
        golden.cases.append(
            {
                "group": "adapt",
                "name": name,
                "axis": axis,
                "batch": batch,
                "input": golden.add(f"adapt/{name}/input", x),
                "mean": golden.add(f"adapt/{name}/mean", layer.adapt_mean.numpy()),
                "variance": golden.add(f"adapt/{name}/variance", layer.adapt_variance.numpy()),
            }
        )


def main():
    golden = GoldenFile("misc")
    for group in [regularizers, constraints, initializers, shuffles, resizes, fits, to_categorical, schedules, adaptations]:
        group(golden)
    golden.save()


if __name__ == "__main__":
    main()
