// C = A B by Eigen, one slice of C a thread: rows where there are many, else columns.
#include <omp.h>

#include <Eigen/Core>

#include "../products.hpp"

namespace {

class Problem {
 public:
  explicit Problem(const benchmark::ProductShape& shape)
      : shape_(shape),
        a_(benchmark::random_values(shape.m * shape.k, 1)),
        b_(benchmark::random_values(shape.k * shape.n, 2)),
        c_(static_cast<std::size_t>(shape.m * shape.n)) {}

  void multiply() {
    const auto [m, k, n] = shape_;
    const Eigen::Map<const Matrix> a(a_.data(), m, k), b(b_.data(), k, n);
    Eigen::Map<Matrix> c(c_.data(), m, n);
#pragma omp parallel
    {
      const std::ptrdiff_t slice = omp_get_thread_num(), slices = omp_get_num_threads();
      const bool by_rows = c.rows() >= 64;
      const std::ptrdiff_t all = by_rows ? c.rows() : c.cols();
      const std::ptrdiff_t begin = all * slice / slices, count = all * (slice + 1) / slices - begin;
      if (by_rows)
        c.middleRows(begin, count).noalias() = a.middleRows(begin, count) * b;
      else
        c.middleCols(begin, count).noalias() = a * b.middleCols(begin, count);
    }
  }
  std::span<const float> result() const { return c_; }

 private:
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  benchmark::ProductShape shape_;
  std::vector<float> a_, b_, c_;
};

}  // namespace

int main(int argc, char** argv) {
  return benchmark::run_program(argc, argv, 2, "RESULT THREADS", [](const auto& arguments) {
    omp_set_num_threads(std::stoi(arguments[1]));
    benchmark::serve_products<Problem>(arguments[0]);
  });
}
