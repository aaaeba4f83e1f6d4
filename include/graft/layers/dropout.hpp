#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/dropout.hpp>

namespace graft::layers {

struct DropoutOptions {
  /// Shape of the mask, batch included: 1 where it repeats, None or the input's length elsewhere. Empty: the input's.
  Shape noise_shape = {};
  std::optional<Index> seed = {};  ///< alone determines what is drawn
  std::string name = {};           ///< empty: "dropout", "dropout_1", ...
  bool trainable = true;
};

/// In training: y = 0 with probability `rate`, else x / (1 - rate), for each element by itself. In inference y = x.
/// Acts in training also when it is frozen. Input and output of any shape. No variables.
/// Throws ArgumentError if rate is outside 0 .. 1, ShapeError if noise_shape does not fit the input.
/// Source: Srivastava et al. 2014, keras/src/layers/regularization/dropout.py.
template <class Scalar = float>
class Dropout final : public Layer<Scalar> {
 public:
  explicit Dropout(double rate, DropoutOptions options = {}) : rate_(rate), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (!(rate >= 0 && rate <= 1)) raise<ArgumentError>(this->who(), ": rate must lie in 0 .. 1, got ", rate, ".");
    for (const Index axis : options_.noise_shape)
      if (axis != None && axis < 1)
        raise<ArgumentError>(this->who(), ": noise_shape must hold lengths or None, got ", options_.noise_shape, ".");
  }

  std::string class_name() const override { return "Dropout"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Dropout>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    const Shape& noise = options_.noise_shape;
    bool fits = noise.empty() || noise.rank() == in.rank();
    for (Index i = 0; fits && i < noise.rank(); ++i)
      fits = noise[i] == None || noise[i] == 1 || in[i] == None || noise[i] == in[i];
    if (!fits)
      raise<ShapeError>(this->who(), ": noise_shape ", noise, " does not fit the input ", in,
                        ": it needs the same axes, each of the same length, 1 or None.");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    if (!builder.training() || rate_ == 0) return in;
    const steps::RandomSource source{builder.stream(), options_.seed};
    return {builder.template step<steps::Dropout<Scalar>>(in, rate_, options_.noise_shape, source)};
  }
  void config(ConfigVisitor& c) const override {
    double rate = rate_;
    DropoutOptions options = this->identified(options_);
    fields(c, rate, options);
  }
  static Dropout from_config(ConfigVisitor& c) {
    double rate = 0;
    DropoutOptions options;
    fields(c, rate, options);
    return Dropout(rate, options);
  }

 private:
  static void fields(ConfigVisitor& c, double& rate, DropoutOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("rate", rate);
    c("seed", o.seed);
    std::optional<Index> none;
    if (!c.reading() && o.noise_shape.empty())
      c("noise_shape", none);
    else
      c("noise_shape", o.noise_shape);
  }

  double rate_;
  DropoutOptions options_;
};

}  // namespace graft::layers
