#pragma once
#include <functional>
#include <graft/core/shape.hpp>
#include <graft/core/size2d.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace graft {

/// Walks the named fields of a configuration, one call per field in Keras's names and order. A writer reads the fields
/// and stores them; a reader stores into the fields what a file holds and leaves a field as it is where the file has
/// none, so that defaults stand. A class lists its fields once and is saved and loaded by that list.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;
  virtual bool reading() const = 0;

  virtual void operator()(std::string_view name, bool& value) = 0;
  virtual void operator()(std::string_view name, Index& value) = 0;
  virtual void operator()(std::string_view name, double& value) = 0;
  virtual void operator()(std::string_view name, std::string& value) = 0;
  /// Empty is null.
  virtual void operator()(std::string_view name, std::optional<bool>& value) = 0;
  virtual void operator()(std::string_view name, std::optional<Index>& value) = 0;
  virtual void operator()(std::string_view name, std::optional<double>& value) = 0;
  virtual void operator()(std::string_view name, std::optional<std::string>& value) = 0;
  /// A list of numbers; a reader takes a single number as a list of one.
  virtual void operator()(std::string_view name, std::vector<Index>& value) = 0;
  virtual void operator()(std::string_view name, std::vector<double>& value) = 0;
  /// A list of lists of one length, such as ((top, bottom), (left, right)).
  virtual void operator()(std::string_view name, std::vector<std::vector<Index>>& value) = 0;
  /// [height, width]; a reader takes one number for both.
  virtual void operator()(std::string_view name, Size2D& value) = 0;
  /// [height, width] or null.
  virtual void operator()(std::string_view name, std::optional<Size2D>& value) = 0;
  /// The axes; None is null.
  virtual void operator()(std::string_view name, Shape& value) = 0;
  /// An object of a class of its own, {"module": .., "class_name": .., "config": {..}}; an empty class name is null.
  /// `module` is Keras's name of the class's kind, "keras.initializers"; a reader does not look at it. A reader sets
  /// class_name first and calls fields only where there is an object.
  virtual void object(std::string_view name, std::string_view module, std::string& class_name,
                      const std::function<void(ConfigVisitor&)>& fields) = 0;

  /// Anything with visit(ConfigVisitor&, name), such as an Initializer or an Activation.
  template <class T>
  requires requires(T& t, ConfigVisitor& c) { t.visit(c, std::string_view{}); }
  void operator()(std::string_view name, T& value) { value.visit(*this, name); }
};

}  // namespace graft
