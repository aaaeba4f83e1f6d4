// Says what a file of weights holds: graft's and others' .safetensors, Keras's .keras, .h5 and .weights.h5. Tensors are
// listed by the file's headers, they are not read.
//
// Run     build/examples/60_inspect weights/vgg16_imagenet_notop.safetensors --against VGG16
// Result  the config, class names and preprocessing if the file has them, a line for every tensor; with --against how
//         the file fits a network: matched, missing, unexpected, of another shape. Status 1 if it does not fit
// Keras's files need HDF5 and libzip (apt-get install libhdf5-dev libzip-dev) when this program is built.
#include <CLI/CLI.hpp>
#include <graft/graft.hpp>
#ifdef GRAFT_EXAMPLES_HAVE_KERAS
#include <graft/keras.hpp>
#endif

using namespace graft;
using saving::Json;

/// What is printed of a file.
struct Contents {
  struct Row {
    std::string name;
    Shape shape;
    io::Dtype dtype;
  };
  std::string kind;
  std::vector<std::pair<std::string, std::string>> facts;
  std::optional<Json> config;
  std::vector<Row> tensors;
};

struct Backbone {
  std::string name;
  std::function<Model<>(bool include_top)> make;
};
template <class Options>
Backbone backbone(const std::string& name, Model<float> (*make)(const Options&)) {
  return {name, [make](bool include_top) { return make({.weights = std::nullopt, .include_top = include_top}); }};
}

std::vector<Backbone> backbones() {
  using namespace applications;
  return {backbone("VGG16", VGG16<float>),
          backbone("VGG19", VGG19<float>),
          backbone("ResNet50", ResNet50<float>),
          backbone("ResNet101", ResNet101<float>),
          backbone("ResNet152", ResNet152<float>),
          backbone("ResNet50V2", ResNet50V2<float>),
          backbone("ResNet101V2", ResNet101V2<float>),
          backbone("ResNet152V2", ResNet152V2<float>),
          backbone("InceptionV3", InceptionV3<float>),
          backbone("Xception", Xception<float>),
          backbone("DenseNet121", DenseNet121<float>),
          backbone("DenseNet169", DenseNet169<float>),
          backbone("DenseNet201", DenseNet201<float>),
          backbone("MobileNet", MobileNet<float>),
          backbone("MobileNetV2", MobileNetV2<float>),
          backbone("EfficientNetB0", EfficientNetB0<float>),
          backbone("EfficientNetB1", EfficientNetB1<float>),
          backbone("EfficientNetB2", EfficientNetB2<float>),
          backbone("EfficientNetB3", EfficientNetB3<float>),
          backbone("EfficientNetB4", EfficientNetB4<float>),
          backbone("EfficientNetB5", EfficientNetB5<float>),
          backbone("EfficientNetB6", EfficientNetB6<float>),
          backbone("EfficientNetB7", EfficientNetB7<float>)};
}

Contents read_safetensors(const std::string& path) {
  const io::TensorFile file(path);
  Contents contents{"safetensors", {}, {}, {}};
  for (const auto& [key, value] : file.metadata())
    if (key == "model")
      contents.config = saving::parse_json(value, "'" + path + "': 'model' in its metadata");
    else
      contents.facts.emplace_back(key, value);
  for (const auto& tensor : file.tensors()) contents.tensors.push_back({tensor.name, tensor.shape, tensor.dtype});
  return contents;
}

#ifdef GRAFT_EXAMPLES_HAVE_KERAS
void add_tensors(Contents& contents, const io::Hdf5File& file) {
  for (const std::string& name : file.datasets())
    contents.tensors.push_back({name, file.shape(name), file.dtype(name)});
}

Contents read_archive(const std::string& path) {
  constexpr std::uint64_t longest = 1 << 28;
  const io::ZipFile archive(path);
  Contents contents{"Keras 3, zip archive", {}, {}, {}};
  const Json about = saving::parse_json(archive.read("metadata.json", longest), "'" + path + "': 'metadata.json'");
  for (const auto& [key, value] : about.items())
    contents.facts.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  contents.config = saving::parse_json(archive.read("config.json", longest), "'" + path + "': 'config.json'");
  add_tensors(contents, keras::detail::weights_in(archive));
  return contents;
}

