#include <graft/io/half.hpp>

#include <bit>
#include <limits>

#include "support/catch.hpp"

using namespace graft::io;

namespace {

// By the definition: sign, 5 exponent bits with bias 15, 10 fraction bits.
double half_by_definition(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == 31) return fraction ? std::numeric_limits<double>::quiet_NaN() : sign * HUGE_VAL;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

}  // namespace

TEST_CASE("every float16 goes to the float of its definition and back", "[io][half]") {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const double expected = half_by_definition(half);
    const float value = half_to_float(half);
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(value));
      REQUIRE(std::isnan(half_to_float(float_to_half(value))));
    } else {
      REQUIRE(value == expected);
      REQUIRE(std::signbit(value) == std::signbit(expected));
      REQUIRE(float_to_half(value) == half);
    }
  }
}

TEST_CASE("float16 rounds to the nearest, ties to even", "[io][half]") {
  for (unsigned bits = 0; bits < 0x7bff; ++bits) {
    const auto low = static_cast<std::uint16_t>(bits), high = static_cast<std::uint16_t>(bits + 1);
    const float a = half_to_float(low), b = half_to_float(high), middle = (a + b) / 2;  // exact in float
    REQUIRE(float_to_half(middle) == (bits % 2 == 0 ? low : high));
    REQUIRE(float_to_half(std::nextafter(middle, a)) == low);
    REQUIRE(float_to_half(std::nextafter(middle, b)) == high);
  }
  CHECK(half_to_float(float_to_half(65519.F)) == 65504.F);
  CHECK(std::isinf(half_to_float(float_to_half(65520.F))));
}

TEST_CASE("every bfloat16 is the upper half of a float, rounded to nearest even", "[io][half]") {
  for (unsigned bits = 0; bits < 0x7f80; ++bits) {
    const auto low = static_cast<std::uint16_t>(bits);
    const float a = bfloat16_to_float(low);
    REQUIRE(std::bit_cast<std::uint32_t>(a) == bits << 16);
    REQUIRE(float_to_bfloat16(a) == low);
    const float middle = std::bit_cast<float>((bits << 16) + 0x8000u);
    REQUIRE(float_to_bfloat16(middle) == (bits % 2 == 0 ? low : low + 1));
    REQUIRE(float_to_bfloat16(std::nextafter(middle, 0.F)) == low);
  }
  CHECK(std::isnan(bfloat16_to_float(float_to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST_CASE("a double is rounded once on its way to 16 bits", "[io][half]") {
  // 1 + 2^-11 is the middle between two float16; the 2^-40 above it is lost in a float, where the tie would go to 1.
  CHECK(half_to_float(double_to_half(1 + 0x1p-11 + 0x1p-40)) == 1 + 0x1p-10F);
  CHECK(half_to_float(double_to_half(1 + 0x1p-11 - 0x1p-40)) == 1.F);
  CHECK(half_to_float(double_to_half(1 + 0x1p-11)) == 1.F);
  CHECK(bfloat16_to_float(double_to_bfloat16(1 + 0x1p-8 + 0x1p-40)) == 1 + 0x1p-7F);
  CHECK(bfloat16_to_float(double_to_bfloat16(-1 - 0x1p-8 - 0x1p-40)) == -1 - 0x1p-7F);
  CHECK(double_to_half(1e-300) == 0);
  CHECK(std::isinf(half_to_float(double_to_half(1e300))));
}
