#include <graft/data/image_folder.hpp>

#include <sstream>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;
namespace fs = std::filesystem;

namespace {

/// What was printed since the object was made.
class Printed {
 public:
  Printed() : before_(std::cout.rdbuf(text_.rdbuf())) {}
  ~Printed() { std::cout.rdbuf(before_); }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

/// Two classes; every image has one colour, which names it: cats 10, 20, .. and dogs 110, 120, ..
struct Animals {
  TemporaryFolder folder;
  fs::path path = folder.path();

  explicit Animals(int each = 5) {
    for (int i = 1; i <= each; ++i) {
      add("cats/" + std::to_string(i) + ".png", 10 * i);
      add("dogs/" + std::to_string(i) + ".png", 100 + 10 * i);
    }
  }
  void add(const std::string& name, int level) const {
    Image image(4, 6, 3);
    std::fill_n(image.pixel(0, 0), image.view().size(), static_cast<std::uint8_t>(level));
    write_file(path / name, encoded(image, "png"));
  }
};

Batch<float> whole(const Dataset<float>& dataset) {
  Batch<float> batch;
  auto reader = dataset.read(dataset.order(0), std::max<Index>(1, dataset.size()));
  reader.next(batch);
  return batch;
}
std::vector<float> levels(const Dataset<float>& dataset) {
  const Batch<float> batch = whole(dataset);
  std::vector<float> all;
  for (Index i = 0; i < batch.size(); ++i) all.push_back(batch.x[0](i, 0, 0, 0));
  return all;
}
utils::ImageDatasetOptions small(bool shuffle = false) {
  utils::ImageDatasetOptions options;
  options.image_size = {2, 3};
  options.shuffle = shuffle;
  options.verbose = false;
  return options;
}
Dataset<float> load(const Animals& animals, const utils::ImageDatasetOptions& options) {
  return utils::image_dataset_from_directory(animals.path, options);
}

}  // namespace

TEST_CASE("a folder of class folders becomes a dataset", "[data][image_folder]") {
  const Animals animals(2);
  const Printed printed;
  const auto dataset = utils::image_dataset_from_directory(animals.path);
  CHECK(printed.text() == "Found 4 files belonging to 2 classes.\n");
  CHECK(dataset.size() == 4);
  CHECK(dataset.batch_size() == 32);
  CHECK(dataset.shuffled());
  CHECK(dataset.class_names() == std::vector<std::string>{"cats", "dogs"});
  CHECK(dataset.input_shapes() == std::vector<Shape>{{None, 256, 256, 3}});
  CHECK(dataset.target_shapes() == std::vector<Shape>{{None}});
  const Batch<float> batch = whole(dataset);
  CHECK(batch.x[0].shape() == Shape{4, 256, 256, 3});
  for (Index i = 0; i < 4; ++i) CHECK(batch.y[0](i) == (batch.x[0](i, 9, 9, 1) > 100 ? 1 : 0));
}

TEST_CASE("labels come in the mode asked for", "[data][image_folder]") {
  const Animals animals(1);
  auto options = small();
  CHECK(whole(load(animals, options)).y[0].shape() == Shape{2});
  options.label_mode = "binary";
  CHECK(load(animals, options).target_shapes() == std::vector<Shape>{{None, 1}});
  CHECK(whole(load(animals, options)).y[0](1, 0) == 1);
  options.label_mode = "categorical";
  const Batch<float> batch = whole(load(animals, options));
  CHECK(batch.y[0].shape() == Shape{2, 2});
  CHECK(batch.y[0](0, 0) == 1);
  CHECK(batch.y[0](1, 0) == 0);
  CHECK(batch.y[0](1, 1) == 1);
  options.label_mode = std::nullopt;
  CHECK(whole(load(animals, options)).y.empty());
  CHECK(load(animals, options).target_shapes().empty());
}

TEST_CASE("targets and order are known without decoding", "[data][image_folder]") {
  const Animals animals(2);
  const auto dataset = load(animals, small());
  fs::remove_all(animals.path / "cats");
  Batch<float> batch;
  dataset.targets(std::vector<Index>{0, 3}, batch);
  CHECK(batch.y[0](0) == 0);
  CHECK(batch.y[0](1) == 1);
  CHECK(dataset.input_shapes() == std::vector<Shape>{{None, 2, 3, 3}});
  CHECK_THROWS_WITH(whole(dataset), ContainsSubstring("cats/1.png' cannot be opened"));
}

TEST_CASE("labels can be given as a list or left out", "[data][image_folder]") {
  const Animals animals(1);
  auto options = small();
  options.labels = {7, 3};
  const Printed printed;
  options.verbose = true;
  const auto listed = load(animals, options);
  CHECK(printed.text() == "Found 2 files belonging to 2 classes.\n");
  CHECK(listed.class_names() == std::vector<std::string>{"3", "7"});
  CHECK(whole(listed).y[0](0) == 7);
  options.labels = std::nullopt;
  const Printed more;
  const auto none = load(animals, options);
  CHECK(more.text() == "Found 2 files.\n");
  CHECK(whole(none).y.empty());
  CHECK(none.class_names().empty());
}

TEST_CASE("class_names sets the numbers of the classes", "[data][image_folder]") {
  const Animals animals(1);
  auto options = small();
  options.class_names = {"dogs", "cats"};
  CHECK(levels(load(animals, options)) == std::vector<float>{110, 10});
  CHECK(load(animals, options).class_names() == options.class_names);
}

TEST_CASE("colour modes set the channels", "[data][image_folder]") {
  const Animals animals(1);
  auto options = small();
  options.color_mode = "grayscale";
  CHECK(load(animals, options).input_shapes() == std::vector<Shape>{{None, 2, 3, 1}});
  options.color_mode = "rgba";
  CHECK(whole(load(animals, options)).x[0](0, 1, 2, 3) == 255);
}

TEST_CASE("a split is the one that Keras makes", "[data][image_folder]") {
  const Animals animals(5);
  auto options = small(true);
  options.seed = 1337;
  options.validation_split = 0.3;
  const std::vector<int> order = {6, 3, 0, 4, 5, 2, 1, 9, 8, 7};  // numpy.random.RandomState(1337).shuffle(range(10))
  std::vector<std::string> names;
  for (const int i : order) names.push_back((i < 5 ? "cats/" : "dogs/") + std::to_string(i % 5 + 1) + ".png");
  const auto paths = [&](const Dataset<float>& dataset) {
    std::vector<std::string> relative;
    for (const auto& path : dataset.file_paths()) relative.push_back(fs::path(path).lexically_relative(animals.path));
    return relative;
  };
  const auto [training, validation] = utils::image_datasets_from_directory(animals.path, options);
  CHECK(paths(training) == std::vector<std::string>(names.begin(), names.begin() + 7));
  CHECK(paths(validation) == std::vector<std::string>(names.begin() + 7, names.end()));
  CHECK(training.shuffled());
  CHECK_FALSE(validation.shuffled());
  const Printed printed;
  options.verbose = true;
  options.subset = "training";
  CHECK(paths(load(animals, options)) == paths(training));
  options.subset = "validation";
  CHECK(paths(load(animals, options)) == paths(validation));
  CHECK(printed.text() ==
        "Found 10 files belonging to 2 classes.\nUsing 7 files for training.\n"
        "Found 10 files belonging to 2 classes.\nUsing 3 files for validation.\n");
  options.shuffle = false;
  options.seed.reset();
  CHECK(levels(load(animals, options)) == std::vector<float>{130, 140, 150});
}

TEST_CASE("proportions are ignored, cut or padded", "[data][image_folder]") {
  const Animals animals(1);
  auto options = small();
  options.image_size = {4, 4};
  options.pad_to_aspect_ratio = true;
  const Batch<float> padded = whole(load(animals, options));  // 4 x 6 becomes 2 x 4; floor(0.67) rows above
  CHECK(padded.x[0](0, 1, 3, 0) == 10);
  CHECK(padded.x[0](0, 2, 0, 0) == 0);
  options.pad_to_aspect_ratio = false;
  options.crop_to_aspect_ratio = true;
  CHECK(whole(load(animals, options)).x[0](0, 0, 0, 0) == 10);
}

TEST_CASE("the fingerprint follows the files and the reading", "[data][image_folder][fingerprint]") {
  const Animals animals(2);
  const auto before = load(animals, small()).fingerprint();
  REQUIRE(before);
  CHECK(load(animals, small()).fingerprint() == before);
  auto options = small();
  options.label_mode = "categorical";
  CHECK(load(animals, options).fingerprint() == before);  // the inputs are the same
  options = small();
  options.interpolation = "nearest";
  CHECK(load(animals, options).fingerprint() != before);
  options = small();
  options.crop_to_aspect_ratio = true;
  CHECK(load(animals, options).fingerprint() != before);
  options = small();
  options.image_size = {3, 2};
  CHECK(load(animals, options).fingerprint() != before);
  const fs::path file = animals.path / "cats/1.png";
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(2));
  CHECK(load(animals, small()).fingerprint() != before);
}

