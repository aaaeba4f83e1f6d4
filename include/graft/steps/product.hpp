#pragma once
#include <cmath>
#include <graft/graph/op.hpp>
#include <graft/ops/bias.hpp>
#include <graft/ops/matrix_product.hpp>

namespace graft::steps {

/// A hash of an activation and its parameters.
inline std::uint64_t hash_activation(const ops::Activation& a) {
  std::uint64_t h = mix(static_cast<std::uint64_t>(a.kind));
  for (const double parameter : {a.alpha, a.negative_slope, a.max_value, a.threshold, a.default_value})
    h = mix(h, hash_number(parameter));
  return h;
}

/// What steps with a kernel (.., outputs) share: the epilogue y = activation(folded(x . kernel + bias)).
template <class Scalar>
class ProductStep : public Op<Scalar> {
 public:
  explicit ProductStep(Variable<Scalar> kernel) : kernel_(std::move(kernel)) {}

  graft::Epilogue<Scalar>* epilogue() override { return &epilogue_; }
  std::vector<Variable<Scalar>> variables() const override {
    std::vector<Variable<Scalar>> all{kernel_};
    if (epilogue_.bias) all.push_back(*epilogue_.bias);
    for (const auto& affine : epilogue_.folded)
      for (const auto& variable : affine.variables()) all.push_back(variable);
    return all;
  }
  Needs needs(bool, bool dw) const override {
    return {.x = dw, .y = epilogue_.activation.kind != ops::ActivationKind::linear};
  }
  std::uint64_t attributes() const override {
    return mix(mix(packing(), hash_activation(epilogue_.activation)), epilogue_.max_pool);
  }
  std::uint64_t packing() const override {
    std::uint64_t h = mix(epilogue_.bias.has_value());
    for (const auto& f : epilogue_.folded)
      h = mix(h, mix(hash_number(f.epsilon), f.gamma.has_value() * 1u + f.beta.has_value() * 2u));
    return mix(h, own_attributes());
  }

 protected:
  virtual std::uint64_t own_attributes() const { return 0; }
  virtual Index outputs() const { return kernel_.shape().back(); }
  /// The output that an element of the kernel adds to.
  virtual Index output_of(Index element) const { return element % outputs(); }
  const graft::Epilogue<Scalar>& epilogue() const { return epilogue_; }
  const Variable<Scalar>& kernel() const { return kernel_; }
  bool has_fold() const { return !epilogue_.folded.empty(); }

  /// Space for the shift that folding leaves, behind the packed kernel.
  Index shift_bytes() const { return has_fold() ? outputs() * static_cast<Index>(sizeof(Scalar)) : 0; }
  static Index aligned(Index elements) { return (elements * static_cast<Index>(sizeof(Scalar)) + 63) / 64 * 64; }

  /// Calls pack(kernel) with the kernel as folding scales it.
  template <class F>
  void with_folded_kernel(F&& pack) const {
    if (!has_fold()) return pack(kernel_.data());
    Tensor<Scalar> scaled = kernel_.value();
    const Tensor<Scalar> factor = fold().first;
    for (Index i = 0; i < scaled.size(); ++i) scaled.data()[i] *= factor.data()[output_of(i)];
    pack(std::as_const(scaled).data());
  }
  void write_shift(Scalar* to) const {
    if (!has_fold()) return;
    const Tensor<Scalar> shift = fold().second;
    std::copy(shift.begin(), shift.end(), to);
  }
  /// `shift` is what write_shift() wrote.
  ops::Epilogue<Scalar> kernel_epilogue(const Scalar* shift) const {
    const Scalar* bias = has_fold() ? shift : epilogue_.bias ? epilogue_.bias->data() : nullptr;
    return {bias, epilogue_.activation, epilogue_.max_pool};
  }
  /// Turns io.dy into the gradient before bias and activation, and adds to the bias's gradient.
  void epilogue_backward(Io<Scalar>& io) const {
    if (epilogue_.activation.kind != ops::ActivationKind::linear)
      thread_pool().each(io.n, [&](Index i, Index) {
        ops::activation_gradient<Scalar>(epilogue_.activation, io.y.sample(i), io.dy.sample(i), io.dy.sample_size());
      });
    if (epilogue_.bias && io.dw[1]) ops::bias_gradient<Scalar>(io.dy, io.dw[1].data);
  }

 private:
  // The scale and shift that all folded maps and the bias make together: y = scale (x . kernel) + shift.
  std::pair<Tensor<Scalar>, Tensor<Scalar>> fold() const {
    const Index n = outputs();
    Tensor<Scalar> scale({n}), shift({n});
    scale.array() = Scalar(1);
    if (epilogue_.bias) shift = epilogue_.bias->value();
    for (const auto& f : epilogue_.folded)
      for (Index j = 0; j < n; ++j) {
        const Scalar gamma = f.gamma ? f.gamma->data()[j] : Scalar(1), beta = f.beta ? f.beta->data()[j] : Scalar(0);
        const Scalar factor = gamma / std::sqrt(f.variance->data()[j] + static_cast<Scalar>(f.epsilon));
        scale.data()[j] *= factor;
        shift.data()[j] = (shift.data()[j] - f.mean->data()[j]) * factor + beta;
      }
    return {std::move(scale), std::move(shift)};
  }

  Variable<Scalar> kernel_;
  graft::Epilogue<Scalar> epilogue_;
};

}  // namespace graft::steps
