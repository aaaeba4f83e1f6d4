#pragma once
#include <graft/layers/layer.hpp>
#include <graft/plan/executor.hpp>
#include <graft/plan/passes.hpp>

namespace graft::testing {

namespace detail {

/// y = the variable: an input that learns, so that the plan computes its gradient.
template <class Scalar>
class Source final : public Op<Scalar> {
 public:
  explicit Source(Variable<Scalar> value) : value_(std::move(value)) {}

  std::string kind() const override { return "source"; }
  Shape shape(typename Op<Scalar>::Shapes) const override { return value_.shape(); }
  std::vector<Variable<Scalar>> variables() const override { return {value_}; }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { std::copy_n(value_.data(), io.y.size(), io.y.data); }
  void backward(Io<Scalar>& io) const override {
    for (Index i = 0; i < io.dy.size(); ++i) io.dw[0].data[i] += io.dy.data[i];
  }

 private:
  Variable<Scalar> value_;
};

/// Passes everything on but the mode. Only a training program runs backward; gradients of the inference mode, which a
/// frozen BatchNormalization has, are wanted too.
template <class Scalar>
class ModeBuilder final : public Builder<Scalar> {
 public:
  using Values = std::vector<ValueId>;

  ModeBuilder(Builder<Scalar>& to, bool training) : to_(to), training_(training) {}

  bool training() const override { return training_; }
  Shape shape(ValueId value) const override { return to_.shape(value); }
  ValueId emit(std::unique_ptr<Op<Scalar>> op, Values in) override { return to_.emit(std::move(op), std::move(in)); }
  Values call(const Operation<Scalar>& operation, const Values& in) override {
    return to_.call(InMode(operation, *this), in);
  }
  ValueId alias(ValueId value, std::function<Shape(const Shape&)> reshape) override {
    return to_.alias(value, std::move(reshape));
  }
  std::optional<ValueId> before(ValueId value, std::string_view activation) const override {
    return to_.before(value, activation);
  }
  std::uint64_t stream() override { return to_.stream(); }
  void add_loss(ValueId per_sample) override { to_.add_loss(per_sample); }
  void note(std::string text) override { to_.note(std::move(text)); }

 private:
  /// The operation with this builder in place of the one that calls it.
  struct InMode final : Operation<Scalar> {
    InMode(const Operation<Scalar>& o, ModeBuilder& b) : operation(o), builder(b) {}
    const std::string& name() const override { return operation.name(); }
    const void* id() const override { return operation.id(); }
    bool enabled() const override { return operation.enabled(); }
    std::vector<Shape> compute_output_shapes(std::span<const Shape> in) const override {
      return operation.compute_output_shapes(in);
    }
    Values lower(Builder<Scalar>&, const Values& in) const override { return operation.lower(builder, in); }

    const Operation<Scalar>& operation;
    ModeBuilder& builder;
  };

  Builder<Scalar>& to_;
  bool training_;
};

/// Sources, then the operation on them.
template <class Scalar>
struct Probe final : Operation<Scalar> {
  using Values = std::vector<ValueId>;

  Probe(const Operation<Scalar>& o, const std::vector<Variable<Scalar>>& x, bool mode)
      : operation(o), sources(x), training(mode) {}
  const std::string& name() const override { return operation.name(); }
  const void* id() const override { return this; }
  std::vector<Shape> compute_output_shapes(std::span<const Shape> in) const override {
    return operation.compute_output_shapes(in);
  }
  Values lower(Builder<Scalar>& builder, const Values&) const override {
    Values in;
    for (const auto& source : sources) in.push_back(builder.template step<Source<Scalar>>({}, source));
    ModeBuilder<Scalar> in_mode(builder, training);
    return in_mode.call(operation, in);
  }

