#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/spatial.hpp>
#include <graft/steps/margins2d.hpp>

namespace graft::layers {

/// Steps at the ends of a sequence: 1 at either end, or {first, last}.
struct Sides1D {
  Index first = 0, last = 0;

  template <std::integral I>
  Sides1D(I both) : Sides1D(both, both) {}
  template <std::integral I, std::integral J>
  Sides1D(I begin, J end) : first(static_cast<Index>(begin)), last(static_cast<Index>(end)) {}

  friend std::ostream& operator<<(std::ostream& out, const Sides1D& s) {
    return out << "(" << s.first << ", " << s.last << ")";
  }
};

/// What ZeroPadding1D and Cropping1D share: the steps that come or go, which files call `field`.
template <class Scalar, class Options>
class Margins1D : public Layer<Scalar> {
 public:
  void config(ConfigVisitor& c) const override {
    std::vector<Index> ends{sides_.first, sides_.last};
    Options options = this->identified(options_);
    fields(c, field_, ends, options);
  }

 protected:
  Margins1D(const std::string& class_name, const char* field, Sides1D sides, Options options)
      : field_(field), sides_(sides), options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    const std::string who = class_name + " '" + this->name() + "'";
    if constexpr (has_data_format) require_channels_last(options_.data_format, who);
    for (const Index n : {sides.first, sides.last})
      if (n < 0) raise<ArgumentError>(who, ": ", field, " must not be negative, got ", n, ".");
  }

  const Sides1D& sides() const { return sides_; }
  /// In the image (batch, 1, steps, channels).
  ops::Margins margins() const { return {0, 0, sides_.first, sides_.last}; }
  std::vector<ValueId> lower_to(Builder<Scalar>& builder, const std::vector<ValueId>& in, bool crops) const {
    const ValueId image = Spatial<Index>::to_image(builder, in[0]);
    return {Spatial<Index>::from_image(builder,
                                       builder.template step<steps::Margins2D<Scalar>>({image}, margins(), crops))};
  }

  /// An L from both of Keras's forms of the field, one number and a pair.
  template <class L>
  static L read(ConfigVisitor& c, const char* class_name, const char* field) {
    std::vector<Index> ends{1};
    Options options;
    fields(c, field, ends, options);
    if (ends.empty() || ends.size() > 2)
      raise<ArgumentError>(class_name, " '", options.name, "': ", field, " must be one number or two, got ",
                           ends.size(), ".");
    return L({ends.front(), ends.back()}, options);
  }

 private:
  static constexpr bool has_data_format = requires(Options o) { o.data_format; };

  static void fields(ConfigVisitor& c, const char* field, std::vector<Index>& ends, Options& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c(field, ends);
    if constexpr (has_data_format) c("data_format", o.data_format);
  }

  const char* field_;
  Sides1D sides_;
  Options options_;
};

}  // namespace graft::layers
