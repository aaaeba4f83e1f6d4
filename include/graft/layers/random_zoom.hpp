#pragma once
#include <graft/layers/random_affine.hpp>

namespace graft::layers {

struct RandomZoomOptions {
  std::optional<RandomFactor> width_factor = {};  ///< empty: the number drawn for the height
  std::string fill_mode = "reflect";              ///< outside the image: "reflect", "constant", "nearest" or "wrap"
  std::string interpolation = "bilinear";         ///< or "nearest"
  std::optional<Index> seed = {};                 ///< alone determines what is drawn
  double fill_value = 0;                          ///< for fill_mode = "constant"
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "random_zoom", "random_zoom_1", ...
  bool trainable = true;
};

/// In training: each image zoomed around its centre by 1 + a number uniform in `height_factor`, and in `width_factor`
/// for the width; above 0 it zooms out, below 0 in. In inference y = x. Input and output (batch, height, width,
/// channels). No variables.
/// Throws ArgumentError unless -1 < factor <= 1 or for an unknown mode, ShapeError for other axes.
template <class Scalar = float>
class RandomZoom final : public RandomAffine<Scalar> {
 public:
  explicit RandomZoom(RandomFactor height_factor, const RandomZoomOptions& options = {})
      : RandomAffine<Scalar>("RandomZoom", shared(options)), height_(height_factor), width_(options.width_factor) {
    require_above_minus_one(height_, "height_factor");
    if (width_) require_above_minus_one(*width_, "width_factor");
  }

  std::string class_name() const override { return "RandomZoom"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<RandomZoom>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const auto draw = [h = height_.range(), w = width_range()](const RandomStream& numbers, Index height, Index width) {
      return ops::random_zoom(numbers, h, w, height, width);
    };
    return this->lower_to(builder, in, "random_zoom", draw, mix(height_.hash(), width_ ? width_->hash() : 0));
  }
  void config(ConfigVisitor& c) const override {
    RandomFactor height = height_;
    std::optional<RandomFactor> width = width_;
    RandomAffineOptions options = this->current_options();
    fields(c, height, width, options);
  }
  static RandomZoom from_config(ConfigVisitor& c) {
    RandomFactor height = 0;
    std::optional<RandomFactor> width;
    RandomAffineOptions o;
    fields(c, height, width, o);
    return RandomZoom(height, {.width_factor = width,
                               .fill_mode = o.fill_mode,
                               .interpolation = o.interpolation,
                               .seed = o.seed,
                               .fill_value = o.fill_value,
                               .data_format = o.data_format,
                               .name = o.name,
                               .trainable = o.trainable});
  }

 private:
  static void fields(ConfigVisitor& c, RandomFactor& height, std::optional<RandomFactor>& width,
                     RandomAffineOptions& o) {
    RandomAffine<Scalar>::identity_fields(c, o);
    c("height_factor", height);
    visit_width(c, width);
    RandomAffine<Scalar>::style_fields(c, o);
  }
  /// A pair, or null for none.
  static void visit_width(ConfigVisitor& c, std::optional<RandomFactor>& width) {
    constexpr std::string_view field = "width_factor";
    std::optional<double> none;
    std::vector<double> ends;
    if (!c.reading()) return width ? c(field, *width) : c(field, none);
    c(field, ends);
    if (ends.empty()) return;
    RandomFactor factor = 0;
    c(field, factor);
    width = factor;
  }
  static RandomAffineOptions shared(const RandomZoomOptions& o) {
    return {.fill_mode = o.fill_mode,
            .interpolation = o.interpolation,
            .seed = o.seed,
            .fill_value = o.fill_value,
            .data_format = o.data_format,
            .name = o.name,
            .trainable = o.trainable};
  }
  void require_above_minus_one(const RandomFactor& factor, const char* option) const {
    if (!(factor.low() > -1 && factor.high() <= 1))
      raise<ArgumentError>(this->who(), ": ", option, " must lie above -1 and not above 1, got ", factor.low(), " .. ",
                           factor.high(), ".");
  }
  std::optional<ops::FactorRange> width_range() const { return width_ ? std::optional(width_->range()) : std::nullopt; }

  RandomFactor height_;
  std::optional<RandomFactor> width_;
};

}  // namespace graft::layers
