#pragma once
#include <graft/keras/read_config.hpp>
#include <graft/keras/write_config.hpp>
#include <graft/models/model.hpp>

/// What a model was compiled with, in Keras's schema. Source: keras/src/trainers/trainer.py, get_compile_config.
namespace graft::keras {

namespace detail {

/// A loss or metric as graft reads it. One that Keras wrote as a function is named by its config; TensorFlow's Keras 2
/// wraps a metric's function and calls the mean over the batch "auto".
inline Json plain_object(Json json) {
  if (!json.is_object() || !json.contains("class_name") || !json.contains("config")) return json;
  if (json["class_name"] == "function") return json["config"];
  Json& config = json["config"];
  if (!config.is_object()) return json;
  if (json["class_name"] == "MeanMetricWrapper" && config.contains("fn")) {
    json["class_name"] = config["fn"];
    config.erase("fn");
  }
  if (config.contains("reduction") && config["reduction"] == "auto") config.erase("reduction");
  return json;
}

/// The optimizer's entry, with Keras 2's `lr` under its name of today.
inline Json plain_optimizer(Json json) {
  if (json.is_object() && json.contains("config") && json["config"].is_object())
    rename(json["config"], "lr", "learning_rate");
  return json;
}

inline Loss read_loss(const Json& json) {
  Loss loss;
  if (json.is_null()) return loss;
  const Json holder{{"loss", plain_object(json)}};
  saving::JsonConfigReader reader(holder, "compile");
  loss.visit(reader, "loss");
  return loss;
}
inline Metric read_metric(const Json& json) {
  Metric metric("accuracy");
  const Json holder{{"metrics", plain_object(json)}};
  saving::JsonConfigReader reader(holder, "compile");
  metric.visit(reader, "metrics");
  return metric;
}
inline std::vector<Metric> read_metric_list(const Json& json) {
  std::vector<Metric> list;
  if (json.is_null()) return list;
  if (!json.is_array()) return {read_metric(json)};
  for (const Json& item : json) list.push_back(read_metric(item));
  return list;
}

inline bool is_object_of_class(const Json& json) { return json.is_object() && json.contains("class_name"); }

/// One, a list, or a map by output.
template <class T, class Read>
PerOutput<T> read_per_output(const Json& json, Read read) {
  if (json.is_null()) return {};
  if (json.is_array()) {
    std::vector<T> list;
    for (const Json& item : json) list.push_back(read(item));
    return list;
  }
  if (!json.is_object() || is_object_of_class(json)) return PerOutput<T>(read(json));
  std::map<std::string, T> map;
  for (const auto& [name, item] : json.items()) map.emplace(name, read(item));
  return map;
}

/// By output name, a list for each output, or the metrics of the only one.
inline Metrics read_metrics(const Json& json, const std::vector<std::string>& outputs) {
  if (json.is_null() || json.empty()) return {};
  std::map<std::string, std::vector<Metric>> map;
  if (json.is_object() && !is_object_of_class(json)) {
    for (const auto& [name, item] : json.items()) map.emplace(name, read_metric_list(item));
    return map;
  }
  const bool lists = json.is_array() && (json.front().is_array() || json.front().is_null() || outputs.size() > 1);
  if (!lists) return read_metric_list(json);
  if (json.size() != outputs.size())
    raise<ArgumentError>("compile: metrics has ", json.size(), " entries for ", outputs.size(), " outputs.");
  for (std::size_t i = 0; i < outputs.size(); ++i) map.emplace(outputs[i], read_metric_list(json[i]));
  return map;
}

inline const Json& field(const Json& json, const char* name) {
  static const Json null;
  return json.is_object() && json.contains(name) ? json[name] : null;
}

template <class T>
Json object_json(T thing, const char* name) {
  Json json;
  saving::JsonConfigWriter writer(json);
  thing.visit(writer, name);
  return json[name];
}
inline Json loss_json(const Loss& loss) {
  Json json = object_json(loss, "loss");
  const bool by_shape = json.is_object() && json["config"].empty();  // "crossentropy" is no class until it sees shapes
  return by_shape ? json["class_name"] : json;
}
inline Json metric_list_json(const std::vector<Metric>& list) {
  Json all = Json::array();
  for (const Metric& metric : list) {
    const bool by_shape = metric.class_name() == metric.name();  // "accuracy"
    all.push_back(by_shape ? Json(metric.name()) : object_json(metric, "metrics"));
  }
  return all;
}

/// Throws ArgumentError for an option of the optimizer that graft does not have.
inline void check_optimizer(const Json& json, const Optimizer& optimizer) {
  if (!json.is_object() || !json.contains("config") || !json["config"].is_object()) return;
  const Json own = object_json(optimizer, "optimizer")["config"];
  for (const auto& [key, value] : json["config"].items()) {
    const bool known =
        own.contains(key) || value.is_null() || value == false || key == "jit_compile" || key == "is_legacy_optimizer";
    if (!known && !(key == "decay" && value == 0.0))
      raise<ArgumentError>("compile: the optimizer has ", key, " = ",
                           value.dump(-1, ' ', false, Json::error_handler_t::replace),
                           ", which graft's does not have. Load with .compile = false and compile the model yourself.");
  }
}

}  // namespace detail

/// compile()'s arguments from a compile_config (.keras) or training_config (.h5). Throws ArgumentError for what graft
/// does not have.
inline CompileOptions read_compile_config(const Json& json, const std::vector<std::string>& outputs) {
  CompileOptions options;
  const char* const name = json.contains("optimizer_config") ? "optimizer_config" : "optimizer";
  const Json holder{{"optimizer", detail::plain_optimizer(detail::field(json, name))}};
  saving::JsonConfigReader reader(holder, "compile");
  if (!holder["optimizer"].is_null()) options.optimizer.visit(reader, "optimizer");
  detail::check_optimizer(holder["optimizer"], options.optimizer);
  options.loss = detail::read_per_output<Loss>(detail::field(json, "loss"), detail::read_loss);
  options.loss_weights = detail::read_per_output<double>(detail::field(json, "loss_weights"), [](const Json& weight) {
    if (!weight.is_number()) raise<ArgumentError>("compile: loss_weights must be numbers, got ", weight.dump(), ".");
    return weight.get<double>();
  });
  options.metrics = detail::read_metrics(detail::field(json, "metrics"), outputs);
  options.weighted_metrics = detail::read_metrics(detail::field(json, "weighted_metrics"), outputs);
  return options;
}

/// What a compiled model was compiled with; the learning rate is the one of now.
template <class Scalar>
Json write_compile_config(const Model<Scalar>& model) {
  const auto& compiled = model.trainer().compiled(model.name(), "save_model");
  const CompileOptions& options = compiled.options;
  const auto outputs = model.output_names();
  Json losses = Json::array(), weights = Json::array(), metrics = Json::array(), weighted = Json::array();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    losses.push_back(detail::loss_json(options.loss.at(i, outputs, "loss", Loss())));
    weights.push_back(options.loss_weights.at(i, outputs, "loss_weights", 1.0));
    metrics.push_back(detail::metric_list_json(options.metrics.at(i, outputs, "metrics")));
    weighted.push_back(detail::metric_list_json(options.weighted_metrics.at(i, outputs, "weighted_metrics")));
  }
  const bool one = outputs.size() == 1;
  Json json{{"optimizer", detail::object_json(compiled.optimizer, "optimizer")},
            {"loss", one ? losses.front() : losses},
            {"loss_weights", options.loss_weights.empty() ? Json() : weights},
            {"metrics", options.metrics.empty() ? Json()
                        : one                   ? metrics.front()
                                                : metrics},
            {"weighted_metrics", options.weighted_metrics.empty() ? Json()
                                 : one                            ? weighted.front()
                                                                  : weighted},
            {"run_eagerly", false},
            {"steps_per_execution", 1},
            {"jit_compile", false}};
  add_modules(json);
  return json;
}

}  // namespace graft::keras
