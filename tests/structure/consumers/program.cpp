// A small user of graft. Prints the folder of weights that the build recorded, if it recorded one.
#include <graft/graft.hpp>

#include <iostream>

int second_unit();

int main() {
  graft::Tensor<float> ones({2, 3}, 1.0f);
  std::cout << "elements " << ones.size() + second_unit() << '\n';
#ifdef GRAFT_WEIGHTS_DIR
  std::cout << "weights " << GRAFT_WEIGHTS_DIR << '\n';
#endif
}
