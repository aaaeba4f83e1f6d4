#pragma once
#include <graft/layers/dense.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/global_average_pooling2d.hpp>
#include <graft/models/features.hpp>

namespace graft {

/// The new head of replace_head().
struct ReplaceHeadOptions {
  Index classes = 0;              ///< outputs: softmax over them; one alone is a sigmoid
  std::vector<Index> units = {};  ///< of relu layers before the last
  double dropout = 0;             ///< before the last layer
  std::string cut_at = {};        ///< the last layer of the trunk that is kept; empty: the one below the old head
  std::string name = {};          ///< empty: "functional", "functional_1", ...
};

namespace detail {

inline void check_head(const ReplaceHeadOptions& o) {
  if (o.classes < 1)
    raise<ArgumentError>("replace_head: classes must be at least 1, got ", o.classes,
                         ". Give .classes = how many you have.");
  for (const Index units : o.units)
    if (units < 1) raise<ArgumentError>("replace_head: units must be at least 1, got ", units, ".");
  if (!(o.dropout >= 0 && o.dropout < 1))
    raise<ArgumentError>("replace_head: dropout must be at least 0 and below 1, got ", o.dropout, ".");
}

inline bool ends_trunk(const std::string& class_name) {
  return class_name == "Flatten" || class_name.starts_with("Global");
}

/// Where the old head begins: behind the images, if the output is still images; else before the last flattening or
/// global pooling that the output comes from in one line; else before the last layer.
template <class Scalar>
SymbolicTensor<Scalar> trunk_output(const FlatGraph<Scalar>& flat, const std::string& model) {
  if (flat.outputs().size() != 1)
    raise<ArgumentError>("replace_head: Model '", model, "' has ", flat.outputs().size(),
                         " outputs; say where its head begins by .cut_at.");
  const auto& output = flat.outputs().front();
  if (output.shape().rank() == 4 || output.node()->inputs.empty()) return output;
  for (auto x = output; x.node()->inputs.size() == 1; x = x.node()->inputs.front())
    if (ends_trunk(dynamic_cast<const Layer<Scalar>&>(*x.node()->operation).class_name()))
      return x.node()->inputs.front();
  if (output.node()->inputs.size() != 1)
    raise<ArgumentError>("replace_head: the last layer '", output.node()->operation->name(), "' of Model '", model,
                         "' has ", output.node()->inputs.size(), " inputs; say where its head begins by .cut_at.");
  return output.node()->inputs.front();
}

/// `name`, or name_1, .. where a layer of the trunk has it.
template <class Scalar>
std::string free_name(const GraphOrder<Scalar>& trunk, const std::string& name) {
  const auto taken = [&](const std::string& tried) {
    return std::any_of(trunk.operations.begin(), trunk.operations.end(),
                       [&](const auto& operation) { return operation->name() == tried; });
  };
  std::string tried = name;
  for (Index i = 1; taken(tried); ++i) tried = name + "_" + std::to_string(i);
  return tried;
}

template <class Scalar>
SymbolicTensor<Scalar> new_head(SymbolicTensor<Scalar> x, const GraphOrder<Scalar>& trunk,
                                const ReplaceHeadOptions& o) {
  const auto named = [&](const std::string& name) { return free_name(trunk, name); };
  if (x.shape().rank() == 4)
    x = layers::GlobalAveragePooling2D<Scalar>({.name = named("head_pool")})(x);
  else if (x.shape().rank() != 2)
    x = layers::Flatten<Scalar>({.name = named("head_flatten")})(x);
  for (std::size_t i = 0; i < o.units.size(); ++i)
    x = layers::Dense<Scalar>(o.units[i], {.activation = "relu", .name = named("head_" + std::to_string(i + 1))})(x);
  if (o.dropout > 0) x = layers::Dropout<Scalar>(o.dropout, {.name = named("head_dropout")})(x);
  return layers::Dense<Scalar>(o.classes,
                               {.activation = o.classes == 1 ? "sigmoid" : "softmax", .name = named("predictions")})(x);
}

}  // namespace detail

/// A new head on a trained trunk: global average pooling of images, relu layers of .units, dropout, and a last layer
/// "predictions" for .classes. The new model is flat: nested models are taken apart, so layers(begin, end) slices the
/// trunk. It shares the trunk's layers, their weights and trainable flags, with the model, which stays as it was; only
/// the head is new. Freeze the trunk by `for (auto& layer : model.layers(0, -n)) layer.trainable = false`.
/// Throws ArgumentError for options outside their rules, a .cut_at that names no layer or one that is called more than
/// once, and a model whose head does not end in one output without .cut_at; StateError for a Sequential that has no
/// input shape yet.
template <class Scalar>
Model<Scalar> replace_head(const Model<Scalar>& model, const ReplaceHeadOptions& options) {
  detail::check_head(options);
  const detail::FlatGraph<Scalar> flat(model);
  const auto cut = options.cut_at.empty() ? detail::trunk_output(flat, model.name())
                                          : flat.output_of(options.cut_at, "replace_head");
  const GraphOrder<Scalar> trunk = GraphWalk<Scalar>().order({cut});
  const Model<Scalar> made(flat.inputs_of(trunk), detail::new_head(cut, trunk, options), {.name = options.name});
  made.set_preprocessing(model.preprocessing());
  return made;
}

}  // namespace graft
