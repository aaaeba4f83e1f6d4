#include <fstream>
#include <graft/models/load_model.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/keras_model.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

/// y = 2 x, which is all that a test of handles needs.
class Twice : public Layer<float> {
 public:
  explicit Twice(const std::string& name = {}) { set_identity(name, "Twice", true); }
  std::string class_name() const override { return "Twice"; }
  std::shared_ptr<Layer<float>> share() const override { return std::make_shared<Twice>(*this); }
  Tensor<float> call(const Tensor<float>& x, Context<float>&) const override {
    Tensor<float> y = x;
    y.array() *= 2;
    return y;
  }
};

/// Forgets share(): a handle made by its base class would compute something else.
class Thrice final : public Twice {
 public:
  std::string class_name() const override { return "Thrice"; }
};

/// Two outputs of one input.
Model<> fork(const std::string& name) {
  const auto x = Input({4});
  return Model(x, {layers::Dense(2, {.name = "left"})(x), layers::Dense(3, {.name = "right"})(x)}, {.name = name});
}

template <class List>
std::vector<std::string> names(const List& layers) {
  std::vector<std::string> all;
  for (const auto& layer : layers) all.push_back(layer.name());
  return all;
}

/// Names of config["layers"], and the same of every model inside; those of Sequential without their input.
void check_order(const saving::Json& config, const Model<float>& model) {
  const bool sequential = config["class_name"] == "Sequential";
  std::vector<std::string> expected;
  for (const auto& layer : config["config"]["layers"])
    if (!sequential || layer["class_name"] != "InputLayer")
      expected.push_back(layer["config"]["name"].get<std::string>());
  CHECK(names(model.layers()) == expected);
  for (const auto& layer : config["config"]["layers"])
    if (layer["config"].contains("layers"))
      check_order(layer, dynamic_cast<const Model<float>&>(*model.layer(layer["config"]["name"].get<std::string>())));
}

}  // namespace

TEST_CASE("copies of a layer share its weights and flag, also when made before build", "[models][handles]") {
  layers::Dense d(3);
  const layers::Dense<float> copy = d;
  copy(Input({8}));
  CHECK(d.kernel().value().size() == 24);
  CHECK(d.built());
  const bool was = d.trainable;
  d.trainable = false;
  CHECK_FALSE(copy.trainable);
  CHECK_FALSE(copy.kernel().trainable());
  d.trainable = was;
  CHECK(copy.trainable);
  d.set_weights({Tensor<float>({8, 3}), Tensor<float>({3}, {1, 2, 3})});
  CHECK(same_bits(copy.get_weights()[1], Tensor<float>({3}, {1, 2, 3})));
}

TEST_CASE("assigning a layer rebinds the handle, with its trainable property", "[models][handles]") {
  layers::Dense d(3), other(3);
  const layers::Dense<float> kept = d;
  d = other;
  d.trainable = false;
  CHECK_FALSE(other.trainable);
  CHECK(kept.trainable);
  CHECK(d.id() == other.id());
}

TEST_CASE("a loop by value, by reference and by const reference reaches the same layers", "[models][handles]") {
  Sequential model({Input({4}), layers::Dense(3), layers::Dense(2)});
  for (auto layer : model.layers()) layer.trainable = false;
  CHECK(model.trainable_weights().empty());
  for (auto& layer : model.layers()) layer.trainable = true;
  CHECK(model.trainable_weights().size() == 4);
  for (const auto& layer : model.layers()) layer.trainable = false;
  CHECK(model.trainable_weights().empty());
  CHECK(model.trainable);  // a child's flag leaves its parent's alone
}

TEST_CASE("a model's flag reaches every layer below it, whatever it was before", "[models][handles]") {
  layers::Dense inner(2);
  Sequential base({Input({4}), inner}, {.name = "base"});
  Sequential model({Input({4}), base, layers::Dense(1)});
  inner.trainable = false;
  model.trainable = true;  // already true: Keras's TensorFlow backend would skip this
  CHECK(inner.trainable);
  model.trainable = false;
  CHECK_FALSE(base.trainable);
  CHECK_FALSE(inner.kernel().trainable());
  inner.trainable = true;
  CHECK(inner.trainable_weights().size() == 2);
  CHECK(model.trainable_weights().empty());  // nothing below a frozen model counts
}

