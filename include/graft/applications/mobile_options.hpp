#pragma once
#include <algorithm>
#include <cstdio>
#include <graft/applications/application.hpp>
#include <vector>

// What MobileNet and MobileNetV2 share: options with a width, and names that tell it.
namespace graft::applications::detail {

/// Of the options: the shape of the input if one is given.
template <class Options>
std::optional<Shape> given_shape(const Options& o) {
  if (o.input_tensor) return o.input_tensor->shape().without_batch();
  return o.input_shape;
}

/// The options that all applications have.
template <class Scalar, class Options>
ApplicationOptions<Scalar> common_options(const Options& o) {
  return {.weights = o.weights,
          .include_top = o.include_top,
          .input_tensor = o.input_tensor,
          .input_shape = o.input_shape,
          .pooling = o.pooling,
          .classes = o.classes,
          .classifier_activation = o.classifier_activation,
          .name = o.name};
}

/// "0.50"
inline std::string two_decimals(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

/// "mobilenet_1.00_224": the width and the height of the input. `sizes` are those of square inputs that there are
/// ImageNet weights for. Throws ArgumentError for such weights of a width that is not among `alphas`.
template <class Options>
ApplicationFacts mobile_facts(const std::string& prefix, const Options& o, const std::vector<Index>& sizes,
                              const std::vector<double>& alphas) {
  const bool imagenet = o.weights == "imagenet";
  if (!(o.alpha > 0)) raise<ArgumentError>(prefix, ": alpha must be above 0, got ", o.alpha, ".");
  if (imagenet && std::find(alphas.begin(), alphas.end(), o.alpha) == alphas.end()) {
    std::string list;
    for (const double alpha : alphas) list += (list.empty() ? "" : ", ") + two_decimals(alpha);
    raise<ArgumentError>(prefix, ": there are ImageNet weights for alpha ", list, ", got ", o.alpha, ".");
  }
  const auto shape = given_shape(o);
  const bool known = shape && shape->rank() == 3;
  const bool listed =
      known && (*shape)[0] == (*shape)[1] && std::find(sizes.begin(), sizes.end(), (*shape)[0]) != sizes.end();
  const Index size = listed ? (*shape)[0] : 224;
  Index rows = known ? (*shape)[0] : o.include_top ? size : None;
  if (imagenet && !listed) rows = size;
  return {prefix + "_" + two_decimals(o.alpha) + "_" + (rows == None ? "None" : std::to_string(rows)), size, 32};
}

/// As many filters as `alpha` leaves.
inline Index scaled_filters(Index filters, double alpha) {
  return static_cast<Index>(static_cast<double>(filters) * alpha);
}

}  // namespace graft::applications::detail
