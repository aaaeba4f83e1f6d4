#pragma once
#include <Eigen/Core>
#include <graft/optimizers/update_rule.hpp>
#include <optional>
#include <utility>

namespace graft::optimizers {

/// The same few thousand elements of a variable, its gradient and its slots, as Eigen arrays.
template <class S>
struct Block {
  using Array = Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>>;
  using ConstArray = Eigen::Map<const Eigen::Array<S, Eigen::Dynamic, 1>>;

  Array w;
  ConstArray g;
  std::span<const View<S>> slots;
  Index first;

  Array slot(std::size_t i) const { return Array(slots[i].data + first, w.size()); }
};

/// Makes an UpdateRule of a class that has
///   template <class S> void step(Block<S>& b, const StepInfo& step) const      moves b.w and writes b.slot(i)
///   std::vector<std::string> rule_slots() const
///   void fields(ConfigVisitor& c)                                              its own options
///   void check() const                                                         ArgumentError for a wrong option
///   static constexpr std::string_view keras_names[]                            class name, string name
/// Options holds learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
/// ema_overwrite_frequency and name, as SGDOptions does.
template <class Derived, class Options>
class ElementwiseRule : public UpdateRule {
 public:
  explicit ElementwiseRule(Options options) : options_(std::move(options)) {
    if (options_.name.empty()) options_.name = Derived::keras_names[1];
    check_common();
  }

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  std::string name() const override { return options_.name; }
  std::shared_ptr<UpdateRule> clone() const override { return std::make_shared<Derived>(derived()); }
  const Options& options() const { return options_; }

  const LearningRate& learning_rate() const override { return options_.learning_rate; }
  void set_learning_rate(LearningRate rate) override { options_.learning_rate = std::move(rate); }
  Clipping clipping() const override { return {options_.clipnorm, options_.clipvalue, options_.global_clipnorm}; }
  bool use_ema() const override { return options_.use_ema; }
  std::vector<std::string> slot_names() const override {
    auto names = derived().rule_slots();
    if (options_.use_ema) names.push_back("average");
    return names;
  }

  void config(ConfigVisitor& c) override {
    c("name", options_.name);
    c("learning_rate", options_.learning_rate);
    c("weight_decay", options_.weight_decay);
    c("clipnorm", options_.clipnorm);
    c("global_clipnorm", options_.global_clipnorm);
    c("clipvalue", options_.clipvalue);
    c("use_ema", options_.use_ema);
    c("ema_momentum", options_.ema_momentum);
    c("ema_overwrite_frequency", options_.ema_overwrite_frequency);
    static_cast<Derived&>(*this).fields(c);
    check_common();
    derived().check();
  }
  void update(View<float> w, View<const float> g, std::span<const View<float>> slots,
              const StepInfo& step) const override {
    apply(w, g, slots, step);
  }
  void update(View<double> w, View<const double> g, std::span<const View<double>> slots,
              const StepInfo& step) const override {
    apply(w, g, slots, step);
  }

 protected:
  /// Throws ArgumentError unless 0 <= value <= 1.
  static void check_fraction(const char* name, double value) {
    if (!(value >= 0 && value <= 1))
      raise<ArgumentError>(Derived::keras_names[0], ": ", name, " is from 0 to 1, got ", value, ".");
  }

  Options options_;

 private:
  const Derived& derived() const { return static_cast<const Derived&>(*this); }

  void check_common() const {
    clipping().check(Derived::keras_names[0]);
    check_fraction("ema_momentum", options_.ema_momentum);
    if (options_.ema_overwrite_frequency && *options_.ema_overwrite_frequency < 1)
      raise<ArgumentError>(Derived::keras_names[0], ": ema_overwrite_frequency is at least 1, got ",
                           *options_.ema_overwrite_frequency, ".");
  }
  template <class S>
  void check_sizes(View<S> w, View<const S> g, std::span<const View<S>> slots) const {
    const Index count = static_cast<Index>(slots.size()), wanted = static_cast<Index>(slot_names().size());
    if (count != wanted)
      raise<ArgumentError>(Derived::keras_names[0], ": update() needs ", wanted, " slots, got ", count, ".");
    bool same = g.size() == w.size();
    for (const View<S>& slot : slots) same = same && slot.size() == w.size();
    if (!same)
      raise<ArgumentError>(Derived::keras_names[0], ": gradient and slots must have the size of ", w.shape, ".");
  }

  template <class S>
  void apply(View<S> w, View<const S> g, std::span<const View<S>> slots, const StepInfo& step) const {
    check_sizes(w, g, slots);
    detail::each_block(w.size(), [&](Index first, Index count) {
      Block<S> b{typename Block<S>::Array(w.data + first, count), typename Block<S>::ConstArray(g.data + first, count),
                 slots, first};
      if (options_.weight_decay && step.decay)
        b.w -= b.w * static_cast<S>(*options_.weight_decay) * static_cast<S>(step.learning_rate);
      derived().step(b, step);
      if (options_.use_ema) average(b, step.iteration);
    });
  }
  /// average = k average + (1 - k) w with k = ema_momentum, 0 at the first step; w becomes the average every
  /// ema_overwrite_frequency steps.
  template <class S>
  void average(Block<S>& b, long iteration) const {
    const S k = static_cast<S>(iteration == 0 ? 0 : options_.ema_momentum);
    auto average = b.slot(b.slots.size() - 1);
    average = k * average + (1 - k) * b.w;
    if (options_.ema_overwrite_frequency && (iteration + 1) % *options_.ema_overwrite_frequency == 0) b.w = average;
  }
};

}  // namespace graft::optimizers
