#pragma once
#include <graft/applications/application.hpp>
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/units.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/layers/separable_conv2d.hpp>

namespace graft::applications {

namespace xception {

/// Source: keras/src/applications/xception.py, mode "tf".
inline constexpr ImagePreprocessing preprocess_input{"xception.preprocess_input", PreprocessingMode::tf};
using applications::decode_predictions;

}  // namespace xception

namespace detail {

/// Convolutions without bias, each followed by {name}_bn. The shortcuts' layers and the sums have automatic names.
template <class Scalar>
class XceptionBlocks {
 public:
  using Tensor = SymbolicTensor<Scalar>;

  Tensor conv(const Tensor& x, Index filters, Index stride, const std::string& name) const {
    const layers::Conv2D<Scalar> layer(filters, 3, {.strides = stride, .use_bias = false, .name = name});
    return relu(bn(layer(x), name), name);
  }
  Tensor separable(const Tensor& x, Index filters, const std::string& name) const {
    const layers::SeparableConv2D<Scalar> layer(filters, 3, {.padding = "same", .use_bias = false, .name = name});
    return bn(layer(x), name);
  }
  Tensor relu(const Tensor& x, const std::string& name) const {
    return layers::Activation<Scalar>("relu", {.name = name + "_act"})(x);
  }
  /// Half the height and width. The first relu is left out where the input is active already.
  Tensor halved(const Tensor& input, const std::string& name, Index first, Index second, bool active = false) const {
    const layers::Conv2D<Scalar> shortcut(second, 1, {.strides = 2, .padding = "same", .use_bias = false});
    const auto residual = layers::BatchNormalization<Scalar>()(shortcut(input));
    auto x = active ? input : relu(input, name + "_sepconv1");
    x = separable(x, first, name + "_sepconv1");
    x = separable(relu(x, name + "_sepconv2"), second, name + "_sepconv2");
    x = layers::MaxPooling2D<Scalar>(3, {.strides = Size2D(2), .padding = "same", .name = name + "_pool"})(x);
    return layers::Add<Scalar>()({x, residual});
  }
  /// Three separable convolutions plus their input.
  Tensor middle(const Tensor& input, const std::string& name) const {
    auto x = input;
    for (const char* part : {"_sepconv1", "_sepconv2", "_sepconv3"})
      x = separable(relu(x, name + part), 728, name + part);
    return layers::Add<Scalar>()({x, input});
  }

 private:
  Tensor bn(const Tensor& x, const std::string& name) const {
    return layers::BatchNormalization<Scalar>({.name = name + "_bn"})(x);
  }
};

}  // namespace detail

/// Xception: separable convolutions in residual blocks (Chollet 2016, arXiv 1610.02357). Input (batch, height, width,
/// 3), prepared by xception::preprocess_input, at least 71 x 71, 299 x 299 with top and ImageNet weights; output
/// (batch, classes), or without top (batch, height, width, 2048), 10 x 10 of 299 x 299. 134 layers and 22,910,480
/// parameters with top, 132 and 20,861,480 without. The names of the shortcuts' layers are automatic, as in Keras, and
/// those of a second one in a process count on; `.weights` takes a file with the names of the first. Throws
/// ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> Xception(const ApplicationOptions<Scalar>& options = {}) {
  const ApplicationFacts facts{"xception", 299, 71};
  return make_application(options, facts, [&](SymbolicTensor<Scalar> x) {
    const detail::XceptionBlocks<Scalar> net;
    x = net.conv(x, 32, 2, "block1_conv1");
    x = net.conv(x, 64, 1, "block1_conv2");
    x = net.halved(x, "block2", 128, 128, true);
    x = net.halved(x, "block3", 256, 256);
    x = net.halved(x, "block4", 728, 728);
    for (Index i = 5; i <= 12; ++i) x = net.middle(x, "block" + std::to_string(i));
    x = net.halved(x, "block13", 728, 1024);
    for (const auto& [filters, name] :
         {std::pair<Index, std::string>{1536, "block14_sepconv1"}, {2048, "block14_sepconv2"}})
      x = net.relu(net.separable(x, filters, name), name);
    return options.include_top ? detail::average_and_predict(x, options) : detail::pooled(x, options, "", "");
  });
}

}  // namespace graft::applications