TEST_CASE("trainable = false in the constructor makes frozen weights", "[models][handles]") {
  layers::Dense frozen(3, {.trainable = false});
  Sequential model({Input({4}), frozen}, {.trainable = false});
  CHECK(frozen.trainable_weights().empty());
  model.add(layers::Dense(2));  // is not frozen itself, but its parent is
  CHECK(model.layers()[-1].trainable);
  CHECK(model.trainable_weights().empty());
  CHECK(model.non_trainable_weights().size() == 4);
}

TEST_CASE("layers(begin, end) is Python's slice", "[models][handles]") {
  Sequential model({Input({2}), layers::Dense(2, {.name = "a"}), layers::Dense(2, {.name = "b"}),
                    layers::Dense(2, {.name = "c"}), layers::Dense(2, {.name = "d"})});
  using Names = std::vector<std::string>;
  CHECK(names(model.layers(1)) == Names{"b", "c", "d"});
  CHECK(names(model.layers(1, 3)) == Names{"b", "c"});
  CHECK(names(model.layers(-2)) == Names{"c", "d"});
  CHECK(names(model.layers(0, -1)) == Names{"a", "b", "c"});
  CHECK(names(model.layers(0, 100)) == Names{"a", "b", "c", "d"});
  CHECK(names(model.layers(-100, 1)) == Names{"a"});
  CHECK(names(model.layers(3, 1)).empty());
  CHECK(names(model.layers(9)).empty());
  CHECK(model.layers()[-1].name() == "d");
  CHECK(model.layers()[0].name() == "a");
  CHECK(model.layer("c").name() == "c");
  CHECK_THROWS_WITH(model.layers()[4], "layers()[4]: the list has 4 layers.");
  CHECK_THROWS_WITH(model.layers()[-5], "layers()[-5]: the list has 4 layers.");
}

TEST_CASE("an unknown layer name is answered by those there are", "[models][handles]") {
  Sequential model({Input({2}), layers::Dense(2, {.name = "a"}), layers::Dense(2, {.name = "b"})}, {.name = "m"});
  CHECK_THROWS_AS(model.layer("z"), ArgumentError);
  CHECK_THROWS_WITH(model.layer("z"), "Model 'm' has no layer 'z'. Its layers are: a, b.");
}

TEST_CASE("a functional model lists its InputLayer, a Sequential does not", "[models][handles]") {
  const auto x = Input({4}, {.name = "in"});
  Model model(x, layers::Dense(2, {.name = "out"})(x));
  CHECK(names(model.layers()) == std::vector<std::string>{"in", "out"});
  CHECK(names(Sequential({Input({4}), layers::Dense(2, {.name = "d"})}).layers()) == std::vector<std::string>{"d"});
}

TEST_CASE("a new head grows from the output of a layer in the middle", "[models][handles]") {
  const auto x = Input({4});
  auto h = layers::Dense(3, {.name = "hidden"})(x);
  Model base(x, layers::Dense(2, {.name = "old_head"})(h));
  Model model(base.input(), layers::Dense(5, {.name = "new_head"})(base.layers()[-2].output()));
  CHECK(names(model.layers()).back() == "new_head");
  CHECK(model.layers().size() == 3);
  CHECK(model.output().shape() == Shape{None, 5});
  base.layer("hidden").trainable = false;
  CHECK_FALSE(model.layer("hidden").trainable);  // one layer in two models
}

TEST_CASE("a list of one Sequential nests it and copies nothing", "[models][handles]") {
  Sequential s({layers::Dense(3), layers::Dense(4)});
  Sequential nest({s});
  nest.add(layers::Dense(2));
  CHECK(nest.layers().size() == 2);
  CHECK(s.layers().size() == 2);
  CHECK(nest.layers()[0]->id() == s.id());
  nest.predict(Tensor<float>({1, 5}));
  CHECK(s.built());
  CHECK(s.count_params() == 5 * 3 + 3 + 3 * 4 + 4);
}

