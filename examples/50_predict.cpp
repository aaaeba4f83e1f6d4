// Says what is on pictures, with a model that 40_finetune_vgg16 saved.
//
// Run     build/examples/50_predict finetuned.safetensors PICTURE...
// The file holds all that is needed: weights, classes, and how pictures are prepared.
// Result  one line per picture: the file, the best class, its probability
#include <CLI/CLI.hpp>
#include <graft/graft.hpp>
#include <iomanip>

using namespace graft;

void run(const std::string& model_path, const std::vector<std::string>& pictures) {
  const auto model = saving::load_model(model_path);
  const auto& classes = model.class_names();
  if (classes.empty())
    raise<FileError>("'", model_path, "' holds no class names: it was not trained on a folder of classes.");
  for (const auto& picture : pictures) {
    const auto scores = model.predict(utils::prepare_image(model, picture));
    const Index best = scores.argmax();
    std::cout << picture << ": " << classes.at(static_cast<std::size_t>(best)) << " (" << std::fixed
              << std::setprecision(1) << 100 * scores.data()[best] << " %)\n";
  }
}

int main(int argc, char** argv) {
  std::string model;
  std::vector<std::string> pictures;
  CLI::App app{"Says what is on pictures"};
  app.add_option("model", model, "file that 40_finetune_vgg16 saved")->required();
  app.add_option("pictures", pictures, "JPEG, PNG or BMP files")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    run(model, pictures);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
