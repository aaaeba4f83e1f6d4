#pragma once
#include <graft/core/tensor.hpp>
#include <graft/plan/scratch_file.hpp>
#include <memory>
#include <optional>
#include <unordered_map>

namespace graft::plan {

/// How much the exact cache of the frozen prefix may keep, training and validation data together.
struct FeatureCacheOptions {
  bool enabled = true;
  Index memory_limit = Index{256} << 20;  ///< bytes in memory
  Index file_limit = Index{8} << 30;      ///< bytes in unlinked memory-mapped files, for what does not fit in memory
  std::string folder = {};                ///< for those files; empty: the system's folder for temporary files
};

/// One value of the prefix for every sample of a data set: (samples, ...), in memory or in an unlinked file.
template <class Scalar>
class FeatureRows {
 public:
  explicit FeatureRows(const Shape& shape) : shape_(shape), memory_(shape) {}
  FeatureRows(const Shape& shape, ScratchFile file) : shape_(shape), file_(std::move(file)) {}

  const Shape& shape() const { return shape_; }
  Index bytes() const { return shape_.elements() * static_cast<Index>(sizeof(Scalar)); }
  bool in_file() const { return file_.has_value(); }
  Scalar* row(Index i) { return data() + i * shape_.sample_elements(); }

 private:
  Scalar* data() { return file_ ? static_cast<Scalar*>(file_->data()) : memory_.data(); }

  Shape shape_;
  Tensor<Scalar> memory_;
  std::optional<ScratchFile> file_;
};

/// Features by value key. A key holds all that the bits depend on, so a row found is a row that would be computed.
template <class Scalar>
class FeatureStore {
 public:
  using Rows = std::shared_ptr<FeatureRows<Scalar>>;

  /// Null if nothing is stored. What is found counts as used in this round.
  Rows find(std::uint64_t key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    found->second.round = round_;
    return found->second.rows;
  }
  /// Room for the value of all samples, or null if it is not to be had within the limits. `must`: may go to a file, and
  /// may push out what was not used in this round.
  Rows add(std::uint64_t key, const Shape& shape, const FeatureCacheOptions& options, bool must) {
    const Index bytes = shape.elements() * static_cast<Index>(sizeof(Scalar));
    if (must) drop_stale(bytes, options);
    Rows rows;
    if (used(false) + bytes <= options.memory_limit)
      rows = std::make_shared<FeatureRows<Scalar>>(shape);
    else if (must && used(true) + bytes <= options.file_limit)
      if (auto file = ScratchFile::create(options.folder, bytes))
        rows = std::make_shared<FeatureRows<Scalar>>(shape, std::move(*file));
    if (rows) entries_[key] = {rows, round_};
    return rows;
  }
  void remove(std::uint64_t key) { entries_.erase(key); }
  /// Starts a round: one training, with its validation data.
  void next_round() { ++round_; }
  void clear() { entries_.clear(); }

  /// Bytes in memory or in files.
  Index used(bool in_file) const {
    Index bytes = 0;
    for (const auto& [key, entry] : entries_)
      if (entry.rows->in_file() == in_file) bytes += entry.rows->bytes();
    return bytes;
  }

 private:
  struct Entry {
    Rows rows;
    long round = 0;
  };
  void drop_stale(Index needed, const FeatureCacheOptions& options) {
    const auto stale = [&](const auto& item) { return item.second.round + 1 < round_; };
    for (auto i = entries_.begin(); i != entries_.end() && used(false) + needed > options.memory_limit;)
      i = stale(*i) ? entries_.erase(i) : std::next(i);
  }

  std::unordered_map<std::uint64_t, Entry> entries_;
  long round_ = 0;
};

}  // namespace graft::plan
