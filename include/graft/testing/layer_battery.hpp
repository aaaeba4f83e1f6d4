#pragma once
#include <cstring>
#include <graft/layers/layer_ref.hpp>
#include <graft/saving/json_config.hpp>
#include <graft/testing/check_gradients.hpp>

namespace graft::testing {

/// What a layer should be like; see layer_battery().
struct LayerExpectations {
  Shape output = {};                ///< of the inputs given
  Index trainable_weights = 0;      ///< tensors
  Index non_trainable_weights = 0;  ///< tensors that never learn, such as moving statistics
  Index params = 0;                 ///< elements of all of them
  bool mixes_samples = false;       ///< in training the output of a sample depends on the others
  bool random = false;              ///< in training the output depends on the sample's place in the batch
  /// For double only. Central differences with h = 1e-5 are off by rounding, 1e-11, and truncation, 1e-10 times the
  /// third derivative.
  double gradient_error = 1e-8;
};

namespace detail {

template <class Scalar>
bool equal_bits(const Tensor<Scalar>& a, const Tensor<Scalar>& b) {
  return a.shape() == b.shape() &&
         (a.empty() || std::memcmp(a.data(), b.data(), to_size(a.size()) * sizeof(Scalar)) == 0);
}
template <class Scalar>
bool equal_bits(const std::vector<Tensor<Scalar>>& a, const std::vector<Tensor<Scalar>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& p, const auto& q) { return equal_bits(p, q); });
}
template <class Scalar>
Tensor<Scalar> uniform_tensor(const Shape& shape, RandomStream stream) {
  Tensor<Scalar> t(shape);
  for (Index i = 0; i < t.size(); ++i)
    t.data()[i] = static_cast<Scalar>(stream.uniform(static_cast<std::uint64_t>(i), -1, 1));
  return t;
}

/// Puts the number of threads back.
class ThreadsGuard {
 public:
  ThreadsGuard() : before_(thread_pool().threads()) {}
  ~ThreadsGuard() { set_num_threads(before_); }
  ThreadsGuard(const ThreadsGuard&) = delete;
  ThreadsGuard& operator=(const ThreadsGuard&) = delete;

 private:
  Index before_;
};

/// The battery's checks; each appends what is wrong.
template <class L>
class LayerBattery {
 public:
  using Scalar = typename L::scalar_type;
  using Tensors = std::vector<Tensor<Scalar>>;

  LayerBattery(const L& layer, Tensors x, LayerExpectations expected)
      : layer_(layer), x_(std::move(x)), expected_(std::move(expected)) {
    for (const auto& tensor : x_) shapes_.push_back(tensor.shape());
  }

  std::vector<std::string> run() {
    check_shapes();
    check_weights();
    for (const bool training : {false, true}) {
      check_threads(training);
      check_samples(training);
      if constexpr (std::is_same_v<Scalar, double>) check_gradient(training);
    }
    check_config();
    check_frozen();
    return faults_;
  }

 private:
  template <class... Parts>
  void fault(const Parts&... parts) {
    std::ostringstream text;
    (text << ... << parts);
    faults_.push_back(text.str());
  }
  /// Output, then the gradients of a random projection: inputs first.
  Tensors outputs_and_gradients(const Tensors& x, bool training) const {
    LayerRun<Scalar> run(layer_, x, {.training = training});
    Tensors all = run.forward(), dy;
    for (const auto& y : all) dy.push_back(projection(y.shape()));
    run.backward(dy);
    for (const auto& variable : run.learning()) all.push_back(run.gradient(variable));
    return all;
  }
  static Tensor<Scalar> projection(const Shape& shape) { return uniform_tensor<Scalar>(shape, RandomStream(7)); }

