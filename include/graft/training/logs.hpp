#pragma once
#include <graft/core/error.hpp>
#include <map>
#include <string>
#include <vector>

namespace graft {

/// Names and values of one batch or epoch, in alphabetical order as Keras reports them: {"accuracy": .., "loss": ..}.
using Logs = std::map<std::string, double>;

/// What fit() returns: the logs of every epoch.
class History {
 public:
  /// Values per epoch of one name, such as "val_accuracy". Throws ArgumentError naming what there is.
  const std::vector<double>& operator[](const std::string& name) const {
    const auto found = history_.find(name);
    if (found != history_.end()) return found->second;
    std::string names;
    for (const auto& [known, values] : history_) names += (names.empty() ? "'" : ", '") + known + "'";
    raise<ArgumentError>("History has no '", name, "'; it has ", names.empty() ? "nothing: no epoch ran" : names, ".");
  }
  const std::map<std::string, std::vector<double>>& history() const { return history_; }
  /// Numbers of the epochs that ran, from 0.
  const std::vector<int>& epoch() const { return epoch_; }

  void append(int epoch, const Logs& logs) {
    epoch_.push_back(epoch);
    for (const auto& [name, value] : logs) history_[name].push_back(value);
  }

 private:
  std::map<std::string, std::vector<double>> history_;
  std::vector<int> epoch_;
};

}  // namespace graft
