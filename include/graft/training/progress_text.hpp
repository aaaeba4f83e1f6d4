#pragma once
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>
#include <graft/core/index.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace graft {

/// Seconds since any fixed moment.
using Clock = std::function<double()>;

inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace graft

/// The pieces that progress displays are made of. Source: keras/src/utils/progbar.py.
namespace graft::progress {

/// Seconds between two drawings of a bar.
inline constexpr double redraw_interval = 0.05;
inline constexpr Index bar_width = 20;

/// printf's %.{digits}f, e or g, in any locale; "nan" has no sign. Requires digits <= 100.
inline std::string number(double value, std::chars_format format, int digits) {
  if (std::isnan(value)) return "nan";
  char buffer[512];  // the largest double has 309 digits before the point
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format, digits).ptr};
}
inline std::string rounded(double value) { return number(value, std::chars_format::fixed, 0); }

/// 0.1234, or 1.2345e-04 where four digits would hide it. Lines without a bar (verbose 2) write negative numbers the
/// second way too, as Keras does.
inline std::string metric(double value, int verbose) {
  const bool large = (verbose == 2 ? value : std::abs(value)) > 1e-3;
  return number(value, large ? std::chars_format::fixed : std::chars_format::scientific, 4);
}

/// "78ms/step"
inline std::string time_per_step(double seconds) {
  if (seconds >= 1 || seconds == 0) return rounded(seconds) + "s/step";
  if (seconds >= 1e-3) return rounded(seconds * 1e3) + "ms/step";
  return rounded(seconds * 1e6) + "us/step";
}

/// What is left to wait: "59s", "3:07", "1:00:05".
inline std::string remaining(double seconds) {
  const auto whole = static_cast<long long>(seconds);
  const auto two_digits = [](long long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (seconds > 3600)
    return std::to_string(whole / 3600) + ":" + two_digits(whole % 3600 / 60) + ":" + two_digits(whole % 60);
  if (seconds > 60) return std::to_string(whole / 60) + ":" + two_digits(whole % 60);
  return std::to_string(whole) + "s";
}

/// " 7/24", the first number as wide as the second.
inline std::string count(Index done, Index total) {
  const std::string of = std::to_string(total), now = std::to_string(done);
  return std::string(of.size() - std::min(of.size(), now.size()), ' ') + now + "/" + of;
}

/// "     12/Unknown", where nobody knows the total.
inline std::string unknown_count(Index done) {
  const std::string now = std::to_string(done);
  return std::string(7 - std::min<std::size_t>(7, now.size()), ' ') + now + "/Unknown";
}

inline std::string bold(const std::string& text) { return "\x1b[1m" + text + "\x1b[0m"; }

/// Twenty strokes, green as far as the work is done. Requires total > 0.
inline std::string bar(Index done, Index total) {
  const auto strokes = [](Index n) {
    std::string text;
    for (Index i = 0; i < n; ++i) text += "━";
    return text + "\x1b[0m";
  };
  const double fraction = static_cast<double>(done) / static_cast<double>(total);
  const Index green = std::min(bar_width, static_cast<Index>(static_cast<double>(bar_width) * fraction));
  return (green > 0 ? "\x1b[32m" + strokes(green) : "") + "\x1b[37m" + strokes(bar_width - green);
}

/// Columns that UTF-8 text with colours takes on a terminal.
inline std::size_t visible_width(std::string_view text) {
  std::size_t width = 0;
  bool escape = false;
  for (const char c : text) {
    if (c == '\x1b') escape = true;
    if (!escape && (static_cast<unsigned char>(c) & 0xC0) != 0x80) ++width;
    if (c == 'm') escape = false;
  }
  return width;
}

/// Draws `line` over the previous drawing, which was `previous` columns wide; `previous` becomes the width of `line`.
inline std::string redraw(const std::string& line, std::size_t& previous) {
  const std::size_t width = visible_width(line);
  const std::string rest(previous > width ? previous - width : 0, ' ');
  return std::string(std::exchange(previous, width), '\b') + "\r" + line + rest;
}

}  // namespace graft::progress
