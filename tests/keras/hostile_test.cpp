#include <graft/keras/load_model.hpp>

#include "keras/keras_files.hpp"
#include "support/damaged_file.hpp"

// HDF5's C library forgets memory when it gives a damaged file up. LeakSanitizer asks the program this.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }

using namespace graft;

TEST_CASE("a damaged file of weights is loaded whole or not at all", "[keras][hostile]") {
  const TemporaryFolder folder;
  const std::string file = GENERATE(".weights.h5", "_weights.h5", "_keras2.h5", "_whole.h5", ".keras");
  const auto path = folder / ("damaged" + file);
  const std::string good = bytes_of(keras_file("nested" + file));
  const auto model = fresh_keras_model("nested");
  std::mt19937_64 random(20240607);
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    std::ofstream(path, std::ios::binary) << mutated(good, random);
    const auto before = model->get_weights();
    try {
      keras::load_weights(*model, path);
    } catch (const FileError& error) {
      ++refused;
      CHECK_THAT(error.what(), StartsWith("'" + path.string() + "'"));
      const auto after = model->get_weights();
      for (std::size_t w = 0; w < before.size(); ++w) CHECK(same_bits(before[w], after[w]));
    }
  }
  CHECK(refused >= 25);  // the quarter that is cut short, at least
}

TEST_CASE("a damaged file of a model gives a model or an error", "[keras][hostile]") {
  const TemporaryFolder folder;
  const std::string name = GENERATE("functional_whole.h5", "adam_whole.h5", "sgd.keras");
  const auto path = folder / name;
  const std::string good = bytes_of(keras_file(name));
  std::mt19937_64 random(20240607);
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    std::ofstream(path, std::ios::binary) << mutated(good, random);
    try {
      keras::load_model(path);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused >= 25);
}

TEST_CASE("a config of more weights than the file has is refused before they are made", "[keras][hostile]") {
  const TemporaryFolder folder;
  io::Hdf5Writer writer;
  writer.text("", "model_config",
              R"({"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Dense", "config": )"
              R"({"name": "d", "units": 300000, "batch_input_shape": [null, 200000]}}]}})");
  writer.save(folder / "m.h5");
  CHECK_THROWS_WITH(keras::load_model(folder / "m.h5"),
                    ContainsSubstring("asks for a weight of shape (200000, 300000)"));
}
