#include <graft/activations/activation.hpp>

#include "support/catch.hpp"
#include "support/config.hpp"

using namespace graft;

namespace {

saving::Json written(Activation activation) { return write_config(std::move(activation)); }
Activation read(const saving::Json& json) { return read_config<Activation>("relu", json); }

double at(const char* name, double x) {
  ops::apply_activation(Activation(name).elementwise().value(), &x, 1);
  return x;
}

}  // namespace

TEST_CASE("Activations have Keras's names", "[activations]") {
  for (const char* name :
       {"linear",      "relu",         "relu6",       "leaky_relu",    "elu",         "selu",        "celu",
        "gelu",        "silu",         "mish",        "sigmoid",       "tanh",        "softplus",    "softsign",
        "exponential", "hard_sigmoid", "hard_silu",   "hard_tanh",     "log_sigmoid", "soft_shrink", "hard_shrink",
        "tanh_shrink", "squareplus",   "sparse_plus", "sparse_sigmoid"}) {
    CHECK(Activation(name).name() == name);
    CHECK(Activation(name).elementwise());
  }
  CHECK(Activation().name() == "linear");
  CHECK(Activation("swish") == Activation("silu"));
  CHECK(Activation("hard_swish").name() == "hard_silu");
  CHECK_FALSE(Activation("relu") == Activation("relu6"));
}

TEST_CASE("A name stands for the function with Keras's defaults", "[activations]") {
  CHECK(at("linear", -3) == -3);
  CHECK(at("relu", -3) == 0);
  CHECK(at("relu6", 7) == 6);
  CHECK_THAT(at("leaky_relu", -1), WithinRel(-0.2, 1e-15));
  CHECK_THAT(at("elu", -1), WithinRel(std::exp(-1.0) - 1, 1e-14));
  CHECK(at("soft_shrink", 2) == 1.5);
  CHECK(at("hard_shrink", 0.25) == 0);
  CHECK(at("squareplus", 0) == 1);  // (0 + sqrt(0 + 4)) / 2
  CHECK_THAT(at("swish", 1), WithinRel(1 / (1 + std::exp(-1.0)), 1e-14));
}

TEST_CASE("Softmax looks at a row, so it is no element-wise activation", "[activations]") {
  CHECK_FALSE(Activation("softmax").elementwise());
  CHECK_FALSE(Activation("log_softmax").elementwise());
}

TEST_CASE("An unknown activation is refused with the names that there are", "[activations]") {
  for (const char* name : {"", "threshold"})
    CHECK_THROWS_MATCHES(
        Activation(name), ArgumentError,
        Message("Activation: there is no activation \"" + std::string(name) +
                "\". The names are linear, relu, relu6, leaky_relu, elu, selu, celu, gelu, silu, mish, sigmoid, tanh, "
                "softplus, softsign, exponential, hard_sigmoid, hard_silu, hard_tanh, log_sigmoid, soft_shrink, "
                "hard_shrink, tanh_shrink, squareplus, sparse_plus, sparse_sigmoid, softmax, log_softmax."));
}

TEST_CASE("An activation is written as a string; null is linear", "[activations][config]") {
  CHECK(written("swish") == "silu");
  CHECK(written("softmax") == "softmax");
  CHECK(read("tanh") == Activation("tanh"));
  CHECK(read(nullptr) == Activation("linear"));
  CHECK_THROWS_AS(read("nothing"), ArgumentError);
}
