#pragma once
#include <graft/core/tensor.hpp>
#include <graft/core/variable.hpp>
#include <span>
#include <vector>

namespace graft {

/// What a custom layer's call() hands to its backward(): one per call and batch, so that layers stay stateless.
template <class Scalar>
class Context {
 public:
  Context() = default;
  Context(bool training, std::span<const Variable<Scalar>> variables, std::span<const View<Scalar>> gradients)
      : training_(training), variables_(variables), gradients_(gradients) {}

  bool training() const { return training_; }
  /// Keeps a tensor for backward().
  void save(Tensor<Scalar> t) { saved_.push_back(std::move(t)); }
  /// The i-th tensor that call() saved.
  const Tensor<Scalar>& saved(Index i) const { return saved_.at(to_size(i)); }
  /// False while the variable is frozen: its gradient need not be computed.
  bool learns(const Variable<Scalar>& variable) const { return find(variable).data != nullptr; }
  /// Adds to the variable's gradient; ignored while it is frozen. Throws ShapeError if the shapes differ.
  void add_gradient(const Variable<Scalar>& variable, const Tensor<Scalar>& gradient) const {
    const View<Scalar> sum = find(variable);
    if (gradient.shape() != variable.shape())
      raise<ShapeError>("add_gradient: variable '", variable.name(), "' has the shape ", variable.shape(),
                        ", the gradient has ", gradient.shape(), ".");
    if (sum)
      for (Index i = 0; i < gradient.size(); ++i) sum.data[i] += gradient.data()[i];
  }

  void clear() { saved_.clear(); }
  void set_gradients(std::span<const View<Scalar>> gradients) { gradients_ = gradients; }

 private:
  View<Scalar> find(const Variable<Scalar>& variable) const {
    for (std::size_t i = 0; i < gradients_.size(); ++i)
      if (variables_[i].id() == variable.id()) return gradients_[i];
    return {};
  }

  bool training_ = false;
  std::vector<Tensor<Scalar>> saved_;
  std::span<const Variable<Scalar>> variables_;
  std::span<const View<Scalar>> gradients_;
};

}  // namespace graft
