#include <graft/saving/builtin_layers.hpp>
#include <graft/saving/json_config.hpp>
#include <graft/testing/check_gradients.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

enum class Fault { none, no_call, no_backward, wrong_output, wrong_gradient, wrong_weight_gradient };

/// y = x * scale, per channel: a layer of one's own. `learned` tells what its context said.
class Scale final : public Layer<double> {
 public:
  explicit Scale(Fault fault = Fault::none, bool independent = false) : fault_(fault), independent_(independent) {
    set_identity("", class_name(), true);
  }
  std::string class_name() const override { return "Scale"; }
  std::shared_ptr<Layer<double>> share() const override { return std::make_shared<Scale>(*this); }
  void build(const Shape& in) const override { initialize(scale_, {in.back()}, "random_normal"); }
  bool row_independent() const override { return independent_; }
  Tensor<double> call(const Tensor<double>& x, Context<double>& context) const override {
    if (fault_ == Fault::no_call) return Layer<double>::call(x, context);
    if (fault_ == Fault::wrong_output) return Tensor<double>({1});
    context.save(x);
    Tensor<double> y = x;
    for (Index i = 0; i < y.size(); ++i) y.data()[i] *= scale_.data()[i % scale_.size()];
    return y;
  }
  Tensor<double> backward(const Tensor<double>& dy, Context<double>& context) const override {
    if (fault_ == Fault::no_backward) return Layer<double>::backward(dy, context);
    if (fault_ == Fault::wrong_gradient) return Tensor<double>({1});
    *learned = context.learns(scale_);
    Tensor<double> gradient(fault_ == Fault::wrong_weight_gradient ? Shape{1, 1} : scale_.shape()), dx = dy;
    for (Index i = 0; i < dy.size(); ++i) {
      if (fault_ != Fault::wrong_weight_gradient)
        gradient.data()[i % scale_.size()] += dy.data()[i] * context.saved(0).data()[i];
      dx.data()[i] *= scale_.data()[i % scale_.size()];
    }
    context.add_gradient(scale_, gradient);
    return dx;
  }

  std::shared_ptr<bool> learned = std::make_shared<bool>(false);

 private:
  Fault fault_;
  bool independent_;
  Variable<double> scale_ = this->add_weight("scale");
};

void run_both_ways(const Layer<double>& layer) {
  const auto x = random_tensor<double>({3, 2}, 1);
  testing::LayerRun<double> run(layer, {x});
  run.forward();
  run.backward({x});
}

}  // namespace

TEST_CASE("A custom layer computes and has gradients", "[layers][custom]") {
  const Scale layer;
  const auto report = testing::check_gradients(layer, random_tensor<double>({4, 3, 2}, 1), {.training = true});
  INFO(report);
  CHECK(report.max_relative_error < 1e-9);  // linear in x and in scale
  CHECK(*layer.learned);
  layer.trainable = false;
  run_both_ways(layer);
  CHECK_FALSE(*layer.learned);
}

TEST_CASE("A custom layer ends the cached prefix unless it says that rows are independent", "[layers][custom]") {
  for (const bool independent : {false, true}) {
    plan::Program<double> program(false);
    const Scale layer(Fault::none, independent);
    layer.ensure_built(std::vector<Shape>{{None, 2}});
    plan::finish(program, program.call(layer, {program.input({None, 2})}));
    CHECK(program.prefix_steps == (independent ? 1 : 0));
  }
}

TEST_CASE("A custom layer's faults are named", "[layers][custom]") {
  utils::clear_session();
  CHECK_THROWS_MATCHES(run_both_ways(Scale(Fault::no_call)), StateError,
                       Message("Scale 'scale' overrides neither call() nor lower(): it has nothing to compute."));
  CHECK_THROWS_MATCHES(
      run_both_ways(Scale(Fault::no_backward)), StateError,
      Message("Scale 'scale_1' does not override backward(), so it cannot be trained or lie below a layer "
              "that is."));
  CHECK_THROWS_MATCHES(run_both_ways(Scale(Fault::wrong_output)), ShapeError,
                       Message("Scale 'scale_2': call() returned (1,), compute_output_shape() says (3, 2)."));
  CHECK_THROWS_MATCHES(run_both_ways(Scale(Fault::wrong_gradient)), ShapeError,
                       Message("Scale 'scale_3': backward() returned (1,) for an input of shape (3, 2)."));
  CHECK_THROWS_MATCHES(run_both_ways(Scale(Fault::wrong_weight_gradient)), ShapeError,
                       Message("add_gradient: variable 'scale' has the shape (2,), the gradient has (1, 1)."));
}

TEST_CASE("Automatic names follow Keras", "[layers]") {
  CHECK(to_snake_case("GlobalAveragePooling2D") == "global_average_pooling2d");
  CHECK(to_snake_case("ReLU") == "re_lu");
  CHECK(to_snake_case("InputLayer") == "input_layer");
  CHECK(to_snake_case("VGG16") == "vgg16");
  utils::clear_session();
  CHECK(layers::Dense(1).name() == "dense");
  CHECK(layers::Dense(1, {.name = "mine"}).name() == "mine");
  CHECK(layers::Dense(1).name() == "dense_1");
  CHECK(layers::ReLU().name() == "re_lu");
  utils::clear_session();
  CHECK(layers::Dense(1).name() == "dense");
}

