#include <graft/losses/loss.hpp>

#include "losses/evaluate.hpp"
#include "support/catch.hpp"
#include "support/config.hpp"

using namespace graft;

namespace {

saving::Json written(Loss loss) { return write_config(std::move(loss)); }
Loss read(const saving::Json& json) { return read_config<Loss>("mse", json); }

/// A user's loss in ten lines: (p - t)^4.
class Quartic final : public losses::ElementLoss<Quartic, losses::LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Quartic", "quartic"};
  explicit Quartic(losses::LossOptions options = {}) : ElementLoss(std::move(options)) {}
  template <class S>
  S element(S t, S p) const {
    return (p - t) * (p - t) * (p - t) * (p - t);
  }
  template <class S>
  S slope(S t, S p) const {
    return 4 * (p - t) * (p - t) * (p - t);
  }
};

}  // namespace

TEST_CASE("A loss is found by class name, snake_case name and alias", "[losses][loss]") {
  for (const char* name : {"MeanSquaredError", "mean_squared_error", "mse", "MSE"})
    CHECK(Loss(name).name() == "mean_squared_error");
  for (const char* name : {"mae", "MAPE", "msle", "bce", "BCE", "kld", "KLDivergence", "huber", "log_cosh", "LogCosh",
                           "categorical_crossentropy", "SparseCategoricalCrossentropy", "hinge", "SquaredHinge",
                           "categorical_hinge", "poisson", "CosineSimilarity"})
    CHECK(Loss(name));
}

TEST_CASE("An unknown loss is refused with the names that there are", "[losses][loss]") {
  for (const char* name : {"cce", "huber_loss", "focal", "Mse", ""})
    CHECK_THROWS_MATCHES(Loss(name), ArgumentError,
                         Message("Loss: there is no loss \"" + std::string(name) +
                                 "\". The names are crossentropy, categorical_crossentropy, "
                                 "sparse_categorical_crossentropy, binary_crossentropy, mean_squared_error, "
                                 "mean_absolute_error, mean_absolute_percentage_error, mean_squared_logarithmic_error, "
                                 "huber, log_cosh, kl_divergence, poisson, cosine_similarity, hinge, squared_hinge, "
                                 "categorical_hinge."));
}

TEST_CASE("No loss is None", "[losses][loss]") {
  CHECK_FALSE(Loss());
  CHECK(Loss().name().empty());
  CHECK(written(Loss()).is_null());
  CHECK_FALSE(read(nullptr));
}

TEST_CASE("\"crossentropy\" becomes the one that fits the shapes", "[losses][loss]") {
  for (const char* name : {"crossentropy", "ce", "CE", "Crossentropy"}) {
    const Loss loss = name;
    CHECK(loss);
    CHECK(loss.name() == "crossentropy");
    CHECK(loss.resolve({None, 1}, {None, 1}).name() == "binary_crossentropy");
    CHECK(loss.resolve({None}, {None, 1}).name() == "binary_crossentropy");
    CHECK(loss.resolve({None}, {None, 5}).name() == "sparse_categorical_crossentropy");
    CHECK(loss.resolve({None, 1}, {None, 5}).name() == "sparse_categorical_crossentropy");
    CHECK(loss.resolve({None, 5}, {None, 5}).name() == "categorical_crossentropy");
  }
  CHECK(Loss("mse").resolve({None, 5}, {None, 5}).name() == "mean_squared_error");
}

TEST_CASE("A loss is written as Keras writes it and read back", "[losses][loss][config]") {
  const saving::Json json = written(
      losses::CategoricalCrossentropy({.from_logits = true, .label_smoothing = 0.25, .reduction = "sum", .name = "x"}));
  CHECK(json["class_name"] == "CategoricalCrossentropy");
  CHECK(json["config"] ==
        saving::Json{
            {"name", "x"}, {"reduction", "sum"}, {"from_logits", true}, {"label_smoothing", 0.25}, {"axis", -1}});
  CHECK(written(read(json)) == json);
  for (const char* name : {"crossentropy", "SparseCategoricalCrossentropy", "bce", "huber", "cosine_similarity"}) {
    INFO(name);
    CHECK(written(read(written(name))) == written(name));
  }
  CHECK(read("mae").name() == "mean_absolute_error");
}

TEST_CASE("A wrong configuration is refused", "[losses][loss][config]") {
  const saving::Json smoothing{{"class_name", "BinaryCrossentropy"}, {"config", {{"label_smoothing", 2}}}};
  CHECK_THROWS_MATCHES(read(smoothing), ArgumentError,
                       Message("BinaryCrossentropy: label_smoothing is from 0 to 1, got 2."));
  const saving::Json reduction{{"class_name", "Huber"}, {"config", {{"reduction", "mode"}}}};
  CHECK_THROWS_AS(read(reduction), ArgumentError);
  CHECK_THROWS_AS(read({{"class_name", "Nothing"}, {"config", saving::Json::object()}}), ArgumentError);
}

TEST_CASE("A user's loss is a class of ten lines", "[losses][loss]") {
  const Loss loss = Quartic({.reduction = "sum"});
  CHECK(loss.name() == "quartic");
  CHECK(loss_of<double>(loss, {1, 1}, {2, 3}) == 8.5);
  CHECK(gradient_of(loss, Tensor<double>({1, 2}, {1, 1}), Tensor<double>({1, 2}, {2, 3}))(0, 1) == 16);
  CHECK(loss->reduction() == losses::Reduction::sum);
}
