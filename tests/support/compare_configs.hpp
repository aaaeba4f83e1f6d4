#pragma once
#include <graft/saving/json_config.hpp>
#include <set>
#include <string>
#include <vector>

/// Where `graft` says something else than `keras`, and in `absent` what it does not say at all.
inline void compare_configs(const graft::saving::Json& graft, const graft::saving::Json& keras, const std::string& path,
                            std::vector<std::string>& wrong, std::set<std::string>& absent) {
  if (graft.is_array() && keras.is_array() && graft.size() == keras.size()) {
    for (std::size_t i = 0; i < graft.size(); ++i)
      compare_configs(graft[i], keras[i], path + "/" + std::to_string(i), wrong, absent);
    return;
  }
  if (!graft.is_object() || !keras.is_object()) {
    if (graft != keras) wrong.push_back(path + ": " + graft.dump() + " instead of " + keras.dump());
    return;
  }
  for (const auto& [key, value] : graft.items()) {
    if (keras.contains(key))
      compare_configs(value, keras[key], path + "/" + key, wrong, absent);
    else
      wrong.push_back(path + "/" + key + ": not in Keras");
  }
  for (const auto& [key, value] : keras.items())
    if (!graft.contains(key)) absent.insert(key);
}
