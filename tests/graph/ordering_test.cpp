#include <graft/graph/ordering.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

/// An operation that is only a name.
struct Named final : Operation<float> {
  explicit Named(std::string n) : label(std::move(n)) {}
  const std::string& name() const override { return label; }
  const void* id() const override { return this; }
  std::vector<Shape> compute_output_shapes(std::span<const Shape> in) const override { return {in.begin(), in.end()}; }
  std::vector<ValueId> lower(Builder<float>&, const std::vector<ValueId>& in) const override { return in; }
  std::string label;
};

std::shared_ptr<const Named> operation(const std::string& name) { return std::make_shared<const Named>(name); }
SymbolicTensor<float> call(const std::shared_ptr<const Named>& what, std::vector<SymbolicTensor<float>> in) {
  return {std::make_shared<const Node<float>>(Node<float>{what, std::move(in), {Shape{None, 1}}, {}}), 0};
}
std::string names(const std::vector<SymbolicTensor<float>>& outputs) {
  std::string all;
  for (const auto& o : GraphWalk<float>().order(outputs).operations) all += (all.empty() ? "" : " ") + o->name();
  return all;
}

}  // namespace

TEST_CASE("A chain is in its own order", "[graph]") {
  const auto a = call(operation("a"), {}), b = call(operation("b"), {a}), c = call(operation("c"), {b});
  CHECK(names({c}) == "a b c");
}

TEST_CASE("Branches are ordered by their distance to the output, ties by first visit", "[graph]") {
  const auto in = call(operation("in"), {});
  const auto left = call(operation("left"), {in}), left2 = call(operation("left2"), {left});
  const auto right = call(operation("right"), {in});
  const auto sum = call(operation("sum"), {left2, right});
  CHECK(names({sum}) == "in left left2 right sum");
  const auto other = call(operation("other"), {right, left2});
  CHECK(names({other}) == "in left right left2 other");
}

TEST_CASE("An operation called twice appears once, at its deepest call", "[graph]") {
  const auto shared = operation("shared");
  const auto in = call(operation("in"), {});
  const auto first = call(shared, {in}), between = call(operation("between"), {first}),
             second = call(shared, {between});
  const auto order = GraphWalk<float>().order({second});
  CHECK(order.nodes.size() == 4);
  CHECK(order.operations.size() == 3);
  CHECK(names({second}) == "in shared between");
}

TEST_CASE("Every node comes after those it reads", "[graph]") {
  const auto in = call(operation("in"), {});
  std::vector<SymbolicTensor<float>> layer{in, in};
  for (int depth = 0; depth < 6; ++depth)
    layer = {call(operation("x"), {layer[0], layer[1]}), call(operation("y"), {layer[1], layer[0]})};
  const auto nodes = GraphWalk<float>().order(layer).nodes;
  CHECK(nodes.size() == 13);
  std::vector<const void*> seen;
  for (const auto& node : nodes) {
    for (const auto& input : node->inputs) CHECK(std::find(seen.begin(), seen.end(), input.node().get()) != seen.end());
    seen.push_back(node.get());
  }
}
