#pragma once
#include <cstdint>
#include <graft/data/batch.hpp>
#include <memory>
#include <span>
#include <string>

namespace graft::data {

/// The shapes of one sample's tensors, without the batch axis.
struct SampleShapes {
  std::vector<Shape> x, y;
};

/// Samples with numbers 0 .. size() - 1 that can be had in any order; what a Dataset is made of. A batch is filled in
/// four steps: prepare() once, load() once per row (any thread, several at once), finish() once (any thread), then
/// finish_in_order() by the consumer, batch after batch.
template <class S>
class Source {
 public:
  virtual ~Source() = default;

  virtual Index size() const = 0;
  virtual SampleShapes shapes() const = 0;
  /// Empty if the samples are not known to be the same every time they are read.
  virtual std::optional<std::uint64_t> fingerprint() const = 0;
  virtual const std::vector<std::string>& class_names() const = 0;
  /// One per sample, where samples are files.
  virtual std::vector<std::string> file_paths() const { return {}; }
  /// How files are read and the names of the named transforms, first to last: what a new picture must go through too.
  virtual std::vector<std::string> transforms() const { return {}; }
  /// True if loading a sample is worth a thread of its own.
  virtual bool slow() const = 0;
  /// True if finish_in_order() changes the batch.
  virtual bool in_order() const { return false; }

  virtual void prepare(Index rows, Batch<S>& out) const = 0;
  virtual void load(Index id, Index row, Batch<S>& out) const = 0;
  virtual void finish(Batch<S>&) const {}
  virtual void finish_in_order(Batch<S>&) const {}
  /// Labels and weights only; x is left empty.
  virtual void targets(std::span<const Index> ids, Batch<S>& out) const = 0;

  /// The four steps at once, in the calling thread.
  void read(std::span<const Index> ids, Batch<S>& out) const {
    out.ids.assign(ids.begin(), ids.end());
    prepare(static_cast<Index>(ids.size()), out);
    for (std::size_t row = 0; row < ids.size(); ++row) load(ids[row], static_cast<Index>(row), out);
    finish(out);
    finish_in_order(out);
  }
};

/// A source that changes something about another one and passes the rest on.
template <class S>
class SourceDecorator : public Source<S> {
 public:
  explicit SourceDecorator(std::shared_ptr<const Source<S>> inner) : inner_(std::move(inner)) {}

  Index size() const override { return inner_->size(); }
  SampleShapes shapes() const override { return inner_->shapes(); }
  std::optional<std::uint64_t> fingerprint() const override { return inner_->fingerprint(); }
  const std::vector<std::string>& class_names() const override { return inner_->class_names(); }
  std::vector<std::string> file_paths() const override { return inner_->file_paths(); }
  std::vector<std::string> transforms() const override { return inner_->transforms(); }
  bool slow() const override { return inner_->slow(); }
  bool in_order() const override { return inner_->in_order(); }
  void prepare(Index rows, Batch<S>& out) const override { inner_->prepare(rows, out); }
  void load(Index id, Index row, Batch<S>& out) const override { inner_->load(id, row, out); }
  void finish(Batch<S>& out) const override { inner_->finish(out); }
  void finish_in_order(Batch<S>& out) const override { inner_->finish_in_order(out); }
  void targets(std::span<const Index> ids, Batch<S>& out) const override { inner_->targets(ids, out); }

 protected:
  const Source<S>& inner() const { return *inner_; }

 private:
  std::shared_ptr<const Source<S>> inner_;
};

}  // namespace graft::data
