#pragma once
#include <graft/graft.hpp>

#include "worker.hpp"

// The networks of the benchmark, with weights that the driver wrote so that its other programs start from the same.
namespace benchmark {

using namespace graft;

/// The tensors weight_0, weight_1, .. of a file, in the order of get_weights().
inline std::vector<Tensor<>> read_weights(const std::string& path) {
  const io::TensorFile file(path);
  std::vector<Tensor<>> weights;
  for (std::string name = "weight_0"; file.contains(name); name = "weight_" + std::to_string(weights.size()))
    weights.push_back(file.read<float>(name));
  return weights;
}

/// Writes what the model makes of the first `batch` images, then measures that.
inline void measure_forward(const Model<>& model, const std::string& folder, const std::string& result, Index batch) {
  const auto x = io::TensorFile(folder + "/images.safetensors").read<float>("x").slice(0, batch);
  ResultFile(result).write(model.predict_on_batch(x).view().span());
  serve([&] { return std::vector{seconds_per_call([&] { model.predict_on_batch(x); })}; });
}

/// The course's network: VGG16's trunk with the ImageNet weights and a head on it.
class Classifier {
 public:
  explicit Classifier(Index classes) : answer_(classes, {.activation = "softmax"}) {}

  const Model<>& trunk() const { return trunk_; }
  SymbolicTensor<float> operator()(const SymbolicTensor<float>& images) const {
    return answer_(hidden_(average_(trunk_(images))));
  }
  /// Kernel and bias of both dense layers. The network has to be called before.
  void set_head(const std::vector<Tensor<>>& weights) const {
    hidden_.set_weights({weights.at(0), weights.at(1)});
    answer_.set_weights({weights.at(2), weights.at(3)});
  }

 private:
  Model<> trunk_ = applications::VGG16({.weights = "imagenet", .include_top = false});
  layers::GlobalAveragePooling2D<> average_;
  layers::Dense<> hidden_{1024, {.activation = "relu"}}, answer_;
};

}  // namespace benchmark
