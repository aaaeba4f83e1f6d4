"""The rows of the benchmark's table: which programs each compares, and how far their results may differ."""

import importlib.util
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from exchange import accuracy_difference, photo_folders, relative_difference, write_inputs
from processes import Contender, environment

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent / "peers"
EIGEN = "/usr/include/eigen3"
BACKBONES = "ResNet50", "InceptionV3", "MobileNetV2"
FEATURES_LIMIT = 1e-5, "13 layers of float32 sums over up to 4608 products, each 1e-6 or less off"
BACKBONE_LIMIT = 1e-4, "up to 94 convolutions, each 1e-6 or less off, after weights that no training balanced"
UPDATE_LIMIT = 1e-3, "features 1e-6 off tip one relu or maximum in a million, which turns 1e-3 of a gradient's norm"
ACCURACY_LIMIT = 0.07, "other shuffles and another new head; one of 153 photos counts 0.0065, its spread is 0.018"


@dataclass
class Row:
    """Programs that do the same, graft's first. They stay and measure when asked, or run anew in every round."""

    name: str
    title: str
    contenders: list
    limit: float | None = None  # of the difference of their results; None: nothing to compare
    reason: str = ""
    stays: bool = True
    reports: dict = field(default_factory=lambda: {"seconds": ""})  # what is measured -> what the title gets
    compares: str = "files"  # or "accuracy", from what they print
    strips: Path | None = None  # a program that is made, of which the stripped size counts
    skipped: str = ""  # why, if the row cannot be measured

    def difference(self, contender, output, reference, reference_output):
        if self.compares == "accuracy":
            return accuracy_difference(output, reference_output)
        return relative_difference(contender.result, reference.result)


@dataclass
class Setting:
    """What the caller chose."""

    build: Path
    threads: int
    isa: str
    data: Path | None

    @property
    def exchange(self):
        return self.build / "exchange"

    def result(self, row, name):
        return self.exchange / f"{row}.{name.replace(' ', '_')}.f32"


def held_to(isa):
    """Environments for graft, TensorFlow and torch that hold them to an instruction set."""
    if isa == "best":
        return {"graft": {}, "Keras": {}, "torch": {}}
    return {"graft": {"GRAFT_ISA": "avx2"}, "Keras": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
            "torch": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}}


def installed(module):
    return importlib.util.find_spec(module) is not None


def graft(setting, row, program, *options, isa="", name="graft", threads=0):
    result = setting.result(row, name)
    command = [setting.build / "tests" / f"benchmark_{program}", setting.exchange, result, threads or setting.threads,
               *options]
    return Contender(name, list(map(str, command)), held_to(isa or setting.isa)["graft"], result)


def peer(setting, row, name, script, task, *options, isa=""):
    result = setting.result(row, name)
    command = [sys.executable, PEERS / script, task, setting.exchange, result, setting.threads, *options]
    return Contender(name, list(map(str, command)), held_to(isa or setting.isa).get(name, {}), result)


def forward_rows(setting):
    for isa in ("best", "avx2") if setting.isa == "best" else ("avx2",):
        for batch in (1, 8, 32):
            name = f"forward_b{batch}" + ("" if isa == "best" else "_avx2")
            contenders = [graft(setting, name, "forward", batch, isa=isa),
                          peer(setting, name, "Keras", "keras_worker.py", "forward", batch, isa=isa)]
            if isa == "best":  # onnxruntime has no switch for this
                contenders.append(peer(setting, name, "onnxruntime", "onnxruntime_worker.py", "forward", batch))
            if installed("torch"):
                contenders.append(peer(setting, name, "torch", "torch_worker.py", "forward", batch, isa=isa))
            title = f"VGG16 without top, forward, batch {batch}" + ("" if isa == "best" else ", AVX2 only")
            yield Row(name, title, contenders, *FEATURES_LIMIT)


def backbone_rows(setting):
    for backbone in BACKBONES:
        for batch in (1, 8):
            name = f"{backbone.lower()}_b{batch}"
            yield Row(name, f"{backbone} without top, 224 px, forward, batch {batch}",
                      [graft(setting, name, "backbone", backbone, batch),
                       peer(setting, name, "Keras", "keras_worker.py", "backbone", backbone, batch)], *BACKBONE_LIMIT)


def scaling_row(setting):
    one, two = (graft(setting, "scaling", "forward", 8, name=f"graft, threads {n}", threads=n) for n in (1, 2))
    return Row("scaling", "VGG16 without top, forward, batch 8, two threads against one", [two, one], 0,
               "the same bits for any number of threads")


def step_rows(setting):
    for mode, blocks in (("augmented", ("block5", "block4", "all")), ("cached", ("block5", "block4"))):
        for block in blocks:
            name = f"step_{block}_{mode}"
            first = {"block5": 15, "block4": 11, "all": 1}[block]
            learning = {"block5": "block5 learns", "block4": "block4 and 5 learn", "all": "all layers learn"}[block]
            extra = "random augmentation" if mode == "augmented" else "the exact cache (Keras has none)"
            yield Row(name, f"VGG16 training step, batch 16, {learning}, {extra}",
                      [graft(setting, name, "training_step", first, mode),
                       peer(setting, name, "Keras", "keras_worker.py", "training_step", first, mode)], *UPDATE_LIMIT)


