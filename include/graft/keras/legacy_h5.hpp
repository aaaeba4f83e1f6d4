#pragma once
#include <graft/keras/weight_plan.hpp>
#include <graft/models/model.hpp>
#include <numeric>

/// Keras's older layout, .h5: a group for each layer, named after it, with its weights in a list of names. Source:
/// keras/src/legacy/saving/legacy_h5_format.py.
namespace graft::keras {

/// A group of a file: a layer, or a whole nested model.
struct LegacyGroup {
  std::string layer;
  std::vector<std::string> paths;  ///< of its weights
};

namespace detail {

/// A list of names, also one that was too long for one attribute: layer_names0, layer_names1, ..
inline std::optional<std::vector<std::string>> name_list(const io::Hdf5File& file, const std::string& group,
                                                         const std::string& name) {
  if (auto list = file.texts(group, name)) return list;
  std::optional<std::vector<std::string>> all;
  for (int i = 0; auto part = file.texts(group, name + std::to_string(i)); ++i) {
    if (!all) all.emplace();
    all->insert(all->end(), part->begin(), part->end());
  }
  return all;
}

inline std::vector<std::string> weight_paths(const io::Hdf5File& file, const std::string& group) {
  if (!file.is_group(group)) file.fail("has no group '", group, "', which it lists");
  auto paths = name_list(file, group, "weight_names");
  if (!paths) file.fail("has no 'weight_names' in '", group, "'. Is it a file of Keras?");
  for (std::string& path : *paths) path = group + "/" + path;
  return std::move(*paths);
}

/// The groups that hold weights, in the order of the file. Throws FileError if it is none of Keras's.
inline std::vector<LegacyGroup> legacy_groups(const io::Hdf5File& file) {
  std::string root;
  auto layers = name_list(file, root, "layer_names");
  if (!layers && file.is_group("model_weights")) layers = name_list(file, root = "model_weights", "layer_names");
  if (!layers) {
    if (file.is_group("layers") || file.is_group("_layer_checkpoint_dependencies"))
      file.fail("has no 'layer_names': it is a .weights.h5 of Keras 3. Rename it so that it ends in .weights.h5");
    file.fail("has no 'layer_names'. Is it a file of Keras?");
  }
  if (!root.empty()) root += "/";
  std::vector<LegacyGroup> groups;
  for (const std::string& layer : *layers) {
    auto paths = weight_paths(file, root + layer);
    if (!paths.empty()) groups.push_back({layer, std::move(paths)});
  }
  const std::string top = root + "top_level_model_weights";
  if (file.is_group(top) && !weight_paths(file, top).empty())
    file.fail("has weights that belong to no layer ('", top, "'). graft's models have none");
  return groups;
}

/// The last n parts of a path, without Keras 2's output number: ("base/bn1/gamma:0", 2) -> "bn1/gamma"
inline std::string last_parts(std::string path, int n) {
  path.resize(std::min(path.find(':', path.rfind('/') + 1), path.size()));
  std::size_t at = path.size() + 1;
  while (n-- > 0 && at != 0) at = path.rfind('/', at - 2) + 1;
  return path.substr(at);
}

/// "trunk/bn/gamma" of every weight, by variable.
template <class Scalar>
std::map<std::uint64_t, std::string> names_by_variable(const Model<Scalar>& model) {
  std::map<std::uint64_t, std::string> names;
  for (const auto& [name, variable] : saving::named_variables(*model.state())) names[variable.id()] = name;
  return names;
}

/// The weights of a layer in Keras's order: those that train, then the others, by the flags of now.
template <class Scalar>
std::vector<Variable<Scalar>> legacy_order(const Layer<Scalar>& layer) {
  auto order = layer.trainable_weights();
  for (const auto& variable : layer.non_trainable_weights()) order.push_back(variable);
  return order;
}

/// Finds the order in which a group lists the weights of a layer. Keras writes those first that train at the time, and
/// reads by the flags of its own time; graft reads what the names say, where they say it.
template <class Scalar>
class GroupOrder {
 public:
  GroupOrder(const io::Hdf5File& file, const LegacyGroup& group, const std::map<std::uint64_t, std::string>& names)
      : group_(group), names_(names) {
    for (const std::string& path : group.paths) shapes_.push_back(file.shape(path));
  }

  std::vector<Variable<Scalar>> find(const Layer<Scalar>& layer) const {
    if (auto order = by_names(layer.weights()); !order.empty()) return order;
    const auto present = legacy_order(layer), natural = layer.weights();
    auto trained = natural;
    std::stable_partition(trained.begin(), trained.end(), [](const auto& variable) { return variable.learnable(); });
    for (const auto& order : {present, trained, natural})
      if (fits(order)) return order;
    return present;
  }

 private:
  // Every weight once by "layer/kernel"; nothing if the file has other names or two of one.
  std::vector<Variable<Scalar>> by_names(const std::vector<Variable<Scalar>>& weights) const {
    std::map<std::string, Variable<Scalar>> by_name;
    for (const auto& variable : weights) by_name.emplace(last_parts(names_.at(variable.id()), 2), variable);
    std::vector<Variable<Scalar>> order;
    for (const std::string& path : group_.paths)
      if (auto found = by_name.extract(last_parts(path, 2))) order.push_back(found.mapped());
    if (order.size() != weights.size() || !fits(order)) order.clear();
    return order;
  }
  bool fits(const std::vector<Variable<Scalar>>& order) const {
    bool good = order.size() == group_.paths.size();
    for (std::size_t i = 0; good && i < order.size(); ++i)
      good = last_parts(group_.paths[i], 1) == order[i].name() && shapes_[i] == order[i].shape();
    return good;
  }