TEST_CASE("what is no image file is named and skipped", "[data][image_folder]") {
  const Animals animals(1);
  write_file(animals.path / "cats/notes.txt", "");
  write_file(animals.path / "dogs/moving.gif", "");
  auto options = small();
  options.verbose = true;
  {
    const Printed printed;
    load(animals, options);
    CHECK(printed.text() ==
          "Found 2 files belonging to 2 classes.\n"
          "Skipped 2 files that are not .bmp, .jpeg, .jpg, .png: cats/notes.txt, dogs/moving.gif\n");
  }
  for (int i = 0; i < 5; ++i) write_file(animals.path / ("cats/" + std::to_string(i) + ".txt"), "");
  const Printed printed;
  load(animals, options);
  CHECK_THAT(printed.text(), ContainsSubstring("Skipped 7 files that are not") && EndsWith("cats/4.txt, ...\n"));
}

TEST_CASE("all unreadable images are reported before training, or skipped", "[data][image_folder][errors]") {
  const Animals animals(2);
  const std::string png = read_bytes(animals.path / "cats/1.png");
  write_file(animals.path / "cats/cut.png", png.substr(0, png.size() / 2));
  write_file(animals.path / "dogs/text.jpg", "no picture");
  auto options = small();
  try {
    load(animals, options);
    FAIL("accepted");
  } catch (const FileError& error) {
    CHECK_THAT(error.what(), StartsWith("2 of 6 image files in '" + animals.path.string() + "' cannot be decoded:"));
    CHECK_THAT(error.what(), ContainsSubstring("\n  " + (animals.path / "cats/cut.png").string() + ": the PNG is cut"));
    CHECK_THAT(error.what(), ContainsSubstring((animals.path / "dogs/text.jpg").string() +
                                               ": it is no JPEG, PNG or BMP image: it starts with 'no picture'"));
    CHECK_THAT(error.what(), EndsWith("pass .on_bad_image = \"skip\" to go on without them."));
  }
  options.on_bad_image = "skip";
  options.verbose = true;
  const Printed printed;
  CHECK(levels(load(animals, options)) == std::vector<float>{10, 20, 110, 120});
  CHECK_THAT(printed.text(), StartsWith("Left out 2 of 6 image files that cannot be decoded:\n  "));
  CHECK_THAT(printed.text(), EndsWith("Found 4 files belonging to 2 classes.\n"));
}

