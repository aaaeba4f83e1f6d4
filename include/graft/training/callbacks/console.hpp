#pragma once
#include <graft/training/logs.hpp>
#include <iostream>

namespace graft::callbacks::detail {

/// A callback's message, a line on standard output.
template <class... Parts>
void print(const Parts&... parts) {
  (std::cout << ... << parts) << std::endl;
}

/// A line on standard error.
template <class... Parts>
void tell(const Parts&... parts) {
  (std::cerr << ... << parts) << std::endl;
}
template <class... Parts>
void warn(const Parts&... parts) {
  tell("warning: ", parts...);
}

/// "accuracy, loss"
inline std::string names(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace graft::callbacks::detail
