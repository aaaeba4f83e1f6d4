#pragma once
#include <graft/layers/layer_ref.hpp>
#include <map>

namespace graft::saving {

/// Makes a layer from its config: what custom_objects holds for classes of the user's own, by class name.
template <class Scalar = float>
using LayerMaker = std::function<LayerRef<Scalar>(ConfigVisitor&)>;
template <class Scalar = float>
using CustomObjects = std::map<std::string, LayerMaker<Scalar>>;

/// The maker of a class that has `static L from_config(ConfigVisitor&)`.
template <class L>
LayerMaker<typename L::scalar_type> maker() {
  return [](ConfigVisitor& c) { return LayerRef<typename L::scalar_type>(L::from_config(c)); };
}

/// The classes that a file may name. A file can make only these: it is data, not code.
template <class Scalar>
class LayerFactory {
 public:
  void add(std::string class_name, LayerMaker<Scalar> maker) { makers_[std::move(class_name)] = std::move(maker); }
  bool knows(const std::string& class_name) const { return makers_.contains(class_name); }
  /// Throws ArgumentError, which names the layer, for an unknown class and for a config that the class refuses.
  LayerRef<Scalar> make(const std::string& class_name, const std::string& name, ConfigVisitor& config) const {
    const auto found = makers_.find(class_name);
    if (found == makers_.end())
      raise<ArgumentError>("Layer '", name, "' is of the class ", class_name, ", which graft does not have. Give ",
                           "load_model a maker for it: .custom_objects = {{\"", class_name, "\", ...}}.");
    try {
      return found->second(config);
    } catch (const ArgumentError& error) {
      if (std::string_view(error.what()).find("'" + name + "'") != std::string_view::npos) throw;
      raise<ArgumentError>("Layer '", name, "' (", class_name, "): ", error.what());
    }
  }

 private:
  std::map<std::string, LayerMaker<Scalar>> makers_;
};

}  // namespace graft::saving
