// Says what is on pictures, with a model that 40_finetune_vgg16 saved.
//
// Run     build/examples/50_predict finetuned.safetensors PICTURE...
// Result  one line per picture: the file, the best class, its probability
#include <CLI/CLI.hpp>
#include <graft/graft.hpp>
#include <iomanip>

using namespace graft;

/// The picture as the model was trained on it. A model saved by graft knows how its images were prepared.
Tensor<> read_picture(const std::string& path, const Model<>& model, Size2D size) {
  const auto image = utils::img_to_array(utils::load_img(path, {.target_size = size, .interpolation = "bilinear"}));
  auto x = image.reshape({1, size.height, size.width, 3});
  for (const auto& name : model.preprocessing())
    if (name == applications::vgg16::preprocess_input.name()) x = applications::vgg16::preprocess_input(std::move(x));
  return x;
}

void run(const std::string& model_path, const std::vector<std::string>& pictures, Index image_size) {
  const auto model = saving::load_model(model_path);
  const auto& classes = model.class_names();
  if (classes.empty()) raise<FileError>("'", model_path, "' holds no class names: it was not trained on a folder of classes.");
  for (const auto& picture : pictures) {
    const auto scores = model.predict(read_picture(picture, model, image_size));
    const Index best = scores.argmax();
    std::cout << picture << ": " << classes.at(static_cast<std::size_t>(best)) << " (" << std::fixed << std::setprecision(1)
              << 100 * scores.data()[best] << " %)\n";
  }
}

int main(int argc, char** argv) {
  std::string model;
  std::vector<std::string> pictures;
  Index image_size = 224;
  CLI::App app{"Says what is on pictures"};
  app.add_option("model", model, "file that 40_finetune_vgg16 saved")->required();
  app.add_option("pictures", pictures, "JPEG, PNG or BMP files")->required();
  app.add_option("--image-size", image_size, "height and width that the model was trained on")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    run(model, pictures, image_size);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
