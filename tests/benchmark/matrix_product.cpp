// C = A B by graft's packed product, B packed once as weights are.
#include <graft/core/buffer.hpp>
#include <graft/ops/matrix_product.hpp>

#include "products.hpp"

using namespace graft;

namespace {

class Problem {
 public:
  explicit Problem(const benchmark::ProductShape& shape)
      : m_(shape.m),
        product_(shape.k, shape.n),
        a_(shape.m * shape.k),
        packed_(product_.packed_size()),
        c_(shape.m * shape.n),
        work_(product_.work_size(shape.m)) {
    std::ranges::copy(benchmark::random_values(shape.m * shape.k, 1), a_.data());
    product_.pack(benchmark::random_values(shape.k * shape.n, 2).data(), packed_.data());
  }
  void multiply() { product_(m_, a_.data(), packed_.data(), c_.data(), {}, work_.data()); }
  std::span<const float> result() const { return {c_.data(), to_size(c_.size())}; }

 private:
  Index m_;
  ops::MatrixProduct<float> product_;
  Buffer<float> a_, packed_, c_, work_;
};

}  // namespace

int main(int argc, char** argv) {
  return benchmark::run_program(argc, argv, 2, "RESULT THREADS", [](const auto& arguments) {
    set_num_threads(std::stol(arguments[1]));
    benchmark::serve_products<Problem>(arguments[0]);
  });
}