  void check_shapes() {
    std::vector<Shape> open;
    for (const Shape& shape : shapes_) open.push_back(shape.with_front(None));
    const auto inferred = layer_.compute_output_shapes(open), known = layer_.compute_output_shapes(shapes_);
    if (inferred.size() != 1 || inferred[0] != expected_.output.with_front(None))
      fault("inferred ", inferred[0], " for an open batch, expected ", expected_.output.with_front(None));
    if (known[0] != expected_.output) fault("inferred ", known[0], ", expected ", expected_.output);
    for (const bool training : {false, true}) {
      const auto y = static_cast<const Layer<Scalar>&>(layer_)(x_, {.training = training});
      if (y.shape() != expected_.output) fault("computed ", y.shape(), ", expected ", expected_.output);
    }
  }
  void check_weights() {
    const auto count = [&](const char* what, Index got, Index want) {
      if (got != want) fault(what, ": ", got, ", expected ", want);
    };
    const Index trainable = expected_.trainable_weights, fixed = expected_.non_trainable_weights;
    count("trainable weights", static_cast<Index>(layer_.trainable_weights().size()), trainable);
    count("non-trainable weights", static_cast<Index>(layer_.non_trainable_weights().size()), fixed);
    count("parameters", layer_.count_params(), expected_.params);
    Tensors values;
    for (const auto& weight : layer_.weights())
      values.push_back(uniform_tensor<Scalar>(weight.shape(), RandomStream(values.size())));
    for (auto& value : values) value.array() = value.array().abs() + Scalar(0.1);  // a variance is positive
    layer_.set_weights(values);
    if (!equal_bits(layer_.get_weights(), values)) fault("get_weights() is not what set_weights() got");
    values.emplace_back(Shape{1});
    try {
      layer_.set_weights(values);
      fault("set_weights() took one tensor too many");
    } catch (const ArgumentError&) {
    }
  }
  void check_threads(bool training) {
    const ThreadsGuard guard;
    const auto before = layer_.get_weights();
    Tensors first;
    for (const Index threads : {1, 2, 3}) {
      set_num_threads(threads);
      layer_.set_weights(before);
      auto now = outputs_and_gradients(x_, training);
      if (threads == 1)
        first = std::move(now);
      else if (!equal_bits(now, first))
        fault("other bits on ", threads, " threads", training ? " in training" : "");
    }
    layer_.set_weights(before);
  }
  /// The first and the last sample alone. What is random is drawn by the sample's place, so only the first is the same.
  void check_samples(bool training) {
    if (training && expected_.mixes_samples) return;
    const auto rows = [](const Tensors& tensors, Index i) {
      Tensors one;
      for (const auto& tensor : tensors) one.push_back(tensor.slice(i, i + 1));
      return one;
    };
    LayerRun<Scalar> batch(layer_, x_, {.training = training});
    const auto y = batch.forward();
    const auto dy = projection(y[0].shape());
    batch.backward({dy}, Scalar(1));
    Tensors dx;
    for (const auto& input : batch.inputs()) dx.push_back(batch.gradient(input));
    const Index last = x_[0].shape().front() - 1;
    for (const Index i : {Index{0}, training && expected_.random ? Index{0} : last}) {
      LayerRun<Scalar> alone(layer_, rows(x_, i), {.training = training});
      const auto y_alone = alone.forward();
      alone.backward(rows({dy}, i), Scalar(1));
      if (!equal_bits(y_alone, rows(y, i)))
        fault("sample ", i, " alone has another output", training ? " in training" : "");
      for (std::size_t k = 0; k < dx.size(); ++k)
        if (!equal_bits(alone.gradient(alone.inputs()[k]), dx[k].slice(i, i + 1)))
          fault("sample ", i, " alone has another gradient of input ", k, training ? " in training" : "");
    }
  }
  void check_gradient(bool training) {
    const auto report = check_gradients(layer_, x_, {.training = training});
    if (!(report.max_relative_error < expected_.gradient_error))
      fault("gradients", training ? " in training: " : ": ", report);
  }
  void check_config() {
    saving::Json written, again;
    saving::JsonConfigWriter writer(written), rewriter(again);
    layer_.config(writer);
    saving::JsonConfigReader reader(written, layer_.name());
    const L copy = L::from_config(reader);
    copy.config(rewriter);
    if (again != written) fault("config ", written.dump(), " became ", again.dump());
    if (written.value("name", "") != layer_.name()) fault("config has the name ", written["name"].dump());
    copy.ensure_built(shapes_);
    copy.set_weights(layer_.get_weights());
    if (!equal_bits(LayerRun<Scalar>(copy, x_).forward(), LayerRun<Scalar>(layer_, x_).forward()))
      fault("the layer made from the config computes something else");
    if (LayerRef<Scalar>(layer_)->id() != layer_.id()) fault("share() gives another layer");
  }
  /// Frozen: nothing learns, and training leaves every bit.
  void check_frozen() {
    layer_.trainable = false;
    const Index all = expected_.trainable_weights + expected_.non_trainable_weights;
    if (!layer_.trainable_weights().empty()) fault("frozen, it has trainable weights");
    if (static_cast<Index>(layer_.non_trainable_weights().size()) != all) fault("frozen, some weights are neither");
    const auto before = layer_.get_weights();
    const auto results = outputs_and_gradients(x_, true);
    if (results.size() != 1 + x_.size()) fault("frozen, ", results.size() - 1 - x_.size(), " weights get a gradient");
    if (!equal_bits(layer_.get_weights(), before)) fault("frozen, training changed a weight");
    layer_.trainable = true;
    if (static_cast<Index>(layer_.trainable_weights().size()) != expected_.trainable_weights)
      fault("after unfreezing, ", layer_.trainable_weights().size(), " weights are trainable");
  }

  L layer_;
  Tensors x_;
  LayerExpectations expected_;
  std::vector<Shape> shapes_;
  std::vector<std::string> faults_;
};

}  // namespace detail

/// What every layer should do, whatever it computes: infers the shape it computes, in both modes; has the weights it
/// says and gives back what set_weights() got; computes the same bits on any number of threads and for a sample alone
/// or in a batch; has right gradients (in double); is the same layer after a round trip through its config; learns
/// nothing and changes nothing while frozen. Returns the faults, one line each: empty is good. L needs from_config().
/// Give at least two samples, away from kinks. The layer is built, and gets other weights.
template <class L>
std::vector<std::string> layer_battery(const L& layer, const std::vector<Tensor<typename L::scalar_type>>& x,
                                       const LayerExpectations& expected) {
  return detail::LayerBattery<L>(layer, x, expected).run();
}

}  // namespace graft::testing
