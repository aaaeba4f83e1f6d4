#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/steps/margins2d.hpp>

namespace graft::layers {

/// Rows and columns at the sides of an image: 1, {height, width} at either side, or {{top, bottom}, {left, right}}.
struct Sides2D {
  Index top = 0, bottom = 0, left = 0, right = 0;

  template <std::integral I>
  Sides2D(I all) : Sides2D(all, all) {}
  template <std::integral I, std::integral J>
  Sides2D(I height, J width)
      : top(static_cast<Index>(height)), bottom(top), left(static_cast<Index>(width)), right(left) {}
  Sides2D(const Index (&sides)[2][2]) : top(sides[0][0]), bottom(sides[0][1]), left(sides[1][0]), right(sides[1][1]) {}

  friend std::ostream& operator<<(std::ostream& out, const Sides2D& s) {
    return out << "((" << s.top << ", " << s.bottom << "), (" << s.left << ", " << s.right << "))";
  }
};

struct Margins2DOptions {
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "zero_padding2d", "zero_padding2d_1", ...
  bool trainable = true;
};

/// What ZeroPadding2D and Cropping2D share: the rows and columns that come or go, which files call `field`.
template <class Scalar>
class Margins2D : public Layer<Scalar> {
 public:
  void config(ConfigVisitor& c) const override {
    Rows rows{{sides_.top, sides_.bottom}, {sides_.left, sides_.right}};
    Margins2DOptions options = this->identified(options_);
    fields(c, field_, rows, options);
  }

 protected:
  Margins2D(const std::string& class_name, const char* field, Sides2D sides, Margins2DOptions options)
      : field_(field), sides_(sides), options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    const std::string who = class_name + " '" + this->name() + "'";
    require_channels_last(options_.data_format, who);
    for (const Index n : {sides.top, sides.bottom, sides.left, sides.right})
      if (n < 0) raise<ArgumentError>(who, ": ", field, " must not be negative, got ", n, ".");
  }

  const Sides2D& sides() const { return sides_; }
  ops::Margins margins() const { return {sides_.top, sides_.bottom, sides_.left, sides_.right}; }

  /// An L from all of Keras's forms of the field; `absent` where a file has none.
  template <class L>
  static L read(ConfigVisitor& c, const char* class_name, const char* field, Index absent) {
    Rows rows{{absent, absent}, {absent, absent}};
    Margins2DOptions options;
    fields(c, field, rows, options);
    const auto fail = [&](const char* rule) {
      raise<ArgumentError>(class_name, " '", options.name, "': ", field, " must ", rule, ".");
    };
    if (rows.empty()) fail("not be empty");
    for (const auto& pair : rows)
      if (rows.size() != 2 || pair.empty() || pair.size() > 2) fail("be ((top, bottom), (left, right))");
    return L({{rows.front().front(), rows.front().back()}, {rows.back().front(), rows.back().back()}}, options);
  }

 private:
  using Rows = std::vector<std::vector<Index>>;

  static void fields(ConfigVisitor& c, const char* field, Rows& rows, Margins2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c(field, rows);
    c("data_format", o.data_format);
  }

  const char* field_;
  Sides2D sides_;
  Margins2DOptions options_;
};

}  // namespace graft::layers
