#pragma once
#include <cstdlib>
#include <fstream>

#include "keras/keras_files.hpp"
#include "support/compare_configs.hpp"

// The models and trainings of tests/golden/make_random_models.py and make_random_trainings.py.

/// The cases of one of the two, and the files that Keras wrote for them. Where GRAFT_RANDOM_FILES names a folder they
/// are read from there: random_in_keras.py draws others.
class RandomFiles {
 public:
  explicit RandomFiles(const std::string& name) : golden_(name, folder()), archive_(folder() + "/" + name + ".zip") {}

  const nlohmann::json& cases() const { return golden_.cases; }
  /// The tensors that a case names under a key.
  std::vector<graft::Tensor<float>> tensors(const nlohmann::json& one, const std::string& key) const {
    return golden_.tensors<float>(one.at(key));
  }
  graft::Tensor<float> tensor(const nlohmann::json& one, const std::string& key) const {
    return golden_.tensor<float>(one.at(key));
  }
  /// How far float32 in graft is from float64 in Keras, by what Keras's own float32 gives reason to expect: at most 1.
  double distance_in_roundings(const std::vector<graft::Tensor<float>>& found, const nlohmann::json& one,
                               const std::string& key, const std::string& exact_key) const {
    const auto keras = tensors(one, key);
    REQUIRE(found.size() == keras.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      REQUIRE(found[i].shape() == keras[i].shape());
      const auto exact = numbers(golden_.tensor<double>(one.at(exact_key)[i]));
      const double bound = float_bound(norm(exact), distance(numbers(keras[i]), exact));
      const double ratio = distance(numbers(found[i]), exact) / bound;
      worst = ratio <= worst ? worst : ratio;  // not a number is the worst
    }
    return worst;
  }
  /// A file out of the archive.
  std::filesystem::path file(const std::string& name) const {
    const auto path = temporary_ / name;
    const std::string bytes = archive_.read(name, std::uint64_t{1} << 30);
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

 private:
  static std::string folder() {
    const char* other = std::getenv("GRAFT_RANDOM_FILES");
    return other != nullptr ? other : std::string(GRAFT_TEST_DATA) + "/golden";
  }

  GoldenFile golden_;
  graft::io::ZipFile archive_;
  TemporaryFolder temporary_;
};

/// Whether all are equal, bit by bit.
inline bool same_bits(const std::vector<graft::Tensor<float>>& a, const std::vector<graft::Tensor<float>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same_bits(x, y); });
}

/// The config inside a .keras, or inside an .h5 that holds a whole model.
inline graft::saving::Json config_in(const std::filesystem::path& path) {
  using graft::saving::Json;
  if (path.extension() == ".keras") return Json::parse(graft::io::ZipFile(path).read("config.json", 1 << 24));
  return Json::parse(graft::io::Hdf5File(path).text("", "model_config").value());
}

/// A config in one spelling: without what is null and the second name of a layer, a type as its name, one axis as a
/// number, and a factor as the range that it stands for.
inline graft::saving::Json plain_config(graft::saving::Json json) {
  using graft::saving::Json;
  if (json.is_array()) {
    for (Json& item : json) item = plain_config(item);
    return json;
  }
  if (!json.is_object()) return json;
  if (json.contains("class_name") && json["class_name"] == "DTypePolicy") return json["config"]["name"];
  if (json.contains("class_name")) json.erase("name");
  Json plain = Json::object();
  for (const auto& [key, value] : json.items()) {
    if (value.is_null()) continue;
    plain[key] = plain_config(value);
    if (key == "axis" && value.is_array() && value.size() == 1) plain[key] = value.front();
    if (key.ends_with("_factor") && value.is_number()) plain[key] = {-value.get<double>(), value.get<double>()};
  }
  return plain;
}
