#pragma once
#include <graft/data/dataset.hpp>
#include <graft/plan/executors.hpp>
#include <graft/plan/features.hpp>
#include <graft/training/compiled.hpp>
#include <graft/training/tracker.hpp>

namespace graft {

/// Runs batches through one program: the whole of it, or what lies above the cut where the features of every sample are
/// there.
template <class Scalar>
class BatchRunner {
 public:
  BatchRunner(const ModeProgram<Scalar>& mode, std::optional<plan::Features<Scalar>> features,
              plan::ExecutorPool<Scalar>& pool, std::string model)
      : mode_(mode), program_(mode.program), features_(std::move(features)), pool_(pool), model_(std::move(model)) {
    const auto first = features_ ? program_->prefix_steps : 0;
    for (Index i = first; i < static_cast<Index>(program_->steps.size()); ++i) part_.steps.push_back(i);
    data_ = features_ ? program_->cut : program_->inputs;
    part_.feeds = data_;
    for (const ValueId target : mode_.targets()) part_.feeds.push_back(target);
    part_.fetch = mode_.predictions();
    for (const Head& head : mode_.heads)
      for (const ValueId value : {head.loss, head.logits})
        if (value >= 0) part_.fetch.push_back(value);
    part_.fetch.insert(part_.fetch.end(), mode_.penalties.begin(), mode_.penalties.end());
  }
  ~BatchRunner() {
    if (executor_) pool_.give(std::move(executor_));
  }
  BatchRunner(const BatchRunner&) = delete;
  BatchRunner& operator=(const BatchRunner&) = delete;

  /// True if batches must bring the model's inputs.
  bool reads_inputs() const { return !features_ || features_->reads_inputs; }

  /// One training batch: forward, losses, backward, update. Returns its loss, penalties included.
  double train(const Batch<Scalar>& batch, const Tensor<Scalar>& weights, Compiled<Scalar>& compiled,
               Tracker<Scalar>& tracker) {
    const Index n = batch.size();
    part_.backward = !program_->learning.empty();
    prepare(batch, n);
    load(batch, 0, n);
    const Run run{compiled.seed, compiled.iteration++};
    executor_->forward(n, run);
    start(n);
    collect(batch, weights, 0, n, &tracker);
    double loss = add_up(batch, weights);
    if (part_.backward) {
      write_seeds(batch, weights, n);
      executor_->backward(n, run);
      loss += regularize(compiled, &executor_->gradients());
      apply_gradients(compiled, executor_->gradients());
    }
    tracker.add_losses(loss, per_head_, n);
    return loss;
  }

  /// One batch in inference mode. `penalty`: what the regularizers add.
  void evaluate(const Batch<Scalar>& batch, const Tensor<Scalar>& weights, double penalty, Tracker<Scalar>& tracker) {
    const Index n = batch.size();
    start(n);
    each_chunk(batch, [&](Index begin, Index count) { collect(batch, weights, begin, count, &tracker); });
    tracker.add_losses(add_up(batch, weights) + penalty, per_head_, n);
  }

  /// Appends the predictions of a batch, one list per output.
  void predict(const Batch<Scalar>& batch, std::vector<std::vector<Tensor<Scalar>>>& pieces) {
    pieces.resize(mode_.heads.size());
    each_chunk(batch, [&](Index, Index count) {
      for (std::size_t i = 0; i < mode_.heads.size(); ++i)
        pieces[i].emplace_back(View<const Scalar>(executor_->value(mode_.heads[i].prediction, count)));
    });
  }

  /// Between two passes: lets another program have the packed weights.
  void release_packed() {
    if (executor_) executor_->release_packed();
  }
  /// Bytes of the present executor's arena.
  Index arena_bytes() const { return executor_ ? executor_->binding().bytes() : 0; }

 private:
  template <class F>
  void each_chunk(const Batch<Scalar>& batch, F&& f) {
    const Index n = batch.size();
    prepare_chunked(batch, n);
    for (Index begin = 0; begin < n; begin += chunk_) {
      const Index count = std::min(chunk_, n - begin);
      load(batch, begin, count);
      executor_->forward(count, {});
      f(begin, count);
    }
  }

