#pragma once
#include <cmath>
#include <graft/core/config_visitor.hpp>
#include <nlohmann/json.hpp>

namespace graft::saving {

/// Keeps the order of the fields, as Keras's files do.
using Json = nlohmann::ordered_json;

/// Text from a file as JSON. Throws FileError, which begins with `what`, unless it is valid and nested at most 400
/// deep: more than a model in models needs, and few enough for functions that call themselves.
inline Json parse_json(const std::string& text, const std::string& what) {
  constexpr Index deepest = 400;
  Index depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size() && depth <= deepest; ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && (text[i] == '[' || text[i] == '{'))
      ++depth;
    else if (!quoted && (text[i] == ']' || text[i] == '}'))
      --depth;
  }
  if (depth > deepest) raise<FileError>(what, " is nested more than ", deepest, " deep.");
  Json json = Json::parse(text.data(), text.data() + text.size(), nullptr, false);
  if (json.is_discarded()) raise<FileError>(what, " is not valid JSON.");
  return json;
}

/// Writes a configuration as Keras writes it: {"units": 3, "activation": "relu", ..}.
class JsonConfigWriter final : public ConfigVisitor {
 public:
  explicit JsonConfigWriter(Json& to) : to_(to) { to_ = Json::object(); }

  using ConfigVisitor::operator();
  bool reading() const override { return false; }
  void operator()(std::string_view name, bool& value) override { put(name, value); }
  void operator()(std::string_view name, Index& value) override { put(name, value); }
  void operator()(std::string_view name, double& value) override { put(name, value); }
  void operator()(std::string_view name, std::string& value) override { put(name, value); }
  void operator()(std::string_view name, std::optional<bool>& value) override { put_optional(name, value); }
  void operator()(std::string_view name, std::optional<Index>& value) override { put_optional(name, value); }
  void operator()(std::string_view name, std::optional<double>& value) override { put_optional(name, value); }
  void operator()(std::string_view name, std::optional<std::string>& value) override { put_optional(name, value); }
  void operator()(std::string_view name, std::vector<Index>& value) override { put(name, value); }
  void operator()(std::string_view name, std::vector<double>& value) override { put(name, value); }
  void operator()(std::string_view name, std::vector<std::vector<Index>>& value) override { put(name, value); }
  void operator()(std::string_view name, Size2D& value) override { put(name, Json{value.height, value.width}); }
  void operator()(std::string_view name, std::optional<Size2D>& value) override {
    put(name, value ? Json{value->height, value->width} : Json(nullptr));
  }
  void operator()(std::string_view name, Shape& value) override {
    Json axes = Json::array();
    for (const Index axis : value) axes.push_back(axis == None ? Json(nullptr) : Json(axis));
    put(name, axes);
  }
  void object(std::string_view name, std::string_view module, std::string& class_name,
              const std::function<void(ConfigVisitor&)>& fields) override {
    if (class_name.empty()) return put(name, nullptr);
    Json config;
    JsonConfigWriter inner(config);
    fields(inner);
    put(name, Json{{"module", module},
                   {"class_name", class_name},
                   {"config", std::move(config)},
                   {"registered_name", nullptr}});
  }

 private:
  template <class T>
  void put(std::string_view name, const T& value) {
    to_[std::string(name)] = value;
  }
  template <class T>
  void put_optional(std::string_view name, const std::optional<T>& value) {
    put(name, value ? Json(*value) : Json(nullptr));
  }

  Json& to_;
};

/// Reads what JsonConfigWriter or Keras wrote. A field that is absent stays as it is; one of another type is an
/// ArgumentError that names `who`, the field and what was found.
class JsonConfigReader final : public ConfigVisitor {
 public:
  JsonConfigReader(const Json& from, std::string who) : from_(from), who_(std::move(who)) {
    if (!from.is_object()) raise<ArgumentError>(who_, ": its config must be an object, got ", shown(from), ".");
  }

