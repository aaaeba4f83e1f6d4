#pragma once
#include <graft/ops/vector_math.hpp>
#include <graft/optimizers/update_rule.hpp>
#include <optional>
#include <utility>

namespace graft::optimizers {

/// Consecutive elements of a variable, of its gradient and of its slots, as many as V holds. V is ops::Lanes.
template <class V>
class Elements {
 public:
  using Scalar = typename V::Scalar;

  GRAFT_INLINE Elements(Scalar* weights, const Scalar* gradient, const View<Scalar>* slots, Index first, Index count)
      : w(V::load(weights + first, count)),
        g(V::load(gradient + first, count)),
        slots_(slots),
        first_(first),
        count_(count) {}

  V w;
  const V g;
  GRAFT_INLINE V slot(Index i) const { return V::load(slots_[i].data + first_, count_); }
  GRAFT_INLINE void set_slot(Index i, const V& value) const { value.store(slots_[i].data + first_, count_); }

 private:
  const View<Scalar>* slots_;
  Index first_, count_;
};

namespace detail {

/// What one step of one variable is made of besides the rule.
template <class S>
struct Update {
  S* w;
  const S* g;
  std::span<const View<S>> slots;
  double rate;
  double decay;                   ///< the share of w that is taken away first
  std::optional<double> average;  ///< the share of the last slot that stays in it, where that is an average
  bool overwrite;                 ///< w becomes the average
};

struct UpdateKernel {
  template <class Simd, class Rule, class S>
  GRAFT_INLINE static void run(const Rule* rule, const Update<S>* update, Index first, Index count) {
    using V = ops::Lanes<Simd>;
    const V rate = update->rate, decay = update->decay;
    for (Index i = first; i < first + count; i += V::count) {
      const Index n = std::min<Index>(first + count - i, V::count);
      Elements<V> e(update->w, update->g, update->slots.data(), i, n);
      if (update->decay != 0) e.w = e.w - e.w * decay;
      rule->step(e, rate);
      if (update->average) average(*update, e);
      e.w.store(update->w + i, n);
    }
  }
  template <class V, class S>
  GRAFT_INLINE static void average(const Update<S>& update, Elements<V>& e) {
    const Index last = static_cast<Index>(update.slots.size()) - 1;
    const V next = e.slot(last) * *update.average + e.w * (1 - *update.average);
    e.set_slot(last, next);
    if (update.overwrite) e.w = next;
  }
};

}  // namespace detail

/// Makes an UpdateRule of a class that has
///   template <class V> void step(Elements<V>& e, const V& rate) const    moves e.w, writes e.set_slot(i, ..)
///   std::vector<std::string> rule_slots() const                          the names of its slots
///   void fields(ConfigVisitor& c)                                        its own options
///   void check() const                                                   ArgumentError for a wrong option
///   static constexpr std::string_view keras_names[]                      class name, string name
/// and may hide rate(). step() is marked GRAFT_INLINE and compiled for every instruction set; a V counts like a number,
/// so that it reads as its formula, and the bits of an element do not depend on its place.
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

  /// What step() gets as rate: the learning rate, unless the rule corrects it.
  double rate(const StepInfo& step) const { return step.learning_rate; }

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
    const bool decays = options_.weight_decay && step.decay;
    const detail::Update<S> update{w.data,
                                   g.data,
                                   slots,
                                   derived().rate(step),
                                   decays ? *options_.weight_decay * step.learning_rate : 0,
                                   average_share(step.iteration),
                                   overwrites(step.iteration)};
    ops::with_isa<S>([&](auto simd) {
      detail::each_block(w.size(), [&](Index first, Index count) {
        ops::Compiled<decltype(simd), detail::UpdateKernel>::run(&derived(), &update, first, count);
      });
    });
  }
  // average = k average + (1 - k) w with k = ema_momentum, 0 at the first step
  std::optional<double> average_share(long iteration) const {
    if (!options_.use_ema) return std::nullopt;
    return iteration == 0 ? 0 : options_.ema_momentum;
  }
  bool overwrites(long iteration) const {
    return options_.ema_overwrite_frequency && (iteration + 1) % *options_.ema_overwrite_frequency == 0;
  }
};

}  // namespace graft::optimizers
