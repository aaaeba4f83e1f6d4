#pragma once
#include <graft/io/safetensors.hpp>
#include <string>
#include <vector>

/// A file of tests/golden: the tensors, and the list of cases that says what they are.
struct GoldenFile {
  graft::io::TensorFile file;
  nlohmann::json cases = nlohmann::json::parse(file.metadata().at("cases"));

  explicit GoldenFile(const std::string& name, const std::string& folder = std::string(GRAFT_TEST_DATA) + "/golden")
      : file(folder + "/" + name + ".safetensors") {}

  std::vector<nlohmann::json> group(const std::string& name) const {
    std::vector<nlohmann::json> found;
    for (const auto& one : cases)
      if (one.at("group") == name) found.push_back(one);
    return found;
  }
  template <class S>
  graft::Tensor<S> tensor(const nlohmann::json& name) const {
    return file.read<S>(name.get<std::string>());
  }
  template <class S>
  std::vector<graft::Tensor<S>> tensors(const nlohmann::json& names) const {
    std::vector<graft::Tensor<S>> all;
    for (const auto& name : names) all.push_back(tensor<S>(name));
    return all;
  }
};
