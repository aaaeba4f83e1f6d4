#pragma once
#include <graft/applications/application.hpp>
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/units.hpp>
#include <graft/layers/average_pooling2d.hpp>
#include <graft/layers/concatenate.hpp>
#include <graft/layers/max_pooling2d.hpp>

namespace graft::applications {

namespace inception_v3 {

/// Source: keras/src/applications/inception_v3.py, mode "tf".
inline constexpr ImagePreprocessing preprocess_input{"inception_v3.preprocess_input", PreprocessingMode::tf};
using applications::decode_predictions;

}  // namespace inception_v3

namespace detail {

/// The modules of InceptionV3. Convolutions have no bias, normalizations no scale, and all names but those of the
/// concatenations are automatic: so the branches of a module are made one after the other, first to last.
template <class Scalar>
class InceptionModules {
 public:
  using Tensor = SymbolicTensor<Scalar>;

  Tensor stem(Tensor x) const {
    x = unit(x, 32, 3, halving());
    x = unit(x, 32, 3, {.padding = "valid"});
    x = halved(unit(x, 64, 3));
    x = unit(x, 80, 1, {.padding = "valid"});
    return halved(unit(x, 192, 3, {.padding = "valid"}));
  }
  /// mixed0 .. mixed2, of 35 x 35 at the standard size: 1x1, 5x5, two 3x3, pool.
  Tensor module_a(const Tensor& x, const std::string& name, Index pool_filters) const {
    const auto ones = unit(x, 64, 1);
    const auto fives = unit(unit(x, 48, 1), 64, 5);
    const auto threes = unit(unit(unit(x, 64, 1), 96, 3), 96, 3);
    return concatenated({ones, fives, threes, averaged(x, pool_filters)}, name);
  }
  /// mixed3, to 17 x 17.
  Tensor reduction_a(const Tensor& x, const std::string& name) const {
    const auto threes = unit(x, 384, 3, halving());
    const auto double_threes = unit(unit(unit(x, 64, 1), 96, 3), 96, 3, halving());
    return concatenated({threes, double_threes, halved(x)}, name);
  }
  /// mixed4 .. mixed7: 7x7 convolutions in two parts, of f filters until their last.
  Tensor module_b(const Tensor& x, const std::string& name, Index f) const {
    const auto ones = unit(x, 192, 1);
    const auto sevens = unit(unit(unit(x, f, 1), f, {1, 7}), 192, {7, 1});
    const auto double_sevens = unit(unit(unit(unit(unit(x, f, 1), f, {7, 1}), f, {1, 7}), f, {7, 1}), 192, {1, 7});
    return concatenated({ones, sevens, double_sevens, averaged(x, 192)}, name);
  }
  /// mixed8, to 8 x 8.
  Tensor reduction_b(const Tensor& x, const std::string& name) const {
    const auto threes = unit(unit(x, 192, 1), 320, 3, halving());
    const auto sevens = unit(unit(unit(unit(x, 192, 1), 192, {1, 7}), 192, {7, 1}), 192, 3, halving());
    return concatenated({threes, sevens, halved(x)}, name);
  }
  /// mixed9, mixed10: 3x3 convolutions whose two parts stand side by side.
  Tensor module_c(const Tensor& x, const std::string& name, const std::string& split_name) const {
    const auto ones = unit(x, 320, 1);
    const auto threes = split(unit(x, 384, 1), split_name);
    const auto double_threes = split(unit(unit(x, 448, 1), 384, 3), "");
    return concatenated({ones, threes, double_threes, averaged(x, 192)}, name);
  }

 private:
  struct UnitOptions {
    Size2D strides = 1;
    std::string padding = "same";
  };
  static UnitOptions halving() { return {.strides = 2, .padding = "valid"}; }

  Tensor unit(const Tensor& x, Index filters, Size2D kernel, const UnitOptions& o = {}) const {
    const layers::Conv2D<Scalar> conv(filters, kernel, {.strides = o.strides, .padding = o.padding, .use_bias = false});
    const layers::BatchNormalization<Scalar> normalization({.axis = 3, .scale = false});
    return layers::Activation<Scalar>("relu")(normalization(conv(x)));
  }
  Tensor halved(const Tensor& x) const { return layers::MaxPooling2D<Scalar>(3, {.strides = Size2D(2)})(x); }
  Tensor averaged(const Tensor& x, Index filters) const {
    return unit(layers::AveragePooling2D<Scalar>(3, {.strides = Size2D(1), .padding = "same"})(x), filters, 1);
  }
  Tensor split(const Tensor& x, const std::string& name) const {
    const auto wide = unit(x, 384, {1, 3});
    return concatenated({wide, unit(x, 384, {3, 1})}, name);
  }
  Tensor concatenated(const std::vector<Tensor>& branches, const std::string& name) const {
    return layers::Concatenate<Scalar>({.axis = 3, .name = name})(branches);
  }
};

}  // namespace detail

/// InceptionV3: modules of parallel convolutions (Szegedy et al. 2015, arXiv 1512.00567). Input (batch, height, width,
/// 3), prepared by inception_v3::preprocess_input, at least 75 x 75, 299 x 299 with top and ImageNet weights; output
/// (batch, classes), or without top (batch, height, width, 2048), 8 x 8 of 299 x 299. 313 layers and 23,851,784
/// parameters with top, 311 and 21,802,784 without. Most names are automatic, as in Keras, and those of a second one in
/// a process count on; `.weights` takes a file with the names of the first.
/// Throws ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> InceptionV3(const ApplicationOptions<Scalar>& options = {}) {
  const ApplicationFacts facts{"inception_v3", 299, 75};
  return make_application(options, facts, [&](SymbolicTensor<Scalar> x) {
    const detail::InceptionModules<Scalar> net;
    x = net.stem(x);
    x = net.module_a(x, "mixed0", 32);
    x = net.module_a(x, "mixed1", 64);
    x = net.module_a(x, "mixed2", 64);
    x = net.reduction_a(x, "mixed3");
    x = net.module_b(x, "mixed4", 128);
    x = net.module_b(x, "mixed5", 160);
    x = net.module_b(x, "mixed6", 160);
    x = net.module_b(x, "mixed7", 192);
    x = net.reduction_b(x, "mixed8");
    x = net.module_c(x, "mixed9", "mixed9_0");
    x = net.module_c(x, "mixed10", "mixed9_1");
    return options.include_top ? detail::average_and_predict(x, options) : detail::pooled(x, options, "", "");
  });
}

}  // namespace graft::applications
