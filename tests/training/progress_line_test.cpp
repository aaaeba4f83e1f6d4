#include <graft/training/progress_line.hpp>
#include <memory>
#include <sstream>

#include "support/catch.hpp"

using namespace graft;

namespace {

struct Display {
  std::ostringstream out;
  double now = 50;
  std::unique_ptr<ProgressLine> line;

  Display(Index total, int verbose) {
    line = std::make_unique<ProgressLine>(
        "Reading",
        ProgressLineOptions{
            .total = total, .unit = "photos", .verbose = verbose, .out = &out, .clock = [this] { return now; }});
  }
  void update(double seconds, Index done) {
    now += seconds;
    line->update(done);
  }
};

}  // namespace

TEST_CASE("ProgressLine draws a bar with the time left, at most every 0.05 s", "[training][progress]") {
  Display display(24, 1);
  display.update(1, 1);
  display.update(0.01, 2);
  display.update(1.99, 12);
  display.update(0.01, 24);
  const std::string first = "\rReading:  1/24 photos " + progress::bar(1, 24) + " " + progress::bold("23s");
  const std::string second = "\rReading: 12/24 photos " + progress::bar(12, 24) + " " + progress::bold("3s");
  const std::string last = "\rReading: 24/24 photos " + progress::bar(24, 24) + " " + progress::bold("3s");
  CHECK(display.out.str() == first + std::string(46, '\b') + second + " " + std::string(45, '\b') + last + "\n");
}

TEST_CASE("ProgressLine writes one line at the end where there is no terminal", "[training][progress]") {
  Display display(24, 2);
  display.update(1, 12);
  CHECK(display.out.str().empty());
  display.update(2.4, 24);
  CHECK(display.out.str() == "Reading: 24/24 photos - 3s\n");
  display.line.reset();
  CHECK(display.out.str() == "Reading: 24/24 photos - 3s\n");
}

TEST_CASE("ProgressLine ends its line when the work breaks off", "[training][progress]") {
  Display bar(24, 1);
  bar.update(1, 6);
  bar.line.reset();
  CHECK_THAT(bar.out.str(), EndsWith(progress::bold("3s") + "\n"));
  Display untouched(24, 1);
  untouched.line.reset();
  CHECK(untouched.out.str().empty());
  Display line(24, 2);
  line.update(1, 6);
  line.line.reset();
  CHECK(line.out.str().empty());
}

TEST_CASE("ProgressLine is silent with verbose 0 and where nothing is to do", "[training][progress]") {
  Display silent(2, 0);
  silent.update(1, 1);
  silent.update(1, 2);
  CHECK(silent.out.str().empty());
  Display nothing(0, 1);
  nothing.update(1, 0);
  nothing.line.reset();
  CHECK(nothing.out.str().empty());
}
