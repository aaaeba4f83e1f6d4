#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <graft/core/tensor.hpp>
#include <memory>
#include <string>
#include <utility>

namespace graft {

/// A named tensor that a layer owns, such as Dense's "kernel": a handle on shared storage, so a copy is the same
/// variable, also before build() allocates it. Constness is shallow, as for a shared_ptr. The value is read-only; every
/// write goes through assign() or update() and raises version(), by which packed copies and cached features are keyed.
template <class Scalar>
class Variable {
 public:
  explicit Variable(std::string name, bool trainable = true) : data_(std::make_shared<Data>()) {
    data_->name = std::move(name);
    data_->learnable = data_->trainable = trainable;
  }

  const std::string& name() const { return data_->name; }
  const Shape& shape() const { return data_->value.shape(); }
  const Tensor<Scalar>& value() const { return data_->value; }
  const Scalar* data() const { return std::as_const(data_->value).data(); }
  Index size() const { return data_->value.size(); }
  bool allocated() const { return data_->allocated; }

  void allocate(const Shape& shape) const { allocate(Tensor<Scalar>(shape)); }
  void allocate(Tensor<Scalar> value) const {
    data_->value = std::move(value);
    data_->allocated = true;
    ++data_->version;
  }
  /// Throws ShapeError if the shape differs. Equal bytes keep the version: restoring the best weights must not throw
  /// every cached feature away.
  void assign(View<const Scalar> value) const {
    if (value.shape != shape())
      raise<ShapeError>("Variable '", name(), "' has the shape ", shape(), ", got a value of shape ", value.shape, ".");
    if (std::equal(value.data, value.data + size(), data(), same_bits)) return;
    std::copy_n(value.data, size(), data_->value.data());
    ++data_->version;
  }
  /// Lets f write the elements through a View<Scalar>.
  template <class F>
  void update(F&& f) const {
    f(data_->value.view());
    ++data_->version;
  }
  long version() const { return data_->version; }
  /// Never used again in this process: the variable's part in keys.
  std::uint64_t id() const { return data_->id; }

  /// False for statistics such as moving_mean, which no flag can make learn.
  bool learnable() const { return data_->learnable; }
  bool trainable() const { return data_->trainable; }
  void set_trainable(bool on) const { data_->trainable = on && data_->learnable; }

 private:
  struct Data {
    std::string name;
    Tensor<Scalar> value;
    bool learnable = true, trainable = true, allocated = false;
    long version = 0;
    std::uint64_t id = next_id();
  };
  static std::uint64_t next_id() {
    static std::atomic<std::uint64_t> count{0};
    return ++count;
  }
  static bool same_bits(Scalar a, Scalar b) { return std::memcmp(&a, &b, sizeof a) == 0; }

  std::shared_ptr<Data> data_;
};

}  // namespace graft
