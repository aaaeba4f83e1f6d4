#pragma once
#include <atomic>
#include <cstdint>
#include <graft/core/tensor.hpp>
#include <iostream>
#include <string>

namespace graft::applications {

/// How images were prepared when a network's ImageNet weights were trained. Source:
/// keras/src/applications/imagenet_utils.py, mode "caffe".
///
/// in   (batch, height, width, 3) or (height, width, 3), RGB, values 0..255 (8-bit steps, not 0..1)
/// out  same shape, BGR, minus the ImageNet mean B 103.939, G 116.779, R 123.68: about -124..151
/// Throws ShapeError if the last axis is not 3. Warns once if all values are <= 1: an image that was rescaled already.
class CaffePreprocessing {
 public:
  constexpr explicit CaffePreprocessing(const char* name) : name_(name) {}

  /// "vgg16.preprocess_input": stored with a model that was trained on such images.
  std::string name() const { return name_; }
  std::uint64_t fingerprint() const { return 1; }

  template <class Scalar>
  Tensor<Scalar> operator()(Tensor<Scalar> x) const {
    if (x.rank() < 3 || x.shape().back() != 3)
      raise<ShapeError>(name_, " expects (batch, height, width, 3), got ", x.shape(), ". Load images with color_mode \"rgb\".");
    warn_if_rescaled(x);
    constexpr Scalar blue = Scalar(103.939), green = Scalar(116.779), red = Scalar(123.68);
    for (Scalar* p = x.begin(); p != x.end(); p += 3) {
      const Scalar r = p[0];
      p[0] = p[2] - blue;
      p[1] -= green;
      p[2] = r - red;
    }
    return x;
  }

 private:
  template <class Scalar>
  void warn_if_rescaled(const Tensor<Scalar>& x) const {
    static std::atomic<bool> warned{false};
    if (warned || x.empty() || *std::max_element(x.begin(), x.end()) > Scalar(1)) return;
    if (!warned.exchange(true))
      std::cerr << "warning: " << name_ << ": all values are <= 1. It expects 0..255; was the image rescaled already?\n";
  }

  const char* name_;
};

}  // namespace graft::applications
