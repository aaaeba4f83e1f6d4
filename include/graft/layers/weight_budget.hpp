#pragma once
#include <graft/core/shape.hpp>
#include <utility>

namespace graft {

/// Lives while a model is made from a file: layers that this thread builds meanwhile get weights of zeros, since the
/// file holds the values, and together not more numbers than the file has, whatever the config says.
class WeightBudget {
 public:
  explicit WeightBudget(Index elements) : elements_(elements), outer_(std::exchange(current(), this)) {}
  ~WeightBudget() { current() = outer_; }
  WeightBudget(const WeightBudget&) = delete;
  WeightBudget& operator=(const WeightBudget&) = delete;

  /// False where no budget lives; else takes the elements of a weight from it. Throws FileError if they are not left.
  static bool spend(const Shape& shape) {
    WeightBudget* budget = current();
    if (budget == nullptr) return false;
    const Index n = shape.is_known() ? shape.elements() : 0;
    if (n > budget->elements_)
      raise<FileError>("The model's config asks for a weight of shape ", shape, ", but the file has only ",
                       budget->elements_, " numbers left for it. Config and weights do not belong together.");
    budget->elements_ -= n;
    return true;
  }

 private:
  static WeightBudget*& current() {
    thread_local WeightBudget* budget = nullptr;
    return budget;
  }

  Index elements_;
  WeightBudget* outer_;
};

}  // namespace graft
