"""Shows that every structure check can fail: each gets a small tree with one fault and has to name its place.

    python3 -m unittest selftest        (in this folder)
"""

import contextlib
import io
import subprocess
import tempfile
import unittest
from pathlib import Path

import builds
import rules

GOOD = {  # a tree in which every rule holds
    "CMakeLists.txt": "project(graft)\n",
    "README.md": "See https://example.org/home/page and ~/work/notes.\n",
    ".ci/run": "exec bash tests/run.sh\n",
    "include/graft/graft.hpp": "#pragma once\n#include <graft/layers/dense.hpp>\n",
    "include/graft/core/shape.hpp": "#pragma once\nnamespace graft {\ninline int rank() { return 4; }\n}\n",
    "include/graft/ops/dense.hpp": "#pragma once\n#include <graft/core/shape.hpp>\n",
    "include/graft/layers/dense.hpp": '#pragma once\n#include <vector>\n#include "../ops/dense.hpp"\n',
    "include/graft/testing/gradients.hpp": "#pragma once\n#include <graft/layers/dense.hpp>\n",
}


class Tree(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="graft-")
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name).resolve()
        for name, text in GOOD.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Rules(Tree):
    def faults(self, rule):
        return [str(fault) for fault in rules.RULES[rule](self.root)]

    def check(self, rule, place, *parts):
        """`rule` finds exactly one fault, at `place`, and says `parts`."""
        faults = self.faults(rule)
        self.assertEqual(len(faults), 1, faults)
        self.assertTrue(faults[0].startswith(f"{place}: [{rule}] "), faults[0])
        for part in parts:
            self.assertIn(part, faults[0])

    def test_a_good_tree_has_no_faults(self):
        for rule in rules.RULES:
            self.assertEqual(self.faults(rule), [])

    def test_arrows_notice_an_include_upwards(self):
        self.write("include/graft/core/shape.hpp", "#pragma once\n\n#include <graft/ops/dense.hpp>\n")
        self.check("arrows", "include/graft/core/shape.hpp:3", "upwards", "core includes <graft/ops/dense.hpp>")

    def test_arrows_notice_an_include_upwards_through_a_relative_path(self):
        self.write("include/graft/core/shape.hpp", '#pragma once\n#  include "../ops/dense.hpp"\n')
        self.check("arrows", "include/graft/core/shape.hpp:2", "upwards")

    def test_arrows_notice_an_include_sideways(self):
        self.write("include/graft/io/file.hpp", "#pragma once\n#include <graft/ops/dense.hpp>\n")
        self.check("arrows", "include/graft/io/file.hpp:2", "sideways")

    def test_arrows_notice_siblings_in_a_group(self):
        self.write("include/graft/losses/mean.hpp", "#pragma once\n")
        self.write("include/graft/metrics/mean.hpp", "#pragma once\n#include <graft/losses/mean.hpp>\n")
        self.check("arrows", "include/graft/metrics/mean.hpp:2", "sideways")

    def test_arrows_let_nothing_include_the_testing_folder(self):
        self.write("include/graft/graft.hpp", "#pragma once\n#include <graft/testing/gradients.hpp>\n")
        self.check("arrows", "include/graft/graft.hpp:2", "nothing may include testing/")

    def test_arrows_know_every_folder(self):
        self.write("include/graft/misc/things.hpp", "#pragma once\n")
        self.check("arrows", "include/graft/misc/things.hpp:1", "'misc' has no place")

    def test_arrows_notice_a_missing_header(self):
        self.write("include/graft/ops/dense.hpp", "#include <graft/core/gone.hpp>\n")
        self.check("arrows", "include/graft/ops/dense.hpp:1", "<graft/core/gone.hpp> does not exist")

    def test_arrows_do_not_read_comments(self):
        self.write("include/graft/core/shape.hpp", "/*\n#include <graft/ops/dense.hpp>\n*/\n// #include <graft/x/y.hpp>\n")
        self.assertEqual(self.faults("arrows"), [])

    def test_umbrella_notices_a_header_left_out(self):
        self.write("include/graft/layers/lost.hpp", "#pragma once\n")
        self.check("umbrella", "include/graft/layers/lost.hpp:1", "does not include it")

    def test_umbrella_notices_an_opt_in_header(self):
        self.write("include/graft/io/hdf5.hpp", "#pragma once\n")
        self.write("include/graft/layers/dense.hpp", "#include <graft/ops/dense.hpp>\n#include <graft/io/hdf5.hpp>\n")
        self.check("umbrella", "include/graft/io/hdf5.hpp:1", "opt-in")

    def test_umbrella_notices_that_it_is_missing(self):
        (self.root / "include/graft/graft.hpp").unlink()
        self.check("umbrella", "include/graft/graft.hpp:1", "missing")

    def test_length_allows_400_lines_and_no_more(self):
        self.write("include/graft/core/shape.hpp", "\n" * 400)
        self.assertEqual(self.faults("length"), [])
        self.write("include/graft/core/shape.hpp", "\n" * 401)
        self.check("length", "include/graft/core/shape.hpp:401", "401 lines")

    def function_of(self, lines):
        head = "#pragma once\n#define TWICE(x) { \\\n  x }\nnamespace graft {\nclass A {\n public:\n"
        body = "  template <class F, class = std::vector<int>>\n  int f(F) const noexcept {\n"
        return head + body + "    // } '\n" + "    if (true) { g('}', \"}\"); }\n" * (lines - 4) + "  }\n};\n}\n"

    def test_function_length_allows_60_lines_and_no_more(self):
        self.write("include/graft/core/shape.hpp", self.function_of(60))
        self.assertEqual(self.faults("function_length"), [])
        self.write("include/graft/core/shape.hpp", self.function_of(61))
        self.check("function_length", "include/graft/core/shape.hpp:7", "61 lines")

    def test_function_length_reads_examples_and_constructors(self):
        self.write("examples/01_a.cpp", "A::A(int n)\n    : a_{n}, b_(n) {\n" + "  f();\n" * 58 + "}\n")
        self.check("function_length", "examples/01_a.cpp:1", "61 lines")

    def test_top_level_notices_another_entry(self):
        self.write("scripts/tool.sh", "\n")
        self.check("top_level", "scripts:1", "the top level holds only")

    def test_top_level_reads_what_git_tracks(self):
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.write("scratch.txt", "\n")
        self.assertEqual(self.faults("top_level"), [])
        subprocess.run(["git", "-C", str(self.root), "add", "scratch.txt"], check=True)
        self.check("top_level", "scratch.txt:1")

    def test_machine_paths_are_noticed(self):
        self.write("README.md", "fine\nrun " + "/ho" + "me/somebody/graft/tests/run.sh\n")
        self.check("machine_paths", "README.md:2")


