// Writes what every layer of a saved model makes of an input: to look inside, or to compare with another program, as
// weights/parity.py does with Keras.
//
// Run     build/examples/70_layer_outputs model.keras input.safetensors outputs.safetensors
// Input   a tensor for each of the model's inputs, in their order; the first axis counts samples
// Result  a tensor for every call of a layer, named "3:block1_conv2": its place and the layer; those of nested models
// too Keras's files need HDF5 and libzip (apt-get install libhdf5-dev libzip-dev) when this program is built.
#include <CLI/CLI.hpp>
#include <graft/graft.hpp>
#ifdef GRAFT_EXAMPLES_HAVE_KERAS
#include <graft/keras.hpp>
#endif

using namespace graft;

Model<> load(const std::string& path) {
#ifdef GRAFT_EXAMPLES_HAVE_KERAS
  if (!path.ends_with(".safetensors")) return keras::load_model(path, {.compile = false});
#endif
  return saving::load_model(path);
}

void run(const std::string& model_path, const std::string& input_path, const std::string& output_path) {
  const auto model = load(model_path);
  const auto calls = layer_outputs(model);
  std::vector<SymbolicTensor<float>> outputs;
  for (const auto& call : calls) outputs.push_back(call.output);
  const Model all(SymbolicTensors<float>(model.inputs()), SymbolicTensors<float>(outputs));

  const io::TensorFile file(input_path);
  std::vector<Tensor<>> input;
  for (const auto& name : file.names()) input.push_back(file.read<float>(name));
  const auto values = all.predict_outputs(Dataset<>::from_tensors(input));
  io::SafetensorsWriter writer;
  for (std::size_t i = 0; i < values.size(); ++i)
    writer.add(std::to_string(i) + ":" + calls[i].layer, values[i].view());
  writer.save(output_path);
  std::cout << values.size() << " tensors in " << output_path << "\n";
}

int main(int argc, char** argv) {
  std::string model, input, output;
  CLI::App app{"Writes what every layer of a model makes of an input"};
  app.add_option("model", model, "a saved model: .safetensors, .keras, .h5")->required()->check(CLI::ExistingFile);
  app.add_option("input", input, ".safetensors with the inputs")->required()->check(CLI::ExistingFile);
  app.add_option("output", output, ".safetensors to write")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    run(model, input, output);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
