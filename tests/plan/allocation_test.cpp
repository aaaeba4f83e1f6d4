#include <graft/layers/activation.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/average_pooling2d.hpp>
#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/concatenate.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/global_average_pooling2d.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/models/sequential.hpp>

#include <cstdlib>

#include "support/catch.hpp"
#include "support/numeric.hpp"

// Counts every allocation of this program. Sanitizers bring an allocator of their own; there the test is left out.

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GRAFT_TEST_SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(GRAFT_TEST_SANITIZED)

namespace {
std::atomic<long> allocations{0};
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t n) noexcept {
  ++allocations;
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) noexcept {
  ++allocations;
  return __libc_realloc(p, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) noexcept {
  ++allocations;
  return __libc_memalign(alignment, n);
}
}

using namespace graft;

namespace {

/// Every kind of built-in step that a classifier has.
Model<> network() {
  utils::set_random_seed(3);
  const auto image = Input({12, 12, 3});
  auto x = layers::Conv2D(8, 3, {.padding = "same", .activation = "relu", .name = "winograd"})(image);
  x = layers::BatchNormalization({.name = "bn"})(x);
  x = layers::MaxPooling2D(2)(x);
  const auto a = layers::Conv2D(8, 3, {.strides = 1, .padding = "same", .name = "three"})(x);
  const auto b = layers::Conv2D(8, 1, {.use_bias = false, .name = "one"})(x);
  x = layers::Activation("tanh")(layers::Add()({a, b}));
  x = layers::Concatenate()({x, layers::Conv2D(4, 5, {.padding = "same", .name = "five"})(x)});
  x = layers::AveragePooling2D(2)(x);
  x = layers::Dropout(0.2)(x);
  x = layers::PReLU({.shared_axes = {1, 2}})(layers::UpSampling2D(2, {.interpolation = "bilinear"})(x));
  x = layers::SpatialDropout2D(0.2)(layers::Cropping2D({{1, 2}, {0, 3}})(x));
  x = layers::Maximum()({x, layers::LeakyReLU()(layers::GaussianNoise(0.1)(x))});
  x = layers::Permute({2, 1, 3})(layers::GaussianDropout(0.2)(x));
  const auto flat = layers::Flatten()(layers::Conv2D(4, 3, {.strides = 2, .name = "strided"})(x));
  x = layers::Concatenate()({flat, layers::GlobalAveragePooling2D()(x)});
  return Model(image, layers::Dense(5, {.activation = "softmax"})(layers::Dense(16, {.activation = "gelu"})(x)));
}

}  // namespace

TEST_CASE("the counter counts", "[plan][allocation]") {
  const long before = allocations;
  const auto p = std::make_unique<int>(1);
  const Buffer<float> buffer(100);
  CHECK(allocations >= before + 2);
}

TEST_CASE("built-in steps allocate nothing after their first batch", "[plan][allocation]") {
  const Index threads = GENERATE(1, 2);
  const bool training = GENERATE(false, true);
  CAPTURE(threads, training);
  const Index had = thread_pool().threads();
  set_num_threads(threads);
  const auto model = network();
  const auto mode = lower_network(model.network(), {.loss = "categorical_crossentropy"}, training, {});
  const auto& program = *mode.program;
  plan::Part<float> part;
  for (std::size_t i = 0; i < program.steps.size(); ++i) part.steps.push_back(static_cast<Index>(i));
  part.feeds = {program.inputs[0], program.targets[0]};
  part.shapes = {{6, 12, 12, 3}, {6, 5}};
  part.fetch = {program.outputs[0], mode.heads[0].loss};
  part.backward = training;
  plan::Executor<float> executor(plan::Binding<float>(mode.program, part, 6),
                                 std::make_shared<plan::PackedStore<float>>());
  const auto x = random_tensor<float>({6, 12, 12, 3}, 1);
  const auto batch = [&](Index n, long iteration) {
    std::copy_n(x.data(), n * 12 * 12 * 3, executor.value(program.inputs[0], n).data);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < 5; ++j) executor.value(program.targets[0], n).data[i * 5 + j] = j == i % 5 ? 1.0f : 0.0f;
    const Run run{7, iteration};
    executor.forward(n, run);
    if (!training) return;
    const auto seed = executor.gradient(mode.heads[0].loss, n);
    std::fill_n(seed.data, n, 1.0f);
    executor.backward(n, run);
    for (std::size_t i = 0; i < program.learning.size(); ++i)  // as an optimizer does, so that weights are packed anew
      program.learning[i].update([&](View<float> w) {
        for (Index k = 0; k < w.size(); ++k) w.data[k] -= 0.01f * executor.gradients()[i].data()[k];
      });
  };
  batch(6, 0);
  const long before = allocations;
  for (long i = 1; i < 4; ++i) batch(6, i);
  batch(5, 4);  // a smaller last batch
  const long after = allocations;
  set_num_threads(had);
  CHECK(after - before == 0);
}

#endif
