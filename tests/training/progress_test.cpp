#include <graft/training/progress.hpp>
#include <limits>

#include "support/catch.hpp"
#include "training/fake_model.hpp"

using namespace graft;

// The expected texts were captured from ProgbarLogger of Keras 3.15.1 with its clock replaced in the same way.
namespace {

/// A ProgressBar that writes into a string, and the clock that it sees.
struct Display {
  std::ostringstream out;
  double now = 1000;
  FakeModel model;
  Logs none;
  CallbackList list;

  explicit Display(int verbose, int epochs, Index steps)
      : list({ProgressBar(out, [this] { return now; })}, model, {verbose, epochs, steps}) {}
  std::string text() const { return out.str(); }

  /// `first` seconds for the first batch and `other` for each of the others.
  void train_batches(Index batches, double first, double other, int epoch = 0) {
    for (Index batch = 0; batch < batches; ++batch) {
      now += batch == 0 ? first : other;
      const double n = static_cast<double>(batch + 1), e = epoch + 1;
      Logs logs = {{"accuracy", 0.25 * n / e}, {"loss", 1.5 / n / e}};
      list(&Callback::on_train_batch_end, batch, logs);
    }
  }
  void fit(Index batches, int epochs, double other, bool validated) {
    list(&Callback::on_train_begin, none);
    for (int epoch = 0; epoch < epochs; ++epoch) {
      list(&Callback::on_epoch_begin, epoch, none);
      train_batches(batches, 1.0, other, epoch);
      Logs logs = {{"accuracy", 0.75}, {"loss", 0.0005}};
      if (validated) {
        validate();
        logs.insert({{"learning_rate", 0.001}, {"val_accuracy", nan}, {"val_loss", -1.3173}});
      }
      list(&Callback::on_epoch_end, epoch, logs);
    }
    list(&Callback::on_train_end, none);
  }
  void validate() {
    list(&Callback::on_test_begin, none);
    now += 0.03;
    Logs logs = {{"accuracy", 9}, {"loss", 9}};
    list(&Callback::on_test_batch_end, Index{0}, logs);
    list(&Callback::on_test_end, logs);
  }

  // With either sign: printf would write "-nan" for one of them.
  static constexpr double nan = -std::numeric_limits<double>::quiet_NaN();
};

std::string back(std::size_t columns) { return std::string(columns, '\b') + "\r"; }

/// "\x1b[1m1/3\x1b[0m" and the bar with `green` of its 20 strokes.
std::string counted(const std::string& count, int green) {
  const auto strokes = [](int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += "━";
    return text;
  };
  return "\x1b[1m" + count + "\x1b[0m " + (green > 0 ? "\x1b[32m" + strokes(green) + "\x1b[0m" : "") + "\x1b[37m" +
         strokes(20 - green) + "\x1b[0m";
}
std::string time(const std::string& text) { return " \x1b[1m" + text + "\x1b[0m "; }

}  // namespace

TEST_CASE("ProgressBar draws every step of a slow epoch over the last", "[training][progress]") {
  Display display(1, 1, 3);
  display.fit(3, 1, 0.1, true);
  CHECK(display.text() ==
        "\r" + counted("1/3", 6) + time("2s") + "1s/step - accuracy: 0.2500 - loss: 1.5000" +  //
            back(69) + counted("2/3", 13) + time("0s") + "100ms/step - accuracy: 0.5000 - loss: 0.7500" + back(72) +
            counted("3/3", 20) + time("0s") + "100ms/step - accuracy: 0.7500 - loss: 0.5000" + back(72) +
            counted("3/3", 20) + time("1s") +
            "115ms/step - accuracy: 0.7500 - loss: 5.0000e-04 - val_accuracy: nan - val_loss: -1.3173 - "
            "learning_rate: 1.0000e-03\n");
}

TEST_CASE("ProgressBar draws at most every 0.05 s, and the last line always", "[training][progress]") {
  Display display(1, 1, 12);
  display.fit(12, 1, 0.02, false);
  CHECK(display.text() ==
        "\r" + counted(" 1/12", 1) + time("11s") + "1s/step - accuracy: 0.2500 - loss: 1.5000" +  //
            back(72) + counted(" 4/12", 6) + time("0s") + "20ms/step - accuracy: 1.0000 - loss: 0.3750" + back(73) +
            counted(" 7/12", 11) + time("0s") + "20ms/step - accuracy: 1.7500 - loss: 0.2143" + back(73) +
            counted("10/12", 16) + time("0s") + "20ms/step - accuracy: 2.5000 - loss: 0.1500" + back(73) +
            counted("12/12", 20) + time("1s") + "20ms/step - accuracy: 0.7500 - loss: 5.0000e-04\n");
}

TEST_CASE("ProgressBar counts unknown steps in the first epoch and knows them in the second", "[training][progress]") {
  Display display(1, 2, None);
  display.fit(2, 2, 0.1, false);
  CHECK(display.text() ==
        "Epoch 1/2\n\r      1/Unknown" + time("1s") + "1s/step - accuracy: 0.2500 - loss: 1.5000" +  //
            back(60) + "      2/Unknown" + time("1s") + "100ms/step - accuracy: 0.5000 - loss: 0.7500" + back(63) +
            counted("2/2", 20) + time("1s") + "100ms/step - accuracy: 0.7500 - loss: 5.0000e-04\n" + "Epoch 2/2\n\r" +
            counted("1/2", 10) + time("1s") + "1s/step - accuracy: 0.1250 - loss: 0.7500" + back(69) +
            counted("2/2", 20) + time("0s") + "100ms/step - accuracy: 0.2500 - loss: 0.3750" + back(72) +
            counted("2/2", 20) + time("1s") + "100ms/step - accuracy: 0.7500 - loss: 5.0000e-04\n");
}