TEST_CASE("weights come in Keras's order and a shared layer's only once", "[models][handles]") {
  const auto a = Input({4}), b = Input({4});
  const layers::Dense shared(3, {.name = "shared"});
  Sequential base({Input({3}), layers::Dense(2, {.name = "inner"})}, {.name = "base"});
  Model model({a, b}, {base(shared(a)), layers::Dense(1, {.name = "end"})(shared(b))});
  std::vector<std::string> shapes;
  for (const auto& w : model.weights()) shapes.push_back(w.name() + w.shape().str());
  CHECK(shapes ==
        std::vector<std::string>{"kernel(4, 3)", "bias(3,)", "kernel(3, 2)", "bias(2,)", "kernel(3, 1)", "bias(1,)"});
  CHECK(model.count_params() == 15 + 8 + 4);
}

TEST_CASE("a layer called twice computes with the same weights", "[models][handles]") {
  const auto a = Input({4}), b = Input({4});
  const layers::Dense shared(3);
  Model model({a, b}, {shared(a), shared(b)});
  const auto x = random_tensor<float>({5, 4}, 1), y = random_tensor<float>({5, 4}, 2);
  const auto out = model.predict_outputs(Dataset<>::from_tensors(std::vector{x, y}));
  CHECK(same_bits(out[0], shared(x)));
  CHECK(same_bits(out[1], shared(y)));
  CHECK_THROWS_WITH(shared.output(),
                    ContainsSubstring("has been called 2 times; input() and output() need exactly one call."));
}

TEST_CASE("a nested model computes what its layers compute", "[models][handles]") {
  layers::Dense first(3, {.activation = "relu"}), second(2);
  Sequential base({Input({4}), first});
  const auto x = Input({4});
  Model model(x, second(base(x)));
  const auto data = random_tensor<float>({5, 4}, 3);
  CHECK(same_bits(model.predict(data), second(first(data))));
}

TEST_CASE("several outputs need apply(), outputs() and predict_outputs()", "[models][handles]") {
  const Model<> model = fork("fork");
  CHECK(model.outputs().size() == 2);
  CHECK(model.output_names() == std::vector<std::string>{"left", "right"});
  CHECK_THROWS_WITH(model.output(), "Functional 'fork' has 2 outputs; output() needs exactly one. Use outputs().");
  CHECK_THROWS_WITH(model(Input({4})), "Functional 'fork' has 2 outputs: call it by apply(x), which returns them all.");
  const auto both = model.apply(Input({4}));
  CHECK(both.size() == 2);
  CHECK(both[1].shape() == Shape{None, 3});
  CHECK_THROWS_AS(model.predict(Tensor<float>({1, 4})), ArgumentError);
  CHECK(model.predict_outputs(Dataset<>::from_tensors(Tensor<float>({1, 4})))[1].shape() == Shape{1, 3});
}

TEST_CASE("a model is called with as many inputs as it has", "[models][handles][errors]") {
  const auto a = Input({2}), b = Input({2});
  const layers::Dense d(1);
  Model model({a, b}, {d(a), d(b)}, {.name = "two"});
  CHECK_THROWS_WITH(model.apply(Input({2})), "Functional 'two' has 2 inputs, got 1.");
  CHECK_THROWS_WITH(model.input(), ContainsSubstring("has 2 inputs; input() needs exactly one"));
}

TEST_CASE("a graph that does not connect is refused with names", "[models][handles][errors]") {
  const auto a = Input({2}, {.name = "a"}), b = Input({2}, {.name = "b"});
  const auto y = layers::Dense(1, {.name = "y"})(a);
  CHECK_THROWS_WITH(Model(b, y, {.name = "m"}), ContainsSubstring("Model 'm': its outputs need the input 'a'"));
  CHECK_THROWS_WITH(Model({a, b}, y, {.name = "m"}), "Model 'm': no output depends on the input 'b'.");
  CHECK_THROWS_WITH(
      Model(y, layers::Dense(1)(y), {.name = "m"}),
      "Model 'm': the input of shape (None, 1) is the result of layer 'y'. Give a tensor made by Input().");
  CHECK_THROWS_AS(Model<>(SymbolicTensors<float>{}, y), ArgumentError);
  CHECK_THROWS_WITH(Model(a, layers::Dense(1, {.name = "y"})(y), {.name = "m"}),
                    ContainsSubstring("Model 'm': two layers are called 'y'"));
}

