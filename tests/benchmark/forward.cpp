// VGG16 without top on a batch of images of 224 x 224.
#include "networks.hpp"
#include "worker.hpp"

using namespace graft;

int main(int argc, char** argv) {
  const auto run = [](const std::vector<std::string>& arguments) {
    set_num_threads(std::stol(arguments[2]));
    const auto x =
        io::TensorFile(arguments[0] + "/images.safetensors").read<float>("x").slice(0, std::stol(arguments[3]));
    const auto model =
        applications::VGG16({.weights = "imagenet", .include_top = false, .input_shape = Shape{224, 224, 3}});
    const auto features = model.predict_on_batch(x);
    benchmark::ResultFile(arguments[1]).write(features.view().span());
    benchmark::serve([&] { return std::vector{benchmark::seconds_per_call([&] { model.predict_on_batch(x); })}; });
  };
  return benchmark::run_program(argc, argv, 4, "FOLDER RESULT THREADS BATCH", run);
}
