#pragma once
#include <graft/initializers/initializer_function.hpp>

namespace graft::initializers {

struct ConstantOptions {
  double value = 0;
};

/// Every element is `value`.
class Constant final : public ElementwiseInitializer<Constant, ConstantOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Constant", "constant"};

  explicit Constant(ConstantOptions options = {}) : ElementwiseInitializer(options) {}

  Elements elements(const Shape&, RandomStream) const override {
    return [value = options_.value](std::uint64_t) { return value; };
  }
  void fields(ConfigVisitor& c) { c("value", options_.value); }
};

/// Every element is 0.
class Zeros final : public ElementwiseInitializer<Zeros> {
 public:
  static constexpr std::string_view keras_names[] = {"Zeros", "zeros", "zero"};

  Zeros() : ElementwiseInitializer({}) {}

  Elements elements(const Shape&, RandomStream) const override {
    return [](std::uint64_t) { return 0.0; };
  }
};

/// Every element is 1.
class Ones final : public ElementwiseInitializer<Ones> {
 public:
  static constexpr std::string_view keras_names[] = {"Ones", "ones", "one"};

  Ones() : ElementwiseInitializer({}) {}

  Elements elements(const Shape&, RandomStream) const override {
    return [](std::uint64_t) { return 1.0; };
  }
};

}  // namespace graft::initializers
