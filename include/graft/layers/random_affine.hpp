#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/random_factor.hpp>
#include <graft/layers/sampling.hpp>
#include <graft/steps/random_affine.hpp>

namespace graft::layers {

/// What the layers that move images by a random transform share.
struct RandomAffineOptions {
  std::string fill_mode = "reflect";       ///< outside the image: "reflect", "constant", "nearest" or "wrap"
  std::string interpolation = "bilinear";  ///< or "nearest"
  std::optional<Index> seed = {};          ///< alone determines what is drawn
  double fill_value = 0;                   ///< for fill_mode = "constant"
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "random_rotation", "random_rotation_1", ...
  bool trainable = true;
};

/// Images (batch, height, width, channels) in, the same shape out; acts in training, on every sample by itself, and in
/// a call on tensors that does not say which it is, as in Keras.
/// Source: keras/src/layers/preprocessing/image_preprocessing.
template <class Scalar>
class RandomAffine : public Layer<Scalar> {
 public:
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return in;
  }

 protected:
  RandomAffine(const std::string& class_name, RandomAffineOptions options) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    const std::string who = class_name + " '" + this->name() + "'";
    require_channels_last(options_.data_format, who);
    how_ = {.fill = fill_of(options_.fill_mode, who),
            .sampling = sampling_of(options_.interpolation, who),
            .value = options_.fill_value};
  }

  std::vector<ValueId> lower_to(Builder<Scalar>& builder, const std::vector<ValueId>& in, const char* kind,
                                steps::DrawTransform draw, std::uint64_t hash) const {
    if (!builder.augments()) return in;
    const steps::RandomSource source{builder.stream(), options_.seed};
    return {builder.template step<steps::RandomAffine<Scalar>>(in, kind, std::move(draw), hash, how_, source)};
  }
  RandomAffineOptions current_options() const { return this->identified(options_); }
  static void identity_fields(ConfigVisitor& c, RandomAffineOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("data_format", o.data_format);
  }
  static void style_fields(ConfigVisitor& c, RandomAffineOptions& o) {
    c("fill_mode", o.fill_mode);
    c("interpolation", o.interpolation);
    c("seed", o.seed);
    c("fill_value", o.fill_value);
  }

 private:
  static ops::FillMode fill_of(const std::string& name, const std::string& who) {
    if (name == "reflect") return ops::FillMode::reflect;
    if (name == "constant") return ops::FillMode::constant;
    if (name == "nearest") return ops::FillMode::nearest;
    if (name == "wrap") return ops::FillMode::wrap;
    raise<ArgumentError>(who, ": fill_mode must be \"reflect\", \"constant\", \"nearest\" or \"wrap\", got \"", name,
                         "\".");
  }

  RandomAffineOptions options_;
  ops::Resampling how_;
};

}  // namespace graft::layers
