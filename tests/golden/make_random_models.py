"""Writes random_models.zip and random_models.safetensors: 100 models that are drawn at random, in each of Keras's formats.

A case says what the model of NAME.keras, NAME_whole.h5, NAME.weights.h5 and the older NAME_weights.h5 computes in float32
and, from the same numbers, in float64: the two differ by what rounding does to the result."""

import logging
import tempfile
from collections import Counter
from pathlib import Path

from common import (
    FOLDER,
    SEED,
    GoldenFile,
    keras,
    np,
    predict,
    random_weight,
    reproducible_files,
    set_precision,
    weights_of,
    write_archive,
    write_weights_only,
)
from draw_models import KINDS, Draw, draw_inputs, draw_model, graft_layers, paths

SAMPLES = 2
ENDINGS = (".keras", "_whole.h5", ".weights.h5", "_weights.h5")


def finish_normalizations(model):
    """A Normalization computes with its mean and variance as they were when it was told to look at them."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
        elif isinstance(layer, keras.Model):
            finish_normalizations(layer)


def run(seed, used, kind, precision):
    """(model, inputs, outputs) of a seed; `used` counts on."""
    keras.utils.clear_session()
    set_precision(precision)
    d = Draw(seed, used)
    model = draw_model(d, kind)
    for weight in weights_of(model):
        weight.assign(random_weight(d.generator, weight))
    finish_normalizations(model)
    xs = draw_inputs(d, model, SAMPLES)
    return model, xs, predict(model, [x.astype(precision) for x in xs])


def sound(outputs, exact):
    """Whether float32 is enough for this model: it neither overflows nor magnifies rounding a thousand times."""
    return all(
        np.isfinite(y).all() and np.abs(y - y64).max() <= 1e-4 * (1 + np.abs(y64).max()) for y, y64 in zip(outputs, exact)
    )


def save(model, base):
    """The files of one model: {ending: bytes}."""
    for ending in (".keras", "_whole.h5"):
        with reproducible_files():
            model.save(f"{base}{ending}")
    model.save_weights(f"{base}.weights.h5")
    write_weights_only(f"{base}_weights.h5", model)
    return {ending: Path(f"{base}{ending}").read_bytes() for ending in ENDINGS}


def keras_reads(path, xs, weights, ys):
    """Whether Keras makes the same model of its own .h5 again. It loses an axis that is a list."""
    try:
        model = keras.models.load_model(path)
        found = [weight.numpy() for weight in weights_of(model)] + predict(model, xs)
        return all(np.array_equal(a, b) for a, b in zip(found, weights + ys, strict=True))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        print(f"Keras cannot read its own {path.name}: {str(error)[:100]!r}")
        return False


def draw_case(golden, name, kind, seed, used, folder):
    """Draws until Keras can make, run and save the model. Returns its files, and the counts of layers."""
    for attempt in range(100):
        before = Counter(used)
        try:
            counts = Counter(before)
            model, xs, ys = run([*seed, attempt], counts, kind, "float32")
            files = save(model, folder / name)
            weights = [weight.numpy() for weight in weights_of(model)]
            reads = keras_reads(folder / f"{name}_whole.h5", xs, weights, ys)
            _, _, exact = run([*seed, attempt], Counter(before), kind, "float64")
        except Exception as error:  # of TensorFlow, mostly: it lacks kernels on the CPU
            print(f"{name}: {type(error).__name__}: {str(error)[:150]!r}")
            continue
        if sum(weight.size for weight in weights) > 1500 or not sound(ys, exact):
            continue
        case = {"name": name, "kind": kind, "compiled": False, "layers": len(list(paths(model))), "keras_reads_h5": reads}
        case["x"], case["y"] = golden.add_all(f"{name}/x", xs, np.float32), golden.add_all(f"{name}/y", ys, np.float32)
        case["exact"] = golden.add_all(f"{name}/exact", exact)
        case["weights"] = golden.add_all(f"{name}/w", weights, np.float32)
        golden.cases.append(case)
        used.update(counts - before)
        return {f"{name}{ending}": data for ending, data in files.items()}
    raise RuntimeError(f"{name}: a hundred draws and none that Keras can run and save")


def write_models(folder, seed, count):
    """Draws so many models into random_models.zip and random_models.safetensors. Returns how often each layer occurs."""
    logging.getLogger("absl").setLevel(logging.ERROR)  # that .h5 is old
    golden, files, used = GoldenFile("random_models", folder), {}, Counter()
    with tempfile.TemporaryDirectory() as temporary:
        for index in range(count):
            kind = KINDS[index % len(KINDS)]
            files |= draw_case(golden, f"{kind}{index}", kind, (seed, index), used, Path(temporary))
    golden.save()
    write_archive(golden.path.with_suffix(".zip"), files)
    return used


def main():
    used = write_models(FOLDER, SEED, 100)
    if missing := graft_layers() - set(used):
        print(f"none of them has {sorted(missing)}: draw_models.py does not know these layers")
    print(f"{len(used)} classes of layers, {sum(used.values())} layers; least often {used.most_common()[-5:]}")


if __name__ == "__main__":
    main()
