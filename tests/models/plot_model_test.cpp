#include <graft/layers/concatenate.hpp>
#include <graft/layers/dense.hpp>
#include <graft/models/plot_model.hpp>
#include <graft/models/sequential.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;

namespace {

/// What every DOT text of these tests begins with.
const std::string head =
    "digraph {\n"
    "  rankdir=TB;\n"
    "  graph [fontname=\"Helvetica\", labeljust=l, style=dashed];\n"
    "  node [fontname=\"Helvetica\", shape=box, style=filled, fillcolor=\"#eef2f8\"];\n";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Model<> small_model(const std::string& name = "out") {
  const auto x = Input({3}, {.name = "x"});
  return {x, layers::Dense(2, {.name = name})(x), {.name = "small"}};
}

/// Two inputs, an encoder that is called on each, a sum of both.
Model<> twins() {
  const Sequential encoder({Input({4}, {.name = "in"}), layers::Dense(2, {.name = "code"})}, {.name = "encoder"});
  const auto a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  return {{a, b}, layers::Concatenate({.name = "both"})({encoder(a), encoder(b)}), {.name = "twins"}};
}

/// A PATH without programs, for a scope.
class EmptyPath {
 public:
  EmptyPath() : before_(getenv("PATH")) { setenv("PATH", "/nonexistent", 1); }
  ~EmptyPath() { setenv("PATH", before_.c_str(), 1); }
  EmptyPath(const EmptyPath&) = delete;
  EmptyPath& operator=(const EmptyPath&) = delete;

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("model_to_dot draws a box for each layer and an arrow for each tensor read", "[models][plot_model]") {
  const auto x = Input({4}, {.name = "x"});
  const auto left = layers::Dense(2, {.name = "left"})(x), right = layers::Dense(3, {.name = "right"})(x);
  const Model branch(x, layers::Concatenate({.name = "join"})({left, right}));
  CHECK(utils::model_to_dot(branch) == head +
                                           "  n0 [label=<<b>InputLayer</b><br/>x<br/>(None, 4)>];\n"
                                           "  n1 [label=<<b>Dense</b><br/>left<br/>(None, 2)>];\n"
                                           "  n2 [label=<<b>Dense</b><br/>right<br/>(None, 3)>];\n"
                                           "  n3 [label=<<b>Concatenate</b><br/>join<br/>(None, 5)>];\n"
                                           "  n0 -> n1;\n  n0 -> n2;\n  n1 -> n3;\n  n2 -> n3;\n}\n");
}

TEST_CASE("model_to_dot draws a shared layer once, with the shapes of all its calls", "[models][plot_model]") {
  const auto a = Input({5, 4}, {.name = "a"}), b = Input({7, 4}, {.name = "b"});
  const layers::Dense shared(2, {.name = "shared"});
  const Model model({a, b}, {shared(a), shared(b)});
  CHECK(utils::model_to_dot(model) == head +
                                          "  n0 [label=<<b>InputLayer</b><br/>a<br/>(None, 5, 4)>];\n"
                                          "  n1 [label=<<b>Dense</b><br/>shared<br/>(None, 5, 2)<br/>(None, 7, 2)>];\n"
                                          "  n2 [label=<<b>InputLayer</b><br/>b<br/>(None, 7, 4)>];\n"
                                          "  n0 -> n1;\n  n2 -> n1;\n}\n");
}

TEST_CASE("model_to_dot draws a nested model as one box or, expanded, in a frame", "[models][plot_model]") {
  CHECK(utils::model_to_dot(twins()) == head +
                                            "  n0 [label=<<b>InputLayer</b><br/>a<br/>(None, 4)>];\n"
                                            "  n1 [label=<<b>Sequential</b><br/>encoder<br/>(None, 2)>];\n"
                                            "  n2 [label=<<b>InputLayer</b><br/>b<br/>(None, 4)>];\n"
                                            "  n3 [label=<<b>Concatenate</b><br/>both<br/>(None, 4)>];\n"
                                            "  n0 -> n1;\n  n2 -> n1;\n  n1 -> n3;\n  n1 -> n3;\n}\n");
  CHECK(utils::model_to_dot(twins(), {.expand_nested = true}) ==
        head +
            "  n0 [label=<<b>InputLayer</b><br/>a<br/>(None, 4)>];\n"
            "  subgraph cluster_1 {\n"
            "    label=<<b>Sequential</b><br/>encoder>;\n"
            "    n2 [label=<<b>InputLayer</b><br/>in<br/>(None, 4)>];\n"
            "    n3 [label=<<b>Dense</b><br/>code<br/>(None, 2)>];\n"
            "  }\n"
            "  n4 [label=<<b>InputLayer</b><br/>b<br/>(None, 4)>];\n"
            "  n5 [label=<<b>Concatenate</b><br/>both<br/>(None, 4)>];\n"
            "  n2 -> n3;\n  n0 -> n2;\n  n4 -> n2;\n  n3 -> n5;\n  n3 -> n5;\n}\n");
}

TEST_CASE("model_to_dot connects the outputs of an expanded model to those that read them", "[models][plot_model]") {
  const auto x = Input({4}, {.name = "x"});
  const Model two(x, {layers::Dense(2, {.name = "p"})(x), layers::Dense(3, {.name = "q"})(x)}, {.name = "two"});
  const auto y = Input({4}, {.name = "y"});
  const auto outputs = two.apply(y);
  const Model model(y, layers::Dense(1, {.name = "end"})(outputs[1]));
  CHECK_THAT(utils::model_to_dot(model), ContainsSubstring("two<br/>[(None, 2), (None, 3)]>"));
  const std::string expanded = utils::model_to_dot(model, {.expand_nested = true});
  CHECK_THAT(expanded, ContainsSubstring("n4 [label=<<b>Dense</b><br/>q<br/>") && ContainsSubstring("  n4 -> n5;\n}"));
}

TEST_CASE("model_to_dot shows what its options say", "[models][plot_model]") {
  const auto model = small_model();
  model.layer("out").trainable = false;
  const std::string text = utils::model_to_dot(
      model, {.show_shapes = false, .show_layer_names = false, .rankdir = "LR", .show_trainable = true});
  CHECK_THAT(text, ContainsSubstring("  rankdir=LR;\n"));
  CHECK_THAT(text, ContainsSubstring("n0 [label=<<b>InputLayer</b>>];\n"));
  CHECK_THAT(text, ContainsSubstring("n1 [label=<<b>Dense</b><br/>non-trainable>];\n"));
}

TEST_CASE("model_to_dot escapes names", "[models][plot_model]") {
  CHECK_THAT(utils::model_to_dot(small_model("a<b> & \"c\\\"\n\x01")),
             ContainsSubstring("<br/>a&lt;b&gt; &amp; &quot;c\\&quot;  <br/>(None, 2)>];"));
}

TEST_CASE("plot_model writes DOT text without Graphviz", "[models][plot_model]") {
  const TemporaryFolder folder;
  const EmptyPath none;
  for (const char* name : {"m.dot", "m.gv", "-Tps; touch x.dot"}) {
    utils::plot_model(small_model(), folder / name);
    CHECK(read(folder / name) == utils::model_to_dot(small_model()));
  }
}

TEST_CASE("plot_model says what is missing", "[models][plot_model]") {
  const TemporaryFolder folder;
  const EmptyPath none;
  CHECK_THROWS_MATCHES(
      utils::plot_model(small_model(), folder / "m.svg"), FileError,
      Message("The program 'dot' cannot be started: No such file or directory. Install Graphviz (apt-get "
              "install graphviz), or write a .dot file, which needs nothing."));
  CHECK_FALSE(std::filesystem::exists(folder / "m.svg"));
  CHECK_THROWS_WITH(utils::plot_model(small_model(), folder / "m.jpg"),
                    EndsWith("m.jpg' must end in .dot, .gv, .svg, .png or .pdf."));
  CHECK_THROWS_AS(utils::plot_model(small_model(), folder / "m.dot", {.rankdir = "TB; x"}), ArgumentError);
  CHECK_THROWS_AS(utils::plot_model(Sequential({layers::Dense(2)}), folder / "m.dot"), StateError);
}

TEST_CASE("plot_model draws by Graphviz where it is installed", "[models][plot_model]") {
  const TemporaryFolder folder;
  try {
    utils::plot_model(small_model("a<b> & \"c\\\""), folder / "$(touch x).svg", {.expand_nested = true});
  } catch (const FileError& error) {
    REQUIRE_THAT(error.what(), ContainsSubstring("apt-get install graphviz"));
    WARN("Graphviz is not installed: " << error.what());
    return;
  }
  CHECK_THAT(read(folder / "$(touch x).svg"), ContainsSubstring("a&lt;b&gt; &amp; &quot;c\\&quot;</text>"));
}
