#pragma once
#include <algorithm>
#include <array>
#include <graft/core/error.hpp>
#include <graft/core/index.hpp>
#include <initializer_list>
#include <ostream>
#include <span>
#include <sstream>
#include <string>

namespace graft {

/// The lengths of a tensor's axes, outermost first; None where a length is not known yet. Rank 0 to 8. The axes live
/// inside the object: a view is made for every batch and must not allocate.
class Shape {
 public:
  static constexpr Index max_rank = 8;

  Shape() = default;
  Shape(std::initializer_list<Index> axes) {
    for (const Index axis : axes) push_back(axis);
  }
  explicit Shape(std::span<const Index> axes) {
    for (const Index axis : axes) push_back(axis);
  }

  Index rank() const { return rank_; }
  bool empty() const { return rank_ == 0; }

  /// Axis i; negative counts from the end. Requires -rank() <= i < rank().
  Index operator[](Index i) const { return axes_[to_size(i < 0 ? i + rank_ : i)]; }
  Index& operator[](Index i) { return axes_[to_size(i < 0 ? i + rank_ : i)]; }
  Index front() const { return axes_[0]; }
  Index back() const { return axes_[to_size(rank_ - 1)]; }
  const Index* begin() const { return axes_.data(); }
  const Index* end() const { return axes_.data() + rank_; }

  void push_back(Index axis) {
    if (rank_ == max_rank) raise<ShapeError>("Shape: a tensor has at most ", max_rank, " axes.");
    axes_[to_size(rank_++)] = axis;
  }

  /// The product of the axes. Requires is_known(). Throws ShapeError if it does not fit an Index.
  Index elements() const { return product(0); }
  /// The elements of one sample: the product without the batch axis.
  Index sample_elements() const { return product(1); }
  /// False if an axis is None.
  bool is_known() const {
    for (const Index axis : *this)
      if (axis == None) return false;
    return true;
  }

  Shape with_front(Index n) const {
    Shape s = *this;
    s.axes_[0] = n;
    return s;
  }
  Shape with_back(Index n) const {
    Shape s = *this;
    s[-1] = n;
    return s;
  }
  /// (7, 7, 512) -> (n, 7, 7, 512)
  Shape with_batch(Index n = None) const {
    Shape s{n};
    for (const Index axis : *this) s.push_back(axis);
    return s;
  }
  /// (None, 7, 7, 512) -> (7, 7, 512)
  Shape without_batch() const { return Shape(std::span(begin(), end()).subspan(rank_ > 0 ? 1 : 0)); }

  bool operator==(const Shape& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

  /// True if `actual` could be a value of this shape: same rank, and every axis equal or None here.
  bool accepts(const Shape& actual) const {
    if (rank_ != actual.rank_) return false;
    for (Index i = 0; i < rank_; ++i)
      if ((*this)[i] != None && actual[i] != None && (*this)[i] != actual[i]) return false;
    return true;
  }

  /// As Python prints a tuple: (None, 7, 7, 512), (3,), ().
  std::string str() const {
    std::ostringstream out;
    out << *this;
    return out.str();
  }
  friend std::ostream& operator<<(std::ostream& out, const Shape& shape) {
    out << '(';
    for (Index i = 0; i < shape.rank_; ++i) {
      if (i > 0) out << ", ";
      if (shape[i] == None)
        out << "None";
      else
        out << shape[i];
    }
    return out << (shape.rank_ == 1 ? ",)" : ")");
  }

 private:
  Index product(Index first) const {
    Index n = 1;
    for (Index i = first; i < rank_; ++i)
      if (__builtin_mul_overflow(n, axes_[to_size(i)], &n))
        raise<ShapeError>("Shape: ", *this, " has more elements than can be counted.");
    return n;
  }

  std::array<Index, max_rank> axes_{};
  Index rank_ = 0;
};

}  // namespace graft
