#pragma once
#include <graft/applications/imagenet_classes.hpp>
#include <graft/core/tensor.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace graft::applications {

/// One guess of an ImageNet classifier.
struct Prediction {
  std::string wnid;   ///< WordNet id, "n02123045"
  std::string label;  ///< "tabby"
  double score = 0;
};

struct DecodeOptions {
  Index top = 5;
};

/// The best guesses for every row of probabilities (batch, 1000), best first; equal scores in the order of the classes.
/// Throws ShapeError for another shape.
template <class Scalar>
std::vector<std::vector<Prediction>> decode_predictions(const Tensor<Scalar>& probabilities,
                                                        DecodeOptions options = {}) {
  constexpr Index classes = static_cast<Index>(imagenet_classes.size());
  if (probabilities.rank() != 2 || probabilities.shape()[1] != classes)
    raise<ShapeError>("decode_predictions expects (batch, 1000), got ", probabilities.shape(),
                      ". It decodes ImageNet classes only: for your own use model.class_names().");
  std::vector<std::vector<Prediction>> decoded;
  std::vector<std::size_t> order(imagenet_classes.size());
  for (Index row = 0; row < probabilities.shape()[0]; ++row) {
    const Scalar* scores = probabilities.data() + row * classes;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
    auto& guesses = decoded.emplace_back();
    for (Index i = 0; i < std::clamp<Index>(options.top, 0, classes); ++i) {
      const auto& known = imagenet_classes[order[to_size(i)]];
      guesses.push_back(
          {std::string(known.wnid), std::string(known.label), static_cast<double>(scores[order[to_size(i)]])});
    }
  }
  return decoded;
}

}  // namespace graft::applications
