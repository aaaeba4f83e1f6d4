#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <graft/training/verbose.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

/// Standard output is `descriptor` while this lives.
class Redirected {
 public:
  explicit Redirected(int descriptor) : kept_(::dup(STDOUT_FILENO)) { ::dup2(descriptor, STDOUT_FILENO); }
  ~Redirected() {
    ::dup2(kept_, STDOUT_FILENO);
    ::close(kept_);
  }

 private:
  int kept_;
};

int resolve(Verbose verbose) { return verbose.resolve(); }

}  // namespace

TEST_CASE("Verbose takes Keras's values", "[training][verbose]") {
  CHECK(resolve(0) == 0);
  CHECK(resolve(1) == 1);
  CHECK(resolve(2) == 2);
  CHECK(resolve(2L) == 2);
  CHECK(resolve(false) == 0);
  CHECK(resolve(true) == 1);
}

TEST_CASE("Verbose \"auto\" is lines where standard output is a file", "[training][verbose]") {
  const int file = ::open("/dev/null", O_WRONLY);
  int automatic, explicit_bar;
  {
    const Redirected out(file);
    automatic = resolve("auto");
    explicit_bar = resolve(1);
  }
  ::close(file);
  CHECK(automatic == 2);
  CHECK(explicit_bar == 1);
}

TEST_CASE("Verbose \"auto\" is a bar on a terminal", "[training][verbose]") {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0) {
    WARN("not tested: this machine has no pseudo terminals, as in a chroot without /dev/pts");
    return;
  }
  REQUIRE(::grantpt(terminal) == 0);
  REQUIRE(::unlockpt(terminal) == 0);
  int automatic;
  {
    const Redirected out(terminal);
    automatic = resolve("auto");
  }
  ::close(terminal);
  CHECK(automatic == 1);
}

TEST_CASE("Verbose refuses anything else", "[training][verbose]") {
  const std::string rule = "verbose is \"auto\", 0 (silent), 1 (a bar) or 2 (one line per epoch), got ";
  CHECK_THROWS_MATCHES(Verbose(3), ArgumentError, Message(rule + "3."));
  CHECK_THROWS_MATCHES(Verbose(-1), ArgumentError, Message(rule + "-1."));
  CHECK_THROWS_MATCHES(Verbose(1ull << 32), ArgumentError, Message(rule + "4294967296."));
  CHECK_THROWS_MATCHES(Verbose("loud"), ArgumentError, Message(rule + "\"loud\"."));
}