TEST_CASE("one input listed twice is refused", "[models][handles][errors]") {
  const auto a = Input({2}, {.name = "a"});
  CHECK_THROWS_WITH(Model({a, a}, layers::Dense(1)(a), {.name = "m"}), ContainsSubstring("'a' is listed twice"));
}

TEST_CASE("wrong shapes are named and leave the layer unbuilt", "[models][handles][errors]") {
  const layers::Dense d(3, {.name = "d"});
  const layers::Conv2D c(4, 3, {.name = "c"});
  CHECK_THROWS_WITH(
      c(Input({8, 3})),
      "Conv2D 'c' expects (batch, height, width, channels), got (None, 8, 3). The batch axis is missing.");
  CHECK_THROWS_WITH(c(Input({2, 2, 3})), ContainsSubstring("does not fit the input (None, 2, 2, 3)"));
  CHECK_THROWS_WITH(d(Input({None})),
                    ContainsSubstring("Dense 'd' needs to know the last axis of its input, got (None, None)"));
  CHECK_FALSE(c.built());
  CHECK_FALSE(d.built());
  d(Input({4}));
  CHECK_THROWS_WITH(d(Input({5})), "Dense 'd' expects 4 as the last axis of its input, got (None, 5).");
  CHECK_THROWS_WITH(d(SymbolicTensors<float>{Input({4}), Input({4})}), "Dense 'd' expects 1 input, got 2.");
  CHECK_THROWS_WITH(d(SymbolicTensors<float>{}), "Dense 'd' expects at least 1 input, got 0.");
  CHECK_THROWS_AS(d.output(), StateError);
}

TEST_CASE("set_weights takes all or nothing", "[models][handles][errors]") {
  layers::Dense d(2, {.name = "d"});
  d(Input({1}));
  const auto before = d.get_weights();
  CHECK_THROWS_WITH(d.set_weights({Tensor<float>({1, 2})}), "Dense 'd': set_weights() got 1 tensors, the layer has 2.");
  CHECK_THROWS_WITH(d.set_weights({Tensor<float>({1, 2}, {5, 6}), Tensor<float>({3})}),
                    "Dense 'd': set_weights() got the shape (3,) for 'bias', which has (2,).");
  CHECK(same_bits(d.get_weights()[0], before[0]));
}

TEST_CASE("a class without share() is found out where it enters a list", "[models][handles][errors]") {
  const Thrice thrice;
  CHECK_THROWS_AS(Sequential({Input({2}), thrice}), StateError);
  CHECK_THROWS_WITH(LayerRef<float>(thrice), ContainsSubstring("its class does not override share()"));
  CHECK(Sequential({Input({2}), Twice()}).predict(Tensor<float>({1, 2}, {1, 2}))(0, 1) == 4);
}

TEST_CASE("a class without share() is found out when it is called", "[models][handles][errors]") {
  CHECK_THROWS_WITH(Thrice()(Input({2})), ContainsSubstring("its class does not override share()"));
}

TEST_CASE("Sequential without an input learns its shape from data or from a call", "[models][sequential]") {
  Sequential model({layers::Dense(3), layers::Dense(2)}, {.name = "later"});
  CHECK_FALSE(model.built());
  CHECK(model.count_params() == 0);
  CHECK_THROWS_WITH(model.input(), ContainsSubstring("Sequential 'later' does not know its input shape yet"));
  CHECK_THROWS_AS(model.save("unbuilt.safetensors"), StateError);
  CHECK(model.predict(Tensor<float>({4, 5})).shape() == Shape{4, 2});
  CHECK(model.built());
  CHECK(model.input().shape() == Shape{None, 5});
  Sequential called({layers::Dense(3)});
  CHECK(called(Input({7})).shape() == Shape{None, 3});
  CHECK(called.layers()[0].weights()[0].shape() == Shape{7, 3});
  CHECK_THROWS_WITH(Sequential().predict(Tensor<float>({1, 2})), ContainsSubstring("has no layers. Call add() first."));
}

