#pragma once
#include <graft/layers/layer.hpp>

namespace graft {

/// One step around a custom layer's call() and backward(). Copies in and out of the plan's memory, so that the layer
/// sees plain tensors.
template <class Scalar>
class OpaqueStep final : public Op<Scalar> {
 public:
  OpaqueStep(std::shared_ptr<const Layer<Scalar>> layer, bool training)
      : layer_(std::move(layer)), training_(training), variables_(layer_->weights()) {}

  std::string kind() const override { return to_snake_case(layer_->class_name()); }
  Shape shape(typename Op<Scalar>::Shapes in) const override { return layer_->compute_output_shape(in.front()); }
  std::vector<Variable<Scalar>> variables() const override { return variables_; }
  Needs needs(bool, bool) const override { return {}; }
  bool pure() const override { return layer_->row_independent(); }
  std::uint64_t attributes() const override { return reinterpret_cast<std::uintptr_t>(layer_->id()); }

  void forward(Io<Scalar>& io) const override {
    *io.context = Context<Scalar>(training_, variables_, {});
    const Tensor<Scalar> y = layer_->call(Tensor<Scalar>(io.x[0]), *std::any_cast<Context<Scalar>>(io.context));
    if (y.shape() != io.y.shape)
      raise<ShapeError>(layer_->class_name(), " '", layer_->name(), "': call() returned ", y.shape(),
                        ", compute_output_shape() says ", io.y.shape, ".");
    std::copy_n(y.data(), y.size(), io.y.data);
  }
  void backward(Io<Scalar>& io) const override {
    auto& context = *std::any_cast<Context<Scalar>>(io.context);
    context.set_gradients(io.dw);
    const Tensor<Scalar> dx = layer_->backward(Tensor<Scalar>(View<const Scalar>(io.dy)), context);
    if (!io.dx[0]) return;
    if (dx.shape() != io.dx[0].shape)
      raise<ShapeError>(layer_->class_name(), " '", layer_->name(), "': backward() returned ", dx.shape(),
                        " for an input of shape ", io.dx[0].shape, ".");
    std::copy_n(dx.data(), dx.size(), io.dx[0].data);
  }

 private:
  std::shared_ptr<const Layer<Scalar>> layer_;
  bool training_;
  std::vector<Variable<Scalar>> variables_;
};

template <class Scalar>
std::vector<ValueId> Layer<Scalar>::lower(Builder<Scalar>& builder, const Values& in) const {
  return {builder.template step<OpaqueStep<Scalar>>(in, share(), builder.training())};
}

template <class Scalar>
Tensor<Scalar> Layer<Scalar>::call(const Tensor<Scalar>&, Context<Scalar>&) const {
  raise<StateError>(who(), " overrides neither call() nor lower(): it has nothing to compute.");
}

template <class Scalar>
Tensor<Scalar> Layer<Scalar>::backward(const Tensor<Scalar>&, Context<Scalar>&) const {
  raise<StateError>(who(), " does not override backward(), so it cannot be trained or lie below a layer that is.");
}

}  // namespace graft
