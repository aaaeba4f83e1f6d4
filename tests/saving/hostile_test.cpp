#include <cstring>
#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/models/load_model.hpp>

#include "support/catch.hpp"
#include "support/damaged_file.hpp"
#include "support/numeric.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;

namespace {

using F = Tensor<float>;

Sequential<> net(std::uint64_t seed) {
  utils::set_random_seed(seed);
  return Sequential({Input({5, 5, 2}, {.name = "image"}), layers::Conv2D(3, 3, {.name = "conv"}),
                     layers::BatchNormalization({.name = "bn"}), layers::Flatten({.name = "flatten"}),
                     layers::Dense(4, {.activation = "softmax", .name = "classes"})},
                    {.name = "net"});
}

/// Length of the header with the number in front that tells it.
std::size_t header_bytes(const std::string& file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  return sizeof length + static_cast<std::size_t>(length);
}

/// Where the bytes of each tensor are in a good file.
std::map<std::string, std::size_t> offsets(const std::string& file) {
  const std::size_t begin = header_bytes(file);
  const auto header = saving::Json::parse(file.substr(8, begin - 8));
  std::map<std::string, std::size_t> found;
  for (const auto& [name, entry] : header.items())
    if (name != "__metadata__") found[name] = begin + entry["data_offsets"][0].get<std::size_t>();
  return found;
}

/// Whether each weight is what the bytes of the file say.
bool holds(const Model<>& model, const std::string& file, const std::map<std::string, std::size_t>& where) {
  const auto weights = saving::named_variables(*model.state());
  return std::all_of(weights.begin(), weights.end(), [&](const auto& weight) {
    const auto& [name, variable] = weight;
    return std::memcmp(file.data() + where.at(name), variable.data(), sizeof(float) * to_size(variable.size())) == 0;
  });
}

/// A fifth of the damage is to the numbers of the header.
std::string damaged_once(const std::string& good, std::mt19937_64& random) {
  return random() % 5 == 0 ? with_another_digit(good, random) : mutated(good, random);
}

}  // namespace

TEST_CASE("a damaged safetensors file is loaded whole or not at all", "[saving][hostile]") {
  const TemporaryFolder folder;
  const auto path = folder / "damaged.safetensors";
  net(1).save(path);
  const std::string good = bytes_of(path.string());
  const auto where = offsets(good);
  const auto model = net(2);
  std::mt19937_64 random(20240607);
  int refused = 0, loaded = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string damaged = damaged_once(good, random);
    std::ofstream(path, std::ios::binary) << damaged;
    const auto before = model.get_weights();
    try {
      model.load_weights(path);
      ++loaded;
      if (damaged.compare(0, header_bytes(good), good, 0, header_bytes(good)) == 0) CHECK(holds(model, damaged, where));
    } catch (const FileError& error) {
      ++refused;
      CHECK_THAT(error.what(), ContainsSubstring("'" + path.string() + "'"));
      const auto after = model.get_weights();
      for (std::size_t w = 0; w < before.size(); ++w) CHECK(same_bits(before[w], after[w]));
    }
  }
  CHECK(refused >= 60);  // most of the fifth that is cut short, at least
  CHECK(loaded >= 60);   // bits and bytes of the weights themselves are no one's to check
}

TEST_CASE("a damaged safetensors model gives a model or an error", "[saving][hostile]") {
  const TemporaryFolder folder;
  const auto path = folder / "damaged.safetensors";
  net(1).save(path);
  const std::string good = bytes_of(path.string());
  const bool check = GENERATE(false, true);
  std::mt19937_64 random(20240607);
  int refused = 0, loaded = 0;
  for (int i = 0; i < 400; ++i) {
    std::ofstream(path, std::ios::binary) << damaged_once(good, random);
    try {
      const auto model = saving::load_model(path, {.check = check});
      ++loaded;
      CHECK(model.get_weights().size() == net(1).get_weights().size());
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused >= 60);
  CHECK(loaded > 0);
}
