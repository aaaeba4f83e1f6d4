#include <graft/core/tensor.hpp>
#include <graft/ops/tile.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

TEST_CASE("Ranges cover everything once, none longer than asked for", "[ops][tile]") {
  const Index n = GENERATE(0, 1, 15, 16, 17, 640, 641, 1281);
  const Index most = GENERATE(1, 16, 640);
  const Index unit = GENERATE(1, 16);
  if (most < unit) return;
  const Ranges ranges = Ranges::up_to(n, most, unit);
  Index at = 0;
  for (Index i = 0; i < ranges.count; ++i) {
    CHECK(ranges.begin(i) == at);
    CHECK(ranges.size(i) <= most);
    CHECK((ranges.size(i) > 0 || n == 0));
    CHECK((ranges.size(i) % unit == 0 || i == ranges.count - 1));
    at = ranges.end(i);
  }
  CHECK(at == n);
}

TEMPLATE_TEST_CASE("A tile holds the columns asked for, in blocks of a cache line", "[ops][tile]", float, double) {
  constexpr Index block = tile_block<TestType>;
  const Index begin = GENERATE(0, 1, 5), columns = GENERATE(1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33);
  const Tensor<TestType> a = random_tensor<TestType>({7, 40}, 1);
  const TileLayout<TestType> layout{4, columns};
  Buffer<TestType> tile(layout.size());
  MatrixRows<TestType>{a.data(), 40}.write(2, 4, begin, begin + columns, tile.data(), layout.block_stride());
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < columns; ++j)
      CHECK(tile.data()[j / block * layout.block_stride() + i * block + j % block] == a(2 + i, begin + j));
  zero_tile_row(tile.data() + block, layout.block_stride(), 0, columns);
  for (Index j = 0; j < columns; ++j) {
    CHECK(tile.data()[j / block * layout.block_stride() + j % block] == a(2, begin + j));
    CHECK(tile.data()[j / block * layout.block_stride() + block + j % block] == 0);
  }
}

TEMPLATE_TEST_CASE("ColumnCopy copies the rows that there are", "[ops][tile]", float, double) {
  const Index n = GENERATE(1, 2, 3, 5, 8, 13, 16, 21, 32);
  const Tensor<TestType> a = random_tensor<TestType>({3, 40}, 1);
  Tensor<TestType> to({3, 32});
  const TestType* const rows[] = {a.data(), nullptr, a.data() + 80};
  run_compiled<TestType, ColumnCopyKernel>(ColumnCopy<TestType>{rows, 3, 4, n, to.data(), 32});
  for (Index j = 0; j < 32; ++j) {
    CHECK(to(0, j) == (j < n ? a(0, 4 + j) : 0));
    CHECK(to(1, j) == 0);
    CHECK(to(2, j) == (j < n ? a(2, 4 + j) : 0));
  }
}
