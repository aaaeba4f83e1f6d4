#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <concepts>
#include <graft/core/buffer.hpp>
#include <graft/core/view.hpp>
#include <initializer_list>
#include <ostream>
#include <type_traits>

// Declared here so that Tensor can name it; defined by Eigen's Tensor module, which graft/core/eigen_tensor.hpp
// includes.
namespace Eigen {
template <class, int, int, class>
class Tensor;
}

namespace graft {

/// An owning, row-major array with its rank known at run time; images are (batch, height, width, channels). A value:
/// copies are deep. t(i, j) is one element, t[i] a copy of a slice of axis 0.
template <class Scalar = float>
class Tensor {
 public:
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  /// The empty tensor: rank 0, no elements.
  Tensor() = default;
  /// Zeros. Throws ShapeError if an axis is None or negative.
  explicit Tensor(const Shape& shape) : shape_(shape), buffer_(checked(shape)) {}
  Tensor(const Shape& shape, std::initializer_list<Scalar> values) : Tensor(shape) {
    if (static_cast<Index>(values.size()) != size())
      raise<ShapeError>("Tensor: ", values.size(), " values do not fill the shape ", shape, ".");
    std::copy(values.begin(), values.end(), data());
  }
  /// A copy of what the view shows.
  explicit Tensor(View<const Scalar> view) : Tensor(view.shape) { std::copy_n(view.data, size(), data()); }
  /// (rows, columns) from any Eigen matrix expression.
  template <class Derived>
  explicit Tensor(const Eigen::MatrixBase<Derived>& m) : Tensor(Shape{m.rows(), m.cols()}) {
    matrix() = m.template cast<Scalar>();
  }
  /// From an Eigen::Tensor, row-major. Needs graft/core/eigen_tensor.hpp.
  template <int Rank, class I>
  explicit Tensor(const Eigen::Tensor<Scalar, Rank, Eigen::RowMajor, I>& t);

  const Shape& shape() const { return shape_; }
  Index rank() const { return shape_.rank(); }
  Index size() const { return buffer_.size(); }
  bool empty() const { return size() == 0; }
  Scalar* data() { return buffer_.data(); }
  const Scalar* data() const { return buffer_.data(); }
  Scalar* begin() { return data(); }
  Scalar* end() { return data() + size(); }
  const Scalar* begin() const { return data(); }
  const Scalar* end() const { return data() + size(); }

  View<Scalar> view() { return {data(), shape_}; }
  View<const Scalar> view() const { return {data(), shape_}; }
  operator View<const Scalar>() const { return view(); }

  /// The last axis as columns, every other axis as rows. A vector is one row.
  auto matrix() { return Eigen::Map<Matrix>(data(), rows(), columns()); }
  auto matrix() const { return Eigen::Map<const Matrix>(data(), rows(), columns()); }
  /// All elements as one Eigen array.
  auto array() { return Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>(data(), size()); }
  auto array() const { return Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>(data(), size()); }
  /// As Eigen::TensorMap<Eigen::Tensor<Scalar, N, RowMajor>>. Needs graft/core/eigen_tensor.hpp (graft.hpp has it).
  template <int N>
  auto eigen();
  template <int N>
  auto eigen() const;

  /// One element. Throws ShapeError if the number of indices or one of them is out of range.
  template <std::integral... I>
  requires(sizeof...(I) > 0) Scalar& operator()(I... i) { return data()[offset({static_cast<Index>(i)...})]; }
  template <std::integral... I>
  requires(sizeof...(I) > 0) const Scalar& operator()(I... i) const {
    return data()[offset({static_cast<Index>(i)...})];
  }
  /// A copy of slice i of axis 0, without that axis: t[0] of a batch is its first image. Negative counts from the end.
  Tensor operator[](Index i) const {
    const Index at = i < 0 ? i + front() : i;
    if (rank() == 0 || at < 0 || at >= front()) raise<ShapeError>("Tensor: index ", i, " is outside ", shape_, ".");
    return Tensor(View<const Scalar>{data() + at * shape_.sample_elements(), shape_.without_batch()});
  }
  /// A copy of rows [begin, end) of axis 0.
  Tensor slice(Index begin, Index end) const {
    if (rank() == 0 || begin < 0 || end < begin || end > front())
      raise<ShapeError>("Tensor: rows ", begin, " to ", end, " are outside ", shape_, ".");
    return Tensor(View<const Scalar>{data() + begin * shape_.sample_elements(), shape_.with_front(end - begin)});
  }
  /// The same elements under another shape; one axis may be None and is then inferred.
  Tensor reshape(Shape to) const {
    Index known = 1, unknown = -1;
    for (Index i = 0; i < to.rank(); ++i) (to[i] == None ? unknown : known) = to[i] == None ? i : known * to[i];
    if (unknown >= 0 && known > 0) to[unknown] = size() / known;
    if (!to.is_known() || to.elements() != size())
      raise<ShapeError>("Tensor: cannot reshape ", shape_, " to ", to, ".");
    return Tensor(View<const Scalar>{data(), to});
  }
  /// Position of the largest element; the first one if several are equal.
  Index argmax() const { return std::max_element(begin(), end()) - begin(); }

  template <class Other>
  Tensor<Other> cast() const {
    Tensor<Other> t(shape_);
    std::transform(begin(), end(), t.data(), [](Scalar v) { return static_cast<Other>(v); });
    return t;
  }

  /// Shape first, then the elements; long tensors are cut after eight.
  friend std::ostream& operator<<(std::ostream& out, const Tensor& t) {
    out << "Tensor" << t.shape_ << " [";
    for (Index i = 0; i < std::min<Index>(t.size(), 8); ++i) out << (i > 0 ? ", " : "") << t.data()[i];
    return out << (t.size() > 8 ? ", ...]" : "]");
  }

 private:
  Index front() const { return shape_.front(); }
  Index columns() const { return rank() == 0 ? size() : shape_.back(); }
  Index rows() const { return columns() == 0 ? 0 : size() / columns(); }

  static Index checked(const Shape& shape) {
    for (const Index axis : shape)
      if (axis < 0) raise<ShapeError>("Tensor: every axis must have a length, got ", shape, ".");
    return shape.elements();
  }
  Index offset(std::initializer_list<Index> indices) const {
    Index at = 0, axis = 0;
    if (static_cast<Index>(indices.size()) != rank())
      raise<ShapeError>("Tensor: ", indices.size(), " indices given for the shape ", shape_, ".");
    for (const Index i : indices) {
      if (i < 0 || i >= shape_[axis])
        raise<ShapeError>("Tensor: index ", i, " is outside axis ", axis, " of ", shape_, ".");
      at = at * shape_[axis++] + i;
    }
    return at;
  }

  Shape shape_;
  Buffer<Scalar> buffer_;
};

}  // namespace graft
