#include <graft/training/progress_text.hpp>
#include <limits>

#include "support/catch.hpp"

using namespace graft;

TEST_CASE("progress::metric hides no small number", "[training][progress]") {
  CHECK(progress::metric(0.5, 1) == "0.5000");
  CHECK(progress::metric(0.00100001, 1) == "0.0010");
  CHECK(progress::metric(0.001, 1) == "1.0000e-03");
  CHECK(progress::metric(0, 1) == "0.0000e+00");
  CHECK(progress::metric(-2, 1) == "-2.0000");
  CHECK(progress::metric(-2, 2) == "-2.0000e+00");
  CHECK(progress::metric(std::numeric_limits<double>::infinity(), 1) == "inf");
  CHECK(progress::metric(-std::numeric_limits<double>::quiet_NaN(), 2) == "nan");
  CHECK(progress::metric(std::numeric_limits<double>::max(), 1).size() == 309 + 5);
}

TEST_CASE("progress::time_per_step picks the unit", "[training][progress]") {
  CHECK(progress::time_per_step(0) == "0s/step");
  CHECK(progress::time_per_step(1) == "1s/step");
  CHECK(progress::time_per_step(0.9996) == "1000ms/step");
  CHECK(progress::time_per_step(0.001) == "1ms/step");
  CHECK(progress::time_per_step(0.0004) == "400us/step");
}

TEST_CASE("progress::remaining switches above a minute and above an hour", "[training][progress]") {
  CHECK(progress::remaining(0.9) == "0s");
  CHECK(progress::remaining(60) == "60s");
  CHECK(progress::remaining(61.5) == "1:01");
  CHECK(progress::remaining(3600) == "60:00");
  CHECK(progress::remaining(3605) == "1:00:05");
}

TEST_CASE("progress::visible_width counts columns, neither colours nor bytes", "[training][progress]") {
  CHECK(progress::visible_width("12/24 s") == 7);
  CHECK(progress::visible_width(progress::bold("12")) == 2);
  for (const Index done : {0, 1, 12, 24}) CHECK(progress::visible_width(progress::bar(done, 24)) == 20);
}
