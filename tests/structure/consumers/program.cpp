// A small user of graft. Prints the folder of weights that the build recorded, if it recorded one.
#include <graft/graft.hpp>

#include <iostream>

graft::Index second_unit();

int main() {
  const graft::Tensor<float> six({2, 3});
  std::cout << "elements " << six.size() + second_unit() << '\n';
#ifdef GRAFT_WEIGHTS_DIR
  std::cout << "weights " << GRAFT_WEIGHTS_DIR << '\n';
#endif
}
