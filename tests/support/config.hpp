#pragma once
#include <graft/saving/json_config.hpp>

/// What a config says of a loss, a metric, an optimizer, ...
template <class T>
graft::saving::Json write_config(T thing) {
  graft::saving::Json json;
  graft::saving::JsonConfigWriter writer(json);
  writer("thing", thing);
  return json["thing"];
}

/// What a config makes of `thing`.
template <class T>
T read_config(T thing, const graft::saving::Json& json) {
  const graft::saving::Json fields{{"thing", json}};
  graft::saving::JsonConfigReader reader(fields, "test");
  reader("thing", thing);
  return thing;
}
