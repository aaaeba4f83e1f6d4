#pragma once
#include <algorithm>
#include <functional>
#include <graft/core/any_view.hpp>
#include <graft/core/config_visitor.hpp>
#include <graft/core/error.hpp>
#include <graft/core/global_seed.hpp>
#include <graft/core/random.hpp>
#include <graft/core/thread_pool.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace graft::initializers {

/// Element i of a weight.
using Elements = std::function<double(std::uint64_t i)>;

/// Makes the first values of a weight from its shape and random numbers. Values are computed in double; the same bits
/// for any number of threads. To write one of your own derive from ElementwiseInitializer.
class InitializerFunction {
 public:
  virtual ~InitializerFunction() = default;

  /// As Keras's class: "GlorotUniform".
  virtual std::string class_name() const = 0;
  /// Keras's get_config. Throws ArgumentError if what was read is wrong.
  virtual void config(ConfigVisitor& c) = 0;
  /// What an instance draws from: the seed it was given, or one that it drew when it was made, so that it always gives
  /// the same values. Empty if nothing is random.
  virtual std::optional<std::uint64_t> seed() const { return std::nullopt; }

  /// The function that gives element i of a weight of this shape. Throws ShapeError for a shape that the initializer is
  /// not made for.
  virtual Elements elements(const Shape& shape, RandomStream random) const = 0;

  /// Writes every element.
  void fill(AnyView w, RandomStream random) const {
    constexpr Index block = 8192;
    const Elements element = elements(w.shape(), random);
    const Index n = w.size();
    thread_pool().each((n + block - 1) / block, [&](Index b, Index) {
      for (Index i = b * block; i < std::min(n, (b + 1) * block); ++i) w.set(i, element(static_cast<std::uint64_t>(i)));
    });
  }
};

struct NoOptions {};

struct SeedOptions {
  std::optional<Index> seed = {};  ///< empty: one is drawn
};

/// Makes an InitializerFunction of a class that has
///   Elements elements(const Shape& shape, RandomStream random) const override
///   static constexpr std::string_view keras_names[]                    class name, snake_case name, aliases
/// and may hide fields() and check() below. Random if Options has a seed.
template <class Derived, class Options = NoOptions>
class ElementwiseInitializer : public InitializerFunction {
  static constexpr bool has_seed = requires(Options o) { o.seed; };

 public:
  explicit ElementwiseInitializer(Options options) : options_(std::move(options)) { draw(); }

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  const Options& options() const { return options_; }
  std::optional<std::uint64_t> seed() const override { return has_seed ? std::optional(seed_) : std::nullopt; }

  void config(ConfigVisitor& c) override {
    static_cast<Derived&>(*this).fields(c);
    if constexpr (has_seed) c("seed", options_.seed);
    static_cast<const Derived&>(*this).check();
    if (c.reading()) draw();
  }

  void fields(ConfigVisitor&) {}
  void check() const {}

 protected:
  Options options_;

 private:
  void draw() {
    if constexpr (has_seed) seed_ = options_.seed ? mix(static_cast<std::uint64_t>(*options_.seed)) : next_seed();
  }

  std::uint64_t seed_ = 0;
};

}  // namespace graft::initializers
