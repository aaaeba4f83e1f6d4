#include <graft/io/safetensors.hpp>
#include <graft/saving/builtin_layers.hpp>
#include <graft/saving/json_config.hpp>
#include <graft/testing/layer_run.hpp>
#include <set>

#include "support/catch.hpp"

using namespace graft;
using saving::Json;

// Every case of tests/golden/layers.safetensors: the layer is made from Keras's config, gets the weights, and runs.
namespace {

const io::TensorFile& golden() {
  static const io::TensorFile file(GRAFT_TEST_DATA "/golden/layers.safetensors");
  return file;
}

template <class S>
std::vector<Tensor<S>> read_all(const Json& names) {
  std::vector<Tensor<S>> tensors;
  for (const Json& name : names)
    tensors.push_back(name.is_null() ? Tensor<S>() : golden().read<S>(name.get<std::string>()));
  return tensors;
}

template <class S>
LayerRef<S> layer_of(const Json& golden_case) {
  saving::LayerFactory<S> factory;
  saving::add_builtin_layers(factory);
  const auto name = golden_case["name"].get<std::string>();
  saving::JsonConfigReader config(golden_case["config"], name);
  return factory.make(golden_case["class_name"].get<std::string>(), name, config);
}

/// Keras and graft sum in another order: a sum of n terms differs by 1e-16 sqrt(n) of their size, n stays below 100,
/// and a batch normalization takes three such sums. Keras's TensorFlow backend rounds some constants to float32, by up
/// to 6e-8, also when it computes in float64: gelu's sqrt(2), the slope of a leaky relu, the scale of a rescaling. It
/// resizes images in float32 altogether: three means of two numbers and the weights, each rounded by 6e-8.
double tolerance_of(const Json& golden_case) {
  const Json& config = golden_case["config"];
  const std::string activation = config.value("activation", "");
  const bool rounded = activation == "gelu" || activation == "leaky_relu" || config.value("negative_slope", 0.0) != 0 ||
                       golden_case["class_name"] == "Rescaling";
  const std::string interpolation =
      golden_case["class_name"] == "CenterCrop" ? "bilinear" : config.value("interpolation", "");
  return interpolation == "bilinear" ? 3e-7 : rounded ? 1e-7 : 1e-13;
}

void check_close(const std::string& what, const Tensor<double>& got, const Tensor<double>& want, double bound) {
  INFO(what << ": got " << got << ", want " << want);
  REQUIRE(got.shape() == want.shape());
  CHECK((got.array() - want.array()).matrix().norm() <= bound);
}

/// |values| as one vector: the size of what results are summed from.
double norm(const std::vector<Tensor<double>>& tensors) {
  double sum = 0;
  for (const auto& tensor : tensors) sum = std::hypot(sum, tensor.array().matrix().norm());
  return sum;
}

void check_double(const Json& golden_case) {
  const auto layer = layer_of<double>(golden_case);
  const auto x = read_all<double>(golden_case["inputs"]);
  std::vector<Shape> shapes;
  for (const auto& tensor : x) shapes.push_back(tensor.shape());
  layer->ensure_built(shapes);
  layer->set_weights(read_all<double>(golden_case["weights"]));
  testing::LayerRun<double> run(*layer, x, {.training = golden_case["training"].get<bool>()});
  const auto y = run.forward();
  REQUIRE(y.size() == 1);
  const auto want = golden().read<double>(golden_case["output"].get<std::string>());
  const auto dy = golden().read<double>(golden_case["dy"].get<std::string>());
  const double tolerance = tolerance_of(golden_case), scale = tolerance * norm({dy});
  check_close("y", y.front(), want, tolerance * norm({want}));
  CHECK(y.front().shape() == layer->compute_output_shapes(shapes).front());

  run.backward({dy});
  const auto dx = read_all<double>(golden_case["dx"]);
  for (std::size_t i = 0; i < x.size(); ++i)
    check_close("dx" + std::to_string(i), run.gradient(run.inputs()[i]), dx[i],
                std::max(scale, tolerance * norm({dx[i]})));
  const auto weights = layer->weights();
  const auto dw = read_all<double>(golden_case["dw"]);
  REQUIRE(dw.size() == weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    check_close("d " + weights[i].name(), run.gradient(weights[i]), dw[i], scale * std::max(1.0, norm(x)));
  const Json& after = golden_case["weights_after"];
  const auto weights_after = read_all<double>(after.is_null() ? golden_case["weights"] : after);
  for (std::size_t i = 0; i < weights.size(); ++i)
    check_close(weights[i].name() + " after", weights[i].value(), weights_after[i], 1e-13 * norm({weights_after[i]}));
}

/// Augmentation, which Keras computes in float32, coordinates too: grey levels 0 .. 255 at coordinates below 7 that are
/// off by 1e-6 differ by 255 * 1e-6 * a few.
bool is_close(View<const float> a, View<const float> b) {
  return std::equal(a.data, a.data + a.size(), b.data, [](float p, float q) { return std::abs(p - q) < 0.01F; });
}

void check_augmentation(const Json& golden_case) {
  const auto layer = layer_of<float>(golden_case);
  const auto x = read_all<float>(golden_case["inputs"]);
  if (!golden_case["output"].is_null()) {
    testing::LayerRun<float> run(*layer, x, {.training = true});
    const auto y = run.forward().front();
    const auto want = golden().read<float>(golden_case["output"].get<std::string>());
    INFO("got " << y << ", want " << want);
    REQUIRE(y.shape() == want.shape());
    CHECK(is_close(y.view(), want.view()));
    return;
  }
  const auto either = read_all<float>(golden_case["either"]);
  std::set<std::size_t> seen;  // (seed, sample) draw a coin each: 64 of them show both sides
  for (std::uint64_t seed = 0; seed < 32; ++seed) {
    testing::LayerRun<float> run(*layer, x, {.training = true, .run = {.seed = seed}});
    const auto y = run.forward().front();
    for (Index i = 0; i < y.shape().front(); ++i) {
      std::size_t which = 0;
      while (which < either.size() && !is_close(y[i].view(), either[which][i].view())) ++which;
      REQUIRE(which < either.size());
      seen.insert(which);
    }
  }
  CHECK(seen.size() == either.size());
}

}  // namespace

TEST_CASE("Layers compute what Keras computes", "[layers][golden]") {
  const Json cases = Json::parse(golden().metadata().at("cases"));
  REQUIRE(cases.size() == 552);
  for (const Json& golden_case : cases) {
    DYNAMIC_SECTION(golden_case["name"].get<std::string>()) {
      if (golden_case["dtype"] == "float32")
        check_augmentation(golden_case);
      else
        check_double(golden_case);
    }
  }
}
