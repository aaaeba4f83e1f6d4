// Loads the saved network of the course and predicts one image. "save" makes the file that "predict" loads.
#include "networks.hpp"
#include "worker.hpp"

using namespace graft;

namespace {

void save(const std::string& folder) {
  const benchmark::Classifier network(2);
  const auto images = Input({224, 224, 3});
  const Model model(images, network(images));
  network.set_head(benchmark::read_weights(folder + "/head.safetensors"));
  model.save(folder + "/graft_model.safetensors");
}

void predict(const std::string& folder, const std::string& result, Index threads) {
  set_num_threads(threads);
  const auto model = saving::load_model(folder + "/graft_model.safetensors");
  const auto x = io::TensorFile(folder + "/image.safetensors").read<float>("x");
  benchmark::ResultFile(result).write(model.predict_on_batch(x).view().span());
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark::run_program(argc, argv, 4, "FOLDER RESULT THREADS save|predict", [](const auto& arguments) {
    if (arguments[3] == "save")
      save(arguments[0]);
    else
      predict(arguments[0], arguments[1], std::stol(arguments[2]));
  });
}
