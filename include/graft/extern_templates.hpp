#pragma once
// For programs of several units. Where GRAFT_EXTERN_TEMPLATES is defined, <graft/graft.hpp> includes this header, and a
// unit no longer compiles the code of what is listed below, for float and for double. CMake's target graft::compiled
// defines it and compiles the code once; without CMake one unit does (or several do, a line each: it takes up to three
// minutes and 1.7 GB on a slow machine):
//   #include <graft/extern_templates.hpp>
//   GRAFT_INSTANTIATE_NAMED(template)
//   GRAFT_INSTANTIATE_STEPS(template, float)
//   GRAFT_INSTANTIATE_MODELS(template, float)   .. and the two for double
// What is not listed works as well, it is only compiled wherever it is used. To list one more class template over the
// scalar, add a line for it in its namespace below, where that makes a build faster.
#include <graft/models/load_model.hpp>
#include <graft/models/sequential.hpp>

/// What is made by its name: losses, metrics, initializers, .. Keyword is `extern template` or `template`.
#define GRAFT_INSTANTIATE_NAMED(Keyword)                                                                               \
  namespace graft {                                                                                                    \
  Keyword std::shared_ptr<initializers::InitializerFunction>                                                           \
  make_one_of<initializers::InitializerFunction, initializers::Zeros, initializers::Ones, initializers::Constant,      \
              initializers::RandomNormal, initializers::RandomUniform, initializers::TruncatedNormal,                  \
              initializers::VarianceScaling, initializers::GlorotUniform, initializers::GlorotNormal,                  \
              initializers::HeUniform, initializers::HeNormal, initializers::LecunUniform, initializers::LecunNormal,  \
              initializers::Orthogonal, initializers::Identity>(const NameKind&, std::string_view);                    \
  Keyword std::shared_ptr<regularizers::RegularizerFunction>                                                           \
  make_one_of<regularizers::RegularizerFunction, regularizers::L1, regularizers::L2, regularizers::L1L2>(              \
      const NameKind&, std::string_view);                                                                              \
  Keyword std::shared_ptr<constraints::ConstraintFunction>                                                             \
  make_one_of<constraints::ConstraintFunction, constraints::MaxNorm, constraints::MinMaxNorm, constraints::NonNeg,     \
              constraints::UnitNorm>(const NameKind&, std::string_view);                                               \
  Keyword std::shared_ptr<losses::LossFunction>                                                                        \
  make_one_of<losses::LossFunction, losses::CategoricalCrossentropy, losses::SparseCategoricalCrossentropy,            \
              losses::BinaryCrossentropy, losses::MeanSquaredError, losses::MeanAbsoluteError,                         \
              losses::MeanAbsolutePercentageError, losses::MeanSquaredLogarithmicError, losses::Huber,                 \
              losses::LogCosh, losses::KLDivergence, losses::Poisson, losses::CosineSimilarity, losses::Hinge,         \
              losses::SquaredHinge, losses::CategoricalHinge>(const NameKind&, std::string_view);                      \
  Keyword std::shared_ptr<metrics::MetricFunction>                                                                     \
  make_one_of<metrics::MetricFunction, metrics::BinaryAccuracy, metrics::CategoricalAccuracy,                          \
              metrics::SparseCategoricalAccuracy, metrics::TopKCategoricalAccuracy,                                    \
              metrics::SparseTopKCategoricalAccuracy, metrics::MeanSquaredError, metrics::MeanAbsoluteError,           \
              metrics::RootMeanSquaredError, metrics::CategoricalCrossentropy, metrics::SparseCategoricalCrossentropy, \
              metrics::BinaryCrossentropy, metrics::Precision, metrics::Recall, metrics::AUC>(const NameKind&,         \
                                                                                              std::string_view);       \
  Keyword std::shared_ptr<optimizers::UpdateRule>                                                                      \
  make_one_of<optimizers::UpdateRule, optimizers::SGD, optimizers::RMSprop, optimizers::Adam, optimizers::AdamW>(      \
      const NameKind&, std::string_view);                                                                              \
  Keyword class PerOutput<double>;                                                                                     \
  Keyword class PerOutput<Loss>;                                                                                       \
  Keyword class PerOutput<Metric>;                                                                                     \
  Keyword class PerOutput<std::vector<Metric>>;                                                                        \
  }

