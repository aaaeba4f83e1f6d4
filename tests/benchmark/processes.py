"""The programs that are measured: how they are started and asked, and what they used."""

import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class ProgramFailed(Exception):
    """A program ended or answered in another way than it should."""


@dataclass
class Contender:
    """A program in a row. `result` is the file with what it computed."""

    name: str
    command: list
    environment: dict = field(default_factory=dict)
    result: Path | None = None


def environment(extra):
    """The driver's, without what would set threads or kernels behind a library's back."""
    hidden = ("OPENBLAS_", "OMP_", "MKL_", "GOMP_", "KMP_", "DNNL_", "ONEDNN_", "TF_", "XLA_", "GRAFT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"} | extra


def check(contender, status, log):
    if status != 0:
        text = Path(log).read_text(errors="replace").splitlines()[-15:]
        raise ProgramFailed(f"{contender.name} ended with status {status}:\n" + "\n".join(text))


class Worker:
    """A program that prepares itself once and then measures whenever it is asked (see worker.hpp)."""

    def __init__(self, contender, log):
        self.contender, self.log = contender, log
        with open(log, "w") as errors:
            self.process = subprocess.Popen(contender.command, env=environment(contender.environment), text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        try:
            self.wait_for("ready")
        except BaseException:
            self.stop()
            raise

    def wait_for(self, word):
        """The rest of the next line that begins with the word; other lines are the program's own."""
        for line in self.process.stdout:
            words = line.split()
            if words[:1] == [word]:
                return words[1:]
        check(self.contender, self.process.wait() or 1, self.log)

    def measure(self):
        """Seconds of each part."""
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return [float(seconds) for seconds in self.wait_for("seconds")]

    def processor_seconds(self):
        """What all its threads have used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@dataclass
class Finished:
    seconds: float
    megabytes: float  # the most that the program, or one of its own children, had in memory
    output: str


def run_once(contender, log):
    """Runs a program from its start to its end."""
    with open(log, "w") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(contender.command, env=environment(contender.environment), text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        with process.stdout:
            output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    check(contender, process.returncode, log)
    return Finished(seconds, usage.ru_maxrss / 1024, output)
