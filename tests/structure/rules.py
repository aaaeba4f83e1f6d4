#!/usr/bin/env python3
"""The rules about graft's source tree that can be checked by reading it.

    python3 tests/structure/rules.py ROOT [RULE...]        every rule without RULE; exit status 1 if one is broken

Every fault is printed as  file:line: [rule] what is wrong.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Who sits on what. A header may include its own folder and those left of it; names between two arrows are siblings and
# may not include each other. testing/ may include everything and is included by nothing.
ARROWS = (
    "core <- ops, io <- initializers, activations, regularizers, constraints, losses, metrics, optimizers, data <- graph"
    " <- steps, plan <- layers <- saving <- training <- models <- applications, keras, extern_templates.hpp <- graft.hpp, keras.hpp"
)
RANK = {
    name: rank for rank, names in enumerate(ARROWS.split(" <- ")) for name in names.split(", ")
}
ABOVE_ALL = "testing"

# What the umbrella leaves out: what needs another library, and test code.
OPTIONAL = ("graft/keras.hpp", "graft/keras/", "graft/io/hdf5", "graft/io/zip.hpp")
OPT_IN = (*OPTIONAL, "graft/testing/")

TOP_LEVEL = {"include", "examples", "tests", "weights", "CMakeLists.txt", "README.md", "LICENSE"}
MAX_HEADER_LINES = 400
MAX_FUNCTION_LINES = 60
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
MACHINE_PATH = re.compile(r"(?<![\w.~})/-])/(?:work|home|root|Users)/\w")


@dataclass(frozen=True)
class Fault:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.text}"


def without_comments(text):
    """`text` with comments and the contents of literals blanked; lines and columns stay."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^\s()\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
        re.DOTALL,
    )
    return token.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def headers(root):
    """Every header below include/, as a path relative to include/."""
    include = Path(root) / "include"
    return sorted(path.relative_to(include).as_posix() for path in include.rglob("*.hpp"))


def includes(root, header):
    """(line, path below include/) of each graft header that `header` includes, also through a relative path."""
    include = (Path(root) / "include").resolve()
    text = (include / header).read_text(encoding="utf-8")
    code = without_comments(text).splitlines()
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match or not code[number - 1].lstrip().startswith("#"):
            continue
        quote, name = match.groups()
        beside = ((include / header).parent / name).resolve()
        if quote == '"' and beside.is_relative_to(include) and beside.exists():
            yield number, beside.relative_to(include).as_posix()
        elif name.startswith("graft/"):
            yield number, name


def reached(root, top):
    """Every graft header that `top` includes, directly or through another header; those that exist."""
    found, waiting = set(), [top]
    while waiting:
        for _, target in includes(root, waiting.pop()):
            if target not in found and (Path(root) / "include" / target).exists():
                found.add(target)
                waiting.append(target)
    return found


def folder(header):
    """graft/core/shape.hpp -> core, graft/graft.hpp -> graft.hpp"""
    return header.split("/")[1] if "/" in header else header


def arrows(root):
    for header in headers(root):
        here = folder(header)
        if here not in RANK and here != ABOVE_ALL:
            yield Fault(f"include/{header}", 1, "arrows", f"'{here}' has no place in: {ARROWS}")
            continue
        for line, target in includes(root, header):
            there = folder(target)
            place = f"include/{header}", line, "arrows"
            if not (Path(root) / "include" / target).exists():
                yield Fault(*place, f"<{target}> does not exist")
            elif here == there or here == ABOVE_ALL:
                continue
            elif there == ABOVE_ALL:
                yield Fault(*place, f"nothing may include {ABOVE_ALL}/, found <{target}>")
            elif there in RANK and RANK[there] >= RANK[here]:
                way = "sideways" if RANK[there] == RANK[here] else "upwards"
                yield Fault(*place, f"{here} includes <{target}>, {way} in: {ARROWS}")


def umbrella(root):
    top = "graft/graft.hpp"
    if not (Path(root) / "include" / top).exists():
        yield Fault(f"include/{top}", 1, "umbrella", "the umbrella header is missing")
        return
    included = {top} | reached(root, top)
    for header in headers(root):
        opt_in = header.startswith(OPT_IN)
        if header not in included and not opt_in:
            yield Fault(f"include/{header}", 1, "umbrella", f"<{top}> does not include it, directly or through another header")
        elif header in included and opt_in:
            yield Fault(f"include/{header}", 1, "umbrella", f"it is opt-in, but <{top}> includes it")