  const Operation<Scalar>& operation;
  const std::vector<Variable<Scalar>>& sources;
  bool training;
};

}  // namespace detail

/// How LayerRun calls the layer: the mode, and what randomness follows from.
struct LayerRunOptions {
  bool training = false;
  Run run = {.seed = 1};
};

/// Runs one layer, forward and backward, the way a compiled model runs it, on inputs that are variables: those can be
/// changed between two calls, and have gradients. Memory whose life is over is filled with NaN, so that a step that
/// reads what needs() does not ask for is found.
///   LayerRun<double> run(layer, {x}, {.training = true});
///   const auto y = run.forward().front();
///   run.backward({dy});
///   run.gradient(run.inputs().front());
template <class Scalar>
class LayerRun {
 public:
  /// Builds the layer if it is not. Throws what the layer throws for inputs that do not fit.
  LayerRun(const Layer<Scalar>& layer, const std::vector<Tensor<Scalar>>& x, LayerRunOptions options = {})
      : options_(options), samples_(x.front().shape().front()) {
    std::vector<Shape> shapes;
    for (const auto& tensor : x) {
      shapes.push_back(tensor.shape());
      inputs_.emplace_back("x" + std::to_string(inputs_.size()));
      inputs_.back().allocate(tensor);
    }
    layer.compute_output_shapes(shapes);
    layer.ensure_built(shapes);
    auto program = std::make_shared<plan::Program<Scalar>>(true);
    outputs_ = program->call(detail::Probe<Scalar>(layer, inputs_, options.training), {});
    penalties_ = program->seeds;
    program->seeds.insert(program->seeds.end(), outputs_.begin(), outputs_.end());
    plan::finish(*program, outputs_);
    plan::Part<Scalar> part;
    for (std::size_t i = 0; i < program->steps.size(); ++i) part.steps.push_back(static_cast<Index>(i));
    part.fetch = program->seeds;
    part.backward = true;
    learning_ = program->learning;
    executor_ = std::make_unique<plan::Executor<Scalar>>(plan::Binding<Scalar>(program, std::move(part), samples_),
                                                         std::make_shared<plan::PackedStore<Scalar>>());
    executor_->set_poison(true);
  }

  /// The inputs; update() changes one.
  const std::vector<Variable<Scalar>>& inputs() const { return inputs_; }
  /// The inputs and the layer's variables that learn.
  const std::vector<Variable<Scalar>>& learning() const { return learning_; }

  std::vector<Tensor<Scalar>> forward() {
    executor_->forward(samples_, options_.run);
    return read(outputs_);
  }
  /// What the layer adds to the loss: one value per sample for each penalty.
  std::vector<Tensor<Scalar>> penalties() { return read(penalties_); }
  /// After forward(): the gradients of sum(y * dy) + penalty_weight * sum of each penalty; without a weight, their
  /// mean.
  void backward(const std::vector<Tensor<Scalar>>& dy, std::optional<Scalar> penalty_weight = {}) {
    for (const ValueId penalty : penalties_)
      for (Scalar& d : executor_->gradient(penalty, samples_).span())
        d = penalty_weight.value_or(Scalar(1) / static_cast<Scalar>(samples_));
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      std::copy_n(dy[i].data(), dy[i].size(), executor_->gradient(outputs_[i], samples_).data);
    executor_->backward(samples_, options_.run);
  }
  /// The gradient of an input or a weight; the empty tensor where it does not learn.
  Tensor<Scalar> gradient(const Variable<Scalar>& variable) const {
    for (std::size_t i = 0; i < learning_.size(); ++i)
      if (learning_[i].id() == variable.id()) return executor_->gradients()[i];
    return {};
  }

 private:
  std::vector<Tensor<Scalar>> read(const std::vector<ValueId>& values) {
    std::vector<Tensor<Scalar>> tensors;
    for (const ValueId value : values) tensors.emplace_back(View<const Scalar>(executor_->value(value, samples_)));
    return tensors;
  }

  LayerRunOptions options_;
  Index samples_;
  std::vector<Variable<Scalar>> inputs_, learning_;
  std::vector<ValueId> outputs_, penalties_;
  std::unique_ptr<plan::Executor<Scalar>> executor_;
};

}  // namespace graft::testing
