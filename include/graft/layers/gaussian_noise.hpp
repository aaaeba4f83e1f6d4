#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/gaussian_noise.hpp>

namespace graft::layers {

struct GaussianNoiseOptions {
  std::optional<Index> seed = {};  ///< alone determines what is drawn
  std::string name = {};           ///< empty: "gaussian_noise", "gaussian_noise_1", ...
  bool trainable = true;
};

/// In training: y = x + noise, normal with mean 0 and deviation stddev, for each element by itself. In inference y = x.
/// Acts in training also when it is frozen. Input and output of any shape. No variables.
/// Throws ArgumentError if stddev is outside 0 .. 1. Source: keras/src/layers/regularization/gaussian_noise.py.
template <class Scalar = float>
class GaussianNoise final : public Layer<Scalar> {
 public:
  explicit GaussianNoise(double stddev, GaussianNoiseOptions options = {})
      : stddev_(stddev), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (!(stddev >= 0 && stddev <= 1))
      raise<ArgumentError>(this->who(), ": stddev must lie in 0 .. 1, got ", stddev, ".");
  }

  std::string class_name() const override { return "GaussianNoise"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<GaussianNoise>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    if (!builder.training() || stddev_ == 0) return in;
    const steps::RandomSource source{builder.stream(), options_.seed};
    return {builder.template step<steps::GaussianNoise<Scalar>>(in, steps::Noise::added, stddev_, source)};
  }
  void config(ConfigVisitor& c) const override {
    double stddev = stddev_;
    GaussianNoiseOptions options = this->identified(options_);
    fields(c, stddev, options);
  }
  static GaussianNoise from_config(ConfigVisitor& c) {
    double stddev = 0;
    GaussianNoiseOptions options;
    fields(c, stddev, options);
    return GaussianNoise(stddev, options);
  }

 private:
  static void fields(ConfigVisitor& c, double& stddev, GaussianNoiseOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("stddev", stddev);
    c("seed", o.seed);
  }

  double stddev_;
  GaussianNoiseOptions options_;
};

}  // namespace graft::layers
