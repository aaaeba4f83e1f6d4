#pragma once
#include <graft/graph/node.hpp>
#include <unordered_set>

namespace graft::plan {

/// Ids of variables.
using VariableIds = std::unordered_set<std::uint64_t>;

/// One step with what the passes decided about it.
template <class Scalar>
struct Step {
  std::unique_ptr<Op<Scalar>> op;
  std::vector<ValueId> in;
  ValueId out = -1;
  std::string layer;               ///< name of the layer that emitted it
  std::vector<std::string> fused;  ///< kinds of the steps it took over
  bool prefix = false;             ///< belongs to the frozen prefix: computed once per sample
  bool backward = false;           ///< runs backward
  bool fused_away = false;
  std::vector<bool> dx;     ///< per input: its gradient is wanted
  std::vector<Index> slot;  ///< per variable: its place in Program::learning, -1 where it does not learn

  bool learns() const {
    return std::any_of(slot.begin(), slot.end(), [](Index s) { return s >= 0; });
  }
  bool wants_dx() const {
    return std::any_of(dx.begin(), dx.end(), [](bool wanted) { return wanted; });
  }
};

/// What flows between steps. An alias shares the memory of another value under another shape.
struct Value {
  Shape shape;  ///< with None where not known yet
  ValueId alias_of = -1;
  std::function<Shape(const Shape&)> reshape{};  ///< of an alias
  Index producer = -1;                           ///< the step that makes it; -1 for inputs
  std::vector<Index> users{};                    ///< steps that read it or an alias of it
  bool pinned = false;                           ///< somebody outside reads it: may not be fused away
  bool needs_gradient = false;                   ///< a variable that learns lies below
  bool has_gradient = false;                     ///< its gradient is computed
  bool keep = false;                             ///< a good place in the prefix to keep features
};

/// What a graph compiles to in one mode: steps in order, the frozen prefix first. Immutable once finished; shapes still
/// hold None. The Builder part collects steps; finish() (passes.hpp) decides the rest from the `trainable` flags.
template <class Scalar>
class Program final : public Builder<Scalar> {
 public:
  using Values = std::vector<ValueId>;

  /// `changed`: ids of the variables that the training program changes, which end the prefix of every mode.
  explicit Program(bool training, VariableIds changed = {}) : changing(std::move(changed)), training_(training) {}

  // -- what the passes decide
  std::vector<Step<Scalar>> steps;
  std::vector<Value> values;
  Values inputs;   ///< data: known sample by sample
  Values targets;  ///< labels and the like: never part of the prefix
  Values outputs;
  Values seeds;  ///< per-sample losses: where gradients enter
  Values cut;    ///< prefix values that the rest reads
  Index prefix_steps = 0;
  std::vector<Variable<Scalar>> learning;  ///< the variables that learn, in order of first use
  VariableIds changing;
  std::vector<std::string> notes;
  bool unspecified = false;  ///< neither training nor inference was asked for: a call on tensors

  // -- Builder
  bool training() const override { return training_; }
  bool augments() const override { return training_ || unspecified; }
  Shape shape(ValueId value) const override { return values[to_size(value)].shape; }
  ValueId emit(std::unique_ptr<Op<Scalar>> op, Values in) override {
    std::vector<Shape> shapes;
    for (const ValueId value : in) shapes.push_back(shape(value));
    const ValueId out = add_value({.shape = op->shape(shapes)});
    note_flags(*op);
    Step<Scalar> step;
    step.op = std::move(op);
    step.in = std::move(in);
    step.out = out;
    step.layer = path_.empty() ? "loss" : path_.back().name;
    steps.push_back(std::move(step));
    return out;
  }
  Values call(const Operation<Scalar>& operation, const Values& in) override {
    path_.push_back({operation.name(), operation.enabled()});
    Values out = operation.lower(*this, in);
    path_.pop_back();
    return out;
  }
  ValueId alias(ValueId value, std::function<Shape(const Shape&)> reshape) override {
    Shape to = reshape(shape(value));
    return add_value({.shape = std::move(to), .alias_of = value, .reshape = std::move(reshape)});
  }
  std::optional<ValueId> before(ValueId value, std::string_view activation) const override {
    for (const auto& step : steps)
      if (step.out == value && step.op->kind() == activation) return step.in.front();
    return std::nullopt;
  }
  std::uint64_t stream() override { return ++streams_; }
  void add_loss(ValueId per_sample) override { seeds.push_back(per_sample); }
  void note(std::string text) override {
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(std::move(text));
  }

  ValueId input(const Shape& shape) { return inputs.emplace_back(add_value({.shape = shape})); }
  ValueId target(const Shape& shape) { return targets.emplace_back(add_value({.shape = shape})); }

  // -- questions
  /// The value whose memory an alias shares.
  ValueId root(ValueId value) const {
    while (values[to_size(value)].alias_of >= 0) value = values[to_size(value)].alias_of;
    return value;
  }
  const Value& root_value(ValueId value) const { return values[to_size(root(value))]; }
  Value& root_value(ValueId value) { return values[to_size(root(value))]; }
  bool is_input(ValueId value) const { return root_value(value).producer < 0; }
  /// The variable's own flag is on, and so is every parent on at least one way to it.
  bool learns(const Variable<Scalar>& variable) const { return enabled_.contains(variable.id()); }
  /// True if every step is pure: then a batch may be computed in pieces.
  bool splits() const {
    return std::all_of(steps.begin(), steps.end(), [](const auto& step) { return step.op->pure(); });
  }

 private:
  struct Level {
    std::string name;
    bool enabled;
  };

  ValueId add_value(Value value) {
    values.push_back(std::move(value));
    return static_cast<ValueId>(values.size()) - 1;
  }
  void note_flags(const Op<Scalar>& op) {
    if (path_.empty()) return;
    const auto frozen = std::find_if(path_.begin(), path_.end(), [](const Level& level) { return !level.enabled; });
    for (const auto& variable : op.variables()) {
      if (!variable.trainable()) continue;
      if (frozen == path_.end())
        enabled_.insert(variable.id());
      else if (path_.back().enabled)
        shadowed_.push_back({variable.id(), path_.back().name, frozen->name});
    }
  }

 public:
  /// Names the surprises: a trainable layer below a frozen parent on every path.
  void note_shadowed() {
    for (const auto& [id, layer, parent] : shadowed_)
      if (!enabled_.contains(id)) note(layer + ": trainable, but its parent '" + parent + "' is frozen");
    shadowed_.clear();
  }

 private:
  struct Shadow {
    std::uint64_t variable;
    std::string layer, parent;
  };

  bool training_;
  std::uint64_t streams_ = 0;
  std::vector<Level> path_;
  VariableIds enabled_;
  std::vector<Shadow> shadowed_;
};

}  // namespace graft::plan
