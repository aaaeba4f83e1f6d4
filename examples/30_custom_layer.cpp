// A layer of your own: y = x * scale + shift per column, with its gradient check, in a model that is saved and loaded.
//
// Run     build/examples/30_custom_layer
// Result  the gradient check reports an error near 1e-10, the loaded model predicts the same bits
#include <graft/graft.hpp>
#include <graft/testing/check_gradients.hpp>

using namespace graft;

template <class Scalar = float>
class Affine final : public Layer<Scalar> {
 public:
  explicit Affine(const std::string& name = {}) { this->set_identity(name, "Affine", true); }
  std::string class_name() const override { return "Affine"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Affine>(*this); }
  void build(const Shape& in) const override {
    this->initialize(scale_, {in.back()}, "ones");
    this->initialize(shift_, {in.back()}, "zeros");
  }
  Tensor<Scalar> call(const Tensor<Scalar>& x, Context<Scalar>& context) const override {
    context.save(x);
    Tensor<Scalar> y = x;
    y.matrix() = (x.matrix().array().rowwise() * row(scale_)).rowwise() + row(shift_);
    return y;
  }
  Tensor<Scalar> backward(const Tensor<Scalar>& dy, Context<Scalar>& context) const override {
    Tensor<Scalar> dscale(scale_.shape()), dshift(shift_.shape()), dx = dy;
    dscale.matrix() = (dy.matrix().array() * context.saved(0).matrix().array()).colwise().sum().matrix();
    dshift.matrix() = dy.matrix().colwise().sum();
    context.add_gradient(scale_, dscale);
    context.add_gradient(shift_, dshift);
    dx.matrix() = dy.matrix().array().rowwise() * row(scale_);
    return dx;
  }
  /// Row i of the output depends on row i of the input alone, so a frozen Affine may be computed once per sample.
  bool row_independent() const override { return true; }

 private:
  static auto row(const Variable<Scalar>& v) {
    return Eigen::Map<const Eigen::Array<Scalar, 1, Eigen::Dynamic>>(v.data(), v.size());
  }
  Variable<Scalar> scale_ = this->add_weight("scale"), shift_ = this->add_weight("shift");
};

int main() {
  try {
    utils::set_random_seed(1);
    Tensor<double> probe({3, 4});
    for (Index i = 0; i < probe.size(); ++i) probe.data()[i] = 0.3 * static_cast<double>(i) - 1;
    std::cout << "Gradient check of Affine: largest relative error "
              << testing::check_gradients(Affine<double>(), probe).max_relative_error << "\n";

    Sequential model({layers::InputLayer({4}), Affine("affine"), layers::Dense(1)});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    Tensor<> x({64, 4}), y({64, 1});
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) - 3;
    for (Index i = 0; i < 64; ++i) y(i, 0) = x(i, 0) - 2 * x(i, 3);
    const auto history = model.fit(x, y, {.epochs = 20, .verbose = 0});
    std::cout << "Loss after 20 epochs: " << history["loss"].back() << "\n";

    model.save("affine.safetensors");
    const auto make_affine = [](ConfigVisitor& config) {
      std::string name;
      config("name", name);
      return LayerRef<float>(Affine<float>(name));
    };
    const auto loaded = saving::load_model("affine.safetensors", {.custom_objects = {{"Affine", make_affine}}});
    const auto before = model.predict(x), after = loaded.predict(x);
    std::cout << "The loaded model predicts "
              << (std::equal(before.begin(), before.end(), after.begin()) ? "the same" : "something else") << ".\n";
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
