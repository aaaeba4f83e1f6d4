#pragma once
#include <graft/data/source.hpp>
#include <graft/data/transform.hpp>
#include <mutex>
#include <numeric>

namespace graft::data {

/// The samples of another source after a function.
template <class S>
class MapSource final : public SourceDecorator<S> {
 public:
  MapSource(std::shared_ptr<const Source<S>> inner, Transform<S> transform)
      : SourceDecorator<S>(std::move(inner)), transform_(std::move(transform)) {}

  /// Runs the first sample through the function once.
  SampleShapes shapes() const override {
    std::call_once(shaped_, [this] {
      if (this->size() == 0) return void(shapes_ = this->inner().shapes());
      Batch<S> first;
      this->read(std::array<Index, 1>{0}, first);
      for (const Tensor<S>& t : first.x) shapes_.x.push_back(t.shape().without_batch());
      for (const Tensor<S>& t : first.y) shapes_.y.push_back(t.shape().without_batch());
    });
    return shapes_;
  }
  std::optional<std::uint64_t> fingerprint() const override {
    const auto before = this->inner().fingerprint();
    return before && transform_.deterministic ? std::optional(mix(*before, transform_.fingerprint)) : std::nullopt;
  }
  std::vector<std::string> transforms() const override {
    std::vector<std::string> names = this->inner().transforms();
    if (!transform_.name.empty()) names.push_back(transform_.name);
    return names;
  }
  bool slow() const override { return true; }
  bool in_order() const override { return !transform_.deterministic || this->inner().in_order(); }

  void finish(Batch<S>& out) const override {
    this->inner().finish(out);
    if (!in_order()) transform_.apply(out);
  }
  void finish_in_order(Batch<S>& out) const override {
    this->inner().finish_in_order(out);
    if (in_order()) transform_.apply(out);
  }
  /// Needs the inputs only where the function sees the labels.
  void targets(std::span<const Index> ids, Batch<S>& out) const override {
    if (transform_.inputs_only) return this->inner().targets(ids, out);
    this->read(ids, out);
    out.x.clear();
  }

 private:
  Transform<S> transform_;
  mutable std::once_flag shaped_;
  mutable SampleShapes shapes_;
};

/// Some samples of another source under new numbers: sample i is sample selection[i] there.
template <class S>
class SubsetSource final : public SourceDecorator<S> {
 public:
  SubsetSource(std::shared_ptr<const Source<S>> inner, std::vector<Index> selection)
      : SourceDecorator<S>(std::move(inner)), selection_(std::move(selection)) {}

  Index size() const override { return static_cast<Index>(selection_.size()); }
  std::optional<std::uint64_t> fingerprint() const override {
    const auto all = this->inner().fingerprint();
    if (!all) return all;
    return mix(*all, hash_bytes(selection_.data(), selection_.size() * sizeof(Index)));
  }
  void load(Index id, Index row, Batch<S>& out) const override {
    this->inner().load(selection_[to_size(id)], row, out);
  }
  void targets(std::span<const Index> ids, Batch<S>& out) const override {
    std::vector<Index> there;
    for (const Index id : ids) there.push_back(selection_[to_size(id)]);
    this->inner().targets(there, out);
    out.ids.assign(ids.begin(), ids.end());
  }

 private:
  std::vector<Index> selection_;
};

/// Keeps every sample of another source in memory once it was read. Requires !inner->in_order().
template <class S>
class CacheSource final : public SourceDecorator<S> {
 public:
  explicit CacheSource(std::shared_ptr<const Source<S>> inner)
      : SourceDecorator<S>(std::move(inner)), shapes_(SourceDecorator<S>::shapes()), samples_(to_size(this->size())) {}

  SampleShapes shapes() const override { return shapes_; }

  void prepare(Index rows, Batch<S>& out) const override {
    out.x.resize(shapes_.x.size());
    out.y.resize(shapes_.y.size());
    for (std::size_t i = 0; i < out.x.size(); ++i) reshape(out.x[i], shapes_.x[i].with_batch(rows));
    for (std::size_t i = 0; i < out.y.size(); ++i) reshape(out.y[i], shapes_.y[i].with_batch(rows));
    if (weighted_) out.sample_weight = Tensor<S>(Shape{rows});
  }
  void load(Index id, Index row, Batch<S>& out) const override {
    const std::shared_ptr<const Batch<S>> sample = get(id);
    for (std::size_t i = 0; i < out.x.size(); ++i) copy_row(sample->x[i].view(), 0, out.x[i], row);
    for (std::size_t i = 0; i < out.y.size(); ++i) copy_row(sample->y[i].view(), 0, out.y[i], row);
    if (weighted_) copy_row(sample->sample_weight->view(), 0, *out.sample_weight, row);
  }
  void finish(Batch<S>&) const override {}

 private:
  std::shared_ptr<const Batch<S>> get(Index id) const {
    {
      const std::lock_guard lock(mutex_);
      if (samples_[to_size(id)]) return samples_[to_size(id)];
    }
    auto sample = std::make_shared<Batch<S>>();
    this->inner().read(std::array{id}, *sample);
    check(*sample);
    const std::lock_guard lock(mutex_);
    return samples_[to_size(id)] = std::move(sample);
  }
  void check(const Batch<S>& sample) const {
    for (std::size_t i = 0; i < shapes_.x.size(); ++i)
      if (!(sample.x[i].shape().without_batch() == shapes_.x[i]))
        raise<ShapeError>("Dataset::cache: a sample has the shape ", sample.x[i].shape().without_batch(),
                          ", the first one ", shapes_.x[i], ". All samples of a dataset have one shape.");
  }
  bool find_weight() const {
    if (this->size() == 0) return false;
    Batch<S> first;
    this->inner().targets(std::array<Index, 1>{0}, first);
    return first.sample_weight.has_value();
  }

  SampleShapes shapes_;
  bool weighted_ = find_weight();
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const Batch<S>>> samples_;
};

}  // namespace graft::data
