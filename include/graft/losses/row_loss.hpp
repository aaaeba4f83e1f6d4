#pragma once
#include <graft/losses/loss_function.hpp>
#include <utility>

namespace graft::losses {

/// Makes a LossFunction of a class that has
///   double value(const Row& row) const override
///   void gradient(const Row& row, std::span<double> dp) const override
///   static constexpr std::string_view keras_names[]                           class name, log name, aliases
/// and may override matched(), ignored_label() and on_logits(), and hide fields() and check() below. Options holds at
/// least reduction and name.
template <class Derived, class Options>
class RowLoss : public LossFunction {
 public:
  explicit RowLoss(Options options) : options_(std::move(options)) {
    if (options_.name.empty()) options_.name = Derived::keras_names[1];
  }

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  std::string name() const override { return options_.name; }
  Reduction reduction() const override { return options_.reduction; }
  const Options& options() const { return options_; }

  void config(ConfigVisitor& c) override {
    c("name", options_.name);
    c("reduction", options_.reduction);
    static_cast<Derived&>(*this).fields(c);
    static_cast<const Derived&>(*this).check();
  }

 protected:
  void fields(ConfigVisitor&) {}
  void check() const {}

  Options options_;
};

}  // namespace graft::losses
