#include <graft/core/tensor.hpp>
#include <graft/regularizers/regularizer.hpp>

#include "support/catch.hpp"
#include "support/config.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const Tensor<double> weights({2, 2}, {1, -2, 0, 4});

std::vector<double> gradient(const Regularizer& regularizer, double scale = 1) {
  Tensor<double> dw(weights.shape());
  dw.array().setConstant(1);
  regularizer.add_gradient<double>(weights.view(), dw.view(), scale);
  return {dw.begin(), dw.end()};
}
saving::Json written(Regularizer regularizer) { return write_config(std::move(regularizer)); }
Regularizer read(const saving::Json& json) { return read_config<Regularizer>("l2", json); }

/// A user's penalty: w^4.
class Quartic final : public regularizers::ElementwiseRegularizer<Quartic, regularizers::L2Options> {
 public:
  static constexpr std::string_view keras_names[] = {"Quartic", "quartic"};
  Quartic() : ElementwiseRegularizer({}) {}
  template <class S>
  S element(S w) const {
    return w * w * w * w;
  }
  template <class S>
  S slope(S w) const {
    return 4 * w * w * w;
  }
  void fields(ConfigVisitor&) {}
  void check() const {}
};

}  // namespace

TEST_CASE("Penalties are sums over the weight, L2 without a half", "[regularizers]") {
  CHECK(Regularizer(regularizers::L1({.l1 = 0.5})).value(weights.view()) == 3.5);
  CHECK(Regularizer(regularizers::L2({.l2 = 0.5})).value(weights.view()) == 10.5);
  CHECK(Regularizer(regularizers::L1L2({.l1 = 0.5, .l2 = 0.25})).value(weights.view()) == 8.75);
  CHECK_THAT(Regularizer("l1").value(weights.view()), WithinRel(0.07, 1e-15));
  CHECK_THAT(Regularizer("l2").value(weights.cast<float>().view()), WithinRel(0.21, 1e-7));
  CHECK(Regularizer("l1l2").value(weights.view()) == 0);
}

TEST_CASE("A penalty's gradient is added, and is 0 at 0", "[regularizers][gradient]") {
  CHECK(gradient(regularizers::L1({.l1 = 0.5})) == std::vector<double>{1.5, 0.5, 1, 1.5});
  CHECK(gradient(regularizers::L2({.l2 = 0.5})) == std::vector<double>{2, -1, 1, 5});
  CHECK(gradient(regularizers::L1L2({.l1 = 1, .l2 = 0.5})) == std::vector<double>{3, -2, 1, 6});
  CHECK(gradient(regularizers::L2({.l2 = 0.5}), 0.5) == std::vector<double>{1.5, 0, 1, 3});
  CHECK(gradient(Quartic()) == std::vector<double>{5, -31, 1, 257});
}

TEST_CASE("No regularizer is None: no penalty and no gradient", "[regularizers]") {
  const Regularizer none;
  CHECK_FALSE(none);
  CHECK(none.value(weights.view()) == 0);
  CHECK(gradient(none) == std::vector<double>{1, 1, 1, 1});
  CHECK(written(none).is_null());
  CHECK_FALSE(read(nullptr));
}

TEST_CASE("A regularizer is found by Keras's names, and \"l1_l2\" is none of them", "[regularizers]") {
  for (const char* name : {"l1", "L1", "l2", "L2", "l1l2", "L1L2"}) CHECK(Regularizer(name));
  for (const char* name : {"", "l3"})
    CHECK_THROWS_MATCHES(
        Regularizer(name), ArgumentError,
        Message("Regularizer: there is no regularizer \"" + std::string(name) + "\". The names are l1, l2, l1l2."));
  CHECK_THROWS_WITH(Regularizer("l1_l2"), EndsWith("The names are l1, l2, l1l2. Did you mean \"l1l2\"?"));
  CHECK_THROWS_MATCHES(regularizers::L1({.l1 = -1}), ArgumentError, Message("L1: l1 is at least 0, got -1."));
  CHECK_THROWS_AS(regularizers::L2({.l2 = std::numeric_limits<double>::quiet_NaN()}), ArgumentError);
  CHECK_THROWS_MATCHES(regularizers::L1L2({.l2 = -2}), ArgumentError, Message("L1L2: l2 is at least 0, got -2."));
}

TEST_CASE("A regularizer is written as Keras writes it and read back", "[regularizers][config]") {
  const saving::Json json = written(regularizers::L1L2({.l1 = 0.5, .l2 = 0.25}));
  CHECK(json["class_name"] == "L1L2");
  CHECK(json["config"] == saving::Json{{"l1", 0.5}, {"l2", 0.25}});
  CHECK(read(json).value(weights.view()) == 8.75);
  CHECK(written(read(written(regularizers::L1({.l1 = 3})))) == written(regularizers::L1({.l1 = 3})));
  CHECK_THROWS_AS(read({{"class_name", "L2"}, {"config", {{"l2", -1}}}}), ArgumentError);
}
