#!/usr/bin/env python3
"""Measures graft and its peers in turn and writes a table. Started by run.sh, which builds and installs what it needs.

In every round each program of a row works once while the others wait; the order turns from round to round. The table
has the medians.
"""

import argparse
import fnmatch
import importlib.metadata
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from processes import ProgramFailed, Worker, run_once
from rows import EIGEN, ROOT, Setting, all_rows, installed, prepare

PAUSE = 0.2  # seconds, for threads that spin before they sleep
UNITS = {"seconds": "s", "megabytes": "MB", "stripped megabytes": "MB"}


@dataclass
class Line:
    """One line of the table: samples[contender][round][part]."""

    row: str
    title: str
    unit: str
    samples: dict
    difference: float | None
    limit: float | None
    reason: str
    remarks: list

    def value(self, contender):
        """The geometric mean over the parts of the median over the rounds."""
        return statistics.geometric_mean(map(statistics.median, zip(*self.samples[contender])))

    def agrees(self):
        return self.difference is None or self.difference <= self.limit


def largest_difference(row, outputs):
    if row.limit is None:
        return None
    first, *others = row.contenders
    return max(row.difference(first, outputs.get(first.name), other, outputs.get(other.name)) for other in others)


def measure_workers(row, rounds, logs):
    """Rows whose programs stay: -> samples by quantity, outputs, remarks"""
    samples, remarks = {contender.name: [] for contender in row.contenders}, []
    with ExitStack() as stack:
        workers = []
        for contender in row.contenders:
            workers.append(Worker(contender, logs / f"{row.name}.{contender.name}.log"))
            stack.callback(workers[-1].stop)
        for i in range(rounds):
            turn = i % len(workers)
            for worker in workers[turn:] + workers[:turn]:
                time.sleep(PAUSE)
                others = [other for other in workers if other is not worker]
                start, used = time.perf_counter(), sum(other.processor_seconds() for other in others)
                samples[worker.contender.name].append(worker.measure())
                share = (sum(other.processor_seconds() for other in others) - used) / (time.perf_counter() - start)
                if share > 0.05:
                    name = worker.contender.name
                    remarks.append(f"round {i + 1}: waiting programs used {share:.2f} of a core beside {name}")
    return {"seconds": samples}, {}, remarks


def stripped_megabytes(program):
    stripped = f"{program}.stripped"
    subprocess.run(["strip", "-o", stripped, program], check=True)
    return os.path.getsize(stripped) / 1e6


def measure_runs(row, rounds, logs):
    """Rows whose programs run anew in every round."""
    samples = {quantity: {contender.name: [] for contender in row.contenders} for quantity in row.reports}
    outputs = {}
    for i in range(rounds):
        turn = i % len(row.contenders)
        for contender in row.contenders[turn:] + row.contenders[:turn]:
            time.sleep(PAUSE)
            finished = run_once(contender, logs / f"{row.name}.{contender.name}.log")
            outputs[contender.name] = finished.output
            values = {"seconds": finished.seconds, "megabytes": finished.megabytes}
            if row.strips:
                values["stripped megabytes"] = stripped_megabytes(row.strips)
            for quantity in row.reports:
                samples[quantity][contender.name].append([values[quantity]])
    return samples, outputs, []


def measure(row, rounds, logs):
    samples, outputs, remarks = (measure_workers if row.stays else measure_runs)(row, rounds, logs)
    difference = largest_difference(row, outputs)
    return [Line(row.name, row.title + extra, UNITS[quantity], samples[quantity], difference, row.limit, row.reason,
                 remarks) for quantity, extra in row.reports.items()]


def shown(value, unit):
    if unit == "s" and value < 1:
        return f"{value * 1e3:.3g} ms"
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def markdown_line(line):
    first, *others = line.samples
    ours = line.value(first)
    values = {name: line.value(name) for name in others}
    theirs = ", ".join(f"{name} {shown(value, line.unit)} ({value / ours:.2f} x)" for name, value in values.items())
    difference = "" if line.difference is None else f"{line.difference:.1e}, at most {line.limit:.0e}"
    if not line.agrees():
        difference += " **DIFFERS**"
    return f"| {line.title} | {shown(ours, line.unit)} | {theirs} | {difference} |"


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "unknown"


def eigen_version():
    text = (Path(EIGEN) / "Eigen" / "src" / "Core" / "util" / "Macros.h").read_text()
    return ".".join(re.search(rf"EIGEN_{part}_VERSION (\d+)", text)[1] for part in ("WORLD", "MAJOR", "MINOR"))


