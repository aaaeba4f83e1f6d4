#pragma once
#include <graft/layers/layer_state.hpp>

namespace graft {

/// Every `trainable` flag of a model as compile() saw it. Learning follows these, not the present ones.
template <class Scalar>
class FlagSnapshot {
 public:
  FlagSnapshot() = default;
  explicit FlagSnapshot(const LayerState<Scalar>& state) : flags_(read(state)) {}

  /// Names of the layers with weights, or of models, whose flags differ now.
  std::vector<std::string> changed(const LayerState<Scalar>& state) const {
    std::vector<std::string> names;
    const auto now = read(state);
    for (std::size_t i = 0; i < now.size() && i < flags_.size(); ++i)
      if (now[i].flags != flags_[i].flags && now[i].counts) names.push_back(now[i].name);
    return names;
  }

 private:
  struct Flags {
    std::string name;
    std::vector<bool> flags;
    bool counts;
  };
  static std::vector<Flags> read(const LayerState<Scalar>& state) {
    std::vector<Flags> all;
    state.visit([&](const LayerState<Scalar>& layer) {
      Flags flags{layer.name, {layer.trainable}, !layer.weights.empty()};
      for (const auto& weight : layer.weights) flags.flags.push_back(weight.variable.trainable());
      all.push_back(std::move(flags));
    });
    return all;
  }

  std::vector<Flags> flags_;
};

}  // namespace graft
