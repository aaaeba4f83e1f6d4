// A second unit that includes everything: what is not inline would be defined twice.
#include <graft/graft.hpp>

graft::Index second_unit() { return graft::Tensor<double>({4}).size(); }
