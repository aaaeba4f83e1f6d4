#include <graft/training/callbacks/path_template.hpp>
#include <limits>

#include "support/catch.hpp"

using namespace graft;
using callbacks::detail::PathTemplate;

namespace {

/// With epoch 7, batch 12, val_loss 12345.678, loss -1.5, bad NaN, huge 1.8e308.
std::string filled(const std::string& text) {
  const double huge = std::numeric_limits<double>::max(), bad = -std::numeric_limits<double>::quiet_NaN();
  return PathTemplate("Test", text)
      .fill({{"epoch", 7}, {"batch", 12}}, {{"val_loss", 12345.678}, {"loss", -1.5}, {"bad", bad}, {"huge", huge}});
}

}  // namespace

// Expected are the texts that Python's str.format() makes.
TEST_CASE("PathTemplate fills fields as Python does", "[training][path_template]") {
  CHECK(filled("plain/path") == "plain/path");
  CHECK(filled("") == "");
  CHECK(filled("{epoch}-{batch}") == "7-12");
  CHECK(filled("a{epoch:03d}b{epoch:4d}c{batch:1d}d{batch:d}") == "a007b   7c12d12");
  CHECK(filled("{loss}_{val_loss}_{bad}") == "-1.5_12345.678_nan");
  CHECK(filled("{val_loss:.2f}") == "12345.68");
  CHECK(filled("{val_loss:f}") == "12345.678000");
  CHECK(filled("{loss:08.2f}|{loss:8.0f}") == "-0001.50|      -2");
  CHECK(filled("{val_loss:.3e}{val_loss:10.3g}") == "1.235e+04  1.23e+04");
  CHECK(filled("{bad:.2f}") == "nan");
  CHECK(filled("{huge:.100f}").size() == 309 + 1 + 100);
  CHECK(filled("{{epoch}}-{{{epoch}}}") == "{epoch}-{7}");
}

TEST_CASE("PathTemplate knows its fields", "[training][path_template]") {
  const PathTemplate path("Test", "{epoch:02d}-{{batch}}-{loss}");
  CHECK(path.has("epoch"));
  CHECK(path.has("loss"));
  CHECK_FALSE(path.has("batch"));
}

TEST_CASE("PathTemplate refuses a faulty field", "[training][path_template]") {
  const std::string text =
      GENERATE(as<std::string>(), "{", "a{epoch", "}", "a}b", "{}", "{:d}", "{epoch:}", "{epoch:.2f}", "{epoch:.2d}",
               "{loss:d}", "{loss:.f}", "{loss:.2}", "{loss:2}", "{loss:x}", "{loss:.2ff}", "{loss:-5f}",
               "{loss:.999f}", "{loss:99999999999f}", "{loss!r}", "{a{b}", "{loss:.-1f}");
  CHECK_THROWS_AS(PathTemplate("Test", text), ArgumentError);
}

TEST_CASE("PathTemplate's errors quote what is wrong", "[training][path_template]") {
  CHECK_THROWS_MATCHES(
      PathTemplate("Test", "x{epoch:2q}.h"), ArgumentError,
      Message("Test: the path \"x{epoch:2q}.h\" has a faulty field at \"{epoch:2q}\". Write {epoch} or "
              "{val_loss}, with a format such as {epoch:02d} or {val_loss:.2f} if wanted, and {{ or }} for a "
              "brace."));
  CHECK_THROWS_MATCHES(
      PathTemplate("Test", "{val_los:.2f}").fill({{"epoch", 1}}, {{"loss", 1}, {"val_loss", 2}}), ArgumentError,
      Message("Test: the path \"{val_los:.2f}\" has a field {val_los}, which is not logged. What is logged: "
              "loss, val_loss."));
}
