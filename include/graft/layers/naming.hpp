#pragma once
#include <cctype>
#include <map>
#include <mutex>
#include <string>

namespace graft {

/// "MaxPooling2D" -> "max_pooling2d", "ReLU" -> "re_lu". Source: to_snake_case in keras/src/utils/naming.py.
inline std::string to_snake_case(const std::string& class_name) {
  const auto is = [&](int (*kind)(int), std::size_t i) {
    return i < class_name.size() && kind(static_cast<unsigned char>(class_name[i])) != 0;
  };
  std::string name;
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    if (i > 0 && is(std::isupper, i) && (is(std::islower, i - 1) || is(std::islower, i + 1))) name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(class_name[i])));
  }
  return name;
}

namespace detail {

struct NameCounts {
  std::mutex mutex;
  std::map<std::string, long> counts;
};
inline NameCounts& name_counts() {
  static NameCounts counts;
  return counts;
}

}  // namespace detail

/// "dense", "dense_1", "dense_2": unique in the process until clear_session().
inline std::string automatic_name(const std::string& class_name) {
  const std::string base = to_snake_case(class_name);
  auto& names = detail::name_counts();
  const std::lock_guard lock(names.mutex);
  const long n = names.counts[base]++;
  return n == 0 ? base : base + "_" + std::to_string(n);
}

namespace utils {

/// Automatic names start again at "dense".
inline void clear_session() {
  auto& names = detail::name_counts();
  const std::lock_guard lock(names.mutex);
  names.counts.clear();
}

}  // namespace utils

}  // namespace graft
