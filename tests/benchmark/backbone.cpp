// A backbone without top on a batch of images of 224 x 224, with the weights that Keras's program wrote.
#include "networks.hpp"

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
    const auto model = make_backbone(arguments[3]);
    model.set_weights(benchmark::read_weights(arguments[0] + "/" + arguments[3] + ".safetensors"));
    benchmark::measure_forward(model, arguments[0], arguments[1], std::stol(arguments[4]));
  };
  return benchmark::run_program(argc, argv, 5, "FOLDER RESULT THREADS NAME BATCH", run);
}
