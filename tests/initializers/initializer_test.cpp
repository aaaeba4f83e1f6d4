#include <graft/initializers/initializer.hpp>

#include "support/catch.hpp"
#include "support/config.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

Tensor<float> made(const Initializer& initializer, std::uint64_t stream) {
  return initializer({3, 4}, RandomStream(stream));
}
saving::Json written(Initializer initializer) { return write_config(std::move(initializer)); }
Initializer read(const saving::Json& json) { return read_config<Initializer>("ones", json); }

}  // namespace

TEST_CASE("A name draws new values at every use", "[initializers]") {
  const Initializer name = "glorot_uniform";
  CHECK(same_bits(made(name, 1), made(name, 1)));
  CHECK_FALSE(same_bits(made(name, 1), made(name, 2)));
}

TEST_CASE("An instance gives the same values at every use, as in Keras", "[initializers]") {
  const Initializer seeded = initializers::GlorotUniform({.seed = 5});
  CHECK(same_bits(made(seeded, 1), made(seeded, 2)));
  CHECK(same_bits(made(seeded, 1), made(initializers::GlorotUniform({.seed = 5}), 3)));
  CHECK_FALSE(same_bits(made(seeded, 1), made(initializers::GlorotUniform({.seed = 6}), 1)));
  // Without a seed it draws one when it is made.
  const Initializer drawn = initializers::GlorotUniform(), copy = drawn;
  CHECK(same_bits(made(drawn, 1), made(copy, 2)));
  CHECK_FALSE(same_bits(made(drawn, 1), made(initializers::GlorotUniform(), 1)));
}

TEST_CASE("An instance's seed follows from the global one", "[initializers]") {
  utils::set_random_seed(11);
  const auto first = made(initializers::HeNormal(), 1);
  utils::set_random_seed(11);
  CHECK(same_bits(first, made(initializers::HeNormal(), 2)));
}

TEST_CASE("An initializer is found by class name, snake_case name and alias", "[initializers]") {
  for (const char* name : {"zeros",
                           "Zeros",
                           "zero",
                           "ones",
                           "one",
                           "constant",
                           "random_normal",
                           "normal",
                           "RandomUniform",
                           "uniform",
                           "truncated_normal",
                           "variance_scaling",
                           "glorot_uniform",
                           "GlorotNormal",
                           "he_uniform",
                           "HeNormal",
                           "lecun_uniform",
                           "LecunNormal",
                           "orthogonal",
                           "OrthogonalInitializer",
                           "identity",
                           "IdentityInitializer"})
    CHECK_NOTHROW(Initializer(name));
  for (const char* name : {"glorot", ""})
    CHECK_THROWS_MATCHES(
        Initializer(name), ArgumentError,
        Message("Initializer: there is no initializer \"" + std::string(name) +
                "\". The names are zeros, ones, constant, random_normal, random_uniform, truncated_normal, "
                "variance_scaling, glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal, "
                "orthogonal, identity."));
}

TEST_CASE("Constant values and the identity", "[initializers]") {
  CHECK((made("zeros", 1).array() == 0).all());
  CHECK((made("ones", 1).array() == 1).all());
  CHECK((made(initializers::Constant({.value = 0.25}), 1).array() == 0.25f).all());
  CHECK((made("constant", 1).array() == 0).all());
  const auto identity = made(initializers::Identity({.gain = 2}), 1);
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 4; ++j) CHECK(identity(i, j) == (i == j ? 2 : 0));
  CHECK_THROWS_MATCHES(Initializer("identity")({3}, RandomStream(1)), ShapeError,
                       Message("Identity: the initializer makes matrices, got the shape (3,)."));
}

TEST_CASE("An initializer is written as Keras writes it and read back", "[initializers][config]") {
  const saving::Json json = written(initializers::RandomNormal({.mean = 0.5, .stddev = 0.25, .seed = 3}));
  CHECK(json["class_name"] == "RandomNormal");
  CHECK(json["config"] == saving::Json{{"mean", 0.5}, {"stddev", 0.25}, {"seed", 3}});
  CHECK(same_bits(made(read(json), 1), made(initializers::RandomNormal({.mean = 0.5, .stddev = 0.25, .seed = 3}), 1)));
  for (const char* name : {"zeros", "constant", "random_uniform", "truncated_normal", "variance_scaling",
                           "glorot_uniform", "lecun_normal", "orthogonal", "identity"})
    CHECK(written(read(written(name))) == written(name));
  CHECK_THROWS_AS(read({{"class_name", "VarianceScaling"}, {"config", {{"scale", -1}}}}), ArgumentError);
  // A seed that was read counts, and so does that there is none.
  CHECK_FALSE(same_bits(made(read({{"class_name", "HeNormal"}, {"config", {{"seed", nullptr}}}}), 1),
                        made(read({{"class_name", "HeNormal"}, {"config", {{"seed", nullptr}}}}), 1)));
}
