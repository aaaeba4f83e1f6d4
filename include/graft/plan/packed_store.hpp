#pragma once
#include <graft/core/buffer.hpp>
#include <graft/plan/keys.hpp>
#include <mutex>

namespace graft::plan {

/// Prepared copies of weights, one per operation, direction and set of versions, shared by all executors of a model:
/// Winograd's filters must not exist once per thread. Safe to call from several threads.
template <class Scalar>
class PackedStore {
 public:
  using Bytes = std::shared_ptr<Buffer<std::byte>>;

  /// The packed weights of `op` in their present version; packs them where no copy is current. An outdated copy that
  /// nobody else holds is filled again in place.
  Bytes get(const Op<Scalar>& op, const std::vector<Variable<Scalar>>& variables, Direction direction, Bytes outdated) {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[identity(op, variables, direction)];
    const long version = total_version(variables);
    if (entry.bytes && entry.version == version) return entry.bytes;
    outdated.reset();
    if (!entry.bytes || entry.bytes.use_count() > 1)
      entry.bytes = std::make_shared<Buffer<std::byte>>(op.packed_bytes(direction));
    op.pack(direction, entry.bytes->data());
    entry.version = version;
    return entry.bytes;
  }
  /// Frees the copies that no executor holds.
  void release_unused() {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [](const auto& entry) { return entry.second.bytes.use_count() == 1; });
  }

 private:
  struct Entry {
    Bytes bytes;
    long version = -1;
  };
  static std::uint64_t identity(const Op<Scalar>& op, const std::vector<Variable<Scalar>>& variables,
                                Direction direction) {
    std::uint64_t key = mix(hash_text(op.kind()), op.packing());
    for (const auto& variable : variables) key = mix(key, variable.id());
    return mix(key, static_cast<std::uint64_t>(direction));
  }

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Entry> entries_;
};

}  // namespace graft::plan