/// What computes: tensors, data, kernels, steps and plans over Scalar. Keyword is `extern template` or `template`.
#define GRAFT_INSTANTIATE_STEPS(Keyword, Scalar) \
  namespace graft {                              \
  Keyword class Tensor<Scalar>;                  \
  Keyword class Variable<Scalar>;                \
  Keyword class Dataset<Scalar>;                 \
  Keyword class Reader<Scalar>;                  \
  Keyword class Builder<Scalar>;                 \
  Keyword class GraphWalk<Scalar>;               \
  }                                              \
  namespace graft::data {                        \
  Keyword class CacheSource<Scalar>;             \
  Keyword class Prefetcher<Scalar>;              \
  Keyword class SubsetSource<Scalar>;            \
  Keyword class TensorSource<Scalar>;            \
  }                                              \
  namespace graft::ops {                         \
  Keyword class Conv2D<Scalar>;                  \
  Keyword class GradientProduct<Scalar>;         \
  Keyword class MatrixProduct<Scalar>;           \
  }                                              \
  namespace graft::steps {                       \
  Keyword class Activate<Scalar>;                \
  Keyword class ActivityPenalty<Scalar>;         \
  Keyword class AveragePooling2D<Scalar>;        \
  Keyword class BatchDot<Scalar>;                \
  Keyword class BatchNormalization<Scalar>;      \
  Keyword class Bias<Scalar>;                    \
  Keyword class Concatenate<Scalar>;             \
  Keyword class Conv2D<Scalar>;                  \
  Keyword class Conv2DTranspose<Scalar>;         \
  Keyword class Dense<Scalar>;                   \
  Keyword class DepthwiseConv2D<Scalar>;         \
  Keyword class Dropout<Scalar>;                 \
  Keyword class Embedding<Scalar>;               \
  Keyword class GaussianNoise<Scalar>;           \
  Keyword class GlobalAveragePooling2D<Scalar>;  \
  Keyword class GlobalMaxPooling2D<Scalar>;      \
  Keyword class GroupNormalization<Scalar>;      \
  Keyword class LayerNormalization<Scalar>;      \
  Keyword class LossStep<Scalar>;                \
  Keyword class Margins2D<Scalar>;               \
  Keyword class MaxPooling2D<Scalar>;            \
  Keyword class Merge<Scalar>;                   \
  Keyword class MovingNormalization<Scalar>;     \
  Keyword class PReLU<Scalar>;                   \
  Keyword class RandomAffine<Scalar>;            \
  Keyword class RandomFlip<Scalar>;              \
  Keyword class Rescaling<Scalar>;               \
  Keyword class ResizeImages<Scalar>;            \
  Keyword class Softmax<Scalar>;                 \
  Keyword class Transpose<Scalar>;               \
  Keyword class UnitLength<Scalar>;              \
  }                                              \
  namespace graft::plan {                        \
  Keyword class Binding<Scalar>;                 \
  Keyword class Executor<Scalar>;                \
  Keyword class ExecutorPool<Scalar>;            \
  Keyword class FeatureFiller<Scalar>;           \
  Keyword class FeatureRows<Scalar>;             \
  Keyword class FeatureStore<Scalar>;            \
  Keyword class PackedStore<Scalar>;             \
  Keyword class Program<Scalar>;                 \
  }

