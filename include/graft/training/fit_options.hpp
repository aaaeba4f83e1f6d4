#pragma once
#include <graft/data/dataset.hpp>
#include <graft/plan/feature_store.hpp>
#include <graft/training/callback.hpp>
#include <graft/training/verbose.hpp>

namespace graft {

/// What fit() validates on: a dataset, or (x, y) or (x, y, sample_weight) tensors.
template <class Scalar>
struct ValidationData {
  Dataset<Scalar> dataset;

  ValidationData() = default;
  ValidationData(Dataset<Scalar> data) : dataset(std::move(data)) {}
  ValidationData(Tensor<Scalar> x, Tensor<Scalar> y, std::optional<Tensor<Scalar>> sample_weight = {})
      : dataset(Dataset<Scalar>::from_tensors(std::move(x), std::move(y), std::move(sample_weight))) {}
};

/// Arguments of fit(): Keras's names, order and defaults, and graft's feature_cache.
template <class Scalar = float>
struct FitOptions {
  std::optional<Index> batch_size = {};  ///< of tensors and unbatched datasets; 32 if not given
  int epochs = 1;
  Verbose verbose = "auto";
  std::vector<CallbackRef> callbacks = {};
  double validation_split = 0;  ///< last part of the tensors, taken before shuffling
  ValidationData<Scalar> validation_data = {};
  bool shuffle = true;                        ///< tensors; a dataset has its own order
  std::map<Index, double> class_weight = {};  ///< weight of the samples of a class; 1 where not named
  std::optional<Tensor<Scalar>> sample_weight = {};
  int initial_epoch = 0;
  std::optional<Index> steps_per_epoch = {};
  std::optional<Index> validation_steps = {};
  std::optional<Index> validation_batch_size = {};
  int validation_freq = 1;
  plan::FeatureCacheOptions feature_cache = {};
};

/// Arguments of evaluate().
template <class Scalar = float>
struct EvaluateOptions {
  std::optional<Index> batch_size = {};
  Verbose verbose = "auto";
  std::optional<Tensor<Scalar>> sample_weight = {};
  std::optional<Index> steps = {};
  std::vector<CallbackRef> callbacks = {};
};

/// Arguments of predict().
struct PredictOptions {
  std::optional<Index> batch_size = {};
  Verbose verbose = 0;
  std::optional<Index> steps = {};
  std::vector<CallbackRef> callbacks = {};
};

}  // namespace graft
