#pragma once
#include <algorithm>
#include <graft/core/view.hpp>
#include <span>
#include <vector>

namespace graft {

/// A tensor of float or of double that is read as double: for code that is compiled once for both. What is computed in
/// double is exact for double and rounded once for float. Never owns; may be null, as a View.
class AnyConstView {
 public:
  AnyConstView() = default;
  AnyConstView(View<const float> v) : AnyConstView(v.data, std::move(v.shape), true) {}
  AnyConstView(View<const double> v) : AnyConstView(v.data, std::move(v.shape), false) {}
  AnyConstView(View<float> v) : AnyConstView(v.data, std::move(v.shape), true) {}
  AnyConstView(View<double> v) : AnyConstView(v.data, std::move(v.shape), false) {}

  const Shape& shape() const { return shape_; }
  Index size() const { return shape_.elements(); }
  /// True for float.
  bool is_single() const { return single_; }
  explicit operator bool() const { return data_ != nullptr; }

  double operator[](Index i) const {
    return single_ ? static_cast<double>(static_cast<const float*>(data_)[i]) : static_cast<const double*>(data_)[i];
  }
  /// Elements first .. first + n - 1: themselves, or for float a copy in `memory`.
  std::span<const double> read(Index first, Index n, std::vector<double>& memory) const {
    if (!single_) return {static_cast<const double*>(data_) + first, to_size(n)};
    const float* from = static_cast<const float*>(data_) + first;
    memory.assign(from, from + n);
    return memory;
  }

 protected:
  AnyConstView(const void* data, Shape shape, bool single) : data_(data), shape_(std::move(shape)), single_(single) {}

  const void* data_ = nullptr;
  Shape shape_;
  bool single_ = false;
};

/// The same, to be written.
class AnyView : public AnyConstView {
 public:
  AnyView(View<float> v) : AnyConstView(v) {}
  AnyView(View<double> v) : AnyConstView(v) {}

  void set(Index i, double value) const {
    if (single_)
      singles()[i] = static_cast<float>(value);
    else
      doubles()[i] = value;
  }
  /// Elements first .. first + n - 1 as doubles to be changed: themselves, or for float a copy in `memory` that write()
  /// brings back.
  std::span<double> edit(Index first, Index n, std::vector<double>& memory) const {
    if (!single_) return {doubles() + first, to_size(n)};
    memory.assign(singles() + first, singles() + first + n);
    return memory;
  }
  void write(Index first, std::span<const double> values) const {
    if (!single_) return;
    std::transform(values.begin(), values.end(), singles() + first, [](double v) { return static_cast<float>(v); });
  }

 private:
  float* singles() const { return const_cast<float*>(static_cast<const float*>(data_)); }
  double* doubles() const { return const_cast<double*>(static_cast<const double*>(data_)); }
};

}  // namespace graft