TEST_CASE("a folder without images is an error", "[data][image_folder][errors]") {
  const TemporaryFolder folder;
  const auto load = [&](const utils::ImageDatasetOptions& options) {
    return utils::image_dataset_from_directory(folder.path(), options);
  };
  CHECK_THROWS_AS(load(small()), FileError);
  CHECK_THROWS_WITH(load(small()),
                    "No images found in directory '" + folder.path().string() +
                        "'. Allowed formats: .bmp, .jpeg, .jpg, .png. They must lie in one folder per class.");
  CHECK_THROWS_WITH(utils::image_dataset_from_directory(folder / "none"), ContainsSubstring("none' is not a folder."));
  const Animals animals(1);
  auto options = small();
  options.validation_split = 0.1;  // 0.1 of 2 is nothing
  options.subset = "validation";
  CHECK_THROWS_WITH(
      utils::image_dataset_from_directory(animals.path, options),
      StartsWith("No validation images found in directory") && EndsWith("Change `validation_split`, or add images."));
}

TEST_CASE("options out of their rule are refused", "[data][image_folder][errors]") {
  const Animals animals(1);
  const auto refuse = [&](const std::string& text, const auto& change) {
    auto options = small();
    change(options);
    CHECK_THROWS_AS(load(animals, options), ArgumentError);
    CHECK_THROWS_WITH(load(animals, options), ContainsSubstring(text));
  };
  using Options = utils::ImageDatasetOptions;
  refuse("`label_mode` argument must be one of", [](Options& o) { o.label_mode = "one-hot"; });
  refuse("`color_mode` must be one of", [](Options& o) { o.color_mode = "bgr"; });
  refuse("`interpolation` must be", [](Options& o) { o.interpolation = "area"; });
  refuse("Invalid `image_size` value.", [](Options& o) { o.image_size = {0, 3}; });
  refuse("batch must be at least 1, got 0", [](Options& o) { o.batch_size = 0; });
  refuse("Only one of `pad_to_aspect_ratio`",
         [](Options& o) { o.crop_to_aspect_ratio = o.pad_to_aspect_ratio = true; });
  refuse("`on_bad_image` must be \"error\" or \"skip\", received: \"ignore\"",
         [](Options& o) { o.on_bad_image = "ignore"; });
  refuse("`validation_split` must be between 0 and 1, received: 1.5", [](Options& o) { o.validation_split = 1.5; });
  refuse("`subset` is set, `validation_split` must be set", [](Options& o) { o.subset = "training"; });
  refuse("`subset` is set, `validation_split` must be set", [](Options& o) { o.validation_split = 0.5; });
  refuse("call image_datasets_from_directory()", [](Options& o) {
    o.validation_split = 0.5;
    o.subset = "both";
  });
  refuse("`subset` must be \"training\" or \"validation\", received: \"test\"", [](Options& o) {
    o.validation_split = 0.5;
    o.subset = "test";
  });
  refuse("you must provide a `seed` argument", [](Options& o) {
    o.validation_split = 0.5;
    o.subset = "training";
    o.shuffle = true;
  });
  refuse("seed must be between 0 and 2**32 - 1", [](Options& o) {
    o.shuffle = true;
    o.seed = std::uint64_t{1} << 40;
  });
  refuse("there must be exactly 2 class_names. Received: class_names=['cats']", [](Options& o) {
    o.label_mode = "binary";
    o.class_names = {"cats"};
  });
  refuse("len(labels) is 3 while we found 2 files", [](Options& o) { o.labels = {0, 1, 1}; });
  refuse("`labels` must be 0 to 1 for 2 classes with this `label_mode`, got 0 to 2.", [](Options& o) {
    o.labels = {0, 2};
    o.label_mode = "categorical";
  });
  refuse("You can only pass `class_names` if `labels=\"inferred\"`", [](Options& o) {
    o.labels = {0, 1};
    o.class_names = {"cats"};
  });
  CHECK_THROWS_WITH(ImageLabels("guessed"), ContainsSubstring("Received: labels=\"guessed\"."));
}
