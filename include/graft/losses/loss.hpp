#pragma once
#include <concepts>
#include <graft/core/named.hpp>
#include <graft/losses/binary_crossentropy.hpp>
#include <graft/losses/categorical_crossentropy.hpp>
#include <graft/losses/categorical_hinge.hpp>
#include <graft/losses/cosine_similarity.hpp>
#include <graft/losses/hinge.hpp>
#include <graft/losses/huber.hpp>
#include <graft/losses/kl_divergence.hpp>
#include <graft/losses/log_cosh.hpp>
#include <graft/losses/mean_absolute_error.hpp>
#include <graft/losses/mean_absolute_percentage_error.hpp>
#include <graft/losses/mean_squared_error.hpp>
#include <graft/losses/mean_squared_logarithmic_error.hpp>
#include <graft/losses/poisson.hpp>
#include <graft/losses/sparse_categorical_crossentropy.hpp>
#include <graft/losses/squared_hinge.hpp>
#include <optional>

namespace graft {

namespace losses {

/// The loss of a Keras name: class name, snake_case name or alias ("mse", "MSE"). Throws ArgumentError for another.
inline std::shared_ptr<LossFunction> make(std::string_view name) {
  return make_one_of<LossFunction, CategoricalCrossentropy, SparseCategoricalCrossentropy, BinaryCrossentropy,
                     MeanSquaredError, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredLogarithmicError,
                     Huber, LogCosh, KLDivergence, Poisson, CosineSimilarity, Hinge, SquaredHinge, CategoricalHinge>(
      {"Loss", "loss", "crossentropy"}, name);
}

}  // namespace losses

/// What compile() takes as a loss: nothing, a name ("categorical_crossentropy", "mse"), or losses::X({..}), also of a
/// class of your own. "crossentropy" and "ce", in any case, stand for the crossentropy that fits the shapes: see
/// resolve().
class Loss {
 public:
  /// No loss: Python's None.
  Loss() = default;
  Loss(const char* name) : Loss(std::string(name)) {}
  Loss(const std::string& name) {
    by_shape_ = same_but_case(name, "crossentropy") || same_but_case(name, "ce");
    if (!by_shape_) function_ = losses::make(name);
  }
  template <std::derived_from<losses::LossFunction> T>
  Loss(const T& function) : function_(std::make_shared<T>(function)) {}
  explicit Loss(std::shared_ptr<losses::LossFunction> function) : function_(std::move(function)) {}

  /// False for no loss.
  explicit operator bool() const { return function_ || by_shape_; }
  /// Requires a loss that is resolved.
  const losses::LossFunction& operator*() const { return *function_; }
  const losses::LossFunction* operator->() const { return function_.get(); }
  std::string name() const { return function_ ? function_->name() : by_shape_ ? "crossentropy" : ""; }

  /// This loss; for "crossentropy" the one that fits: binary if y_pred's last axis is 1, sparse if y_true has fewer
  /// axes than y_pred or a last axis of 1, else categorical.
  Loss resolve(const Shape& y_true, const Shape& y_pred) const {
    if (!by_shape_) return *this;
    if (!y_pred.empty() && y_pred.back() == 1) return "binary_crossentropy";
    const bool sparse = y_true.rank() < y_pred.rank() || (!y_true.empty() && y_true.back() == 1);
    return sparse ? "sparse_categorical_crossentropy" : "categorical_crossentropy";
  }
  /// The same loss on the values before `activation`, if it has such a form. Requires a loss that is resolved.
  std::optional<Loss> on_logits(std::string_view activation) const {
    auto function = function_->on_logits(activation);
    return function ? std::optional(Loss(std::move(function))) : std::nullopt;
  }

  /// {"class_name", "config"} as Keras writes it; null for no loss.
  void visit(ConfigVisitor& c, std::string_view field) {
    std::string class_name = function_ ? function_->class_name() : name();
    c.object(field, "keras.losses", class_name, [&](ConfigVisitor& fields) {
      if (c.reading()) *this = Loss(class_name);
      if (function_) function_->config(fields);
    });
    if (class_name.empty()) *this = Loss();
  }

 private:
  std::shared_ptr<losses::LossFunction> function_;
  bool by_shape_ = false;
};

}  // namespace graft
