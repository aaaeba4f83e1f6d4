#pragma once
#include <graft/keras.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/keras_model.hpp"
#include "support/numeric.hpp"
#include "support/temporary_folder.hpp"

// The models of tests/golden/make_keras_files.py.

inline const GoldenFile& keras_golden() {
  static const GoldenFile golden("keras_files");
  return golden;
}
inline nlohmann::json keras_case(const std::string& name) {
  for (const auto& one : keras_golden().cases)
    if (one.at("name") == name) return one;
  throw std::runtime_error("no case " + name);
}
inline std::string keras_file(const std::string& name) {
  return std::string(GRAFT_TEST_DATA) + "/golden/keras_files/" + name;
}
/// The tensors that a case names under a key.
inline std::vector<graft::Tensor<float>> keras_tensors(const nlohmann::json& one, const std::string& key) {
  return keras_golden().tensors<float>(one.at(key));
}

/// Whether the weights are those of Keras, bit by bit.
inline void check_weights(const graft::Model<float>& model, const nlohmann::json& one) {
  const auto expected = keras_tensors(one, "weights"), found = model.get_weights();
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(same_bits(found[i], expected[i]));
}

/// The config of a model, without its weights.
inline graft::saving::Json keras_config(const std::string& name) {
  const graft::io::Hdf5File file(keras_file(name + "_whole.h5"));
  return graft::saving::Json::parse(file.text("", "model_config").value());
}
/// The model of a case with weights of its own.
inline std::shared_ptr<graft::Model<float>> fresh_keras_model(const std::string& name) {
  return keras_model<float>(keras_config(name));
}