TEST_CASE("Sequential add and pop", "[models][sequential]") {
  Sequential model({Input({4}), layers::Dense(3, {.name = "a"})}, {.name = "s"});
  model.add(layers::Dense(2, {.name = "b"}));
  CHECK(model.output().shape() == Shape{None, 2});
  model.pop();
  CHECK(model.output().shape() == Shape{None, 3});
  CHECK(model.layers().size() == 1);
  CHECK(model.weights().size() == 2);
  model.add(layers::Dense(5, {.name = "b"}));
  CHECK(model.predict(Tensor<float>({1, 4})).shape() == Shape{1, 5});
  CHECK_THROWS_WITH(model.add(layers::Dense(2, {.name = "b"})),
                    ContainsSubstring("Sequential 's': two layers are called 'b'"));
  CHECK_THROWS_AS(model.add(layers::Conv2D(2, 3)), ShapeError);
  CHECK(names(model.layers()) == std::vector<std::string>{"a", "b"});
  CHECK(model.predict(Tensor<float>({1, 4})).shape() == Shape{1, 5});
  CHECK_THROWS_WITH(model.add(layers::InputLayer<float>({4})), ContainsSubstring("an InputLayer can only come first"));
  model.pop();
  model.pop();
  CHECK(model.layers().size() == 0);
  CHECK_THROWS_WITH(model.pop(), "Sequential 's': pop() on a model without layers.");
}

TEST_CASE("pop() of the only layer leaves the input shape, as in Keras", "[models][sequential]") {
  Sequential model({Input({4}), layers::Dense(3)});
  model.pop();
  model.add(layers::Dense(2));
  CHECK(model.built());
  CHECK(model.output().shape() == Shape{None, 2});
}

TEST_CASE("layers come in Keras's order", "[models][order]") {
  // What Keras 3.15.1 lists for this graph: a shared layer, a second input, branches of different depths.
  const auto x = Input({4}, {.name = "in"}), z = Input({4}, {.name = "second"});
  const auto dense = [](const char* name) { return layers::Dense(4, {.name = name}); };
  const auto stem = dense("stem")(x), a = dense("a1")(stem), b = dense("b2")(dense("b1")(stem));
  const auto shared = dense("shared");
  const auto c = shared(dense("c1")(shared(stem)));
  const auto d = dense("d1")(layers::Concatenate({.name = "mix"})({z, stem}));
  const auto y = layers::Concatenate({.name = "join"})({a, c, b, d});
  Model model({x, z}, {dense("o2")(b), dense("o1")(y)});
  CHECK(names(model.layers()) == std::vector<std::string>{"in", "stem", "shared", "second", "b1", "c1", "mix", "b2",
                                                          "a1", "d1", "join", "o2", "o1"});
}

TEST_CASE("a model from a Keras config keeps the config's order of layers", "[models][order][golden]") {
  const GoldenFile trainings("trainings");
  const auto cases = saving::Json::parse(trainings.file.metadata().at("cases"));
  REQUIRE(cases.size() == 16);
  for (const auto& one : cases) {
    CAPTURE(one["name"].get<std::string>());
    check_order(one["config"], *keras_model<float>(one["config"]));
  }
}

TEST_CASE("a graph of 5000 layers overflows the stack neither when it is made nor when it goes", "[models][order]") {
  SymbolicTensor<float> y = Input({1});
  const auto x = y;
  for (int i = 0; i < 5000; ++i) y = Twice("layer" + std::to_string(i))(y);
  const Model model(x, y);
  CHECK(model.layers().size() == 5001);
}

TEST_CASE("double models are made like float models", "[models][handles]") {
  Sequential<double> model({layers::Dense<double>(3), layers::Dense<double>(1)});
  CHECK(model.predict(Tensor<double>({2, 4})).shape() == Shape{2, 1});
}
