#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "worker.hpp"

// The products that the benchmark measures: 1x1 convolutions of ResNet50 and MobileNet, VGG16's first dense layer, a
// product of Winograd's algorithm. Every program makes the same numbers for them.
namespace benchmark {

struct ProductShape {
  std::ptrdiff_t m, k, n;
};
inline constexpr std::array<ProductShape, 6> product_shapes{
    {{12544, 64, 256}, {3136, 512, 128}, {196, 1024, 256}, {49, 2048, 512}, {16, 25088, 4096}, {784, 512, 512}}};

/// Numbers in [-1, 1) from a linear congruential generator (Knuth's MMIX).
inline std::vector<float> random_values(std::ptrdiff_t count, std::uint64_t seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<float>(static_cast<std::int32_t>(seed >> 32)) / 2147483648.f;
  }
  return values;
}

/// Problem(shape), multiply(), result(): one part for each shape.
template <class Problem>
void serve_products(const std::string& result_path) {
  std::vector<Problem> problems(product_shapes.begin(), product_shapes.end());
  ResultFile result(result_path);
  for (Problem& problem : problems) {
    problem.multiply();
    result.write(problem.result());
  }
  result.close();
  serve([&] {
    std::vector<double> seconds;
    for (Problem& problem : problems) seconds.push_back(seconds_per_call([&] { problem.multiply(); }, 0.1));
    return seconds;
  });
}

}  // namespace benchmark
