#pragma once
#include <graft/core/config_visitor.hpp>
#include <graft/core/global_seed.hpp>
#include <graft/initializers/initializer.hpp>
#include <graft/layers/context.hpp>
#include <graft/layers/layer_state.hpp>
#include <graft/layers/naming.hpp>
#include <graft/layers/weight_budget.hpp>
#include <typeinfo>
#include <unordered_set>

namespace graft {

/// The `training` argument of a call. As in Keras 3, fit, evaluate and predict override it.
struct CallOptions {
  std::optional<bool> training = std::nullopt;
};

/// How a weight is made: add_weight(name, options).
struct WeightOptions {
  bool trainable = true;
  Regularizer regularizer = {};
  Constraint constraint = {};
};

/// A layer: constant options, variables, and one state that all its handles share. Copying a layer gives another handle
/// on the same layer, as a Python reference does; assigning rebinds.
///
/// A custom layer derives from Layer<Scalar> and overrides class_name(), share() (return
/// std::make_shared<Mine>(*this)), build() to allocate its variables, compute_output_shape(), call() and backward();
/// config() to be saved. testing::check_gradients(layer, x) tells if backward() is right.
template <class Scalar = float>
class Layer : public Operation<Scalar> {
 protected:
  std::shared_ptr<LayerState<Scalar>> state_ = std::make_shared<LayerState<Scalar>>();

 public:
  TrainableProperty<Scalar> trainable{state_.get()};

  using scalar_type = Scalar;
  using Values = std::vector<ValueId>;
  using Shapes = std::span<const Shape>;

  Layer() = default;
  Layer(const Layer& other) : Operation<Scalar>(other), state_(other.state_) {}
  Layer& operator=(const Layer& other) {
    state_ = other.state_;
    std::destroy_at(&trainable);
    std::construct_at(&trainable, state_.get());
    return *this;
  }

  // -- what a layer class provides
  /// Keras's name of the class, "Dense".
  virtual std::string class_name() const = 0;
  /// Another handle on this layer, of the same class.
  virtual std::shared_ptr<Layer> share() const = 0;
  /// Allocates the variables for one input of this shape (batch axis first, None where unknown).
  virtual void build(const Shape&) const {}
  virtual void build_inputs(Shapes in) const { build(in.front()); }
  virtual Shape compute_output_shape(const Shape& in) const { return in; }
  std::vector<Shape> compute_output_shapes(Shapes in) const override {
    require_inputs(in, 1, 1);
    return {compute_output_shape(in.front())};
  }
  /// y = f(x) on a batch. Keep in the context what backward() needs.
  virtual Tensor<Scalar> call(const Tensor<Scalar>& x, Context<Scalar>& context) const;
  /// dx from dy; gradients of variables go to context.add_gradient().
  virtual Tensor<Scalar> backward(const Tensor<Scalar>& dy, Context<Scalar>& context) const;
  /// True if row i of call()'s result depends on row i of x and the variables alone. A layer that does not say so ends
  /// the part of the network whose features are cached, and gets whole batches.
  virtual bool row_independent() const { return false; }
  /// Emits the layer's steps. The default is one step around call() and backward().
  Values lower(Builder<Scalar>& builder, const Values& in) const override;
  /// Lists the constructor's arguments for saving.
  virtual void config(ConfigVisitor&) const {}

  // -- what every layer has
  const std::string& name() const override { return state_->name; }
  const void* id() const override { return state_.get(); }
  bool enabled() const override { return state_->trainable; }
  bool built() const { return state_->built; }
  /// share(), checked: throws StateError if the layer's class does not override it. A handle of a base class would
  /// compute something else.
  std::shared_ptr<const Layer> handle() const;
  const std::shared_ptr<LayerState<Scalar>>& state() const { return state_; }

  /// Own trainable ones first, then own statistics, then those of the layers inside; each once.
  std::vector<Variable<Scalar>> weights() const;
  std::vector<Variable<Scalar>> trainable_weights() const;
  std::vector<Variable<Scalar>> non_trainable_weights() const;
  std::vector<Tensor<Scalar>> get_weights() const;
  /// All or none: throws ArgumentError for a wrong count and ShapeError for a wrong shape, and changes nothing then.
  void set_weights(const std::vector<Tensor<Scalar>>& values) const;
  Index count_params() const;

  /// The symbolic result and argument of the layer's only call.
  virtual SymbolicTensor<Scalar> output() const { return SymbolicTensor<Scalar>(only_node(), 0); }
  virtual SymbolicTensor<Scalar> input() const;

