#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/steps/random_flip.hpp>

namespace graft::layers {

struct RandomFlipOptions {
  std::optional<Index> seed = {};  ///< alone determines what is drawn
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "random_flip", "random_flip_1", ...
  bool trainable = true;
};

/// In training: each image flipped with probability 1/2, left and right for mode "horizontal", top and bottom for
/// "vertical"; "horizontal_and_vertical" flips both ways or neither, as in Keras, which turns by 180 degrees. In
/// inference y = x; a call on tensors that does not say which it is flips, as in Keras. Input and output (batch,
/// height, width, channels). No variables. Throws ArgumentError for another mode, ShapeError for other axes.
template <class Scalar = float>
class RandomFlip final : public Layer<Scalar> {
 public:
  explicit RandomFlip(std::string mode = "horizontal_and_vertical", RandomFlipOptions options = {})
      : mode_(std::move(mode)), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_channels_last(options_.data_format, this->who());
    const bool both = mode_ == "horizontal_and_vertical";
    directions_ = {.horizontal = both || mode_ == "horizontal", .vertical = both || mode_ == "vertical"};
    if (!directions_.horizontal && !directions_.vertical)
      raise<ArgumentError>(this->who(),
                           ": mode must be \"horizontal\", \"vertical\" or \"horizontal_and_vertical\", got \"", mode_,
                           "\".");
  }

  std::string class_name() const override { return "RandomFlip"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<RandomFlip>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    if (!builder.augments()) return in;
    const steps::RandomSource source{builder.stream(), options_.seed};
    return {builder.template step<steps::RandomFlip<Scalar>>(in, directions_, source)};
  }
  void config(ConfigVisitor& c) const override {
    std::string mode = mode_;
    RandomFlipOptions options = this->identified(options_);
    fields(c, mode, options);
  }
  static RandomFlip from_config(ConfigVisitor& c) {
    std::string mode = "horizontal_and_vertical";
    RandomFlipOptions options;
    fields(c, mode, options);
    return RandomFlip(mode, options);
  }

 private:
  static void fields(ConfigVisitor& c, std::string& mode, RandomFlipOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("data_format", o.data_format);
    c("seed", o.seed);
    c("mode", mode);
  }

  std::string mode_;
  RandomFlipOptions options_;
  ops::Flip directions_;
};

}  // namespace graft::layers
