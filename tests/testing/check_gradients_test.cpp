#include <graft/layers/dense.hpp>
#include <graft/testing/check_gradients.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

/// y = x . kernel, a custom layer; its kernel's gradient is wrong by `by` at `entry`.
class PoisonedDense final : public Layer<double> {
 public:
  explicit PoisonedDense(Index units, Index entry = 0, double by = 0) : units_(units), entry_(entry), by_(by) {
    set_identity("", class_name(), true);
  }
  std::string class_name() const override { return "PoisonedDense"; }
  std::shared_ptr<Layer<double>> share() const override { return std::make_shared<PoisonedDense>(*this); }
  void build(const Shape& in) const override { initialize(kernel_, {in.back(), units_}, "glorot_uniform"); }
  Shape compute_output_shape(const Shape& in) const override { return in.with_back(units_); }
  Tensor<double> call(const Tensor<double>& x, Context<double>& context) const override {
    context.save(x);
    return Tensor<double>(x.matrix() * kernel_.value().matrix());
  }
  Tensor<double> backward(const Tensor<double>& dy, Context<double>& context) const override {
    Tensor<double> gradient(context.saved(0).matrix().transpose() * dy.matrix());
    gradient.data()[entry_] += by_;
    context.add_gradient(kernel_, gradient);
    return Tensor<double>(dy.matrix() * kernel_.value().matrix().transpose());
  }

 private:
  Index units_, entry_;
  double by_;
  Variable<double> kernel_ = this->add_weight("kernel");
};

/// y = x whose backward() fills dx with NaN.
class NotANumber final : public Layer<double> {
 public:
  NotANumber() { set_identity("", class_name(), true); }
  std::string class_name() const override { return "NotANumber"; }
  std::shared_ptr<Layer<double>> share() const override { return std::make_shared<NotANumber>(*this); }
  Tensor<double> call(const Tensor<double>& x, Context<double>&) const override { return x; }
  Tensor<double> backward(const Tensor<double>& dy, Context<double>&) const override {
    Tensor<double> dx(dy.shape());
    dx.data()[1] = std::nan("");
    return dx;
  }
};

}  // namespace

TEST_CASE("check_gradients passes a layer whose backward is right", "[testing]") {
  const auto report = testing::check_gradients(PoisonedDense(3), random_tensor<double>({4, 2}, 1));
  INFO(report);
  // y is linear in both: nothing is left but rounding, 1e-16 / h = 1e-11.
  CHECK(report.max_relative_error < 1e-9);
}

TEST_CASE("check_gradients notices one wrong entry", "[testing]") {
  const auto report = testing::check_gradients(PoisonedDense(2, 4, 1e-3), random_tensor<double>({4, 3}, 1));
  INFO(report);
  CHECK(report.max_relative_error > 1e-5);
  CHECK(report.worst_tensor == "kernel");
  CHECK(report.worst_entry == 4);
  CHECK_THAT(report.computed - report.expected, WithinAbs(1e-3, 1e-9));
}

TEST_CASE("check_gradients notices a NaN", "[testing]") {
  const auto report = testing::check_gradients(NotANumber(), random_tensor<double>({2, 2}, 1));
  CHECK(std::isnan(report.max_relative_error));
  CHECK(report.worst_tensor == "x0");
  CHECK(report.worst_entry == 1);
}

TEST_CASE("check_gradients leaves the weights as they were and skips frozen ones", "[testing]") {
  layers::Dense<double> layer(3, {.activation = "tanh", .activity_regularizer = "l2"});
  const auto x = random_tensor<double>({4, 2}, 1);
  layer.ensure_built(std::vector<Shape>{x.shape()});
  const auto before = layer.get_weights();
  const auto report = testing::check_gradients(layer, x);
  INFO(report);
  CHECK(report.max_relative_error < 1e-8);  // h^2 = 1e-10 times the third derivative
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(same_bits(before[i], layer.get_weights()[i]));

  layer.trainable = false;
  testing::LayerRun<double> run(layer, {x});
  REQUIRE(run.learning().size() == 1);
  CHECK(run.learning().front().name() == "x0");
}
