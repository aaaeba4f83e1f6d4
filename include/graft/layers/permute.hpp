#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/transpose.hpp>
#include <numeric>

namespace graft::layers {

struct PermuteOptions {
  std::string name = {};  ///< empty: "permute", "permute_1", ...
  bool trainable = true;
};

/// The axes in another order: axis i of the output is axis dims[i] of the input, both counted from 1 after the batch.
/// Permute({2, 1}): (batch, a, b) -> (batch, b, a). No variables. Throws ArgumentError unless dims holds 1 .. n once
/// each, ShapeError if the input has other than n axes.
template <class Scalar = float>
class Permute final : public Layer<Scalar> {
 public:
  explicit Permute(const Shape& dims, PermuteOptions options = {}) : order_{0}, options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (!is_order(dims))
      raise<ArgumentError>(this->who(), ": dims must hold each of 1 .. ", dims.rank(), " once, got ", dims, ".");
    for (const Index axis : dims) order_.push_back(axis);
  }

  std::string class_name() const override { return "Permute"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Permute>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    const std::string axes = "(batch, and " + std::to_string(order_.rank() - 1) + " axes)";
    this->require_rank(in, order_.rank(), order_.rank(), axes.c_str());
    return ops::transposed(in, order_);
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    if (std::is_sorted(order_.begin(), order_.end())) return in;
    return {builder.template step<steps::Transpose<Scalar>>(in, order_)};
  }
  void config(ConfigVisitor& c) const override {
    std::vector<Index> dims(order_.begin() + 1, order_.end());
    PermuteOptions options = this->identified(options_);
    fields(c, dims, options);
  }
  static Permute from_config(ConfigVisitor& c) {
    std::vector<Index> dims;
    PermuteOptions options;
    fields(c, dims, options);
    return Permute(Shape(dims), options);
  }

 private:
  static void fields(ConfigVisitor& c, std::vector<Index>& dims, PermuteOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("dims", dims);
  }
  static bool is_order(const Shape& dims) {
    std::vector<Index> all(to_size(dims.rank()));
    std::iota(all.begin(), all.end(), 1);
    return dims.rank() < Shape::max_rank && std::is_permutation(dims.begin(), dims.end(), all.begin());
  }

  Shape order_;  ///< with the batch in front
  PermuteOptions options_;
};

}  // namespace graft::layers
