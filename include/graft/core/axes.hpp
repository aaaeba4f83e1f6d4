#pragma once
#include <algorithm>
#include <concepts>
#include <graft/core/config_visitor.hpp>
#include <graft/core/index.hpp>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace graft {

/// One axis or several: .axis = 0, .axis = {0, 1, 2}. Negative ones count from the end.
class Axes {
 public:
  template <std::integral I>
  Axes(I axis) : axes_{static_cast<Index>(axis)} {}
  Axes(std::initializer_list<Index> axes) : axes_(axes) {}

  auto begin() const { return axes_.begin(); }
  auto end() const { return axes_.end(); }
  Index count() const { return static_cast<Index>(axes_.size()); }
  /// In ascending order.
  Axes sorted() const {
    Axes copy = *this;
    std::sort(copy.axes_.begin(), copy.axes_.end());
    return copy;
  }

  /// A list, or a number for one axis.
  void visit(ConfigVisitor& c, std::string_view field) {
    if (!c.reading() && axes_.size() == 1)
      c(field, axes_.front());
    else
      c(field, axes_);
  }

 private:
  std::vector<Index> axes_;
};

}  // namespace graft