class Builds(Tree):
    """The made-up library is tiny: a check takes a fraction of a second."""

    def check(self, name, *parts):
        arguments = [name, "--root", str(self.root), "--consumers", str(self.root / "consumers")]
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = builds.main(arguments)
        self.assertEqual(status, 1 if parts else 0, output.getvalue())
        for part in parts:
            self.assertIn(part, output.getvalue())

    def consumers(self, program="int main() { std::printf(\"elements 10\\n\"); }"):
        self.write("consumers/program.cpp", f"#include <cstdio>\n#include <graft/graft.hpp>\n{program}\n")
        self.write("consumers/second_unit.cpp", "#include <graft/graft.hpp>\n")

    def test_headers_alone_passes_a_good_tree(self):
        self.check("headers_alone")

    def test_headers_alone_notices_a_missing_include(self):
        self.write("include/graft/ops/dense.hpp", "#pragma once\ninline int twice() { return 2 * graft::rank(); }\n")
        self.check("headers_alone", "include/graft/ops/dense.hpp:1: [headers_alone]", "dense.hpp:2", "error: ")

    def test_headers_alone_notices_a_missing_guard(self):
        self.write("include/graft/core/shape.hpp", "namespace graft {\ninline int rank() { return 4; }\n}\n")
        self.check("headers_alone", "include/graft/core/shape.hpp:1: [headers_alone]", "redefinition")

    def base(self, body="inline int lanes() { return 8; }"):
        """graft/ops/dense.hpp and all above it reach a header that is compiled once for them."""
        self.write(f"include/{builds.BASES[0]}", f"#pragma once\n{body}\n")
        self.write("include/graft/ops/dense.hpp", f"#pragma once\n#include <{builds.BASES[0]}>\ninline int width() {{ return lanes(); }}\n")

    def test_headers_alone_compiles_what_reaches_a_base_after_it(self):
        self.base()
        self.check("headers_alone")

    def test_headers_alone_notices_that_a_header_does_not_include_a_base(self):
        self.base()
        self.write("include/graft/core/shape.hpp", "#pragma once\ninline int rank() { return lanes(); }\n")
        self.check("headers_alone", "include/graft/core/shape.hpp:1: [headers_alone]", "shape.hpp:2", "error: ")

    def test_headers_alone_notices_a_base_that_does_not_compile(self):
        self.base("inline std::vector<int> lanes();")
        self.check("headers_alone", f"include/{builds.BASES[0]}:1: [headers_alone]", "lanes.hpp:2", "error: ")

    def test_bare_passes_a_good_tree(self):
        self.consumers()
        self.check("bare")

    def test_bare_notices_a_function_that_is_not_inline(self):
        self.consumers()
        self.write("include/graft/core/shape.hpp", "#pragma once\nint rank() { return 4; }\n")
        self.check("bare", "multiple definition")

    def test_bare_notices_a_program_that_fails(self):
        self.consumers("int main() { return 3; }")
        self.check("bare", "exit status 3")

    def test_bare_notices_a_wrong_result(self):
        self.consumers("int main() {}")
        self.check("bare", "printed")

    def project(self, name, graft, text):
        self.consumers("int main() { std::printf(\"elements 10\\nweights %s\\n\", GRAFT_WEIGHTS_DIR); }")
        self.write("CMakeLists.txt", graft)
        head = f"cmake_minimum_required(VERSION 3.20)\nproject(consumer LANGUAGES CXX)\n{text}"
        tail = "add_executable(program ../program.cpp)\ntarget_link_libraries(program PRIVATE graft::graft)\n"
        self.write(f"consumers/{name}/CMakeLists.txt", head + tail)

    def test_add_subdirectory_notices_a_wrong_weights_folder(self):
        library = "project(graft LANGUAGES CXX)\nadd_library(graft INTERFACE)\nadd_library(graft::graft ALIAS graft)\n"
        library += "target_include_directories(graft INTERFACE include)\n"
        library += "target_compile_definitions(graft INTERFACE GRAFT_WEIGHTS_DIR=\"${PROJECT_SOURCE_DIR}/%s\")\n"
        self.project("add_subdirectory", library % "weights", "add_subdirectory(${GRAFT_ROOT} graft)\n")
        self.check("add_subdirectory")
        self.project("add_subdirectory", library % "weight", "add_subdirectory(${GRAFT_ROOT} graft)\n")
        self.check("add_subdirectory", "should look for weights in")

    def test_add_subdirectory_notices_a_project_that_does_not_configure(self):
        self.project("add_subdirectory", "message(FATAL_ERROR broken)\n", "add_subdirectory(${GRAFT_ROOT} graft)\n")
        self.check("add_subdirectory", "CMakeLists.txt:1", "broken")

    def test_find_package_notices_a_folder_of_the_build_machine(self):
        library = "project(graft LANGUAGES NONE)\nfile(WRITE ${CMAKE_BINARY_DIR}/a.cmake \"set(root %s)\\n\")\n"
        library += "install(FILES ${CMAKE_BINARY_DIR}/a.cmake DESTINATION share/cmake/graft)\n"
        self.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.20)\n" + library % "${CMAKE_SOURCE_DIR}")
        subprocess.run(["cmake", "-S", str(self.root), "-B", str(self.root / "build")], check=True, capture_output=True)
        arguments = ["find_package", "--root", str(self.root), "--build", str(self.root / "build")]
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            self.assertEqual(builds.main(arguments), 1)
        self.assertIn("share/cmake/graft/a.cmake:1: [find_package] names a folder", output.getvalue())


if __name__ == "__main__":
    unittest.main()
