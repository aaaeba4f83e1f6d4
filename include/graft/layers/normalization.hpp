#pragma once
#include <graft/data/dataset.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/sample_axis.hpp>
#include <graft/steps/standardize.hpp>

namespace graft::layers {

struct NormalizationOptions {
  Index axis = -1;                ///< along which means and variances differ
  std::vector<double> mean = {};  ///< constants instead of adapt(): one for all, or one for each element of the axis
  std::vector<double> variance = {};  ///< as many as mean
  bool invert = false;                ///< the way back
  std::string name = {};              ///< empty: "normalization", "normalization_1", ...
  bool trainable = true;
};

/// y = (x - mean) / max(sqrt(variance), 1e-7) along an axis; with invert, y = x max(sqrt(variance), 1e-7) + mean.
/// Input and output (batch, ..). Variables without constants: mean and variance, both (length of the axis), which
/// adapt() sets from data, and count, a number that Keras keeps for old files; none of them learns.
/// Throws ArgumentError for constants that do not go together, ShapeError if the axis is unknown or changes.
/// Source: keras/src/layers/preprocessing/normalization.py; several axes at once and none are not computed.
template <class Scalar = float>
class Normalization final : public Layer<Scalar> {
 public:
  explicit Normalization(NormalizationOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (options_.mean.size() != options_.variance.size())
      raise<ArgumentError>(this->who(), ": mean and variance must be given together and be of one length, got ",
                           options_.mean.size(), " and ", options_.variance.size(), " numbers.");
    if (!has_constants()) {
      mean_ = this->add_weight("mean", {.trainable = false});
      variance_ = this->add_weight("variance", {.trainable = false});
      count_ = this->add_weight("count", {.trainable = false});
    }
  }

  std::string class_name() const override { return "Normalization"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Normalization>(*this); }

  /// Takes mean and variance from data, over all axes but the one. Builds the layer if need be. Throws StateError if it
  /// has constants, ShapeError for data of another length, ArgumentError for none.
  void adapt(const Tensor<Scalar>& data) const { assign(moments(data)); }
  /// The same from the inputs of a dataset, batch by batch, so that they need not fit in memory together; in batches of
  /// 128 where it has none of its own. Throws ArgumentError for several inputs, and changes nothing then.
  void adapt(const Dataset<Scalar>& data) const {
    auto reader = data.read(data.random_access() ? data.order(0) : std::vector<Index>{},
                            data.batch_size() == None ? 128 : data.batch_size());
    Moments all;
    for (Batch<Scalar> batch; reader.next(batch);) {
      if (batch.x.size() != 1)
        raise<ArgumentError>(this->who(), ": adapt() takes a dataset of one input, got ", batch.x.size(), ".");
      all.join(moments(batch.x.front()));
    }
    if (all.count == 0) raise<ArgumentError>(this->who(), ": adapt() got no data.");
    assign(all);
  }

  void build(const Shape& in) const override {
    const Index length = in[sample_axis(in, options_.axis, this->who())];
    if (has_constants()) {
      mean_.allocate(constant(options_.mean, length));
      variance_.allocate(constant(options_.variance, length));
      return;
    }
    this->initialize(mean_, {length}, "zeros");
    this->initialize(variance_, {length}, "ones");
    this->initialize(count_, Shape{}, "zeros");
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, ..)");
    const Index length = in[sample_axis(in, options_.axis, this->who())];
    if (length == None)
      raise<ShapeError>(this->who(), " needs to know axis ", options_.axis, " of its input, got ", in,
                        ". Give Input() that axis.");
    const auto given = static_cast<Index>(options_.mean.size());
    const Index expected = mean_.allocated() ? mean_.size() : given > 1 ? given : length;
    if (length != expected)
      raise<ShapeError>(this->who(), " expects ", expected, " elements on axis ", options_.axis, ", got ", in, ".");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const Shape shape = builder.shape(in[0]);
    const Index axis = sample_axis(shape, options_.axis, this->who()) - shape.rank();
    return {builder.template step<steps::Standardize<Scalar>>(in, mean_, variance_, axis, options_.invert)};
  }
  void config(ConfigVisitor& c) const override {
    NormalizationOptions options = this->identified(options_);
    fields(c, options);
  }
  /// Throws ArgumentError unless axis is one axis.
  static Normalization from_config(ConfigVisitor& c) {
    NormalizationOptions options;
    fields(c, options);
    return Normalization(options);
  }

 private:
  /// Mean and variance of `count` values for each element of the axis.
  struct Moments {
    double count = 0;
    std::vector<double> mean = {}, variance = {};

    /// Those of both sets of values together.
    void join(const Moments& more) {
      if (count == 0) return void(*this = more);
      count += more.count;
      const double share = more.count / count;
      for (std::size_t c = 0; c < mean.size(); ++c) {
        const double before = mean[c], other = more.mean[c];
        mean[c] += (other - before) * share;
        variance[c] = (variance[c] + std::pow(before - mean[c], 2)) * (1 - share) +
                      (more.variance[c] + std::pow(other - mean[c], 2)) * share;
      }
    }
  };

  Moments moments(const Tensor<Scalar>& data) const {
    if (has_constants()) raise<StateError>(this->who(), ": adapt() on a layer that was given mean and variance.");
    const Shape shape = data.shape();
    compute_output_shape(shape);
    this->ensure_built(std::vector<Shape>{shape});
    const auto layout = ops::ChannelLayout::of(shape, sample_axis(shape, options_.axis, this->who()));
    if (layout.per_channel() == 0) raise<ArgumentError>(this->who(), ": adapt() got no data.");
    Tensor<Scalar> mean({layout.channels}), variance({layout.channels}), work({ops::normalization_work(layout)});
    ops::batch_statistics<Scalar>(layout, data.data(), mean.data(), variance.data(), work.data());
    return {static_cast<double>(layout.per_channel()), {mean.begin(), mean.end()}, {variance.begin(), variance.end()}};
  }
  void assign(const Moments& moments) const {
    const auto length = static_cast<Index>(moments.mean.size());
    mean_.assign(constant(moments.mean, length));
    variance_.assign(constant(moments.variance, length));
  }
  static void fields(ConfigVisitor& c, NormalizationOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    std::vector<Index> axes{o.axis};
    c("axis", axes);
    if (axes.size() != 1)
      raise<ArgumentError>("Normalization '", o.name, "': axis must be one axis, got ", axes.size(), ".");
    o.axis = axes.front();
    c("invert", o.invert);
    constants(c, "mean", o.mean);
    constants(c, "variance", o.variance);
  }
  /// Null where there are none.
  static void constants(ConfigVisitor& c, const char* name, std::vector<double>& values) {
    std::optional<double> none;
    if (!c.reading() && values.empty()) return c(name, none);
    c(name, values);
  }
  bool has_constants() const { return !options_.mean.empty(); }
  static Tensor<Scalar> constant(const std::vector<double>& values, Index length) {
    Tensor<Scalar> t({length});
    for (Index i = 0; i < length; ++i) t.data()[i] = static_cast<Scalar>(values[values.size() == 1 ? 0 : to_size(i)]);
    return t;
  }

  NormalizationOptions options_;
  // With constants these are no weights: nothing saves them and nothing counts them.
  Variable<Scalar> mean_{"mean", false}, variance_{"variance", false}, count_{"count", false};
};

}  // namespace graft::layers