  const LegacyGroup& group_;
  const std::map<std::uint64_t, std::string>& names_;
  std::vector<Shape> shapes_;
};

}  // namespace detail

/// Loads a file of the older layout: the i-th layer that has weights gets the i-th group or, with .by_name, the group
/// of its name. Throws FileError where Keras raises.
template <class Scalar>
class LegacyLoad {
 public:
  LegacyLoad(const Model<Scalar>& model, const io::Hdf5File& file, const LoadWeightsOptions& options)
      : model_(model), file_(file), options_(options), names_(detail::names_by_variable(model)), plan_(file) {}

  /// What run() would load, told without reading a tensor.
  LoadReport compare() {
    const auto groups = detail::legacy_groups(file_);
    options_.by_name ? plan_by_name(groups) : plan_by_order(groups);
    return plan_.report;
  }
  LoadReport run() {
    compare();
    if (!options_.skip_mismatch && !plan_.report.mismatched.empty())
      detail::raise_unfit(file_, model_.name(), plan_.report);
    plan_.commit();
    return plan_.report;
  }

 private:
  std::vector<LayerRef<Scalar>> layers_with_weights() const {
    std::vector<LayerRef<Scalar>> layers;
    for (const auto& layer : model_.layers())
      if (!layer.weights().empty()) layers.push_back(layer);
    return layers;
  }
  void plan_by_order(const std::vector<LegacyGroup>& groups) {
    const auto layers = layers_with_weights();
    if (layers.size() != groups.size())
      file_.fail("has weights for ", groups.size(), " layers (", listed(groups, [](const auto& g) { return g.layer; }),
                 "), the model '", model_.name(), "' has ", layers.size(), " layers with weights (",
                 listed(layers, [](const auto& l) { return l.name(); }),
                 "). Nothing was loaded. .by_name = true loads what has a name in both");
    for (std::size_t i = 0; i < layers.size(); ++i) pair(*layers[i], groups[i]);
  }
  void plan_by_name(const std::vector<LegacyGroup>& groups) {
    std::map<std::string, const LegacyGroup*> by_name;
    for (const LegacyGroup& group : groups) by_name[group.layer] = &group;
    for (const auto& layer : layers_with_weights()) {
      const auto found = by_name.find(layer.name());
      if (found == by_name.end()) {
        for (const auto& variable : layer.weights()) plan_.report.missing.push_back(names_.at(variable.id()));
        continue;
      }
      pair(*layer, *found->second);
      by_name.erase(found);
    }
    for (const auto& [name, group] : by_name)
      for (const std::string& path : group->paths) plan_.report.unexpected.push_back(path);
  }
  void pair(const Layer<Scalar>& layer, const LegacyGroup& group) {
    const auto variables = detail::GroupOrder<Scalar>(file_, group, names_).find(layer);
    if (variables.size() != group.paths.size()) {
      if (!options_.by_name || !options_.skip_mismatch)
        file_.fail("has ", group.paths.size(), " weights for '", group.layer, "', the layer '", layer.name(), "' has ",
                   variables.size(), ". Nothing was loaded");
      for (const auto& variable : variables) plan_.report.missing.push_back(names_.at(variable.id()));
      for (const std::string& path : group.paths) plan_.report.unexpected.push_back(path);
      return;
    }
    std::vector<typename WeightPlan<Scalar>::Pair> pairs;
    for (std::size_t i = 0; i < variables.size(); ++i)
      pairs.push_back({names_.at(variables[i].id()), variables[i], group.paths[i]});
    plan_.add(pairs, false);
  }
  template <class List, class Name>
  static std::string listed(const List& list, Name name) {
    std::string text;
    for (const auto& item : list) text += (text.empty() ? "" : ", ") + name(item);
    return text;
  }

  const Model<Scalar>& model_;
  const io::Hdf5File& file_;
  LoadWeightsOptions options_;
  std::map<std::uint64_t, std::string> names_;
  WeightPlan<Scalar> plan_;
};

/// Adds the weights of a model to the group `root`, "" or "model_weights".
template <class Scalar>
void add_legacy_weights(io::Hdf5Writer& writer, const Model<Scalar>& model, const std::string& root,
                        const std::string& keras_version) {
  const auto names = detail::names_by_variable(model);
  const std::string prefix = root.empty() ? "" : root + "/";
  std::vector<std::string> layers;
  for (const auto& layer : model.layers()) layers.push_back(layer.name());
  if (!root.empty()) writer.group(root);
  writer.texts(root, "layer_names", layers);
  writer.text(root, "backend", "tensorflow");
  writer.text(root, "keras_version", keras_version);
  for (const auto& layer : model.layers()) {
    std::vector<std::string> weights;
    const auto variables = detail::legacy_order(*layer);
    for (const auto& variable : variables) weights.push_back(names.at(variable.id()));
    writer.group(prefix + layer.name());
    writer.texts(prefix + layer.name(), "weight_names", weights);
    for (std::size_t i = 0; i < variables.size(); ++i)
      writer.dataset(prefix + layer.name() + "/" + weights[i], variables[i].value().view());
  }
  writer.group(prefix + "top_level_model_weights");
  writer.texts(prefix + "top_level_model_weights", "weight_names", {});
}

}  // namespace graft::keras