  /// Calls the layer on symbolic tensors: builds it the first time and adds a node to the graph.
  SymbolicTensor<Scalar> operator()(const SymbolicTensors<Scalar>& x, CallOptions options = {}) const;
  /// The same for a model with several outputs.
  SymbolicTensors<Scalar> apply(const SymbolicTensors<Scalar>& x, CallOptions options = {}) const;
  /// Computes the layer on tensors at once; inference mode unless options.training is true, but augmentation acts also
  /// where options.training is not given, as in Keras.
  Tensor<Scalar> operator()(const Tensor<Scalar>& x, CallOptions options = {}) const;
  Tensor<Scalar> operator()(const std::vector<Tensor<Scalar>>& x, CallOptions options = {}) const;

  /// build() once; further calls change nothing.
  void ensure_built(Shapes in) const;

 protected:
  /// For constructors: the given name, or an automatic one when it is empty. `class_name` as class_name() gives it.
  void set_identity(const std::string& name, const std::string& class_name, bool is_trainable) {
    state_->name = name.empty() ? automatic_name(class_name) : name;
    if (!is_trainable) trainable = false;
  }
  /// A custom layer's weight. A name is enough; build() allocates it.
  Variable<Scalar> add_weight(std::string name, WeightOptions options = {}) const {
    Variable<Scalar> variable(std::move(name), options.trainable);
    if (!state_->trainable) variable.set_trainable(false);
    state_->weights.push_back({variable, std::move(options.regularizer), std::move(options.constraint)});
    return variable;
  }
  /// Allocates and fills a weight with the initializer's values; with zeros while a WeightBudget lives.
  void initialize(const Variable<Scalar>& variable, const Shape& shape, const Initializer& initializer) const {
    if (WeightBudget::spend(shape)) return variable.allocate(shape);
    variable.allocate(initializer.template operator()<Scalar>(shape, RandomStream(next_seed())));
  }
  /// The options as they are now, for config(): the real name and the present flag.
  template <class Options>
  Options identified(Options options) const {
    options.name = name();
    options.trainable = state_->trainable;
    return options;
  }
  /// "Dense 'head'": how errors begin.
  std::string who() const { return class_name() + " '" + name() + "'"; }
  void require_inputs(Shapes in, Index least, Index most) const;
  /// Throws ShapeError unless the input has this many axes, batch included.
  void require_rank(const Shape& in, Index least, Index most, const char* axes) const;
  /// Throws ShapeError unless the last axis is `expected`.
  void require_last_axis(const Shape& in, Index expected) const;

 private:
  std::shared_ptr<const Node<Scalar>> only_node() const;
};

template <class Scalar>
std::vector<Variable<Scalar>> Layer<Scalar>::weights() const {
  std::vector<Variable<Scalar>> all;
  std::unordered_set<std::uint64_t> seen;
  state_->visit([&](const LayerState<Scalar>& state) {
    for (const bool learnable : {true, false})
      for (const auto& weight : state.weights)
        if (weight.variable.learnable() == learnable && seen.insert(weight.variable.id()).second)
          all.push_back(weight.variable);
  });
  return all;
}

namespace detail {

/// As Keras defines trainable_weights: nothing below a frozen layer counts, whatever its own flags say.
template <class Scalar>
void collect_trainable(const LayerState<Scalar>& state, std::unordered_set<std::uint64_t>& ids) {
  if (!state.trainable) return;
  for (const auto& weight : state.weights)
    if (weight.variable.trainable()) ids.insert(weight.variable.id());
  for (const auto& child : state.children) collect_trainable(*child, ids);
}

}  // namespace detail

template <class Scalar>
std::vector<Variable<Scalar>> Layer<Scalar>::trainable_weights() const {
  std::unordered_set<std::uint64_t> ids;
  detail::collect_trainable(*state_, ids);
  auto all = weights();
  std::erase_if(all, [&](const auto& variable) { return !ids.contains(variable.id()); });
  return all;
}

template <class Scalar>
std::vector<Variable<Scalar>> Layer<Scalar>::non_trainable_weights() const {
  std::unordered_set<std::uint64_t> ids;
  detail::collect_trainable(*state_, ids);
  auto all = weights();
  std::erase_if(all, [&](const auto& variable) { return ids.contains(variable.id()); });
  return all;
}

template <class Scalar>
std::vector<Tensor<Scalar>> Layer<Scalar>::get_weights() const {
  std::vector<Tensor<Scalar>> values;
  for (const auto& variable : weights()) values.push_back(variable.value());
  return values;
}

template <class Scalar>
void Layer<Scalar>::set_weights(const std::vector<Tensor<Scalar>>& values) const {
  const auto variables = weights();
  if (values.size() != variables.size())
    raise<ArgumentError>(who(), ": set_weights() got ", values.size(), " tensors, the layer has ", variables.size(),
                         ".");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i].shape() != variables[i].shape())
      raise<ShapeError>(who(), ": set_weights() got the shape ", values[i].shape(), " for '", variables[i].name(),
                        "', which has ", variables[i].shape(), ".");
  for (std::size_t i = 0; i < values.size(); ++i) variables[i].assign(values[i]);
}

