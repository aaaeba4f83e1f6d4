#include <graft/initializers/initializer_function.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

#include <graft/initializers/initializer.hpp>

using namespace graft;

namespace {

/// A user's initializer: 0, step, 2 step, ...
struct RampOptions {
  double step = 1;
};
class Ramp final : public initializers::ElementwiseInitializer<Ramp, RampOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Ramp", "ramp"};
  explicit Ramp(RampOptions options = {}) : ElementwiseInitializer(options) {}
  initializers::Elements elements(const Shape&, RandomStream) const override {
    return [step = options_.step](std::uint64_t i) { return step * static_cast<double>(i); };
  }
};

}  // namespace

TEST_CASE("A user's initializer is a class of a few lines", "[initializers]") {
  const auto w = Initializer(Ramp({.step = 0.5}))({2, 2}, RandomStream(1));
  CHECK(std::vector<float>(w.begin(), w.end()) == std::vector<float>{0, 0.5f, 1, 1.5f});
  CHECK(Initializer(Ramp()).class_name() == "Ramp");
}

TEST_CASE("Values are the double ones rounded, with the same bits on any number of threads", "[initializers][bits]") {
  for (const char* name : {"glorot_uniform", "he_normal", "random_normal", "orthogonal"}) {
    const Initializer initializer = name;
    const auto make = [&] { return initializer({150, 200}, RandomStream(3)); };
    CHECK(same_bits_on_any_threads(make));
    CHECK(same_bits(make(), initializer.operator()<double>({150, 200}, RandomStream(3)).cast<float>()));
  }
}
