#pragma once
#include <charconv>
#include <cmath>
#include <string>

namespace graft::callbacks::detail {

/// A double as Python writes it: the fewest digits that read back to the same value, "0.0001", "1e-05", "3.0", "nan".
inline std::string python_number(double value) {
  if (std::isnan(value)) return "nan";
  char buffer[32];
  const auto written = [&](std::chars_format format) {
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  };
  const std::string scientific = written(std::chars_format::scientific);
  const auto e = scientific.find('e');
  if (e == std::string::npos) return scientific;  // inf
  const int exponent = std::stoi(scientific.substr(e + 1));
  if (exponent < -4 || exponent >= 16) return scientific;
  const std::string fixed = written(std::chars_format::fixed);
  return fixed.find('.') == std::string::npos ? fixed + ".0" : fixed;
}

}  // namespace graft::callbacks::detail
