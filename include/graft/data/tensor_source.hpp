#pragma once
#include <graft/core/random.hpp>
#include <graft/data/source.hpp>
#include <mutex>

namespace graft::data {

/// Samples that lie in memory as the rows of tensors.
template <class S>
class TensorSource final : public Source<S> {
 public:
  /// Shows memory that must live and stay as it is as long as the source. Throws ShapeError unless every tensor has the
  /// same number of rows.
  TensorSource(std::vector<View<const S>> x, std::vector<View<const S>> y, std::optional<View<const S>> sample_weight)
      : x_(std::move(x)), y_(std::move(y)), sample_weight_(sample_weight) {
    check();
  }
  /// Owns its tensors.
  TensorSource(std::vector<Tensor<S>> x, std::vector<Tensor<S>> y, std::optional<Tensor<S>> sample_weight)
      : owned_(std::make_unique<Batch<S>>(Batch<S>{std::move(x), std::move(y), std::move(sample_weight), {}})) {
    for (const Tensor<S>& t : owned_->x) x_.push_back(t.view());
    for (const Tensor<S>& t : owned_->y) y_.push_back(t.view());
    if (owned_->sample_weight) sample_weight_ = std::as_const(*owned_->sample_weight).view();
    check();
  }

  Index size() const override { return x_[0].shape.front(); }
  SampleShapes shapes() const override {
    SampleShapes shapes;
    for (const auto& view : x_) shapes.x.push_back(view.shape.without_batch());
    for (const auto& view : y_) shapes.y.push_back(view.shape.without_batch());
    return shapes;
  }
  /// Hash of all bytes, computed once (0.2 s per gigabyte).
  std::optional<std::uint64_t> fingerprint() const override {
    std::call_once(hashed_, [this] {
      for (const auto& view : x_) hash_ = mix(hash_, hash(view));
      for (const auto& view : y_) hash_ = mix(hash_, hash(view));
      if (sample_weight_) hash_ = mix(hash_, hash(*sample_weight_));
    });
    return hash_;
  }
  const std::vector<std::string>& class_names() const override {
    static const std::vector<std::string> none;
    return none;
  }
  bool slow() const override { return false; }

  void prepare(Index rows, Batch<S>& out) const override {
    out.x.resize(x_.size());
    for (std::size_t i = 0; i < x_.size(); ++i) reshape(out.x[i], x_[i].shape.with_front(rows));
    prepare_targets(rows, out);
  }
  void load(Index id, Index row, Batch<S>& out) const override {
    for (std::size_t i = 0; i < x_.size(); ++i) copy_row(x_[i], id, out.x[i], row);
    load_targets(id, row, out);
  }
  void targets(std::span<const Index> ids, Batch<S>& out) const override {
    out.x.clear();
    out.ids.assign(ids.begin(), ids.end());
    prepare_targets(static_cast<Index>(ids.size()), out);
    for (std::size_t row = 0; row < ids.size(); ++row) load_targets(ids[row], static_cast<Index>(row), out);
  }

 private:
  static std::uint64_t hash(View<const S> view) {
    return mix(hash_text(view.shape.str()), hash_bytes(view.data, to_size(view.size()) * sizeof(S)));
  }
  void prepare_targets(Index rows, Batch<S>& out) const {
    out.y.resize(y_.size());
    for (std::size_t i = 0; i < y_.size(); ++i) reshape(out.y[i], y_[i].shape.with_front(rows));
    if (!sample_weight_) return out.sample_weight.reset();
    if (!out.sample_weight) out.sample_weight.emplace();
    reshape(*out.sample_weight, sample_weight_->shape.with_front(rows));
  }
  void load_targets(Index id, Index row, Batch<S>& out) const {
    for (std::size_t i = 0; i < y_.size(); ++i) copy_row(y_[i], id, out.y[i], row);
    if (sample_weight_) copy_row(*sample_weight_, id, *out.sample_weight, row);
  }

  void check() const {
    if (x_.empty()) raise<ArgumentError>("Dataset: at least one input tensor is needed.");
    const auto sizes = [](const std::vector<View<const S>>& views) {
      std::string text;
      for (const auto& view : views) text += (text.empty() ? "" : ", ") + std::to_string(view.shape.front());
      return text;
    };
    bool same = true;
    const auto compare = [&](const View<const S>& view) {
      if (view.shape.rank() == 0)
        raise<ShapeError>("Dataset: a tensor of shape () has no samples. Give every tensor a batch axis.");
      same = same && view.shape.front() == x_[0].shape.front();
    };
    for (const auto& view : x_) compare(view);
    for (const auto& view : y_) compare(view);
    if (sample_weight_) compare(*sample_weight_);
    if (same) return;
    raise<ShapeError>(
        "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. 'x' sizes: ",
        sizes(x_), "; 'y' sizes: ", y_.empty() ? "none" : sizes(y_),
        sample_weight_ ? "; 'sample_weight' sizes: " + sizes({*sample_weight_}) : "", ".");
  }

  std::unique_ptr<Batch<S>> owned_;
  std::vector<View<const S>> x_, y_;
  std::optional<View<const S>> sample_weight_;
  mutable std::once_flag hashed_;
  mutable std::uint64_t hash_ = sizeof(S);
};

}  // namespace graft::data
