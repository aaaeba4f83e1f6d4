#include <graft/training/callbacks/lambda_callback.hpp>

#include "support/catch.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::LambdaCallback;

TEST_CASE("LambdaCallback calls every function at its hook", "[training][lambda_callback]") {
  std::string calls;
  const auto of_all = [&calls](const char* name) { return [&calls, name](Logs&) { calls += name; }; };
  const auto of_number = [&calls](const char* name) {
    return [&calls, name](Index number, const Logs&) { calls += name + std::to_string(number) + " "; };
  };
  LambdaCallback lambdas({.on_epoch_begin = of_number("epoch_begin"),
                          .on_epoch_end = of_number("epoch_end"),
                          .on_train_begin = of_all("train_begin "),
                          .on_train_end = of_all("train_end "),
                          .on_train_batch_begin = of_number("batch_begin"),
                          .on_train_batch_end = of_number("batch_end"),
                          .on_test_begin = of_all("test_begin "),
                          .on_test_end = of_all("test_end "),
                          .on_test_batch_begin = of_number("test_batch_begin"),
                          .on_test_batch_end = of_number("test_batch_end"),
                          .on_predict_begin = of_all("predict_begin "),
                          .on_predict_end = of_all("predict_end "),
                          .on_predict_batch_begin = of_number("predict_batch_begin"),
                          .on_predict_batch_end = of_number("predict_batch_end")});
  FakeModel model;
  fake_fit(model, {lambdas}, {{{"loss", 1}}}, 2);
  CHECK(calls == "train_begin epoch_begin0 batch_begin0 batch_end0 batch_begin1 batch_end1 epoch_end0 train_end ");

  calls.clear();
  CallbackList list({lambdas}, model, {});
  Logs logs;
  list(&Callback::on_test_begin, logs);
  list(&Callback::on_test_batch_begin, Index{3}, logs);
  list(&Callback::on_test_batch_end, Index{3}, logs);
  list(&Callback::on_test_end, logs);
  list(&Callback::on_predict_begin, logs);
  list(&Callback::on_predict_batch_begin, Index{4}, logs);
  list(&Callback::on_predict_batch_end, Index{4}, logs);
  list(&Callback::on_predict_end, logs);
  CHECK(calls ==
        "test_begin test_batch_begin3 test_batch_end3 test_end "
        "predict_begin predict_batch_begin4 predict_batch_end4 predict_end ");
}

TEST_CASE("LambdaCallback's functions see and change the shared logs", "[training][lambda_callback]") {
  FakeModel model;
  const LambdaCallback adds(
      {.on_epoch_end = [](int epoch, Logs& logs) { logs["doubled"] = 2 * epoch + logs["loss"]; }});
  double seen = 0;
  const LambdaCallback reads({.on_epoch_end = [&](int, const Logs& logs) { seen = logs.at("doubled"); }});
  CHECK(fake_fit(model, {adds, reads}, epochs_of("loss", {5, 7}))[1].at("doubled") == 9);
  CHECK(seen == 9);
}

TEST_CASE("LambdaCallback keeps what a mutable function counts, over all fits", "[training][lambda_callback]") {
  std::vector<int> counts;
  const LambdaCallback counting({.on_epoch_end = [&counts, n = 0](int, Logs&) mutable { counts.push_back(++n); }});
  FakeModel model;
  fake_fit(model, {counting}, epochs_of("loss", {1, 1}));
  fake_fit(model, {counting}, epochs_of("loss", {1}));
  CHECK(counts == std::vector{1, 2, 3});
}
