// A backbone without top on a batch of images of 224 x 224, with the weights that Keras's program wrote.
#include "networks.hpp"
#include "worker.hpp"

using namespace graft;

namespace {

Model<> make_backbone(const std::string& name) {
  const Shape shape{224, 224, 3};
  if (name == "ResNet50")
    return applications::ResNet50({.weights = std::nullopt, .include_top = false, .input_shape = shape});
  if (name == "InceptionV3")
    return applications::InceptionV3({.weights = std::nullopt, .include_top = false, .input_shape = shape});
  if (name == "MobileNetV2")
    return applications::MobileNetV2({.weights = std::nullopt, .include_top = false, .input_shape = shape});
  raise<ArgumentError>("No backbone '", name, "'. ResNet50, InceptionV3 and MobileNetV2 are measured.");
}

}  // namespace

int main(int argc, char** argv) {
  const auto run = [](const std::vector<std::string>& arguments) {
    set_num_threads(std::stol(arguments[2]));
    const auto x =
        io::TensorFile(arguments[0] + "/images.safetensors").read<float>("x").slice(0, std::stol(arguments[4]));
    const auto model = make_backbone(arguments[3]);
    model.set_weights(benchmark::read_weights(arguments[0] + "/" + arguments[3] + ".safetensors"));
    const auto features = model.predict_on_batch(x);
    benchmark::ResultFile(arguments[1]).write(features.view().span());
    benchmark::serve([&] { return std::vector{benchmark::seconds_per_call([&] { model.predict_on_batch(x); })}; });
  };
  return benchmark::run_program(argc, argv, 5, "FOLDER RESULT THREADS NAME BATCH", run);
}