TEST_CASE("ProgressBar writes one line per epoch with verbose 2", "[training][progress]") {
  const Index known = GENERATE(Index{3}, None);
  Display display(2, 2, known);
  display.fit(3, 2, 0.1, true);
  const std::string line =
      "3/3 - 1s - 410ms/step - accuracy: 0.7500 - loss: 5.0000e-04 - val_accuracy: nan - val_loss: "
      "-1.3173e+00 - learning_rate: 1.0000e-03\n";
  CHECK(display.text() == "Epoch 1/2\n" + line + "Epoch 2/2\n" + line);
}

TEST_CASE("ProgressBar is silent with verbose 0", "[training][progress]") {
  Display display(0, 2, 3);
  display.fit(3, 2, 0.1, true);
  CHECK(display.text().empty());
}

TEST_CASE("ProgressBar shows evaluate without a header", "[training][progress]") {
  const int verbose = GENERATE(1, 2);
  Display display(verbose, 1, 2);
  Logs logs = {{"loss", 2}};
  display.list(&Callback::on_test_begin, display.none);
  for (Index batch = 0; batch < 2; ++batch) {
    display.now += 0.0004;
    display.list(&Callback::on_test_batch_end, batch, logs);
  }
  display.list(&Callback::on_test_end, logs);
  const std::string bar = "\r" + counted("1/2", 10) + time("0s") + "400us/step - loss: 2.0000" +  //
                          back(53) + counted("2/2", 20) + time("0s") + "400us/step - loss: 2.0000\n";
  CHECK(display.text() == (verbose == 1 ? bar : "2/2 - 0s - 400us/step - loss: 2.0000\n"));
}

TEST_CASE("ProgressBar shows predict without logs", "[training][progress]") {
  const int verbose = GENERATE(1, 2);
  Display display(verbose, 1, 1);
  Logs logs = {{"outputs", 1}};
  display.list(&Callback::on_predict_begin, display.none);
  display.now += 0.2;
  display.list(&Callback::on_predict_batch_end, Index{0}, logs);
  display.list(&Callback::on_predict_end, display.none);
  const std::string line = counted("1/1", 20) + time("0s") + "200ms/step";
  CHECK(display.text() == (verbose == 1 ? "\r" + line + back(38) + line + "\n" : "1/1 - 0s - 200ms/step\n"));
}

TEST_CASE("ProgressBar blanks the rest of a longer line and writes minutes and hours", "[training][progress]") {
  const auto shown = [](Index total, double seconds) {
    Display display(1, 1, total);
    display.list(&Callback::on_train_begin, display.none);
    display.list(&Callback::on_epoch_begin, 0, display.none);
    for (Index batch = 0; batch < 2; ++batch) {
      display.now += seconds;
      Logs logs = {{"loss", batch == 0 ? 1e12 : 1.0}};
      display.list(&Callback::on_train_batch_end, batch, logs);
    }
    return display.text();
  };
  const std::string blanks(12, ' ');
  CHECK(shown(100, 2.5) == "\r" + counted("  1/100", 0) + time("4:07") + "2s/step - loss: 1000000000000.0000" +
                               back(68) + counted("  2/100", 0) + time("4:05") + "2s/step - loss: 1.0000" + blanks);
  CHECK(shown(1000, 60) == "\r" + counted("   1/1000", 0) + time("16:39:00") + "60s/step - loss: 1000000000000.0000" +
                               back(75) + counted("   2/1000", 0) + time("16:38:00") + "60s/step - loss: 1.0000" +
                               blanks);
}

// Not as Keras, which writes 4/4 and divides the time by 4.
TEST_CASE("ProgressBar shows how far an epoch came that was cut short", "[training][progress]") {
  const int verbose = GENERATE(1, 2);
  Display display(verbose, 1, 4);
  display.list(&Callback::on_train_begin, display.none);
  display.list(&Callback::on_epoch_begin, 0, display.none);
  display.train_batches(2, 1.0, 0.5);
  Logs logs = {{"accuracy", 0.5}, {"loss", 1}};
  display.list(&Callback::on_epoch_end, 0, logs);
  CHECK_THAT(display.text(),
             EndsWith(verbose == 1 ? counted("2/4", 10) + time("2s") + "500ms/step - accuracy: 0.5000 - loss: 1.0000\n"
                                   : "2/4 - 2s - 750ms/step - accuracy: 0.5000 - loss: 1.0000\n"));
}

TEST_CASE("ProgressBar's callbacks inside fit may log more names", "[training][progress]") {
  Display display(1, 1, 1);
  display.list(&Callback::on_train_begin, display.none);
  display.list(&Callback::on_epoch_begin, 0, display.none);
  Logs logs = {{"loss", 2}};
  display.now += 1;
  display.list(&Callback::on_train_batch_end, Index{0}, logs);
  logs["a_first_in_the_alphabet"] = 3;
  display.list(&Callback::on_epoch_end, 0, logs);
  CHECK_THAT(display.text(), EndsWith("1s/step - loss: 2.0000 - a_first_in_the_alphabet: 3.0000\n"));
}
