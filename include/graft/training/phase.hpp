#pragma once
#include <graft/training/batch_runner.hpp>
#include <graft/training/batch_stream.hpp>
#include <graft/training/sample_weights.hpp>

namespace graft {

/// What phases of one model share: packed weights, waiting executors and stored features.
template <class Scalar>
struct Resources {
  std::shared_ptr<plan::PackedStore<Scalar>> packed = std::make_shared<plan::PackedStore<Scalar>>();
  plan::ExecutorPool<Scalar> executors{packed};
  plan::FeatureStore<Scalar> features;

  /// Frees what no running phase holds: once features are there, the packed trunk of VGG16 is 120 MB too many.
  void release_unused() {
    executors.clear();
    packed->release_unused();
  }
};

/// Reports that the frozen part is being computed: samples done and in all.
using FillProgress = std::function<void(Index done, Index total)>;

/// One data set on one program: its batches, the features of the frozen prefix where they can be kept, its numbers.
template <class Scalar>
class Phase {
 public:
  Phase(const ModeProgram<Scalar>& mode, Dataset<Scalar> dataset, Index batch_size, std::optional<Index> steps,
        Resources<Scalar>& resources, const plan::FeatureCacheOptions& cache, std::string model, FillProgress progress)
      : mode_(mode),
        dataset_(std::move(dataset)),
        resources_(resources),
        cache_(cache),
        model_(std::move(model)),
        progress_(std::move(progress)),
        prefix_(plan::prefix_variables(*mode.program)),
        tracker_(mode.heads) {
    open();
    stream_.emplace(dataset_, batch_size, steps, runner_->reads_inputs());
  }

  BatchStream<Scalar>& stream() { return *stream_; }
  Tracker<Scalar>& tracker() { return tracker_; }
  /// False where whole batches run through the whole program.
  bool uses_features() const { return uses_features_; }
  Index feature_samples() const { return uses_features_ ? dataset_.size() : 0; }

  /// The next batch, or false at the end of the epoch. Features are computed anew if a frozen weight was written.
  bool next(Batch<Scalar>& batch) {
    if (!stream_->next(batch)) return false;
    if (plan::total_version(prefix_) != version_) open();
    if (runner_->reads_inputs() && batch.x.empty()) read_again(batch);
    return true;
  }
  BatchRunner<Scalar>& runner() { return *runner_; }

 private:
  void open() {
    version_ = plan::total_version(prefix_);
    auto features = prepare_features();
    uses_features_ = features.has_value();
    runner_ = std::make_unique<BatchRunner<Scalar>>(mode_, std::move(features), resources_.executors, model_);
  }
  // Nothing where samples are not known to repeat or their cut does not fit.
  std::optional<plan::Features<Scalar>> prepare_features() {
    plan::FeatureFiller<Scalar> fill(mode_.program, resources_.features, resources_.packed, cache_);
    // Asked first: hashing the samples takes as long as 4 % of an epoch of a small dense network.
    if (!fill.applies() || !dataset_.random_access() || dataset_.size() == 0) return std::nullopt;
    const auto fingerprint = dataset_.fingerprint();
    if (!fingerprint) return std::nullopt;
    plan::Samples<Scalar> samples;
    samples.key = *fingerprint;
    samples.count = dataset_.size();
    samples.input_shapes = dataset_.input_shapes();
    for (const Shape& shape : samples.input_shapes)
      if (!shape.without_batch().is_known()) return std::nullopt;
    if (!inputs_fit(samples.input_shapes)) return std::nullopt;
    samples.progress = progress_;
    samples.open = [this] { return sequence(); };
    return fill(samples);
  }
  // The first batch reports what does not fit, with the names at hand.
  bool inputs_fit(const std::vector<Shape>& shapes) const {
    const auto& program = *mode_.program;
    if (shapes.size() != program.inputs.size()) return false;
    for (std::size_t i = 0; i < shapes.size(); ++i)
      if (!program.shape(program.inputs[i]).accepts(shapes[i])) return false;
    return true;
  }
  // All samples in their own order, n at a time.
  std::function<void(Index, std::span<const View<Scalar>>)> sequence() {
    std::vector<Index> ids(to_size(dataset_.size()));
    std::iota(ids.begin(), ids.end(), Index{0});
    struct State {
      Reader<Scalar> reader;
      Batch<Scalar> batch;
      Index at = 0;
    };
    auto state = std::make_shared<State>(State{dataset_.read(std::move(ids), read_ahead), {}, 0});
    return [state](Index n, std::span<const View<Scalar>> to) {
      for (Index row = 0; row < n; ++row, ++state->at) {
        if (state->at == (state->batch.ids.empty() ? 0 : state->batch.size())) {
          if (!state->reader.next(state->batch)) raise<StateError>("Dataset: it ended before its size().");
          state->at = 0;
        }
        for (std::size_t i = 0; i < to.size(); ++i)
          if (to[i]) {
            const auto& x = state->batch.x[i];
            const Index size = to[i].sample_size();
            std::copy_n(x.data() + state->at * size, size, to[i].sample(row));
          }
      }
    };
  }
  void read_again(Batch<Scalar>& batch) {
    auto reader = dataset_.read(std::vector<Index>(batch.ids), batch.size());
    reader.next(batch);
  }

  static constexpr Index read_ahead = 8;

  const ModeProgram<Scalar>& mode_;
  Dataset<Scalar> dataset_;
  Resources<Scalar>& resources_;
  plan::FeatureCacheOptions cache_;
  std::string model_;
  FillProgress progress_;
  std::vector<Variable<Scalar>> prefix_;
  long version_ = 0;
  bool uses_features_ = false;
  Tracker<Scalar> tracker_;
  std::unique_ptr<BatchRunner<Scalar>> runner_;
  std::optional<BatchStream<Scalar>> stream_;
};

}  // namespace graft