/// Layers, training and models over Scalar.
#define GRAFT_INSTANTIATE_MODELS(Keyword, Scalar)                                                           \
  namespace graft {                                                                                         \
  Keyword std::shared_ptr<Compiled<Scalar>> compile_network(const Network<Scalar>&, const CompileOptions&); \
  Keyword class Layer<Scalar>;                                                                              \
  Keyword class LayerList<Scalar>;                                                                          \
  Keyword class LayerRef<Scalar>;                                                                           \
  Keyword class OpaqueStep<Scalar>;                                                                         \
  Keyword class BatchRunner<Scalar>;                                                                        \
  Keyword class BatchStream<Scalar>;                                                                        \
  Keyword class FlagSnapshot<Scalar>;                                                                       \
  Keyword class Phase<Scalar>;                                                                              \
  Keyword class Tracker<Scalar>;                                                                            \
  Keyword class Trainer<Scalar>;                                                                            \
  Keyword struct ModelGraph<Scalar>;                                                                        \
  Keyword class Model<Scalar>;                                                                              \
  Keyword class Sequential<Scalar>;                                                                         \
  }                                                                                                         \
  namespace graft::layers {                                                                                 \
  Keyword class Activation<Scalar>;                                                                         \
  Keyword class Add<Scalar>;                                                                                \
  Keyword class Average<Scalar>;                                                                            \
  Keyword class AveragePooling1D<Scalar>;                                                                   \
  Keyword class AveragePooling2D<Scalar>;                                                                   \
  Keyword class BatchNormalization<Scalar>;                                                                 \
  Keyword class CenterCrop<Scalar>;                                                                         \
  Keyword class Concatenate<Scalar>;                                                                        \
  Keyword class Conv1D<Scalar>;                                                                             \
  Keyword class Conv2D<Scalar>;                                                                             \
  Keyword class Conv2DTranspose<Scalar>;                                                                    \
  Keyword class Cropping1D<Scalar>;                                                                         \
  Keyword class Cropping2D<Scalar>;                                                                         \
  Keyword class Dense<Scalar>;                                                                              \
  Keyword class DepthwiseConv2D<Scalar>;                                                                    \
  Keyword class Dot<Scalar>;                                                                                \
  Keyword class Dropout<Scalar>;                                                                            \
  Keyword class ELU<Scalar>;                                                                                \
  Keyword class Embedding<Scalar>;                                                                          \
  Keyword class Flatten<Scalar>;                                                                            \
  Keyword class GaussianDropout<Scalar>;                                                                    \
  Keyword class GaussianNoise<Scalar>;                                                                      \
  Keyword class GlobalAveragePooling1D<Scalar>;                                                             \
  Keyword class GlobalAveragePooling2D<Scalar>;                                                             \
  Keyword class GlobalMaxPooling1D<Scalar>;                                                                 \
  Keyword class GlobalMaxPooling2D<Scalar>;                                                                 \
  Keyword class GroupNormalization<Scalar>;                                                                 \
  Keyword class InputLayer<Scalar>;                                                                         \
  Keyword class LayerNormalization<Scalar>;                                                                 \
  Keyword class LeakyReLU<Scalar>;                                                                          \
  Keyword class Maximum<Scalar>;                                                                            \
  Keyword class MaxPooling1D<Scalar>;                                                                       \
  Keyword class MaxPooling2D<Scalar>;                                                                       \
  Keyword class Minimum<Scalar>;                                                                            \
  Keyword class Multiply<Scalar>;                                                                           \
  Keyword class Normalization<Scalar>;                                                                      \
  Keyword class Permute<Scalar>;                                                                            \
  Keyword class PReLU<Scalar>;                                                                              \
  Keyword class RandomFlip<Scalar>;                                                                         \
  Keyword class RandomRotation<Scalar>;                                                                     \
  Keyword class RandomTranslation<Scalar>;                                                                  \
  Keyword class RandomZoom<Scalar>;                                                                         \
  Keyword class ReLU<Scalar>;                                                                               \
  Keyword class Rescaling<Scalar>;                                                                          \
  Keyword class Reshape<Scalar>;                                                                            \
  Keyword class Resizing<Scalar>;                                                                           \
  Keyword class SeparableConv2D<Scalar>;                                                                    \
  Keyword class Softmax<Scalar>;                                                                            \
  Keyword class SpatialDropout2D<Scalar>;                                                                   \
  Keyword class Subtract<Scalar>;                                                                           \
  Keyword class UpSampling2D<Scalar>;                                                                       \
  Keyword class ZeroPadding1D<Scalar>;                                                                      \
  Keyword class ZeroPadding2D<Scalar>;                                                                      \
  }                                                                                                         \
  namespace graft::saving {                                                                                 \
  Keyword class LayerFactory<Scalar>;                                                                       \
  }

GRAFT_INSTANTIATE_NAMED(extern template)
GRAFT_INSTANTIATE_STEPS(extern template, float)
GRAFT_INSTANTIATE_MODELS(extern template, float)
GRAFT_INSTANTIATE_STEPS(extern template, double)
GRAFT_INSTANTIATE_MODELS(extern template, double)
