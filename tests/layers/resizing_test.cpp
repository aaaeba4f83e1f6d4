#include <graft/layers/center_crop.hpp>
#include <graft/layers/resizing.hpp>
#include <graft/layers/up_sampling2d.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEST_CASE("UpSampling2D passes the battery", "[layers][resizing]") {
  const auto x = random_tensor<double>({3, 2, 4, 5}, 1);
  for (const char* interpolation : {"nearest", "bilinear"}) {
    const layers::UpSampling2DOptions options{.interpolation = interpolation};
    INFO(interpolation);
    CHECK(testing::layer_battery(layers::UpSampling2D<double>(2, options), {x}, {.output = {3, 4, 8, 5}}) == no_faults);
    CHECK(testing::layer_battery(layers::UpSampling2D<double>({1, 3}, options), {x}, {.output = {3, 2, 12, 5}}) ==
          no_faults);
  }
}

TEST_CASE("Resizing and CenterCrop pass the battery", "[layers][resizing]") {
  const auto x = random_tensor<double>({3, 4, 6, 2}, 1);
  for (const char* interpolation : {"nearest", "bilinear"})
    for (const bool crop : {false, true}) {
      const layers::ResizingOptions options{.interpolation = interpolation, .crop_to_aspect_ratio = crop};
      INFO(interpolation << ", crop " << crop);
      CHECK(testing::layer_battery(layers::Resizing<double>(5, 3, options), {x}, {.output = {3, 5, 3, 2}}) ==
            no_faults);
    }
  CHECK(testing::layer_battery(layers::CenterCrop<double>(2, 3), {x}, {.output = {3, 2, 3, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::CenterCrop<double>(5, 2), {x}, {.output = {3, 5, 2, 2}}) == no_faults);
}

TEST_CASE("UpSampling2D repeats pixels, or puts them between", "[layers][resizing]") {
  const Tensor<float> x({1, 1, 4, 1}, {0, 1, 2, 3});
  CHECK(same_bits(layers::UpSampling2D({2, 1})(x), Tensor<float>({1, 2, 4, 1}, {0, 1, 2, 3, 0, 1, 2, 3})));
  CHECK(same_bits(layers::UpSampling2D({1, 2}, {.interpolation = "bilinear"})(x),
                  Tensor<float>({1, 1, 8, 1}, {0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3})));
  CHECK(layers::UpSampling2D().compute_output_shape({None, None, 4, 3}) == Shape{None, None, 8, 3});
  utils::clear_session();
  CHECK(layers::UpSampling2D().name() == "up_sampling2d");
  CHECK(layers::Resizing(1, 1).name() == "resizing");
  CHECK(layers::CenterCrop(1, 1).name() == "center_crop");
}

TEST_CASE("Resizing and CenterCrop act whatever the size that comes", "[layers][resizing]") {
  const layers::CenterCrop crop(2, 2);
  CHECK(crop.compute_output_shape({None, None, None, 3}) == Shape{None, 2, 2, 3});
  CHECK(same_bits(crop(Tensor<float>({1, 2, 3, 1}, {1, 2, 3, 4, 5, 6})), Tensor<float>({1, 2, 2, 1}, {1, 2, 4, 5})));
  CHECK(same_bits(crop(Tensor<float>({1, 1, 3, 1}, {1, 2, 3})), Tensor<float>({1, 2, 2, 1}, {2, 2, 2, 2})));
  const layers::Resizing resizing(1, 2, {.interpolation = "nearest", .crop_to_aspect_ratio = true});
  CHECK(resizing.compute_output_shape({7, None, 5, 1}) == Shape{7, 1, 2, 1});
  CHECK(same_bits(resizing(Tensor<float>({1, 3, 2, 1}, {1, 2, 3, 4, 5, 6})), Tensor<float>({1, 1, 2, 1}, {3, 4})));
}

TEST_CASE("Layers that resize refuse what they do not compute", "[layers][resizing]") {
  using namespace layers;
  const std::string interpolation = ": interpolation must be \"bilinear\" or \"nearest\", got \"bicubic\".";
  CHECK_THROWS_MATCHES(Resizing(2, 2, {.interpolation = "bicubic", .name = "r"}), ArgumentError,
                       Message("Resizing 'r'" + interpolation));
  CHECK_THROWS_MATCHES(UpSampling2D(2, {.interpolation = "bicubic", .name = "u"}), ArgumentError,
                       Message("UpSampling2D 'u'" + interpolation));
  CHECK_THROWS_MATCHES(Resizing(2, 2, {.antialias = true, .name = "r"}), ArgumentError,
                       Message("Resizing 'r': antialias = true is not computed by graft; it must be false."));
  CHECK_THROWS_MATCHES(Resizing(2, 2, {.pad_to_aspect_ratio = true, .name = "r"}), ArgumentError,
                       Message("Resizing 'r': pad_to_aspect_ratio = true is not computed by graft; it must be false."));
  CHECK_THROWS_MATCHES(Resizing(0, 2, {.name = "r"}), ArgumentError,
                       Message("Resizing 'r': height and width must be at least 1, got 0 and 2."));
  CHECK_THROWS_MATCHES(CenterCrop(2, -2, {.name = "c"}), ArgumentError,
                       Message("CenterCrop 'c': height and width must be at least 1, got 2 and -2."));
  CHECK_THROWS_MATCHES(UpSampling2D({2, 0}, {.name = "u"}), ArgumentError,
                       Message("UpSampling2D 'u': size must be at least 1, got (2, 0)."));
  CHECK_THROWS_MATCHES(UpSampling2D(2, {.data_format = "channels_first", .name = "u"}), ArgumentError,
                       Message("UpSampling2D 'u': data_format must be \"channels_last\", got \"channels_first\"."));
  const std::string axes = " expects (batch, height, width, channels), got (None, 4, 3). The batch axis is missing.";
  CHECK_THROWS_MATCHES(Resizing(2, 2, {.name = "r"}).compute_output_shape({None, 4, 3}), ShapeError,
                       Message("Resizing 'r'" + axes));
  CHECK_THROWS_MATCHES(CenterCrop(2, 2, {.name = "c"}).compute_output_shape({None, 4, 3}), ShapeError,
                       Message("CenterCrop 'c'" + axes));
  CHECK_THROWS_MATCHES(UpSampling2D(2, {.name = "u"}).compute_output_shape({None, 4, 3}), ShapeError,
                       Message("UpSampling2D 'u'" + axes));
  CHECK_THROWS_AS(UpSampling2D(Index{1} << 62).compute_output_shape({1, 4, 4, 3}), ShapeError);
}
