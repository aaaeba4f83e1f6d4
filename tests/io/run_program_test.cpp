#include <graft/io/run_program.hpp>

#include "support/catch.hpp"

using namespace graft;

TEST_CASE("run_program passes the input and gives the output, whatever their size", "[io][run_program]") {
  const std::string large(1'000'000, 'x');  // more than a pipe holds
  CHECK(io::run_program({"cat"}, large, "") == large);
  CHECK(io::run_program({"cat"}, "", "").empty());
}

TEST_CASE("run_program does not let a shell see the arguments", "[io][run_program]") {
  const std::string argument = "a b; echo $HOME `id` \"'*";
  CHECK(io::run_program({"printf", "%s", argument}, "", "") == argument);
}

TEST_CASE("run_program says what a missing program needs", "[io][run_program]") {
  CHECK_THROWS_WITH(io::run_program({"graft-no-such-program"}, "", "Install it."),
                    StartsWith("The program 'graft-no-such-program' cannot be started: ") && EndsWith(". Install it."));
}

TEST_CASE("run_program throws what a failing program complains of", "[io][run_program]") {
  CHECK_THROWS_WITH(io::run_program({"cat", "/no/such/file"}, "", ""),
                    StartsWith("The program 'cat' failed (status ") && ContainsSubstring("/no/such/file"));
}