TEST_CASE("Weights follow from the global seed", "[layers]") {
  const auto kernel = [] {
    utils::set_random_seed(5);
    const layers::Dense layer(3);
    layer(Tensor<float>({1, 4}));
    return layer.kernel().value();
  };
  CHECK(same_bits(kernel(), kernel()));
  const layers::Dense other(3);
  other(Tensor<float>({1, 4}));
  CHECK_FALSE(same_bits(other.kernel().value(), kernel()));
}

TEST_CASE("A layer's symbolic input and output need one call", "[layers]") {
  const layers::Dense layer(3, {.name = "d"});
  CHECK_THROWS_MATCHES(layer.output(), StateError,
                       Message("Dense 'd' has been called 0 times; input() and output() need exactly one call. Use the "
                               "tensor that the call returned."));
  const auto x = Input({4});
  const auto y = layer(x);
  CHECK(layer.output().node() == y.node());
  CHECK(layer.input().node() == x.node());
  CHECK(y.shape() == Shape{None, 3});
  const auto z = layer(Input({4}));
  CHECK_THROWS_AS(layer.output(), StateError);
}

TEST_CASE("A layer with one input refuses several, and none", "[layers]") {
  const layers::Dense layer(3, {.name = "d"});
  CHECK_THROWS_MATCHES(layer({Input({4}), Input({4})}), ArgumentError, Message("Dense 'd' expects 1 input, got 2."));
  CHECK_THROWS_MATCHES(layer(std::vector<Tensor<float>>{}), ArgumentError,
                       Message("Dense 'd' expects at least 1 input, got 0."));
}

TEST_CASE("InputLayer refuses other shapes and a config without one", "[layers]") {
  const layers::InputLayer<float> layer({None, 4}, {.name = "in"});
  CHECK(layer.output().shape() == Shape{None, None, 4});
  CHECK(layers::InputLayer<float>({4}, {.batch_size = 2}).output().shape() == Shape{2, 4});
  CHECK_THROWS_MATCHES(layer.compute_output_shape({2, 3, 5}), ShapeError,
                       Message("InputLayer 'in' expects (None, None, 4), got (2, 3, 5)."));
  const saving::Json empty = saving::Json::parse(R"({"name": "in"})");
  saving::JsonConfigReader reader(empty, "in");
  CHECK_THROWS_MATCHES(layers::InputLayer<float>::from_config(reader), ArgumentError,
                       Message("InputLayer 'in': its config has no batch_shape."));
}

TEST_CASE("The factory knows every layer by Keras's name and refuses others", "[layers][saving]") {
  saving::LayerFactory<float> factory;
  saving::add_builtin_layers(factory);
  for (const char* name : {"Activation",
                           "Add",
                           "Average",
                           "AveragePooling1D",
                           "AveragePooling2D",
                           "BatchNormalization",
                           "CenterCrop",
                           "Concatenate",
                           "Conv1D",
                           "Conv2D",
                           "Conv2DTranspose",
                           "Cropping1D",
                           "Cropping2D",
                           "Dense",
                           "DepthwiseConv2D",
                           "Dot",
                           "Dropout",
                           "ELU",
                           "Embedding",
                           "Flatten",
                           "GaussianDropout",
                           "GaussianNoise",
                           "GlobalAveragePooling1D",
                           "GlobalAveragePooling2D",
                           "GlobalMaxPooling1D",
                           "GlobalMaxPooling2D",
                           "GroupNormalization",
                           "InputLayer",
                           "LayerNormalization",
                           "LeakyReLU",
                           "Maximum",
                           "MaxPooling1D",
                           "MaxPooling2D",
                           "Minimum",
                           "Multiply",
                           "Normalization",
                           "Permute",
                           "PReLU",
                           "RandomFlip",
                           "RandomRotation",
                           "RandomTranslation",
                           "RandomZoom",
                           "ReLU",
                           "Rescaling",
                           "Reshape",
                           "Resizing",
                           "SeparableConv2D",
                           "Softmax",
                           "SpatialDropout2D",
                           "Subtract",
                           "UpSampling2D",
                           "ZeroPadding1D",
                           "ZeroPadding2D"}) {
    INFO(name);
    const saving::Json config = saving::Json::parse(
        R"({"name": "l", "units": 1, "filters": 1, "kernel_size": 1, "pool_size": 1, "batch_shape": [null, 4],
            "target_shape": [4], "axes": 1, "height": 1, "width": 1, "input_dim": 1, "output_dim": 1})");
    saving::JsonConfigReader reader(config, "l");
    REQUIRE(factory.knows(name));
    const auto layer = factory.make(name, "l", reader);
    CHECK(layer.class_name() == name);
    CHECK(layer.name() == "l");
  }
  const saving::Json config = saving::Json::object();
  saving::JsonConfigReader reader(config, "l");
  CHECK_THROWS_MATCHES(
      factory.make("LSTM", "l", reader), ArgumentError,
      Message("Layer 'l' is of the class LSTM, which graft does not have. Give load_model a maker for it: "
              ".custom_objects = {{\"LSTM\", ...}}."));
}
