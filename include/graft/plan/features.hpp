#pragma once
#include <graft/plan/executors.hpp>
#include <graft/plan/feature_store.hpp>
#include <map>
#include <set>

namespace graft::plan {

/// The samples that a cut is computed for.
template <class Scalar>
struct Samples {
  std::uint64_t key = 0;  ///< fingerprint of the data set
  Index count = 0;
  std::vector<Shape> input_shapes;  ///< of the model's inputs; axis 0 is ignored
  /// Opens the inputs in the order of the samples; the result writes the next n samples into one view per input.
  std::function<std::function<void(Index n, std::span<const View<Scalar>>)>()> open;
  std::function<void(Index done, Index total)> progress = {};
};

/// The cut of a program, sample by sample; null where a cut value is one of the model's inputs.
template <class Scalar>
struct Features {
  std::vector<std::shared_ptr<FeatureRows<Scalar>>> cut;
  /// False where a batch can be formed without decoding.
  bool reads_inputs = false;
};

/// Makes the cut of a program available for every sample: from the store, or by the fewest steps above what the store
/// holds. Values below the cut that are worth keeping are kept while there is room, from the boundary down.
template <class Scalar>
class FeatureFiller {
 public:
  FeatureFiller(std::shared_ptr<const Program<Scalar>> program, FeatureStore<Scalar>& store,
                std::shared_ptr<PackedStore<Scalar>> packed, const FeatureCacheOptions& options)
      : program_(std::move(program)), store_(store), packed_(std::move(packed)), options_(options) {}

  /// False where there is no prefix to store, or it is not wanted.
  bool applies() const { return options_.enabled && program_->prefix_steps > 0; }

  /// Requires applies(). Nothing where there is no room for the cut: then whole batches are computed.
  std::optional<Features<Scalar>> operator()(const Samples<Scalar>& samples) {
    keys_ = value_keys(*program_, samples.key);
    find_missing(samples);
    if (!part_.steps.empty() && !fill(samples)) return std::nullopt;
    Features<Scalar> features;
    for (const ValueId value : program_->cut) {
      features.cut.push_back(program_->is_input(value) ? nullptr : store_.find(key(value)));
      features.reads_inputs = features.reads_inputs || program_->is_input(value);
    }
    return features;
  }

 private:
  using Rows = std::shared_ptr<FeatureRows<Scalar>>;
  static constexpr Index largest_chunk = 32;

  std::uint64_t key(ValueId value) const { return keys_[to_size(program_->root(value))]; }
  // Collects the steps that lead from stored values and inputs to the cut values that are not stored.
  void find_missing(const Samples<Scalar>& samples) {
    std::vector<ValueId> open;
    for (const ValueId value : program_->cut)
      if (!program_->is_input(value) && !store_.find(key(value))) open.push_back(value);
    std::set<Index> steps;
    std::set<ValueId> seen;
    while (!open.empty()) {
      const ValueId value = program_->root(open.back());
      open.pop_back();
      if (!seen.insert(value).second) continue;
      const Rows stored = store_.find(key(value));
      if (stored || program_->is_input(value)) {
        part_.feeds.push_back(value);
        part_.shapes.push_back(stored ? stored->shape() : input_shape(samples, value));
      } else {
        const Index producer = program_->root_value(value).producer;
        steps.insert(producer);
        const auto& in = program_->steps[to_size(producer)].in;
        open.insert(open.end(), in.begin(), in.end());
      }
    }
    part_.steps.assign(steps.begin(), steps.end());
  }
  const Shape& input_shape(const Samples<Scalar>& samples, ValueId value) const {
    const auto at = std::find(program_->inputs.begin(), program_->inputs.end(), value) - program_->inputs.begin();
    return samples.input_shapes[to_size(at)];
  }
  // Room for the missing cut values, which is needed, and then for what is worth keeping, the highest first.
  bool reserve(const Samples<Scalar>& samples) {
    const Binding<Scalar> shapes(program_, part_, 1);
    const auto add = [&](ValueId value, bool must) {
      const Rows rows = store_.add(key(value), shapes.shape(value).with_front(samples.count), options_, must);
      if (rows) targets_[value] = rows;
      return rows != nullptr;
    };
    for (const ValueId value : program_->cut)
      if (!program_->is_input(value) && !store_.find(key(value)) && !add(value, true)) return false;
    for (auto step = part_.steps.rbegin(); step != part_.steps.rend(); ++step) {
      const ValueId out = program_->root(program_->steps[to_size(*step)].out);
      if (program_->values[to_size(out)].keep && !targets_.contains(out) && !add(out, false)) break;
    }
    for (const auto& [value, rows] : targets_) part_.fetch.push_back(value);
    return true;
  }
  void forget() {
    for (const auto& [value, rows] : targets_) store_.remove(key(value));
  }
  bool fill(const Samples<Scalar>& samples) {
    if (!reserve(samples)) {
      forget();
      return false;
    }
    try {
      run(samples, choose_chunk(program_, part_, std::min(largest_chunk, samples.count), chunk_bytes));
    } catch (...) {
      forget();  // half-filled rows must never be found
      throw;
    }
    return true;
  }
  void run(const Samples<Scalar>& samples, Index chunk) {
    Executor<Scalar> executor(Binding<Scalar>(program_, part_, chunk), packed_);
    const bool reads_inputs =
        std::any_of(part_.feeds.begin(), part_.feeds.end(), [&](ValueId feed) { return program_->is_input(feed); });
    const auto next = reads_inputs ? samples.open() : nullptr;
    for (Index begin = 0; begin < samples.count; begin += chunk) {
      const Index n = std::min(chunk, samples.count - begin);
      if (reads_inputs) read_inputs(executor, next, n);
      for (const ValueId feed : part_.feeds)
        if (!program_->is_input(feed)) copy(store_.find(key(feed))->row(begin), executor.value(feed, n));
      executor.forward(n, {});
      for (const auto& [value, rows] : targets_) {
        const View<Scalar> computed = executor.value(value, n);
        std::copy_n(computed.data, computed.size(), rows->row(begin));
      }
      if (samples.progress) samples.progress(begin + n, samples.count);
    }
  }
  // A null view where this part does not read that input.
  void read_inputs(Executor<Scalar>& executor, const std::function<void(Index, std::span<const View<Scalar>>)>& next,
                   Index n) {
    std::vector<View<Scalar>> views;
    for (const ValueId input : program_->inputs) {
      const bool fed = std::find(part_.feeds.begin(), part_.feeds.end(), input) != part_.feeds.end();
      views.push_back(fed ? executor.value(input, n) : View<Scalar>{});
    }
    next(n, views);
  }
  static void copy(const Scalar* from, View<Scalar> to) { std::copy_n(from, to.size(), to.data); }

  std::shared_ptr<const Program<Scalar>> program_;
  FeatureStore<Scalar>& store_;
  std::shared_ptr<PackedStore<Scalar>> packed_;
  const FeatureCacheOptions& options_;
  std::vector<std::uint64_t> keys_;
  Part<Scalar> part_;
  std::map<ValueId, Rows> targets_;
};

}  // namespace graft::plan
