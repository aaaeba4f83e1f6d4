#pragma once
#include <graft/core/tensor.hpp>
#include <unsupported/Eigen/CXX11/Tensor>

// Eigen's Tensor module costs 0.8 s to compile, so only this header and the umbrella include it.
namespace graft {

namespace detail {

template <int N>
Eigen::array<Eigen::Index, N> eigen_dimensions(const Shape& shape) {
  if (shape.rank() != N) raise<ShapeError>("Tensor: eigen<", N, ">() called on the shape ", shape, ".");
  Eigen::array<Eigen::Index, N> dimensions{};
  std::copy(shape.begin(), shape.end(), dimensions.begin());
  return dimensions;
}

}  // namespace detail

template <class Scalar>
template <int N>
auto Tensor<Scalar>::eigen() {
  using Map = Eigen::TensorMap<Eigen::Tensor<Scalar, N, Eigen::RowMajor>>;
  return Map(data(), detail::eigen_dimensions<N>(shape_));
}

template <class Scalar>
template <int N>
auto Tensor<Scalar>::eigen() const {
  using Map = Eigen::TensorMap<const Eigen::Tensor<Scalar, N, Eigen::RowMajor>>;
  return Map(data(), detail::eigen_dimensions<N>(shape_));
}

template <class Scalar>
template <int Rank, class I>
Tensor<Scalar>::Tensor(const Eigen::Tensor<Scalar, Rank, Eigen::RowMajor, I>& t)
    : Tensor(Shape(std::span<const Index>(t.dimensions().data(), Rank))) {
  std::copy_n(t.data(), t.size(), data());
}

}  // namespace graft
