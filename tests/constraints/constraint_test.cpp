#include <graft/constraints/constraint.hpp>
#include <graft/core/tensor.hpp>

#include "support/catch.hpp"
#include "support/config.hpp"

using namespace graft;

namespace {

Tensor<double> applied(const Constraint& constraint, Tensor<double> w) {
  constraint.apply(w.view());
  return w;
}
saving::Json written(Constraint constraint) { return write_config(std::move(constraint)); }
Constraint read(const saving::Json& json) { return read_config<Constraint>("non_neg", json); }

// Columns of norm 5 and 0.5.
const Tensor<double> weights({2, 2}, {3, 0.3, -4, 0.4});

/// A user's constraint: weights are at most 1.
class AtMostOne final : public constraints::ConstraintOf<AtMostOne> {
 public:
  static constexpr std::string_view keras_names[] = {"AtMostOne", "at_most_one"};
  template <class S>
  void project(View<S> w) const {
    for (S& v : w.span()) v = std::min(v, S(1));
  }
};

}  // namespace

TEST_CASE("MaxNorm shortens what is too long", "[constraints][max_norm]") {
  const auto w = applied("max_norm", weights);
  CHECK_THAT(w(0, 0), WithinRel(3 * 2 / (5 + 1e-7), 1e-15));
  CHECK_THAT(w(1, 0), WithinRel(-4 * 2 / (5 + 1e-7), 1e-15));
  CHECK_THAT(w(0, 1), WithinRel(0.3 * 0.5 / (0.5 + 1e-7), 1e-14));
  const auto rows = applied(constraints::MaxNorm({.max_value = 1, .axis = 1}), weights);
  CHECK_THAT(rows(0, 0), WithinRel(3 / (std::sqrt(9.09) + 1e-7), 1e-14));
}

TEST_CASE("UnitNorm, MinMaxNorm and NonNeg", "[constraints]") {
  CHECK_THAT(applied("unit_norm", weights)(0, 1), WithinRel(0.3 / (0.5 + 1e-7), 1e-14));
  const auto between = applied(constraints::MinMaxNorm({.min_value = 1, .max_value = 2}), weights);
  CHECK_THAT(between(0, 0), WithinRel(6 / (5 + 1e-7), 1e-15));
  CHECK_THAT(between(0, 1), WithinRel(0.3 / (0.5 + 1e-7), 1e-14));
  const auto half = applied(constraints::MinMaxNorm({.min_value = 1, .max_value = 2, .rate = 0.5}), weights);
  CHECK_THAT(half(0, 0), WithinRel(3 * 3.5 / (5 + 1e-7), 1e-15));
  const auto positive = applied("non_neg", weights);
  CHECK(positive(1, 0) == 0);
  CHECK(positive(0, 0) == 3);
}

TEST_CASE("A zero weight stays zero", "[constraints]") {
  for (const char* name : {"max_norm", "unit_norm", "min_max_norm", "non_neg"})
    CHECK(applied(name, Tensor<double>(Shape{3, 2})).array().isZero(0));
}

TEST_CASE("No constraint is None", "[constraints]") {
  CHECK_FALSE(Constraint());
  CHECK((applied({}, weights).array() == weights.array()).all());
  CHECK(written(Constraint()).is_null());
  CHECK_FALSE(read(nullptr));
}

TEST_CASE("A constraint is found by Keras's names", "[constraints]") {
  for (const char* name :
       {"max_norm", "MaxNorm", "min_max_norm", "MinMaxNorm", "non_neg", "NonNeg", "unit_norm", "UnitNorm"})
    CHECK(Constraint(name));
  for (const char* name : {"", "max", "norm"})
    CHECK_THROWS_MATCHES(Constraint(name), ArgumentError,
                         Message("Constraint: there is no constraint \"" + std::string(name) +
                                 "\". The names are max_norm, min_max_norm, non_neg, unit_norm."));
}

TEST_CASE("Constraints refuse wrong options", "[constraints]") {
  CHECK_THROWS_MATCHES(constraints::MaxNorm({.max_value = -1}), ArgumentError,
                       Message("MaxNorm: max_value is at least 0, got -1."));
  CHECK_THROWS_MATCHES(constraints::MinMaxNorm({.min_value = 2, .max_value = 1}), ArgumentError,
                       Message("MinMaxNorm: 0 <= min_value <= max_value, got 2 and 1."));
  CHECK_THROWS_MATCHES(constraints::MinMaxNorm({.rate = 2}), ArgumentError,
                       Message("MinMaxNorm: rate is from 0 to 1, got 2."));
  CHECK_THROWS_MATCHES(applied(constraints::UnitNorm({.axis = {0, 2}}), weights), ArgumentError,
                       Message("UnitNorm: axis 2 is outside a weight of shape (2, 2)."));
}

TEST_CASE("A constraint is written as Keras writes it and read back", "[constraints][config]") {
  const saving::Json json = written(constraints::MaxNorm({.max_value = 3, .axis = {0, 1, 2}}));
  CHECK(json["class_name"] == "MaxNorm");
  CHECK(json["config"] == saving::Json{{"max_value", 3.0}, {"axis", {0, 1, 2}}});
  CHECK(written(read(json)) == json);
  CHECK(written(read({{"class_name", "UnitNorm"}, {"config", {{"axis", 1}}}}))["config"]["axis"] == 1);
  CHECK(read("non_neg"));
  CHECK_THROWS_AS(read({{"class_name", "MinMaxNorm"}, {"config", {{"rate", 3}}}}), ArgumentError);
}

TEST_CASE("A user's constraint is a class of a few lines", "[constraints]") {
  CHECK(applied(AtMostOne(), weights)(0, 0) == 1);
  CHECK(Constraint(AtMostOne()).class_name() == "AtMostOne");
}
