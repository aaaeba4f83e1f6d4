#pragma once
#include <graft/keras/weight_plan.hpp>
#include <graft/models/model.hpp>

/// The layout of Keras 3's .weights.h5: a group for each layer, named after its class and counted in each model, with
/// the weights vars/0, vars/1, .. Source: keras/src/saving/saving_lib.py.
namespace graft::keras {

/// The weights of one layer and where they are in a .weights.h5.
template <class Scalar>
struct LayerWeights {
  std::string group;  ///< "layers/functional/layers/conv2d"
  std::string name;   ///< "trunk/block1_conv1"
  std::vector<Variable<Scalar>> variables;
};

namespace detail {

/// What the group of a model's layers is called: files of Keras 2.13 have the longer name.
inline std::string layers_group(const io::Hdf5File* file, const std::string& prefix) {
  const std::string old = prefix + "_layer_checkpoint_dependencies";
  return (file != nullptr && !file->is_group(prefix + "layers") && file->is_group(old) ? old : prefix + "layers") + "/";
}

template <class Scalar>
void list_layers(const Model<Scalar>& model, const io::Hdf5File* file, const std::string& prefix,
                 const std::string& names, std::set<const void*>& seen, std::vector<LayerWeights<Scalar>>& all) {
  const std::string container = layers_group(file, prefix);
  std::map<std::string, int> counts;
  for (const auto& layer : model.layers()) {
    const std::string kind = to_snake_case(layer.class_name());
    const int n = counts[kind]++;
    const std::string group = container + kind + (n > 0 ? "_" + std::to_string(n) : "");
    if (!seen.insert(layer->id()).second) continue;
    const auto* nested = dynamic_cast<const Model<Scalar>*>(&*layer);
    all.push_back({group, names + layer.name(), nested ? std::vector<Variable<Scalar>>{} : layer.weights()});
    if (nested) list_layers(*nested, file, group + "/", names + layer.name() + "/", seen, all);
  }
}

inline void require_layers_group(const io::Hdf5File& file) {
  if (file.is_group("layers") || file.is_group("_layer_checkpoint_dependencies")) return;
  if (file.texts("", "layer_names") || file.is_group("model_weights"))
    file.fail("is a file in Keras's older layout, whose name must not end in .weights.h5. Rename it to .h5");
  std::set<std::string> groups;
  for (const std::string& path : file.datasets()) groups.insert("'" + path.substr(0, path.find('/')) + "'");
  std::string list;
  for (const std::string& group : groups) list += (list.empty() ? "" : ", ") + group;
  file.fail("has no group 'layers', but ", list.empty() ? "nothing" : list,
            ". Weights of a subclassed model are named after its attributes and cannot be loaded; Sequential and "
            "functional ones can");
}

}  // namespace detail

/// Every layer below a model once, nested models before their layers. With a file, as that file names the groups.
template <class Scalar>
std::vector<LayerWeights<Scalar>> layer_weights(const Model<Scalar>& model, const io::Hdf5File* file = nullptr) {
  saving::named_variables(*model.state());  // throws if a weight does not exist yet
  std::vector<LayerWeights<Scalar>> all;
  std::set<const void*> seen;
  detail::list_layers(model, file, "", "", seen, all);
  return all;
}

/// Plans the load of a .weights.h5. As in Keras, layers of the file that the model does not have are only reported, and
/// a mismatch leaves out its whole layer. True if a layer of the file has more weights than the model's.
template <class Scalar>
bool plan_weights_h5(WeightPlan<Scalar>& plan, const Model<Scalar>& model, const io::Hdf5File& file) {
  detail::require_layers_group(file);
  std::set<std::string> known;
  bool surplus = false;
  for (const auto& layer : layer_weights(model, &file)) {
    std::vector<typename WeightPlan<Scalar>::Pair> pairs;
    bool complete = true;
    for (std::size_t i = 0; i < layer.variables.size(); ++i) {
      const std::string path = layer.group + "/vars/" + std::to_string(i),
                        name = layer.name + "/" + layer.variables[i].name();
      known.insert(path);
      if (file.is_dataset(path))
        pairs.push_back({name, layer.variables[i], path});
      else
        plan.report.missing.push_back(name);
      complete = complete && file.is_dataset(path);
    }
    const bool more =
        !layer.variables.empty() && file.is_dataset(layer.group + "/vars/" + std::to_string(layer.variables.size()));
    surplus = surplus || more;
    if (complete && !more) plan.add(pairs, true);
  }
  for (const std::string& path : file.datasets())
    if (!known.contains(path) && !path.starts_with("optimizer/") && path.find("seed_generator/") == std::string::npos)
      plan.report.unexpected.push_back(path);
  return surplus;
}

/// Loads a .weights.h5. Throws FileError where Keras raises.
template <class Scalar>
LoadReport load_weights_h5(const Model<Scalar>& model, const io::Hdf5File& file, const LoadWeightsOptions& options) {
  if (options.by_name)
    raise<ArgumentError>("load_weights: .by_name needs a file of Keras's older layout (.h5); ", file.name(),
                         " names no layers. Leave .by_name out.");
  WeightPlan<Scalar> plan(file);
  const bool surplus = plan_weights_h5(plan, model, file);
  if (!options.skip_mismatch && (surplus || !plan.report.missing.empty() || !plan.report.mismatched.empty()))
    detail::raise_unfit(file, model.name(), plan.report);
  plan.commit();
  return plan.report;
}

/// Adds the weights of a model.
template <class Scalar>
void add_weights_h5(io::Hdf5Writer& writer, const Model<Scalar>& model) {
  const auto add_vars = [&](const std::string& group, const std::string& name) {
    writer.group(group + "vars");
    writer.text(group + "vars", "name", name);
  };
  for (const auto& layer : layer_weights(model)) {
    add_vars(layer.group + "/", layer.name.substr(layer.name.rfind('/') + 1));
    for (std::size_t i = 0; i < layer.variables.size(); ++i)
      writer.dataset(layer.group + "/vars/" + std::to_string(i), layer.variables[i].value().view());
  }
  add_vars("", model.name());
}

}  // namespace graft::keras
