#pragma once
#include <graft/core/shape.hpp>
#include <span>
#include <type_traits>

namespace graft {

/// A row-major block of memory seen as a tensor. Never owns; a null data pointer means "not there".
template <class Scalar>
struct View {
  Scalar* data = nullptr;
  Shape shape;

  Index size() const { return shape.elements(); }
  /// The last axis.
  Index columns() const { return shape.back(); }
  /// All axes but the last one.
  Index rows() const { return shape.elements() / shape.back(); }
  Index batch() const { return shape.front(); }
  Index sample_size() const { return shape.sample_elements(); }
  /// The elements of sample i.
  Scalar* sample(Index i) const { return data + i * sample_size(); }
  std::span<Scalar> span() const { return {data, to_size(size())}; }

  explicit operator bool() const { return data != nullptr; }
  operator View<const Scalar>() const requires(!std::is_const_v<Scalar>) { return {data, shape}; }
};

}  // namespace graft
