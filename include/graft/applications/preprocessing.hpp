#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <graft/core/tensor.hpp>
#include <iostream>
#include <string>

namespace graft::applications {

/// What Keras's modes do to RGB values 0 .. 255.
enum class PreprocessingMode {
  caffe,  ///< BGR minus the ImageNet mean B 103.939, G 116.779, R 123.68: about -124 .. 151
  tf,     ///< x / 127.5 - 1: -1 .. 1
  torch,  ///< (x / 255 - mean) / deviation with mean (0.485, 0.456, 0.406) and deviation (0.229, 0.224, 0.225)
  none    ///< as they are: the network begins with its own rescaling
};

/// How images were prepared when a network's ImageNet weights were trained. Source:
/// keras/src/applications/imagenet_utils.py.
///
/// in   (batch, height, width, 3) or (height, width, 3), RGB, values 0..255 (8-bit steps, not 0..1)
/// out  same shape, prepared as PreprocessingMode says
/// Throws ShapeError if the last axis is not 3. Warns once if all values are <= 1: an image that was rescaled already.
class ImagePreprocessing {
 public:
  constexpr ImagePreprocessing(const char* name, PreprocessingMode mode) : name_(name), mode_(mode) {}

  /// "vgg16.preprocess_input": stored with a model that was trained on such images.
  std::string name() const { return name_; }
  std::uint64_t fingerprint() const { return 1; }

  template <class Scalar>
  Tensor<Scalar> operator()(Tensor<Scalar> x) const {
    if (x.rank() < 3 || x.shape().back() != 3)
      raise<ShapeError>(name_, " expects (batch, height, width, 3), got ", x.shape(),
                        ". Load images with color_mode \"rgb\".");
    warn_if_rescaled(x);
    switch (mode_) {
      case PreprocessingMode::caffe:
        subtract_caffe_mean(x);
        break;
      case PreprocessingMode::tf:
        for (Scalar& v : x) v = v / Scalar(127.5) - Scalar(1);
        break;
      case PreprocessingMode::torch:
        normalize_as_torch(x);
        break;
      case PreprocessingMode::none:
        break;
    }
    return x;
  }

 private:
  template <class Scalar>
  static void subtract_caffe_mean(Tensor<Scalar>& x) {
    constexpr Scalar blue = Scalar(103.939), green = Scalar(116.779), red = Scalar(123.68);
    for (Scalar* p = x.begin(); p != x.end(); p += 3) {
      const Scalar r = p[0];
      p[0] = p[2] - blue;
      p[1] -= green;
      p[2] = r - red;
    }
  }
  template <class Scalar>
  static void normalize_as_torch(Tensor<Scalar>& x) {
    constexpr std::array mean{Scalar(0.485), Scalar(0.456), Scalar(0.406)};
    constexpr std::array deviation{Scalar(0.229), Scalar(0.224), Scalar(0.225)};
    for (Scalar* p = x.begin(); p != x.end(); p += 3)
      for (std::size_t c = 0; c < 3; ++c) p[c] = (p[c] / Scalar(255) - mean[c]) / deviation[c];
  }
  template <class Scalar>
  void warn_if_rescaled(const Tensor<Scalar>& x) const {
    static std::atomic<bool> warned{false};
    if (warned || x.empty() || *std::max_element(x.begin(), x.end()) > Scalar(1)) return;
    if (!warned.exchange(true))
      std::cerr << "warning: " << name_
                << ": all values are <= 1. It expects 0..255; was the image rescaled already?\n";
  }

  const char* name_;
  PreprocessingMode mode_;
};

}  // namespace graft::applications