template <class Scalar>
Index Layer<Scalar>::count_params() const {
  Index n = 0;
  for (const auto& variable : weights()) n += variable.size();
  return n;
}

template <class Scalar>
std::shared_ptr<const Node<Scalar>> Layer<Scalar>::only_node() const {
  std::vector<std::shared_ptr<const Node<Scalar>>> alive;
  for (const auto& weak : state_->nodes)
    if (auto node = weak.lock()) alive.push_back(std::move(node));
  if (alive.size() != 1)
    raise<StateError>(who(), " has been called ", alive.size(),
                      " times; input() and output() need exactly one call. Use the tensor that the call returned.");
  return alive.front();
}

template <class Scalar>
SymbolicTensor<Scalar> Layer<Scalar>::input() const {
  const auto node = only_node();
  return node->inputs.empty() ? SymbolicTensor<Scalar>(node, 0) : node->inputs.front();
}

template <class Scalar>
std::shared_ptr<const Layer<Scalar>> Layer<Scalar>::handle() const {
  std::shared_ptr<const Layer<Scalar>> shared = share();
  const auto& copy = *shared;
  if (typeid(copy) != typeid(*this))
    raise<StateError>(who(),
                      ": its class does not override share(). Add: std::shared_ptr<Layer<Scalar>> share() const "
                      "override { return std::make_shared<ThisClass>(*this); }");
  return shared;
}

template <class Scalar>
void Layer<Scalar>::ensure_built(Shapes in) const {
  if (state_->built) return;
  build_inputs(in);
  state_->built = true;
}

template <class Scalar>
SymbolicTensors<Scalar> Layer<Scalar>::apply(const SymbolicTensors<Scalar>& x, CallOptions options) const {
  std::vector<Shape> in;
  for (const auto& tensor : x) in.push_back(tensor.shape());
  require_inputs(in, 1, static_cast<Index>(in.size()));
  compute_output_shapes(in);  // before anything is allocated: a wrong shape must leave the layer as it was
  ensure_built(in);
  auto node =
      std::make_shared<const Node<Scalar>>(Node<Scalar>{handle(), x, compute_output_shapes(in), options.training});
  state_->nodes.push_back(node);
  SymbolicTensors<Scalar> outputs;
  for (std::size_t i = 0; i < node->output_shapes.size(); ++i) outputs.emplace_back(node, static_cast<Index>(i));
  return outputs;
}

template <class Scalar>
SymbolicTensor<Scalar> Layer<Scalar>::operator()(const SymbolicTensors<Scalar>& x, CallOptions options) const {
  const auto outputs = apply(x, options);
  if (outputs.size() != 1)
    raise<ArgumentError>(who(), " has ", outputs.size(), " outputs: call it by apply(x), which returns them all.");
  return outputs.front();
}

template <class Scalar>
void Layer<Scalar>::require_inputs(Shapes in, Index least, Index most) const {
  const Index n = static_cast<Index>(in.size());
  if (n < least || n > most || n == 0)
    raise<ArgumentError>(who(), " expects ", least == most ? "" : "at least ", std::max<Index>(least, 1), " input",
                         least > 1 ? "s" : "", ", got ", n, ".");
}

template <class Scalar>
void Layer<Scalar>::require_rank(const Shape& in, Index least, Index most, const char* axes) const {
  if (in.rank() >= least && in.rank() <= most) return;
  raise<ShapeError>(who(), " expects ", axes, ", got ", in, ".",
                    in.rank() == least - 1 ? " The batch axis is missing." : "");
}

template <class Scalar>
void Layer<Scalar>::require_last_axis(const Shape& in, Index expected) const {
  if (in.back() == expected && expected != None) return;
  if (in.back() == None)
    raise<ShapeError>(who(), " needs to know the last axis of its input, got ", in, ". Give Input() that axis.");
  raise<ShapeError>(who(), " expects ", expected, " as the last axis of its input, got ", in, ".");
}

}  // namespace graft

#include <graft/layers/eager.hpp>
#include <graft/layers/opaque_step.hpp>
