#pragma once
#include <unistd.h>

#include <concepts>
#include <cstddef>
#include <graft/core/error.hpp>
#include <string_view>
#include <utility>

namespace graft {

/// How much fit(), evaluate() and predict() print: "auto", 0 or false for nothing, 1 or true for a bar that redraws
/// itself, 2 for one line per epoch. Throws ArgumentError for anything else.
class Verbose {
 public:
  Verbose(const char* text) {
    if (std::string_view(text) != "auto") fail('"', text, "\".");
  }
  Verbose(std::nullptr_t) = delete;
  template <std::integral I>
  Verbose(I level) : level_(static_cast<int>(level)) {
    if (std::cmp_less(+level, 0) || std::cmp_greater(+level, 2)) fail(+level, '.');
  }

  /// 0, 1 or 2. "auto" is 1 where standard output is a terminal and 2 where it is a file or a pipe. Keras takes 1 for
  /// both, which fills log files with backspaces.
  int resolve() const { return level_ != automatic ? level_ : ::isatty(STDOUT_FILENO) == 1 ? 1 : 2; }

 private:
  static constexpr int automatic = -1;
  template <class... Parts>
  [[noreturn]] static void fail(const Parts&... got) {
    raise<ArgumentError>("verbose is \"auto\", 0 (silent), 1 (a bar) or 2 (one line per epoch), got ", got...);
  }

  int level_ = automatic;
};

}  // namespace graft
