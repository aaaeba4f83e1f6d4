#pragma once
#include <graft/ops/gradient_product.hpp>
#include <graft/steps/product.hpp>

namespace graft::steps {

/// y = x . kernel on the last axis; kernel (inputs, outputs). x of any rank from 2 on.
template <class Scalar>
class Dense final : public ProductStep<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit Dense(Variable<Scalar> kernel)
      : ProductStep<Scalar>(std::move(kernel)),
        inputs_(this->kernel().shape()[0]),
        product_(inputs_, this->outputs()),
        input_product_(this->outputs(), inputs_),
        kernel_product_(inputs_, this->outputs()) {}

  std::string kind() const override { return "dense"; }
  Shape shape(Shapes in) const override { return in[0].with_back(this->outputs()); }
  double flops(Shapes in, const Shape& out) const override {
    return 2.0 * static_cast<double>(in[0].back()) * static_cast<double>(out.elements());
  }
  Index work_bytes(Shapes in, const Shape&, Direction direction) const override {
    const Index rows = in[0].elements() / inputs_;
    const Index elements = direction == Direction::forward
                               ? product_.work_size(rows)
                               : std::max(input_product_.work_size(rows), kernel_product_.work_size());
    return elements * static_cast<Index>(sizeof(Scalar));
  }
  Index packed_bytes(Direction direction) const override {
    const bool forward = direction == Direction::forward;
    return this->aligned((forward ? product_ : input_product_).packed_size()) + (forward ? this->shift_bytes() : 0);
  }
  void pack(Direction direction, void* to) const override {
    auto* packed = static_cast<Scalar*>(to);
    this->with_folded_kernel([&](const Scalar* kernel) {
      if (direction == Direction::forward)
        product_.pack(kernel, packed);
      else
        input_product_.pack_transposed(kernel, packed);
    });
    if (direction == Direction::forward) this->write_shift(packed + product_.packed_size());
  }

  void forward(Io<Scalar>& io) const override {
    const auto* packed = static_cast<const Scalar*>(io.packed);
    product_(io.x[0].rows(), io.x[0].data, packed, io.y.data, this->kernel_epilogue(packed + product_.packed_size()),
             static_cast<Scalar*>(io.work));
  }
  void backward(Io<Scalar>& io) const override {
    this->epilogue_backward(io);
    const Index rows = io.dy.rows();
    auto* work = static_cast<Scalar*>(io.work);
    if (io.dx[0]) input_product_(rows, io.dy.data, static_cast<const Scalar*>(io.packed), io.dx[0].data, {}, work);
    if (io.dw[0]) kernel_product_(rows, io.x[0].data, io.dy.data, io.dw[0].data, work);
  }

 private:
  Index inputs_;
  ops::MatrixProduct<Scalar> product_, input_product_;
  ops::GradientProduct<Scalar> kernel_product_;
};

}  // namespace graft::steps
