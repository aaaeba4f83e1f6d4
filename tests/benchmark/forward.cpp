// VGG16 without top on a batch of images of 224 x 224.
#include "networks.hpp"

using namespace graft;

int main(int argc, char** argv) {
  const auto run = [](const std::vector<std::string>& arguments) {
    set_num_threads(std::stol(arguments[2]));
    const auto model =
        applications::VGG16({.weights = "imagenet", .include_top = false, .input_shape = Shape{224, 224, 3}});
    benchmark::measure_forward(model, arguments[0], arguments[1], std::stol(arguments[3]));
  };
  return benchmark::run_program(argc, argv, 4, "FOLDER RESULT THREADS BATCH", run);
}
