#pragma once
#include <algorithm>
#include <concepts>
#include <graft/core/error.hpp>
#include <graft/core/index.hpp>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace graft {

/// What compile() is given for the outputs of a model: one for all, a list in the order of the outputs, or a map by
/// output name.
template <class T>
class PerOutput {
 public:
  PerOutput() = default;
  template <class U>
  requires std::convertible_to<U, T> &&(!std::same_as<std::remove_cvref_t<U>, PerOutput>)PerOutput(const U& one)
      : list_{T(one)}, one_(true) {}
  PerOutput(std::initializer_list<T> list) : list_(list) {}
  PerOutput(std::vector<T> list) : list_(std::move(list)) {}
  PerOutput(std::initializer_list<std::pair<const std::string, T>> map) : map_(map) {}
  PerOutput(std::map<std::string, T> map) : map_(std::move(map)) {}

  bool empty() const { return list_.empty() && map_.empty(); }
  /// The entry of output i; `missing` where there is none. Throws ArgumentError if the list is longer or shorter than
  /// the outputs or the map names another output; `what` names the option.
  T at(std::size_t i, const std::vector<std::string>& outputs, const char* what, T missing) const {
    for (const auto& [name, entry] : map_)
      if (std::find(outputs.begin(), outputs.end(), name) == outputs.end())
        raise<ArgumentError>("compile: ", what, " names '", name, "', which is not an output. The outputs are ",
                             join(outputs), ".");
    if (const auto found = map_.find(outputs[i]); found != map_.end()) return found->second;
    if (empty() || !map_.empty()) return missing;
    if (one_) return list_.front();
    if (list_.size() != outputs.size())
      raise<ArgumentError>("compile: ", what, " has ", list_.size(), " entries for ", outputs.size(), " outputs (",
                           join(outputs), "). Give one for each.");
    return list_[i];
  }

 private:
  static std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
    return text;
  }

  std::vector<T> list_;
  bool one_ = false;
  std::map<std::string, T> map_;
};

}  // namespace graft