def machine():
    """Where this ran. The load is that of the minute before: what else the machine had to do."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    facts = dict(re.split(r"\s*:\s*", line, maxsplit=1) for line in lines if ":" in line)
    name = facts.get("model name", platform.processor())
    if "cpu family" in facts:
        name += f" (family {facts['cpu family']}, model {facts.get('model')})"
    flags = facts.get("flags", "").split()
    return {"processor": name, "instruction_sets": [flag for flag in ("avx2", "avx512f") if flag in flags],
            "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2), "system": platform.platform(),
            "date": datetime.now(timezone.utc).isoformat(timespec="seconds")}


def versions():
    packages = ("keras", "tensorflow-cpu", "onnxruntime", "torch", "numpy")
    return {"graft": first_line("git", "describe", "--always", "--dirty"), **{name: version(name) for name in packages},
            "Eigen": eigen_version(), "compiler": first_line("c++", "--version"), "Python": platform.python_version()}


def write_results(path, facts, lines, notes):
    """PATH.md and PATH.json anew; called after every row, so that an interrupted run leaves what it has."""
    everything = {**facts, "lines": [asdict(line) for line in lines], "notes": notes}
    path.with_suffix(".json").write_text(json.dumps(everything, indent=1))
    here, used = facts["machine"], facts["versions"]
    text = [f"{here['processor']}, {here['cores']} cores, {' and '.join(here['instruction_sets'])}; "
            f"{facts['threads']} threads, instruction set: {facts['isa']}; medians of {facts['rounds']}; "
            f"{here['date']}, load before {here['load']}.",
            "", ", ".join(f"{name} {number}" for name, number in used.items()) + ".", "",
            "| row | graft | others (times graft's value) | largest difference of results |", "|---|---|---|---|",
            *map(markdown_line, lines), ""]
    reasons = {f"{line.limit:.0e}: {line.reason}" for line in lines if line.limit is not None}
    text += [f"- at most {reason}" for reason in sorted(reasons)] + [f"- {note}" for note in notes]
    text += [f"- {line.row}, {remark}" for line in lines for remark in line.remarks]
    path.with_suffix(".md").write_text("\n".join(text) + "\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True, metavar="FOLDER", help="graft's programs, and results")
    parser.add_argument("--output", default="results", metavar="NAME", help="of NAME.md and NAME.json there")
    parser.add_argument("--rows", default="*", help="names of rows, with * and ?, separated by commas (default: all)")
    parser.add_argument("--list", action="store_true", help="print the rows and end")
    parser.add_argument("--data", type=Path, metavar="FOLDER",
                        help="photos for the recipe: train/ and val/, or a folder per class")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--isa", choices=("best", "avx2"), default="best", help="hold every side to AVX2 in all rows")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    build = arguments.build.resolve()
    setting = Setting(build, arguments.threads, arguments.isa, arguments.data and arguments.data.resolve())
    rows = all_rows(setting)
    if arguments.list:
        return print("\n".join(f"{row.name:24} {row.title}" for row in rows))
    patterns = arguments.rows.split(",")
    for pattern in patterns:
        if not fnmatch.filter([row.name for row in rows], pattern):
            sys.exit(f"There is no row {pattern}; --list names them.")
    chosen = [row for row in rows if any(fnmatch.fnmatch(row.name, pattern) for pattern in patterns)]
    facts = {"machine": machine(), "versions": versions(), "threads": arguments.threads, "isa": arguments.isa,
             "rounds": arguments.rounds}
    notes = [] if installed("torch") else ["torch not installed: the forward rows go without it"]
    prepare(setting, chosen)
    logs, output = build / "logs", build / arguments.output
    logs.mkdir(exist_ok=True)
    lines = []
    for row in chosen:
        if row.skipped:
            notes.append(f"{row.name} left out: {row.skipped}")
            print(notes[-1], flush=True)
        else:
            try:
                lines += measure(row, arguments.rounds, logs)
                print("\n".join(markdown_line(line) for line in lines if line.row == row.name), flush=True)
            except (ProgramFailed, ValueError) as error:
                notes.append(f"{row.name} failed: {error}")
                print(notes[-1], file=sys.stderr, flush=True)
        write_results(output, facts, lines, notes)
    print(f"\n{output.with_suffix('.md').read_text()}\nin {output}.md and {output}.json")
    return 1 if any("failed" in note for note in notes) or not all(line.agrees() for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
