#pragma once
#include <graft/initializers/initializer_function.hpp>

namespace graft::initializers {

struct IdentityOptions {
  double gain = 1;
};

/// gain on the diagonal of a matrix (rows, columns), 0 elsewhere. Throws ShapeError for another rank.
class Identity final : public ElementwiseInitializer<Identity, IdentityOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Identity", "identity", "IdentityInitializer"};

  explicit Identity(IdentityOptions options = {}) : ElementwiseInitializer(options) {}

  Elements elements(const Shape& shape, RandomStream) const override {
    if (shape.rank() != 2) raise<ShapeError>("Identity: the initializer makes matrices, got the shape ", shape, ".");
    const auto columns = static_cast<std::uint64_t>(shape.back());
    return [columns, gain = options_.gain](std::uint64_t i) { return i / columns == i % columns ? gain : 0.0; };
  }
  void fields(ConfigVisitor& c) { c("gain", options_.gain); }
};

}  // namespace graft::initializers
