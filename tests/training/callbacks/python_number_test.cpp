#include <graft/training/callbacks/python_number.hpp>
#include <limits>

#include "support/catch.hpp"

using graft::callbacks::detail::python_number;

TEST_CASE("python_number writes what Python's repr writes", "[training][callbacks]") {
  CHECK(python_number(0) == "0.0");
  CHECK(python_number(-0.0) == "-0.0");
  CHECK(python_number(3) == "3.0");
  CHECK(python_number(0.1) == "0.1");
  CHECK(python_number(0.1 + 0.2) == "0.30000000000000004");
  CHECK(python_number(0.0001) == "0.0001");
  CHECK(python_number(0.00001) == "1e-05");
  CHECK(python_number(1.5e-7) == "1.5e-07");
  CHECK(python_number(1e15) == "1000000000000000.0");
  CHECK(python_number(1e16) == "1e+16");
  CHECK(python_number(-1.7976931348623157e308) == "-1.7976931348623157e+308");
  CHECK(python_number(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(python_number(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(python_number(-std::numeric_limits<double>::quiet_NaN()) == "nan");
}
