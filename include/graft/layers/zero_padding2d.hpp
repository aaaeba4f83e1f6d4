#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/steps/zero_padding2d.hpp>

namespace graft::layers {

/// Rows and columns around an image: 1, {height, width} on either side, or {{top, bottom}, {left, right}}.
struct Padding2D {
  Index top = 1, bottom = 1, left = 1, right = 1;

  Padding2D() = default;
  template <std::integral I>
  Padding2D(I all) : Padding2D(all, all) {}
  template <std::integral I, std::integral J>
  Padding2D(I height, J width)
      : top(static_cast<Index>(height)), bottom(top), left(static_cast<Index>(width)), right(left) {}
  Padding2D(const Index (&sides)[2][2])
      : top(sides[0][0]), bottom(sides[0][1]), left(sides[1][0]), right(sides[1][1]) {}
};

struct ZeroPadding2DOptions {
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "zero_padding2d", "zero_padding2d_1", ...
  bool trainable = true;
};

/// Zeros around images. Input (batch, height, width, channels), output (batch, top + height + bottom, left + width +
/// right, channels). No variables. Throws ArgumentError for a negative padding, ShapeError if the input has other axes.
template <class Scalar = float>
class ZeroPadding2D final : public Layer<Scalar> {
 public:
  explicit ZeroPadding2D(Padding2D padding = {}, ZeroPadding2DOptions options = {})
      : padding_(padding), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_channels_last(options_.data_format, this->who());
    for (const Index n : {padding_.top, padding_.bottom, padding_.left, padding_.right})
      if (n < 0) raise<ArgumentError>(this->who(), ": padding must not be negative, got ", n, ".");
  }

  /// ZeroPadding2D({{top, bottom}, {left, right}})
  explicit ZeroPadding2D(const Index (&padding)[2][2], ZeroPadding2DOptions options = {})
      : ZeroPadding2D(Padding2D(padding), std::move(options)) {}

  std::string class_name() const override { return "ZeroPadding2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<ZeroPadding2D>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return margins().padded(in);
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::ZeroPadding2D<Scalar>>(in, margins())};
  }
  void config(ConfigVisitor& c) const override {
    Rows padding{{padding_.top, padding_.bottom}, {padding_.left, padding_.right}};
    ZeroPadding2DOptions options = this->identified(options_);
    fields(c, padding, options);
  }
  static ZeroPadding2D from_config(ConfigVisitor& c) {
    Rows padding{{1, 1}, {1, 1}};
    ZeroPadding2DOptions options;
    fields(c, padding, options);
    for (const auto& sides : padding)
      if (padding.size() != 2 || sides.empty() || sides.size() > 2)
        raise<ArgumentError>("ZeroPadding2D '", options.name, "': padding must be ((top, bottom), (left, right)).");
    if (padding.empty()) raise<ArgumentError>("ZeroPadding2D '", options.name, "': padding must not be empty.");
    const auto &rows = padding.front(), &columns = padding.back();
    return ZeroPadding2D({{rows.front(), rows.back()}, {columns.front(), columns.back()}}, options);
  }

 private:
  using Rows = std::vector<std::vector<Index>>;

  static void fields(ConfigVisitor& c, Rows& padding, ZeroPadding2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("padding", padding);
    c("data_format", o.data_format);
  }
  ops::Margins margins() const { return {padding_.top, padding_.bottom, padding_.left, padding_.right}; }

  Padding2D padding_;
  ZeroPadding2DOptions options_;
};

}  // namespace graft::layers