  using ConfigVisitor::operator();
  bool reading() const override { return true; }
  void operator()(std::string_view name, bool& value) override { get(name, value); }
  void operator()(std::string_view name, Index& value) override { get(name, value); }
  void operator()(std::string_view name, double& value) override { get(name, value); }
  void operator()(std::string_view name, std::string& value) override { get(name, value); }
  void operator()(std::string_view name, std::optional<bool>& value) override { get_optional(name, value); }
  void operator()(std::string_view name, std::optional<Index>& value) override { get_optional(name, value); }
  void operator()(std::string_view name, std::optional<double>& value) override { get_optional(name, value); }
  void operator()(std::string_view name, std::optional<std::string>& value) override { get_optional(name, value); }
  void operator()(std::string_view name, std::vector<Index>& value) override { get_list(name, value); }
  void operator()(std::string_view name, std::vector<double>& value) override { get_list(name, value); }
  void operator()(std::string_view name, std::vector<std::vector<Index>>& value) override {
    const Json* json = find(name);
    if (json == nullptr) return;
    if (!json->is_array()) wrong(name, "a list of lists", *json);
    value.clear();
    for (const Json& row : *json) value.push_back(list_of<Index>(name, row));
  }
  void operator()(std::string_view name, Size2D& value) override {
    if (const Json* json = find(name)) value = size_of(name, *json);
  }
  void operator()(std::string_view name, std::optional<Size2D>& value) override {
    if (const Json* json = find(name)) value = json->is_null() ? std::nullopt : std::optional(size_of(name, *json));
  }
  void operator()(std::string_view name, Shape& value) override {
    const Json* json = find(name);
    if (json == nullptr || json->is_null()) return;
    if (!json->is_array()) wrong(name, "a shape", *json);
    value = Shape();
    for (const Json& axis : *json) value.push_back(axis.is_null() ? None : convert<Index>(name, axis));
  }
  void object(std::string_view name, std::string_view, std::string& class_name,
              const std::function<void(ConfigVisitor&)>& fields) override {
    const Json* json = find(name);
    if (json == nullptr) return;
    class_name.clear();
    if (json->is_null()) return;
    static const Json none = Json::object();
    const Json* config = &none;
    if (json->is_string()) {
      class_name = json->get<std::string>();
    } else {
      if (!json->is_object() || !json->contains("class_name")) wrong(name, "an object with a class_name", *json);
      class_name = convert<std::string>(name, (*json)["class_name"]);
      if (json->contains("config") && !(*json)["config"].is_null()) config = &(*json)["config"];
    }
    JsonConfigReader inner(*config, who_ + ", " + std::string(name));
    fields(inner);
  }

 private:
  const Json* find(std::string_view name) const {
    const auto found = from_.find(std::string(name));
    return found == from_.end() ? nullptr : &*found;
  }
  static std::string shown(const Json& json) {
    std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 60) text.replace(60, std::string::npos, "...");
    return text;
  }
  [[noreturn]] void wrong(std::string_view name, const char* expected, const Json& got) const {
    raise<ArgumentError>(who_, ": '", name, "' in its config must be ", expected, ", got ", shown(got), ".");
  }
  template <class T>
  T convert(std::string_view name, const Json& json) const {
    if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) wrong(name, "true or false", json);
    } else if constexpr (std::is_same_v<T, Index>) {
      if (json.is_number_float() && json.get<double>() == std::nearbyint(json.get<double>()) &&
          std::abs(json.get<double>()) < 1e15)
        return static_cast<Index>(json.get<double>());
      if (!json.is_number_integer()) wrong(name, "a whole number", json);
    } else if constexpr (std::is_same_v<T, double>) {
      if (!json.is_number()) wrong(name, "a number", json);
    } else {
      if (!json.is_string()) wrong(name, "a string", json);
    }
    return json.get<T>();
  }
  template <class T>
  void get(std::string_view name, T& value) const {
    const Json* json = find(name);
    if (json != nullptr) value = convert<T>(name, *json);
  }
  template <class T>
  void get_optional(std::string_view name, std::optional<T>& value) const {
    const Json* json = find(name);
    if (json != nullptr) value = json->is_null() ? std::nullopt : std::optional(convert<T>(name, *json));
  }
  template <class T>
  std::vector<T> list_of(std::string_view name, const Json& json) const {
    std::vector<T> list;
    if (!json.is_array()) return {convert<T>(name, json)};
    for (const Json& entry : json) list.push_back(convert<T>(name, entry));
    return list;
  }
  template <class T>
  void get_list(std::string_view name, std::vector<T>& value) const {
    const Json* json = find(name);
    if (json != nullptr && !json->is_null()) value = list_of<T>(name, *json);
  }
  Size2D size_of(std::string_view name, const Json& json) const {
    const auto sizes = list_of<Index>(name, json);
    if (sizes.empty() || sizes.size() > 2) wrong(name, "one number or [height, width]", json);
    return Size2D(sizes.front(), sizes.back());
  }

  const Json& from_;
  std::string who_;
};

}  // namespace graft::saving
