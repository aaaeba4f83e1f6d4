// A second unit that includes everything: what is not inline would be defined twice.
#include <graft/graft.hpp>

int second_unit() { return static_cast<int>(graft::Tensor<double>({4}).size()); }
