"""Takes random models and trainings across the border between Keras and graft, in both directions.

    python3 tests/keras/random_in_keras.py build/tests/keras_tests [--seed N] [--models M] [--trainings T]

graft reads the files of Keras (the tests tagged [random]), writes them again, and Keras opens those: config, weights and
predictions of every model in every format, and where training goes on to. Without --seed the files are those of
tests/golden; with it, M models and T trainings (100 and 40) are drawn anew. Run by hand, in an environment with
tests/golden/requirements.txt; without Keras it says so and ends with status 0. Exit status 1 if anything differs.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

import open_in_keras as shared  # which says so and ends where Keras is missing
from open_in_keras import GOLDEN, check, faults_of, keras, np, os, read_golden, read_new_weights, read_old_weights, write_from_graft

sys.path.insert(0, str(GOLDEN))
import common  # noqa: E402

ENDINGS = (".keras", "_whole.h5", ".weights.h5", "_weights.h5")


def draw(folder, seed, models, trainings):
    import make_random_models
    import make_random_trainings

    make_random_models.write_models(folder, seed, models)
    make_random_trainings.write_trainings(folder, seed, trainings)
    common.set_precision("float32")


def read_by_graft(program, files, variables):
    """Runs graft's own tests of these files. Returns 0 if they pass."""
    status = subprocess.run([program, "[random]"], env=os.environ | variables).returncode
    models, trainings = (len(read_golden(files / f"random_{name}.safetensors")[1]) for name in ("models", "trainings"))
    print(
        f"graft read {models} models of Keras in {len(ENDINGS)} formats, wrote and read them again in each, and compared config, "
        f"weights and predictions; went on with {trainings} trainings and compared weights: {'faults' if status else '0 faults'}"
    )
    return status


def open_models(files, written):
    """Opens what graft wrote of every model in every format, beside what Keras wrote. Returns (files, faults)."""
    tensors, cases = read_golden(files / "random_models.safetensors")
    opened = faults = unreadable = 0
    for case in cases:
        base, own = f"{written}/{case['name']}", f"{files}/{case['name']}"

        def whole(ending):
            original = keras.models.load_model(own + ".keras", compile=False)
            return check(keras.models.load_model(base + ending), case, tensors, original)

        checks = {
            ".keras": lambda: whole(".keras"),
            "_whole.h5": lambda: whole("_whole.h5"),
            ".weights.h5": lambda: check(read_new_weights(base), case, tensors),
            "_weights.h5": lambda: check(read_old_weights(base), case, tensors),
        }
        for ending in ENDINGS:
            if ending == "_whole.h5" and not case["keras_reads_h5"]:
                unreadable += 1  # Keras cannot read its own either
                continue
            opened += 1
            faults += bool(faults_of(f"{case['name']}{ending}", checks[ending]))
        keras.utils.clear_session()
    print(f"Keras opened {opened} files of {len(cases)} models that graft wrote, in {len(ENDINGS)} formats, and compared config, weights and predictions: {faults} with faults")
    if unreadable:
        print(f"  {unreadable} more .h5 are left out: what Keras itself writes for these models, it cannot read")
    return faults


def check_training(path, case, tensors, original):
    """Faults of one training that graft began and Keras ends."""
    model = keras.models.load_model(path)
    yield from shared.differences(original.get_config(), model.get_config(), "config")
    yield from shared.differences(original.optimizer.get_config(), model.optimizer.get_config(), "optimizer")
    if int(model.optimizer.iterations) != case["before"]:
        yield f"{int(model.optimizer.iterations)} steps were taken, not {case['before']}"
    for x, y in zip(tensors[case["x"]][case["before"] :], tensors[case["y"]][case["before"] :]):
        model.train_on_batch(x, y)
    for found, end, through in zip(shared.weights(model), case["end"], case["through"], strict=True):
        exact = tensors[through]
        rounding = np.linalg.norm(tensors[end] - exact)
        bound = 8 * rounding + 2e-6 * max(np.linalg.norm(exact), 1e-3)  # as float_bound in tests/support/numeric.hpp
        if not np.linalg.norm(found - exact) <= bound:
            yield f"{end} is {np.linalg.norm(found - exact)} off, at most {bound} is rounding"


def open_trainings(files, written):
    tensors, cases = read_golden(files / "random_trainings.safetensors")
    faults = 0
    for case in cases:
        original = keras.models.load_model(files / f"{case['name']}.keras")
        path = f"{written}/{case['name']}.keras"
        faults += bool(faults_of(case["name"], lambda: check_training(path, case, tensors, original)))
        keras.utils.clear_session()
    print(f"Keras went on with {len(cases)} trainings that graft began, and compared config, optimizer and weights: {faults} with faults")
    return faults


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--trainings", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as drawn, tempfile.TemporaryDirectory() as written:
        drawn, golden = Path(drawn), GOLDEN
        if arguments.seed is not None:
            golden = drawn
            draw(drawn, arguments.seed, arguments.models, arguments.trainings)
        for name in ("random_models", "random_trainings"):
            ZipFile(golden / f"{name}.zip").extractall(drawn)
            (drawn / f"{name}.safetensors").write_bytes((golden / f"{name}.safetensors").read_bytes())
        variables = {"GRAFT_RANDOM_FILES": str(golden)}
        faults = read_by_graft(arguments.program, drawn, variables)
        write_from_graft(arguments.program, "[.exchange-random]", written, **variables)
        common.set_precision("float32")
        faults += open_models(drawn, written) + open_trainings(drawn, written)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