  // -- binding to what a batch brings
  bool set_shapes(const Batch<Scalar>& batch) {
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < data_.size(); ++i)
      shapes.push_back(rows(i) ? rows(i)->shape() : input(batch, data_[i]).shape());
    std::size_t next = 0;
    for (const Head& head : mode_.heads)
      if (head.target >= 0) shapes.push_back(target(batch, head, next++).shape());
    const bool same = std::equal(shapes.begin(), shapes.end(), part_.shapes.begin(), part_.shapes.end(),
                                 [](const Shape& a, const Shape& b) { return a.without_batch() == b.without_batch(); });
    if (!same) part_.shapes = std::move(shapes);
    return same;
  }
  void prepare(const Batch<Scalar>& batch, Index capacity) {
    const bool same = set_shapes(batch);
    if (executor_ && same && executor_->is_current() && executor_->binding().capacity() >= capacity) return;
    if (executor_) pool_.give(std::move(executor_));
    executor_ = pool_.take(program_, part_, capacity);
  }
  void prepare_chunked(const Batch<Scalar>& batch, Index n) {
    if (!set_shapes(batch) || chunk_ == 0 || n > largest_) {
      largest_ = std::max(n, largest_);
      chunk_ = program_->splits() ? plan::choose_chunk(program_, part_, largest_, plan::chunk_bytes) : largest_;
    }
    prepare(batch, chunk_);
  }
  plan::FeatureRows<Scalar>* rows(std::size_t i) const { return features_ ? features_->cut[i].get() : nullptr; }
  const Tensor<Scalar>& input(const Batch<Scalar>& batch, ValueId value) const {
    const auto& inputs = program_->inputs;
    const auto i = to_size(std::find(inputs.begin(), inputs.end(), value) - inputs.begin());
    if (batch.x.size() != inputs.size())
      raise<ArgumentError>("Model '", model_, "' has ", inputs.size(), " inputs, the data brings ", batch.x.size(),
                           ".");
    const Shape& expected = program_->values[to_size(value)].shape;
    if (!expected.accepts(batch.x[i].shape()))
      raise<ShapeError>("Model '", model_, "' expects ", expected, " as input ", i, ", got ", batch.x[i].shape(), ".",
                        batch.x[i].rank() == expected.rank() - 1 ? " The batch axis is missing." : "");
    return batch.x[i];
  }
  // The labels of a head: the data brings one tensor per output, or one per output that is measured.
  const Tensor<Scalar>& target(const Batch<Scalar>& batch, const Head& head, std::size_t measured) const {
    const auto number = static_cast<std::size_t>(&head - mode_.heads.data());
    const std::size_t outputs = mode_.heads.size(), expected = mode_.targets().size();
    if (batch.y.size() != outputs && batch.y.size() != expected)
      raise<ArgumentError>("Model '", model_, "' has a loss or metrics for ", expected, " of ", outputs,
                           " outputs, the data brings ", batch.y.size(), " label tensors. Give one for each output.");
    const auto& y = batch.y[batch.y.size() == outputs ? number : measured];
    if (y.rank() == 0 || y.shape().front() != batch.size())
      raise<ShapeError>("Model '", model_, "': the labels of output '", head.name, "' have the shape ", y.shape(),
                        " for ", batch.size(), " samples.");
    return y;
  }

  // -- moving rows
  void load(const Batch<Scalar>& batch, Index begin, Index n) {
    for (std::size_t i = 0; i < data_.size(); ++i) {
      const View<Scalar> to = executor_->value(data_[i], n);
      if (auto* stored = rows(i))
        for (Index row = 0; row < n; ++row)
          std::copy_n(stored->row(batch.ids[to_size(begin + row)]), to.sample_size(), to.sample(row));
      else
        copy_rows(input(batch, data_[i]), begin, to);
    }
    std::size_t next = 0;
    for (const Head& head : mode_.heads)
      if (head.target >= 0) copy_rows(target(batch, head, next++), begin, executor_->value(head.target, n));
  }
  static void copy_rows(const Tensor<Scalar>& from, Index begin, View<Scalar> to) {
    std::copy_n(from.data() + begin * to.sample_size(), to.size(), to.data);
  }

