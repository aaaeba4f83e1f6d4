#pragma once
#include <atomic>
#include <cstddef>
#include <cstring>
#include <graft/ops/parallel.hpp>
#include <graft/plan/binding.hpp>
#include <graft/plan/packed_store.hpp>
#include <limits>

namespace graft::plan {

/// A test's aid: what set_poison() a new executor starts with.
inline std::atomic<bool> poison_by_default{false};

/// Runs a binding: one per concurrent run. Memory is allocated in the constructor only; built-in steps allocate nothing
/// per batch.
template <class Scalar>
class Executor {
 public:
  Executor(Binding<Scalar> binding, std::shared_ptr<PackedStore<Scalar>> packed)
      : binding_(std::move(binding)),
        store_(std::move(packed)),
        arena_(binding_.bytes()),
        threads_(thread_pool().threads()) {
    if (binding_.part().backward)
      for (const auto& variable : binding_.program().learning) gradients_.emplace_back(variable.shape());
    for (Index i = 0; i < binding_.size(); ++i) {
      calls_.push_back(std::make_unique<Call>(make_call(i)));
      calls_.back()->forward.context = calls_.back()->backward.context = &calls_.back()->context;
    }
    set_poison(poison_by_default);
  }

  const Binding<Scalar>& binding() const { return binding_; }
  /// A change of the number of threads outdates the work areas.
  bool is_current() const { return threads_ == thread_pool().threads(); }
  /// The first n samples of a value, to write feeds and to read what was fetched.
  View<Scalar> value(ValueId v, Index n) { return view(binding_.value_block(v), v, n); }
  /// The first n entries of a seed's gradient, which the caller writes between forward() and backward().
  View<Scalar> gradient(ValueId v, Index n) { return view(binding_.gradient_block(v), v, n); }
  /// One per Program::learning; backward() sets them.
  std::vector<Tensor<Scalar>>& gradients() { return gradients_; }

  void forward(Index n, const Run& run) {
    const auto& single = binding_.single();
    for (Index i = 0; i < binding_.size(); ++i) {
      if (i < single.begin || i >= single.end) {
        run_forward(i, n, run);
        poison_blocks_that_end_at(i);
      } else if (i == single.begin) {
        run_single(n, run);
      }
    }
  }
  void backward(Index n, const Run& run) {
    for (auto& gradient : gradients_)
      ops::each_range(gradient.size(), 1, [&](Index first, Index last) {
        std::fill(gradient.data() + first, gradient.data() + last, Scalar(0));
      });
    for (Index i = binding_.size(); i-- > 0;) {
      if (!binding_.runs_backward(i)) continue;
      Call& call = *calls_[to_size(i)];
      if (binding_.step(i).wants_dx()) refresh(*binding_.step(i).op, call, Direction::backward, call.backward);
      resize(call.backward, n, run);
      binding_.step(i).op->backward(call.backward);
      for (auto& [sum, term] : call.sums) add(sum, term, n);
      poison_blocks_that_end_at(2 * binding_.size() - i);
    }
  }

  /// Gives the packed weights back to the store until the next run, so that it can fill them again in place when the
  /// weights have changed: training and validation then need one copy together.
  void release_packed() {
    for (auto& call : calls_)
      for (std::size_t d = 0; d < 2; ++d) call->packed[d] = nullptr;
  }

  /// A test's aid: memory is filled with NaN before its life begins and when it ends, since sanitizers are blind inside
  /// an arena.
  void set_poison(bool on) {
    poison_ = on;
    if (on) poison(0, arena_.size());
  }

 private:
  using Bytes = typename PackedStore<Scalar>::Bytes;
  struct Call {
    Io<Scalar> forward, backward;
    std::vector<Variable<Scalar>> variables;
    Bytes packed[2];
    long version[2] = {-1, -1};
    std::any context;
    std::vector<std::pair<View<Scalar>, View<Scalar>>> sums;  ///< gradient += second gradient
  };

  void* at(Index block) {
    return block == Binding<Scalar>::nowhere ? nullptr : arena_.data() + binding_.blocks()[to_size(block)].offset;
  }
  View<Scalar> view(Index block, ValueId v, Index n) {
    return {static_cast<Scalar*>(at(block)), binding_.shape(v).with_front(n)};
  }
  View<Scalar> full_view(Index block, ValueId v) { return view(block, v, binding_.capacity()); }

