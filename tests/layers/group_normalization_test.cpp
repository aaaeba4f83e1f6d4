#include <graft/layers/group_normalization.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEMPLATE_TEST_CASE("GroupNormalization passes the battery", "[layers][group_normalization]", float, double) {
  using layers::GroupNormalization;
  const auto x = random_tensor<TestType>({3, 4, 2, 6}, 1);
  const auto faults = [&](const layers::GroupNormalizationOptions& options, Index weights, Index params) {
    return testing::layer_battery(GroupNormalization<TestType>(options), {x},
                                  {.output = x.shape(), .trainable_weights = weights, .params = params});
  };
  CHECK(faults({.groups = 3}, 2, 12) == no_faults);
  CHECK(faults({.groups = -1}, 2, 12) == no_faults);
  CHECK(faults({.groups = 2, .axis = 1, .center = false}, 1, 4) == no_faults);
  CHECK(faults({.groups = 1, .scale = false}, 1, 6) == no_faults);
  CHECK(faults({.groups = 2, .center = false, .scale = false}, 0, 0) == no_faults);
}

TEST_CASE("GroupNormalization infers open axes and has Keras's names", "[layers][group_normalization]") {
  utils::clear_session();
  CHECK(layers::GroupNormalization().name() == "group_normalization");
  CHECK(layers::GroupNormalization().compute_output_shape({None, None, None, 64}) == Shape{None, None, None, 64});
}

TEST_CASE("GroupNormalization refuses options and inputs outside their rules", "[layers][group_normalization]") {
  using layers::GroupNormalization;
  CHECK_THROWS_MATCHES(
      GroupNormalization({.groups = 0, .name = "g"}), ArgumentError,
      Message("GroupNormalization 'g': groups must be at least 1, or -1 for one group a channel, got 0."));
  CHECK_THROWS_MATCHES(GroupNormalization({.epsilon = -0.5, .name = "g"}), ArgumentError,
                       Message("GroupNormalization 'g': epsilon must not be negative, got -0.5."));
  const auto shape_error = [](Index groups, Index axis, const Shape& in, const char* text) {
    CHECK_THROWS_MATCHES(GroupNormalization({.groups = groups, .axis = axis, .name = "g"}).compute_output_shape(in),
                         ShapeError, Message(std::string("GroupNormalization 'g'") + text));
  };
  shape_error(4, -1, {None, 2, 6}, ": the 6 channels of its input (None, 2, 6) are not a multiple of groups = 4.");
  shape_error(32, -1, {None, 2, 6}, ": the 6 channels of its input (None, 2, 6) are not a multiple of groups = 32.");
  shape_error(2, 3, {None, 2, 6}, ": its input (None, 2, 6) has no axis 3.");
  shape_error(2, -1, {None, 2, None},
              " needs to know axis -1 of its input, got (None, 2, None). Give Input() that axis.");
  shape_error(2, -1, {None}, " expects (batch, .., channels), got (None,). The batch axis is missing.");
  const GroupNormalization<float> built({.groups = 2, .name = "g"});
  built(Tensor<float>({1, 2, 6}));
  CHECK_THROWS_MATCHES(built(Tensor<float>({1, 2, 4})), ShapeError,
                       Message("GroupNormalization 'g' has a gamma of shape (6,), its input (1, 2, 4) needs (4,)."));
}
