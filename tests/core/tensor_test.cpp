#include "support/catch.hpp"

#include <cstdint>
#include <graft/core/concatenate.hpp>
#include <graft/core/eigen_tensor.hpp>
#include <graft/core/variable.hpp>
#include <sstream>

using namespace graft;

TEST_CASE("Tensor owns zeros, aligned to 64 bytes", "[core][tensor]") {
  const Index rows = GENERATE(1, 3, 17);
  const Tensor<float> t({rows, 5});
  CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % 64 == 0);
  CHECK(std::count(t.begin(), t.end(), 0.f) == t.size());
}

TEST_CASE("Tensor copies are deep and moves leave nothing behind", "[core][tensor]") {
  Tensor<float> a({2}, {1, 2});
  Tensor<float> b = a;
  b(0) = 9;
  CHECK(a(0) == 1);
  Tensor<float> c = std::move(b);
  CHECK(c(0) == 9);
  CHECK(b.size() == 0);
}

TEST_CASE("Tensor indexes, slices and reshapes", "[core][tensor]") {
  const Tensor<double> t({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(t(1, 2) == 6);
  CHECK(t[-1].shape() == Shape{3});
  CHECK(t[-1](0) == 4);
  CHECK(t.slice(1, 2).shape() == Shape{1, 3});
  CHECK(t.reshape({3, None}).shape() == Shape{3, 2});
  CHECK(t.argmax() == 5);
  CHECK(t.cast<float>()(1, 0) == 4.f);
}

TEST_CASE("Tensor names the shape in its errors", "[core][tensor]") {
  const Tensor<float> t({2, 3});
  CHECK_THROWS_WITH(t(0), "Tensor: 1 indices given for the shape (2, 3).");
  CHECK_THROWS_WITH(t(2, 0), "Tensor: index 2 is outside axis 0 of (2, 3).");
  CHECK_THROWS_WITH(t[2], "Tensor: index 2 is outside (2, 3).");
  CHECK_THROWS_WITH(t.slice(1, 3), "Tensor: rows 1 to 3 are outside (2, 3).");
  CHECK_THROWS_WITH(t.reshape({4, None}), "Tensor: cannot reshape (2, 3) to (4, 1).");
  CHECK_THROWS_WITH(Tensor<float>({None, 3}), "Tensor: every axis must have a length, got (None, 3).");
  CHECK_THROWS_WITH(Tensor<float>({3}, {1, 2}), "Tensor: 2 values do not fill the shape (3,).");
  Tensor<float> writable = t;
  CHECK_THROWS_WITH(writable.eigen<3>(), "Tensor: eigen<3>() called on the shape (2, 3).");
}

TEST_CASE("Tensor shares its memory with Eigen views and copies from Eigen", "[core][tensor]") {
  Tensor<float> t({2, 3}, {1, 2, 3, 4, 5, 6});
  t.matrix()(1, 0) = 40;
  t.eigen<2>()(0, 2) = 30;
  CHECK(t(1, 0) == 40);
  CHECK(t(0, 2) == 30);
  Eigen::MatrixXf column_major(2, 2);
  column_major << 1, 2, 3, 4;
  CHECK(Tensor<float>(column_major)(0, 1) == 2);
  const Eigen::Tensor<float, 2, Eigen::RowMajor> e = t.eigen<2>();
  CHECK(Tensor<float>(e)(1, 0) == 40);
}

TEST_CASE("Tensor prints its shape and its first elements", "[core][tensor]") {
  std::ostringstream out;
  out << Tensor<float>({3}, {1, 2, 3}) << Tensor<float>({9});
  CHECK(out.str() == "Tensor(3,) [1, 2, 3]Tensor(9,) [0, 0, 0, 0, 0, 0, 0, 0, ...]");
}

TEST_CASE("concatenate_rows joins along axis 0", "[core][tensor]") {
  const Tensor<float> a({1, 2}, {1, 2}), b({2, 2}, {3, 4, 5, 6});
  const auto whole = concatenate_rows<float>({a, b});
  CHECK(whole.shape() == Shape{3, 2});
  CHECK(whole(2, 1) == 6);
  CHECK_THROWS_WITH(concatenate_rows<float>({a, Tensor<float>({1, 3})}),
                    "concatenate_rows: (1, 3) does not go on with (1, 2).");
}

TEST_CASE("Variable is a handle whose version counts real changes", "[core][variable]") {
  const Variable<float> v("kernel");
  CHECK_FALSE(v.allocated());
  const Variable<float> same = v;
  v.allocate({2});
  CHECK(same.allocated());
  CHECK(same.id() == v.id());
  const long before = v.version();
  v.assign(Tensor<float>({2}));
  CHECK(v.version() == before);  // equal bytes
  v.assign(Tensor<float>({2}, {0, 1}));
  CHECK(same.version() == before + 1);
  CHECK_THROWS_WITH(v.assign(Tensor<float>({3})), "Variable 'kernel' has the shape (2,), got a value of shape (3,).");
}

TEST_CASE("Variable tells minus zero from zero", "[core][variable]") {
  const Variable<float> v("kernel");
  v.allocate({1});
  const long before = v.version();
  v.assign(Tensor<float>({1}, {-0.f}));
  CHECK(v.version() == before + 1);
}

TEST_CASE("A statistic can never be made trainable", "[core][variable]") {
  const Variable<float> mean("moving_mean", false);
  mean.set_trainable(true);
  CHECK_FALSE(mean.trainable());
}