def small_rows(setting):
    for name, title in (("convnet", "convolutional network from scratch, 32x32x3, BatchNormalization, step of 64"),
                        ("mlp", "dense network 784-512-256-10, step of 128")):
        yield Row(name, title, [graft(setting, name, "small_network", name),
                                peer(setting, name, "Keras", "keras_worker.py", "small_network", name)], *UPDATE_LIMIT)


def recipe_rows(setting):
    if setting.data is None:
        skipped = "no photos; give --data FOLDER, with train/ and val/ or a folder per class in it"
    elif not setting.data.is_dir():
        skipped = f"{setting.data} is not a folder"
    else:
        skipped = ""
    photos = photo_folders(setting.data, setting.exchange / "photos") if not skipped else Path()
    keras_recipe = ROOT / "tests" / "end_to_end" / "keras_finetune.py"
    for epochs in (1, 10):
        ours = [setting.build / "tests" / "benchmark_recipe", photos, setting.threads, epochs, epochs]
        theirs = [sys.executable, keras_recipe, "--data", photos, "--threads", setting.threads, "--epochs-head", epochs,
                  "--epochs-fine", epochs]
        contenders = [Contender("graft", list(map(str, ours)), held_to(setting.isa)["graft"]),
                      Contender("Keras", list(map(str, theirs)), held_to(setting.isa)["Keras"])]
        yield Row(f"recipe_{epochs}", f"course recipe, {epochs} + {epochs} epochs", contenders, *ACCURACY_LIMIT,
                  stays=False, compares="accuracy", skipped=skipped,
                  reports={"seconds": ", whole process", "megabytes": ", peak memory"})


def start_row(setting):
    contenders = [graft(setting, "start", "first_prediction", "predict"),
                  peer(setting, "start", "Keras", "keras_worker.py", "first_prediction")]
    if setting.isa == "best":
        contenders.append(peer(setting, "start", "onnxruntime", "onnxruntime_worker.py", "first_prediction"))
    return Row("start", "start of the process to the first prediction of a saved VGG16 model", contenders, 1e-4,
               "two probabilities behind features that are 1e-5 off", stays=False)


def product_row(setting):
    ours = setting.build / "tests" / "benchmark_matrix_product"
    programs = {"graft": ours, "Eigen -O2": setting.build / "eigen_plain",
                "Eigen -O2 -march": setting.build / "eigen_native"}
    contenders = [Contender(name, [str(program), str(setting.result("product", name)), str(setting.threads)],
                            held_to(setting.isa)["graft"], setting.result("product", name))
                  for name, program in programs.items()]
    return Row("product", "matrix product, geometric mean over six shapes, weights packed beforehand", contenders, 1e-5,
               "float32 sums of up to 25088 products in another order")


def compile_row(setting):
    program = setting.build / "quickstart"
    command = ["c++", "-std=c++20", "-O2", f"-I{ROOT / 'include'}", "-isystem", EIGEN,
               str(ROOT / "examples" / "10_quickstart.cpp"), "-o", str(program), "-pthread"]
    once = ["-DGRAFT_EXTERN_TEMPLATES", str(setting.build / "libgraft_compiled.a")]
    return Row("compile", "compiling examples/10_quickstart.cpp",
               [Contender("graft", [*command, "-lstb"]), Contender("graft::compiled", [*command, *once, "-lstb"])],
               stays=False, strips=program,
               reports={"seconds": ", time", "megabytes": ", the compiler's peak memory",
                        "stripped megabytes": ", stripped size"})


def all_rows(setting):
    return [*forward_rows(setting), *backbone_rows(setting), scaling_row(setting), *step_rows(setting),
            *small_rows(setting), product_row(setting), start_row(setting), compile_row(setting), *recipe_rows(setting)]


def prepare(setting, rows):
    """Writes weights and data, and makes the models and programs that the rows need besides graft's own."""
    names = {row.name for row in rows}
    setting.exchange.mkdir(parents=True, exist_ok=True)
    write_inputs(setting.exchange)
    commands = []
    if any(name.startswith("forward") or name == "start" for name in names):
        commands.append([sys.executable, PEERS / "export_onnx.py", setting.exchange])
    for backbone in BACKBONES:
        if any(name.startswith(backbone.lower()) for name in names):
            commands.append([sys.executable, PEERS / "keras_worker.py", "save_backbone", setting.exchange, "-", "1",
                             backbone])
    if "start" in names:
        commands.append([setting.build / "tests" / "benchmark_first_prediction", setting.exchange, "-", "1", "save"])
        commands.append([sys.executable, PEERS / "keras_worker.py", "save", setting.exchange, "-", "1"])
    if "product" in names:
        best = "native" if setting.isa == "best" else "x86-64-v3"
        for program, flags in (("eigen_plain", []), ("eigen_native", [f"-march={best}"])):
            commands.append(["c++", "-std=c++20", "-O2", "-DNDEBUG", "-fopenmp", *flags, "-isystem", EIGEN,
                             PEERS.parent / "eigen" / "matrix_product.cpp", "-o", setting.build / program])
    for command in commands:
        subprocess.run(list(map(str, command)), env=environment({}), check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)