def length(root):
    for header in headers(root):
        lines = len((Path(root) / "include" / header).read_text(encoding="utf-8").splitlines())
        if lines > MAX_HEADER_LINES:
            text = f"{lines} lines, at most {MAX_HEADER_LINES}: split it by concept"
            yield Fault(f"include/{header}", MAX_HEADER_LINES + 1, "length", text)


def is_function(head):
    """Whether `head`, the text between the last ; { or } and a {, starts a function's body."""
    while head.startswith("template"):
        depth, end = 0, len(head)
        for i, char in enumerate(head):
            depth += (char == "<") - (char == ">")
            if char == ">" and depth == 0:
                end = i + 1
                break
        head = head[end:].strip()
    return ")" in head and not re.match(r"(inline\s+)?(namespace|class|struct|union|enum)\b", head)


def is_member_initializer(head):
    """Whether the { after `head` opens the braces of a member in a constructor's list, as in `A(int n) : a_{n}`."""
    return ")" in head and "->" not in head and re.search(r"((?<!:):(?!:)|,)\s*[\w:<>]+\s*$", head)


def functions(text):
    """(first line, last line) of every function in C++ source, found by the braces of its body."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    code = re.sub(r"(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, without_comments(text))
    code = re.sub(r"\b(public|private|protected)\s*:(?!:)", blank, code)
    start, open_braces = 0, []  # a brace: what it opens, and where the text before it starts
    for match in re.finditer(r"[;{}]", code):
        end = match.end()
        if match.group() == "{":
            head = code[start : match.start()]
            begins = start + len(head) - len(head.lstrip())
            if any(kind == "function" for kind, _ in open_braces) or not is_function(head.strip()):
                open_braces.append(("other", begins))
            else:
                open_braces.append(("initializer" if is_member_initializer(head) else "function", begins))
        elif match.group() == "}" and open_braces:
            kind, begins = open_braces.pop()
            if kind == "initializer":
                end = begins
            elif kind == "function":
                yield code.count("\n", 0, begins) + 1, code.count("\n", 0, match.start()) + 1
        start = end


def function_length(root):
    sources = [Path("include") / header for header in headers(root)]
    sources += sorted(path.relative_to(root) for path in (Path(root) / "examples").glob("*.cpp"))
    for source in sources:
        for first, last in functions((Path(root) / source).read_text(encoding="utf-8")):
            if last - first + 1 > MAX_FUNCTION_LINES:
                text = f"a function of {last - first + 1} lines, at most {MAX_FUNCTION_LINES}"
                yield Fault(source.as_posix(), first, "function_length", text)


def tracked(root):
    """The files under version control; in a tree without git, all but build folders and caches."""
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True)
    if git.returncode == 0 and (Path(root) / ".git").exists():
        return [name for name in git.stdout.split("\0") if name and (Path(root) / name).exists()]
    names = (path.relative_to(root) for path in sorted(Path(root).rglob("*")) if path.is_file())
    made = re.compile(r"(\.git|build|build-[^/]*)/|(.*/)?__pycache__/")
    return [name.as_posix() for name in names if not made.match(name.as_posix())]


def top_level(root):
    for name in sorted({name.split("/")[0] for name in tracked(root)}):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield Fault(name, 1, "top_level", f"the top level holds only {', '.join(sorted(TOP_LEVEL))} and dot-files")


def machine_paths(root):
    for name in tracked(root):
        content = (Path(root) / name).read_bytes()
        if b"\0" in content[:8192]:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            match = MACHINE_PATH.search(line)
            if match:
                yield Fault(name, number, "machine_paths", f"'{match.group()}..' is a path of one machine")


RULES = {rule.__name__: rule for rule in (arrows, umbrella, length, function_length, top_level, machine_paths)}


def main(arguments):
    if not arguments or any(name not in RULES for name in arguments[1:]):
        print(__doc__, f"\nRules: {', '.join(RULES)}")
        return 2
    root, *names = arguments
    faults = [fault for name in names or RULES for fault in RULES[name](root)]
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(names or RULES)} rules, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