  // -- losses
  void start(Index n) {
    samples_ = n;
    losses_.resize(mode_.heads.size());
    per_head_.assign(mode_.heads.size(), 0);
    penalty_ = 0;
  }
  // Takes the losses and predictions of samples begin .. begin + n - 1 out of the executor.
  void collect(const Batch<Scalar>& batch, const Tensor<Scalar>& weights, Index begin, Index n,
               Tracker<Scalar>* tracker) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < mode_.heads.size(); ++i) {
      const Head& head = mode_.heads[i];
      if (head.loss >= 0) {
        const View<Scalar> computed = executor_->value(head.loss, n);
        if (begin == 0) data::reshape(losses_[i], computed.shape.with_front(samples_));
        std::copy_n(computed.data, computed.size(), losses_[i].data() + begin * computed.sample_size());
      }
      if (head.target < 0) continue;
      const auto& y = target(batch, head, next++);
      const View<const Scalar> y_true{y.data() + begin * y.shape().sample_elements(), y.shape().with_front(n)};
      const View<const Scalar> w =
          weights.empty() ? View<const Scalar>{} : View<const Scalar>{weights.data() + begin, {n}};
      const View<const Scalar> logits = head.logits >= 0 ? executor_->value(head.logits, n) : View<Scalar>{};
      tracker->add_predictions(i, y_true, executor_->value(head.prediction, n), logits, w);
    }
    for (const ValueId penalty : mode_.penalties) {
      const View<Scalar> values = executor_->value(penalty, n);
      for (Index i = 0; i < n; ++i) penalty_ += static_cast<double>(values.data[i]) / static_cast<double>(samples_);
    }
  }
  // f(number, head, reduction, weights) for every head that has a loss; null weights are all 1.
  template <class F>
  void each_loss(const Batch<Scalar>& batch, const Tensor<Scalar>& weights, F&& f) const {
    const AnyConstView given = weights.empty() ? AnyConstView() : AnyConstView(weights.view());
    std::size_t next = 0;
    for (std::size_t i = 0; i < mode_.heads.size(); ++i) {
      const Head& head = mode_.heads[i];
      const std::size_t measured = head.target >= 0 ? next++ : next;
      if (head.loss < 0) continue;
      const Loss loss = head.function.resolve({}, {});
      if (const auto ignored = loss->ignored_label()) {
        const auto masked = losses::masked_weights(given, target(batch, head, measured).view(), *ignored,
                                                   losses_[i].shape(), loss->reduction());
        f(i, head, loss->reduction(), AnyConstView(masked.view()));
      } else {
        f(i, head, loss->reduction(), given);
      }
    }
  }
  double add_up(const Batch<Scalar>& batch, const Tensor<Scalar>& weights) {
    double loss = penalty_;
    each_loss(batch, weights, [&](std::size_t i, const Head& head, losses::Reduction reduction, const AnyConstView& w) {
      per_head_[i] = losses::reduce(losses_[i].view(), w, reduction);
      loss += head.weight * per_head_[i];
    });
    return loss;
  }
  void write_seeds(const Batch<Scalar>& batch, const Tensor<Scalar>& weights, Index n) {
    each_loss(batch, weights, [&](std::size_t, const Head& head, losses::Reduction reduction, const AnyConstView& w) {
      if (!program_->root_value(head.loss).needs_gradient) return;
      const View<Scalar> seed = executor_->gradient(head.loss, n);
      losses::reduce_gradient(w, reduction, seed);
      for (Scalar& g : seed.span()) g *= static_cast<Scalar>(head.weight);
    });
    for (const ValueId penalty : mode_.penalties) {
      if (!program_->root_value(penalty).needs_gradient) continue;
      for (Scalar& g : executor_->gradient(penalty, n).span()) g = Scalar(1) / static_cast<Scalar>(n);
    }
  }

  const ModeProgram<Scalar>& mode_;
  std::shared_ptr<const plan::Program<Scalar>> program_;
  std::optional<plan::Features<Scalar>> features_;
  plan::ExecutorPool<Scalar>& pool_;
  std::string model_;
  plan::Part<Scalar> part_;
  std::vector<ValueId> data_;
  std::unique_ptr<plan::Executor<Scalar>> executor_;
  Index chunk_ = 0, largest_ = 0, samples_ = 0;
  std::vector<Tensor<Scalar>> losses_;
  std::vector<double> per_head_;
  double penalty_ = 0;
};

}  // namespace graft
