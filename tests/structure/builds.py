#!/usr/bin/env python3
"""The rules about graft that take a compiler to check.

    python3 tests/structure/builds.py CHECK --root ROOT [options]

headers_alone     every header compiles when it is the only one included, and may be included twice
bare              two units that include graft.hpp compile with nothing but include paths, link, and run
add_subdirectory  a CMake project with graft as a sub-project builds and runs, and gets nothing else built
find_package      so does one that finds an installed graft, after the installation was moved
"""

import argparse
import contextlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import rules


class Failed(Exception):
    """A check failed; the text is what to print."""


def run(command, **options):
    """The output of `command`; raises Failed with the command and what it printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options)
    if done.returncode:
        raise Failed(f"{shlex.join(map(str, command))}\n{done.stdout}(exit status {done.returncode})")
    return done.stdout


def compiler(options):
    """The compiler and the options that every unit needs."""
    paths = [argument for path in options.include for argument in ("-isystem", path)]
    return [*shlex.split(options.compiler), "-std=c++20", "-I", str(options.root / "include"), *paths]


# Headers that many others reach, from the bottom up. What reaches some is compiled after those, precompiled, which takes a third of
# the time. No missing include can hide behind that: a header that reaches a base has all of it before its own code anyway, and a header
# that does not is compiled without it, on its own too.
BASES = ("graft/ops/lanes.hpp", "graft/core/tensor.hpp", "graft/graph/op.hpp", "graft/layers/layer.hpp", "graft/models/model.hpp")


def headers_alone(options):
    names = [header for header in rules.headers(options.root) if options.optional or not header.startswith(rules.OPTIONAL)]
    bases = {name: tuple(sorted(rules.reached(options.root, name).intersection(BASES), key=BASES.index)) for name in names}

    with tempfile.TemporaryDirectory(prefix="graft-") as folder, ThreadPoolExecutor(options.jobs) as pool:
        prefixes = {reached: Path(folder) / f"base{number}.hpp" for number, reached in enumerate(sorted(set(bases.values())))}

        def precompile(reached):
            prefixes[reached].write_text("".join(f"#include <{base}>\n" for base in reached))
            with contextlib.suppress(Failed):  # the header at fault is reported below
                run([*compiler(options), "-x", "c++-header", str(prefixes[reached]), "-o", f"{prefixes[reached]}.gch"])

        def check(header):
            unit = f"#include <{header}>\n" * 2
            prefix = ["-include", str(prefixes[bases[header]])] if bases[header] else []
            try:
                run([*compiler(options), *prefix, "-fsyntax-only", "-x", "c++", "-"], input=unit, cwd=options.root)
            except Failed as failed:
                errors = re.findall(r"(?m)^.*\berror: .*$", str(failed)) or [str(failed)]
                return f"include/{header}:1: [headers_alone] does not compile on its own:\n    {errors[0]}"

        list(pool.map(precompile, filter(None, prefixes)))
        faults = [fault for fault in pool.map(check, names) if fault]
    if faults:
        raise Failed("\n".join(faults))
    print(f"{len(names)} headers")


def run_program(program, weights):
    """Runs a consumer from another folder; `weights` is the folder it has to know, or None."""
    output = run([str(program)], cwd="/")
    if "elements 10\n" not in output:
        raise Failed(f"{program} printed\n{output}")
    if weights and f"weights {weights}\n" not in output:
        raise Failed(f"{program} should look for weights in {weights}, but printed\n{output}")


def bare(options, folder):
    units = [options.consumers / "program.cpp", options.consumers / "second_unit.cpp"]

    def compile_unit(unit):
        define = ["-DGRAFT_IMPLEMENTATION"] if unit == units[0] else []  # as the one file of a user would
        run([*compiler(options), *define, "-c", str(unit), "-o", f"{folder}/{unit.stem}.o"])

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(compile_unit, units))
    run([*shlex.split(options.compiler), *(f"{folder}/{unit.stem}.o" for unit in units), "-o", f"{folder}/program", "-pthread"])
    run_program(folder / "program", None)


def cmake_project(options, name, folder, *definitions):
    source = options.consumers / name
    definitions = [f"-DCMAKE_CXX_COMPILER={shlex.split(options.compiler)[-1]}", *definitions]
    run([options.cmake, "-S", str(source), "-B", str(folder / "build"), *definitions])
    run([options.cmake, "--build", str(folder / "build"), "--parallel", str(options.jobs)])
    return folder / "build" / "program"


def add_subdirectory(options, folder):
    program = cmake_project(options, "add_subdirectory", folder, f"-DGRAFT_ROOT={options.root}")
    run_program(program, options.root / "weights")


def find_package(options, folder):
    run([options.cmake, "--install", str(options.build), "--prefix", str(folder / "first")])
    prefix = (folder / "first").rename(folder / "moved")
    for file in prefix.rglob("*.cmake"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if str(options.root) in line or str(options.build) in line or str(folder) in line:
                raise Failed(f"{file.relative_to(prefix)}:{number}: [find_package] names a folder of this machine: {line}")
    program = cmake_project(options, "find_package", folder, f"-DCMAKE_PREFIX_PATH={prefix}")
    run_program(program, prefix / "share/graft/weights")


CONSUMERS = {check.__name__: check for check in (bare, add_subdirectory, find_package)}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["headers_alone", *CONSUMERS])
    parser.add_argument("--root", type=lambda path: Path(path).resolve(), required=True, help="graft's source tree")
    parser.add_argument("--build", type=lambda path: Path(path).resolve(), help="its build folder, to install from")
    parser.add_argument("--consumers", type=Path, default=Path(__file__).resolve().parent / "consumers")
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--include", type=lambda paths: paths.split(";"), default=[], help="system include paths, with ; between")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--optional", action="store_true", help="check the headers of optional dependencies too")
    options = parser.parse_args(arguments)
    try:
        if options.check == "headers_alone":
            headers_alone(options)
        else:
            with tempfile.TemporaryDirectory(prefix="graft-") as folder:
                CONSUMERS[options.check](options, Path(folder).resolve())
    except Failed as failed:
        print(failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
