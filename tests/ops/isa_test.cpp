#include <graft/ops/isa.hpp>

#include "support/catch.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

struct Widen {
  template <class Simd>
  GRAFT_INLINE static void run(double* width) {
    *width = Simd::width;
  }
};

}  // namespace

TEST_CASE("An instruction set has a name, and other names are refused", "[ops][isa]") {
  CHECK(isa_from_name("baseline") == Isa::baseline);
  CHECK(isa_from_name("avx2") == Isa::avx2);
  CHECK(isa_from_name("avx512") == Isa::avx512);
  CHECK_THROWS_AS(isa_from_name("sse"), ArgumentError);
  CHECK_THROWS_WITH(isa_from_name("AVX2"), "GRAFT_ISA must be baseline, avx2 or avx512, got \"AVX2\".");
}

TEST_CASE("GRAFT_ISA lowers the instruction set and cannot raise it", "[ops][isa]") {
  const char* name = std::getenv("GRAFT_ISA");
  CHECK(isa() == (name == nullptr ? best_isa() : std::min(best_isa(), isa_from_name(name))));
}

TEST_CASE("Kernels run in the version for the instruction set in use", "[ops][isa]") {
  double width = 0;
  run_compiled<float, Widen>(&width);
  CHECK(width == (isa() == Isa::avx512 ? 16 : isa() == Isa::avx2 ? 8 : 4));
}
