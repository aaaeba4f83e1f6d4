#include <graft/layers/dense.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

enum class Fault { none, shape, mixes, config, gradient };

/// y = x scale, a layer of one's own, with a fault to be found.
class Scale final : public Layer<double> {
 public:
  explicit Scale(Fault fault = Fault::none, const std::string& name = "") : fault_(fault) {
    set_identity(name, class_name(), true);
  }
  std::string class_name() const override { return "Scale"; }
  std::shared_ptr<Layer<double>> share() const override { return std::make_shared<Scale>(*this); }
  void build(const Shape&) const override { initialize(scale_, {1}, "ones"); }
  Shape compute_output_shape(const Shape& in) const override {
    return fault_ == Fault::shape ? in.with_back(in.back() + 1) : in;
  }
  Tensor<double> call(const Tensor<double>& x, Context<double>& context) const override {
    context.save(x);
    Tensor<double> y = x;
    y.array() *= scale();
    if (fault_ == Fault::mixes) y.array() += y.data()[0] / static_cast<double>(x.shape()[0]);
    return y;
  }
  Tensor<double> backward(const Tensor<double>& dy, Context<double>& context) const override {
    context.add_gradient(scale_, Tensor<double>({1}, {(dy.array() * context.saved(0).array()).sum()}));
    Tensor<double> dx = dy;
    dx.array() *= fault_ == Fault::gradient ? -scale() : scale();
    if (fault_ == Fault::mixes) dx.data()[0] += dy.array().sum() * scale() / static_cast<double>(dy.shape()[0]);
    return dx;
  }
  void config(ConfigVisitor& c) const override {
    std::string saved_name = fault_ == Fault::config ? "other" : name();
    c("name", saved_name);
  }
  static Scale from_config(ConfigVisitor& c) {
    std::string saved_name;
    c("name", saved_name);
    return Scale(Fault::none, saved_name);
  }

 private:
  double scale() const { return scale_.data()[0]; }

  Fault fault_;
  Variable<double> scale_ = this->add_weight("scale");
};

std::vector<std::string> battery(Fault fault, testing::LayerExpectations expected = {}) {
  expected.output = {3, 2};
  expected.trainable_weights = expected.params = 1;
  return testing::layer_battery(Scale(fault), {random_tensor<double>({3, 2}, 1)}, expected);
}
bool any_contains(const std::vector<std::string>& faults, const std::string& text) {
  return std::any_of(faults.begin(), faults.end(), [&](const auto& f) { return f.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("The battery passes a custom layer that is right", "[testing]") { CHECK(battery(Fault::none).empty()); }

TEST_CASE("The battery finds what is wrong with a layer", "[testing]") {
  CHECK_THROWS_AS(battery(Fault::shape), ShapeError);  // call() and compute_output_shape() disagree
  const auto mixes = battery(Fault::mixes), mixes_in_training = battery(Fault::mixes, {.mixes_samples = true});
  CHECK(any_contains(mixes, "sample 2 alone has another output in training"));
  CHECK_FALSE(any_contains(mixes_in_training, "sample 2 alone has another output in training"));
  CHECK(any_contains(mixes_in_training, "sample 2 alone has another output"));
  CHECK(any_contains(battery(Fault::config), "config has the name \"other\""));
  CHECK(any_contains(battery(Fault::gradient), "gradients: max relative error"));
  CHECK(any_contains(battery(Fault::gradient), "gradients in training: max relative error"));
}

TEST_CASE("The battery compares with what is expected", "[testing]") {
  const auto faults =
      testing::layer_battery(layers::Dense<double>(4), {random_tensor<double>({3, 2}, 1)},
                             {.output = {3, 5}, .trainable_weights = 1, .non_trainable_weights = 1, .params = 9});
  CHECK(any_contains(faults, "inferred (None, 4) for an open batch, expected (None, 5)"));
  CHECK(any_contains(faults, "computed (3, 4), expected (3, 5)"));
  CHECK(any_contains(faults, "trainable weights: 2, expected 1"));
  CHECK(any_contains(faults, "non-trainable weights: 0, expected 1"));
  CHECK(any_contains(faults, "parameters: 12, expected 9"));
}
