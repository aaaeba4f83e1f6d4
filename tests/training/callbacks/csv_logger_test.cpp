#include <fstream>
#include <graft/training/callbacks/csv_logger.hpp>
#include <limits>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::CSVLogger;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void run(const CSVLogger& logger, const std::vector<Logs>& logs) {
  FakeModel model;
  fake_fit(model, {logger}, logs);
}

}  // namespace

TEST_CASE("CSVLogger writes the logs in alphabetical order, one row per epoch", "[training][csv_logger]") {
  const TemporaryFolder folder;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  run(CSVLogger(folder / "log.csv"), {{{"val_loss", 2}, {"loss", 0.5}, {"accuracy", 0.1 + 0.2}},
                                      {{"val_loss", nan}, {"loss", 1e-5}, {"accuracy", 1}}});
  CHECK(text_of(folder / "log.csv") ==
        "epoch,accuracy,loss,val_loss\r\n"
        "0,0.30000000000000004,0.5,2.0\r\n"
        "1,1.0,1e-05,nan\r\n");
}

TEST_CASE("CSVLogger has val_ columns even if the first epoch is not validated", "[training][csv_logger]") {
  const TemporaryFolder folder;
  run(CSVLogger(folder / "log.csv"), {{{"accuracy", 1}, {"loss", 2}},
                                      {{"accuracy", 3}, {"loss", 4}, {"val_accuracy", 5}, {"val_loss", 6}, {"late", 7}},
                                      {{"loss", 8}}});
  CHECK(text_of(folder / "log.csv") ==
        "epoch,accuracy,loss,val_accuracy,val_loss\r\n"
        "0,1.0,2.0,NA,NA\r\n"
        "1,3.0,4.0,5.0,6.0\r\n"
        "2,NA,8.0,NA,NA\r\n");
}

TEST_CASE("CSVLogger replaces the file, or appends without a second header", "[training][csv_logger]") {
  const TemporaryFolder folder;
  const auto path = folder / "log.csv";
  const std::vector<Logs> one = {{{"loss", 1}, {"val_loss", 2}}};
  const std::string header = "epoch,loss,val_loss\r\n", row = "0,1.0,2.0\r\n";
  const CSVLogger replacing(path), appending(path, {.append = true});
  run(appending, one);
  CHECK(text_of(path) == header + row);
  run(appending, one);
  CHECK(text_of(path) == header + row + row);
  run(replacing, one);
  run(replacing, one);
  CHECK(text_of(path) == header + row);
  std::ofstream(path, std::ios::trunc).close();
  run(appending, one);
  CHECK(text_of(path) == header + row);
}

TEST_CASE("CSVLogger writes each row when its epoch ends", "[training][csv_logger]") {
  const TemporaryFolder folder;
  const auto path = folder / "log.csv";
  FakeModel model;
  const CSVLogger logger(path);
  CallbackList list({logger}, model, {});
  Logs logs = {{"loss", 1}};
  list(&Callback::on_train_begin, logs);
  list(&Callback::on_epoch_end, 4, logs);
  CHECK(text_of(path) == "epoch,loss,val_loss\r\n4,1.0,NA\r\n");
}

TEST_CASE("CSVLogger separates by another character and quotes names that hold it", "[training][csv_logger]") {
  const TemporaryFolder folder;
  run(CSVLogger(folder / "log.csv", {.separator = ";"}), {{{"a;b", 1}, {"c,d", 2}, {"e\"f", 3}, {"val_g", 4}}});
  CHECK(text_of(folder / "log.csv") == "epoch;\"a;b\";c,d;\"e\"\"f\";val_g\r\n0;1.0;2.0;3.0;4.0\r\n");
}

TEST_CASE("CSVLogger names what is wrong", "[training][csv_logger]") {
  const TemporaryFolder folder;
  const std::string separator = GENERATE(as<std::string>(), "", ", ", "\"", "\n");
  CHECK_THROWS_MATCHES(
      CSVLogger(folder / "log.csv", {.separator = separator}), ArgumentError,
      Message("CSVLogger: separator is one character, no quote and no line end, got \"" + separator + "\"."));
  const auto missing = folder / "missing/log.csv";
  CHECK_THROWS_MATCHES(run(CSVLogger(missing), {{{"loss", 1}}}), FileError,
                       Message("CSVLogger: '" + missing.string() +
                               "' cannot be written. Check that its folder exists and "
                               "that you may write there."));
  CHECK_THROWS_MATCHES(run(CSVLogger("/dev/full"), {{{"loss", 1}}}), FileError,
                       Message("CSVLogger: '/dev/full' cannot be written to. Is the disk full?"));
}