Contents read_keras(const std::string& path) {
  if (path.ends_with(".keras")) return read_archive(path);
  const io::Hdf5File file(path);
  Contents contents{file.is_group("layers") ? "Keras 3, HDF5" : "Keras's older layout, HDF5", {}, {}, {}};
  const std::string root = file.is_group("model_weights") ? "model_weights" : "";
  for (const char* key : {"keras_version", "backend"})
    if (const auto value = file.text(root, key)) contents.facts.emplace_back(key, *value);
  if (const auto config = file.text("", "model_config"))
    contents.config = saving::parse_json(*config, "'" + path + "': 'model_config'");
  add_tensors(contents, file);
  return contents;
}
LoadReport compare_keras(const Model<>& model, const std::string& path) { return keras::compare_weights(model, path); }
#else
[[noreturn]] void refuse_keras(const std::string& path) {
  raise<FileError>("'", path,
                   "' is a Keras file, and this program was built without HDF5 and libzip: apt-get install "
                   "pkg-config libhdf5-dev libzip-dev, then configure and build again.");
}
Contents read_keras(const std::string& path) { refuse_keras(path); }
LoadReport compare_keras(const Model<>&, const std::string& path) { refuse_keras(path); }
#endif

bool is_keras(const std::string& path) {
  return path.ends_with(".keras") || path.ends_with(".h5") || path.ends_with(".hdf5");
}

/// A text of the file on one line: as far as it is worth printing, without what a terminal would obey.
std::string visible(std::string text, std::size_t most = 100) {
  if (text.size() > most) text = text.substr(0, most) + " ..";
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

std::string text_at(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "?";
}

/// "Functional 'vgg16' with 19 layers: 13 Conv2D, 1 InputLayer, 5 MaxPooling2D"
std::string describe(const Json& model) {
  const Json none = Json::object(), &config = model.is_object() && model.contains("config") ? model["config"] : none;
  const Json& layers = config.is_object() && config.contains("layers") ? config["layers"] : none;
  std::map<std::string, Index> counts;
  for (const Json& layer : layers) ++counts[text_at(layer, "class_name")];
  std::string text = text_at(model, "class_name") + " '" + text_at(config, "name") + "' with " +
                     std::to_string(layers.size()) + " layers";
  const char* before = ": ";
  for (const auto& [name, count] : counts) text += std::exchange(before, ", ") + std::to_string(count) + " " + name;
  return text;
}

void print_tensors(const Contents& contents) {
  std::size_t names = 4, shapes = 5;
  for (const auto& tensor : contents.tensors) {
    names = std::max(names, tensor.name.size());
    shapes = std::max(shapes, tensor.shape.str().size());
  }
  const auto line = [&](const auto& name, const auto& shape, const auto& dtype, const auto& bytes) {
    std::cout << std::left << std::setw(static_cast<int>(names) + 2) << name << std::setw(static_cast<int>(shapes) + 2)
              << shape << std::setw(6) << dtype << std::right << std::setw(13) << bytes << "\n";
  };
  line("name", "shape", "dtype", "bytes");
  for (const auto& [name, shape, dtype] : contents.tensors)
    line(visible(name, names), shape.str(), io::dtype_name(dtype),
         summary::with_commas(shape.elements() * static_cast<Index>(io::dtype_bytes(dtype))));
}

void print(const std::string& path, const Contents& contents) {
  Index numbers = 0;
  for (const auto& tensor : contents.tensors) numbers += tensor.shape.elements();
  std::cout << path << ": " << contents.kind << ", "
            << summary::with_commas(static_cast<Index>(std::filesystem::file_size(path))) << " bytes, "
            << contents.tensors.size() << " tensors, " << summary::with_commas(numbers) << " numbers\n";
  if (contents.config) std::cout << "model: " << visible(describe(*contents.config), 2000) << "\n";
  for (const auto& [key, value] : contents.facts) std::cout << visible(key) << ": " << visible(value) << "\n";
  print_tensors(contents);
}

/// Whether the file fits the network.
bool compare(const std::string& path, const std::string& name, bool include_top) {
  for (const auto& [known, make] : backbones()) {
    if (known != name) continue;
    const WeightBudget zeros(std::numeric_limits<Index>::max());  // random weights would take longer
    const auto model = make(include_top);
    const LoadReport report =
        is_keras(path) ? compare_keras(model, path) : saving::compare_weights(*model.state(), io::TensorFile(path));
    std::cout << "against " << name << (include_top ? " with top: " : " without top: ") << report << "\n";
    return report.complete();
  }
  std::string names;
  for (const auto& one : backbones()) names += (names.empty() ? "" : ", ") + one.name;
  raise<ArgumentError>("--against: there is no network '", name, "', but ", names, ".");
}

int main(int argc, char** argv) {
  std::string path, against;
  bool include_top = false;
  CLI::App app{"Says what a file of weights holds"};
  app.add_option("file", path, ".safetensors, .keras, .h5 or .weights.h5")->required()->check(CLI::ExistingFile);
  app.add_option("--against", against, "say how the file fits this network: VGG16, ResNet50, ..");
  app.add_flag("--include-top", include_top, "compare with the whole network, not with the one without top");
  CLI11_PARSE(app, argc, argv);
  try {
    print(path, is_keras(path) ? read_keras(path) : read_safetensors(path));
    if (!against.empty() && !compare(path, against, include_top)) return 1;
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
