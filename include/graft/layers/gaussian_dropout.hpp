#pragma once
#include <cmath>
#include <graft/layers/layer.hpp>
#include <graft/steps/gaussian_noise.hpp>

namespace graft::layers {

struct GaussianDropoutOptions {
  std::optional<Index> seed = {};  ///< alone determines what is drawn
  std::string name = {};           ///< empty: "gaussian_dropout", "gaussian_dropout_1", ...
  bool trainable = true;
};

/// In training: y = x noise, normal with mean 1 and deviation sqrt(rate / (1 - rate)), for each element by itself: the
/// mean and deviation of Dropout(rate). In inference y = x. Acts in training also when it is frozen. Input and output
/// of any shape. No variables. Throws ArgumentError if rate is outside 0 .. 1 or 1, for which there is no such
/// deviation. Source: Srivastava et al. 2014, keras/src/layers/regularization/gaussian_dropout.py.
template <class Scalar = float>
class GaussianDropout final : public Layer<Scalar> {
 public:
  explicit GaussianDropout(double rate, GaussianDropoutOptions options = {})
      : rate_(rate), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (!(rate >= 0 && rate < 1))
      raise<ArgumentError>(this->who(), ": rate must lie in 0 .. 1 and be below 1, got ", rate, ".");
  }

  std::string class_name() const override { return "GaussianDropout"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<GaussianDropout>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    if (!builder.training() || rate_ == 0) return in;
    const steps::RandomSource source{builder.stream(), options_.seed};
    const double stddev = std::sqrt(rate_ / (1 - rate_));
    return {builder.template step<steps::GaussianNoise<Scalar>>(in, steps::Noise::multiplied, stddev, source)};
  }
  void config(ConfigVisitor& c) const override {
    double rate = rate_;
    GaussianDropoutOptions options = this->identified(options_);
    fields(c, rate, options);
  }
  static GaussianDropout from_config(ConfigVisitor& c) {
    double rate = 0;
    GaussianDropoutOptions options;
    fields(c, rate, options);
    return GaussianDropout(rate, options);
  }

 private:
  static void fields(ConfigVisitor& c, double& rate, GaussianDropoutOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("rate", rate);
    c("seed", o.seed);
  }

  double rate_;
  GaussianDropoutOptions options_;
};

}  // namespace graft::layers