  Call make_call(Index i) {
    const auto& step = binding_.step(i);
    Call call;
    call.variables = step.op->variables();
    for (const ValueId in : step.in) call.forward.x.push_back(full_view(binding_.value_block(in), in));
    call.forward.y = full_view(binding_.value_block(step.out), step.out);
    call.forward.saved = at(binding_.saved_block(i));
    call.backward = call.forward;
    call.forward.work = at(binding_.work_block(i, Direction::forward));
    if (binding_.runs_backward(i)) complete_backward(i, call);
    return call;
  }
  void complete_backward(Index i, Call& call) {
    const auto& step = binding_.step(i);
    const Needs needs = step.op->needs(step.wants_dx(), step.learns());
    Io<Scalar>& io = call.backward;
    if (!needs.x)
      for (auto& x : io.x) x.data = nullptr;
    if (!needs.y) io.y.data = nullptr;
    io.work = at(binding_.work_block(i, Direction::backward));
    io.dy = full_view(binding_.gradient_block(step.out), step.out);
    for (std::size_t j = 0; j < step.in.size(); ++j) {
      const View<Scalar> first = full_view(binding_.gradient_block(step.in[j]), step.in[j]);
      const Index second = binding_.second_gradient_block(i, j);
      io.dx.push_back({nullptr, first.shape});
      if (!step.dx[j]) continue;
      io.dx.back().data = second == Binding<Scalar>::nowhere ? first.data : static_cast<Scalar*>(at(second));
      if (second != Binding<Scalar>::nowhere) call.sums.push_back({first, io.dx.back()});
    }
    for (const Index slot : step.slot) io.dw.push_back(slot < 0 ? View<Scalar>{} : gradients_[to_size(slot)].view());
  }
  void run_forward(Index i, Index n, const Run& run) {
    Call& call = *calls_[to_size(i)];
    refresh(*binding_.step(i).op, call, Direction::forward, call.forward);
    resize(call.forward, n, run);
    binding_.step(i).op->forward(call.forward);
  }
  /// The steps that run sample by sample, all of them for one sample after the other.
  void run_single(Index n, const Run& run) {
    const auto& [begin, end] = binding_.single();
    for (Index sample = 0; sample < n; ++sample)
      for (Index i = begin; i < end; ++i) {
        const auto& step = binding_.step(i);
        Io<Scalar>& io = calls_[to_size(i)]->forward;
        for (std::size_t j = 0; j < step.in.size(); ++j) io.x[j].data = sample_of(step.in[j], sample);
        io.y.data = sample_of(step.out, sample);
        run_forward(i, 1, run);
        if (i < end - 1 || sample == n - 1) poison_blocks_that_end_at(i);
      }
  }
  Scalar* sample_of(ValueId v, Index sample) {
    auto* const first = static_cast<Scalar*>(at(binding_.value_block(v)));
    return binding_.is_single(v) ? first : first + sample * binding_.shape(v).sample_elements();
  }
  void refresh(const Op<Scalar>& op, Call& call, Direction direction, Io<Scalar>& io) {
    const auto d = static_cast<std::size_t>(direction);
    if (op.packed_bytes(direction) == 0) return;
    const long version = total_version(call.variables);
    if (call.packed[d] && call.version[d] == version) return;
    call.packed[d] = store_->get(op, call.variables, direction, std::exchange(call.packed[d], nullptr));
    call.version[d] = version;
    io.packed = call.packed[d]->data();
  }
  static void resize(Io<Scalar>& io, Index n, const Run& run) {
    io.n = n;
    io.run = run;
    for (auto& x : io.x) x.shape[0] = n;
    io.y.shape[0] = n;
    if (io.dy) io.dy.shape[0] = n;
    for (auto& dx : io.dx) dx.shape[0] = n;
  }
  static void add(View<Scalar> sum, View<Scalar> term, Index n) {
    ops::each_range(sum.shape.with_front(n).elements(), 1, [&](Index first, Index last) {
      for (Index i = first; i < last; ++i) sum.data[i] += term.data[i];
    });
  }
  void poison_blocks_that_end_at(Index time) {
    if (!poison_) return;
    for (const Block& block : binding_.blocks())
      if (block.to == time) poison(block.offset, block.bytes);
  }
  void poison(Index offset, Index bytes) {
    std::fill_n(reinterpret_cast<Scalar*>(arena_.data() + offset), bytes / static_cast<Index>(sizeof(Scalar)),
                std::numeric_limits<Scalar>::quiet_NaN());
  }

  Binding<Scalar> binding_;
  std::shared_ptr<PackedStore<Scalar>> store_;
  Buffer<std::byte> arena_;
  Index threads_;
  bool poison_ = false;
  std::vector<Tensor<Scalar>> gradients_;
  std::vector<std::unique_ptr<Call>> calls_;
};

}  // namespace graft::plan
