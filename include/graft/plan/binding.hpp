#pragma once
#include <graft/plan/arena.hpp>
#include <graft/plan/program.hpp>
#include <span>

namespace graft::plan {

/// Which part of a program runs, on what.
template <class Scalar>
struct Part {
  std::vector<Index> steps;    ///< in the program's order
  std::vector<ValueId> feeds;  ///< values that the caller writes
  std::vector<Shape> shapes;   ///< of the feeds; axis 0 is replaced by the capacity
  std::vector<ValueId> fetch;  ///< values that the caller reads afterwards
  bool backward = false;
  /// A step whose images, in and out, take more than this runs sample by sample, if it can: they stay in the cache from
  /// one step to the next one, and memory holds them once. 7 MB: the first four convolutions of VGG16, 12 % faster.
  Index single_bytes = Index{7} << 20;
};

/// A part of a program bound to numbers: shapes, and one block of an arena per value, gradient, saved and work area.
/// Time runs 0 .. m - 1 forward, m where the caller writes the seeds, 2m - i where step i runs backward.
template <class Scalar>
class Binding {
 public:
  static constexpr Index nowhere = -1;

  Binding(std::shared_ptr<const Program<Scalar>> program, Part<Scalar> part, Index capacity)
      : program_(std::move(program)),
        part_(std::move(part)),
        capacity_(capacity),
        steps_(static_cast<Index>(part_.steps.size())) {
    const std::size_t n = program_->values.size();
    shapes_.resize(n);
    value_.assign(n, nowhere);
    gradient_.assign(n, nowhere);
    lives_.assign(n, {});
    gradient_lives_.assign(n, {});
    one_sample_.assign(n, false);
    areas_.resize(part_.steps.size());
    infer_shapes();
    live_forward();
    if (part_.backward) live_backward();
    for (const ValueId value : part_.fetch) life(value).extend(2 * steps_ + 1);
    choose_single();
    allocate();
    bytes_ = place_by_lifetime(blocks_);
  }

  const Part<Scalar>& part() const { return part_; }
  const Step<Scalar>& step(Index i) const { return program_->steps[to_size(part_.steps[to_size(i)])]; }
  const Program<Scalar>& program() const { return *program_; }
  Index size() const { return steps_; }
  Index capacity() const { return capacity_; }
  bool runs_backward(Index i) const { return part_.backward && step(i).backward; }
  /// Consecutive steps that run one sample after the other, each sample through all of them; none if begin = end.
  struct Range {
    Index begin = 0, end = 0;
    bool contains(Index i) const { return i >= begin && i < end; }
  };
  const Range& single() const { return single_; }
  /// True if the value's block holds one sample: nothing outside those steps touches it.
  bool is_single(ValueId value) const { return one_sample_[to_size(program_->root(value))]; }
  /// Shape with axis 0 at the capacity.
  const Shape& shape(ValueId value) const { return shapes_[to_size(value)]; }
  const std::vector<Block>& blocks() const { return blocks_; }
  /// Bytes of the arena, and what it would be without sharing memory.
  Index bytes() const { return bytes_; }
  Index unshared_bytes() const {
    return std::accumulate(blocks_.begin(), blocks_.end(), Index{0},
                           [](Index n, const Block& b) { return n + b.bytes; });
  }
  /// Bytes of step i that stay from forward to backward: its saved area, and its output where something reads it then.
  Index kept_bytes(Index i) const {
    const Life& out = lives_[to_size(program_->root(step(i).out))];
    const bool kept = out.last > steps_ && out.last <= 2 * steps_;
    return (kept ? value_bytes(step(i).out) : 0) + bytes_of(areas_[to_size(i)].saved);
  }

  // Block numbers, or nowhere.
  Index value_block(ValueId value) const { return value_[to_size(program_->root(value))]; }
  Index gradient_block(ValueId value) const { return gradient_[to_size(program_->root(value))]; }
  Index saved_block(Index i) const { return areas_[to_size(i)].saved; }
  Index work_block(Index i, Direction d) const {
    return d == Direction::forward ? areas_[to_size(i)].work : areas_[to_size(i)].backward_work;
  }
  /// Where step i writes the gradient of its input j when another step has already written one; the two are then added.
  Index second_gradient_block(Index i, std::size_t j) const {
    const auto& second = areas_[to_size(i)].second;
    return j < second.size() ? second[j] : nowhere;
  }

 private:
  struct Life {
    Index first = -1, last = -1;
    bool alive() const { return first >= 0; }
    void extend(Index time) {
      if (first < 0) first = time;
      last = std::max(last, time);
    }
  };
  struct Areas {
    Index saved = nowhere, work = nowhere, backward_work = nowhere;
    std::vector<Index> second;
  };

  Index backward_time(Index i) const { return 2 * steps_ - i; }
  Life& life(ValueId value) { return lives_[to_size(program_->root(value))]; }
  Life& gradient_life(ValueId value) { return gradient_lives_[to_size(program_->root(value))]; }
  Index sample_bytes(ValueId v) const { return shape(v).sample_elements() * static_cast<Index>(sizeof(Scalar)); }
  Index value_bytes(ValueId v) const { return is_single(v) ? sample_bytes(v) : capacity_ * sample_bytes(v); }
  Index bytes_of(Index block) const { return block == nowhere ? 0 : blocks_[to_size(block)].bytes; }
  std::vector<Shape> input_shapes(Index i) const {
    std::vector<Shape> shapes;
    for (const ValueId in : step(i).in) shapes.push_back(shape(in));
    return shapes;
  }
  bool can_be_single(Index i) const { return step(i).op->pure() && !runs_backward(i); }
  bool is_large(Index i) const {
    Index bytes = sample_bytes(step(i).out);
    for (const ValueId in : step(i).in) bytes += sample_bytes(in);
    return bytes > part_.single_bytes;
  }
  // What goes in or out lives through all of the steps, since every sample comes back to the first of them.
  void choose_single() {
    Index i = 0;
    while (i < steps_ && !(can_be_single(i) && is_large(i))) ++i;
    if (capacity_ == 1 || i == steps_) return;
    for (single_ = {i, i}; i < steps_ && can_be_single(i); ++i)
      if (is_large(i)) single_.end = i + 1;
    std::vector<bool> fed(lives_.size(), false);
    for (const ValueId feed : part_.feeds) fed[to_size(program_->root(feed))] = true;
    for (std::size_t v = 0; v < lives_.size(); ++v) {
      Life& life = lives_[v];
      if (!life.alive() || life.first >= single_.end || life.last < single_.begin) continue;
      one_sample_[v] = !fed[v] && life.first >= single_.begin && life.last < single_.end;
      if (one_sample_[v]) continue;
      life.first = std::min(life.first, single_.begin);
      life.last = std::max(life.last, single_.end - 1);
    }
  }

  void resolve(ValueId value) {
    const Value& v = program_->values[to_size(value)];
    if (v.alias_of < 0) return;
    resolve(v.alias_of);
    shapes_[to_size(value)] = v.reshape(shapes_[to_size(v.alias_of)]);
  }
  void infer_shapes() {
    for (std::size_t i = 0; i < part_.feeds.size(); ++i)
      shapes_[to_size(part_.feeds[i])] = part_.shapes[i].with_front(capacity_);
    for (Index i = 0; i < steps_; ++i) {
      for (const ValueId in : step(i).in) resolve(in);
      shapes_[to_size(step(i).out)] = step(i).op->shape(input_shapes(i));
      require_elements(i);
      set_root_shape(step(i).out);
    }
    for (const ValueId value : part_.fetch) resolve(value);
  }
  // Axes that compile() did not know may turn out too short for a window.
  void require_elements(Index i) const {
    const Shape& out = shape(step(i).out);
    if (out.rank() > 1 && out.sample_elements() == 0)
      raise<ShapeError>("Layer '", step(i).layer, "': its output would be empty, ", out, ". The input ",
                        shape(step(i).in.front()), " is too small for it.");
  }
  // A fused step may end in a value that others alias; a root always has a shape of its own.
  void set_root_shape(ValueId value) {
    Shape& root = shapes_[to_size(program_->root(value))];
    if (root.empty()) root = shapes_[to_size(value)];
  }
  void live_forward() {
    for (const ValueId feed : part_.feeds) life(feed).extend(0);
    for (Index i = 0; i < steps_; ++i) {
      for (const ValueId in : step(i).in) life(in).extend(i);
      life(step(i).out).extend(i);
      if (!runs_backward(i)) continue;
      const Needs needs = step(i).op->needs(step(i).wants_dx(), step(i).learns());
      if (needs.x)
        for (const ValueId in : step(i).in) life(in).extend(backward_time(i));
      if (needs.y) life(step(i).out).extend(backward_time(i));
    }
  }
  void live_backward() {
    for (const ValueId seed : program_->seeds)
      if (program_->root_value(seed).has_gradient) gradient_life(seed).extend(steps_);
    for (Index i = steps_; i-- > 0;) {
      if (!runs_backward(i)) continue;
      gradient_life(step(i).out).extend(backward_time(i));
      areas_[to_size(i)].second.assign(step(i).in.size(), nowhere);
      for (std::size_t j = 0; j < step(i).in.size(); ++j) {
        if (!step(i).dx[j]) continue;
        if (gradient_life(step(i).in[j]).alive())
          areas_[to_size(i)].second[j] = add_block(value_bytes(step(i).in[j]), backward_time(i), backward_time(i));
        gradient_life(step(i).in[j]).extend(backward_time(i));
      }
    }
  }
  Index add_block(Index bytes, Index from, Index to) {
    if (bytes == 0) return nowhere;
    blocks_.push_back({.bytes = (bytes + 63) / 64 * 64, .from = from, .to = to});
    return static_cast<Index>(blocks_.size()) - 1;
  }
  void allocate() {
    for (std::size_t v = 0; v < lives_.size(); ++v) {
      const Index bytes = shapes_[v].empty() ? 0 : value_bytes(static_cast<ValueId>(v));
      if (lives_[v].alive()) value_[v] = add_block(bytes, lives_[v].first, lives_[v].last);
      if (gradient_lives_[v].alive())
        gradient_[v] = add_block(bytes, gradient_lives_[v].first, gradient_lives_[v].last);
    }
    for (Index i = 0; i < steps_; ++i) {
      auto in = input_shapes(i);
      Shape out = shape(step(i).out);
      if (single_.contains(i)) {
        for (Shape& shape : in) shape = shape.with_front(1);
        out = out.with_front(1);
      }
      const Op<Scalar>& op = *step(i).op;
      Areas& areas = areas_[to_size(i)];
      areas.work = add_block(op.work_bytes(in, out, Direction::forward), i, i);
      if (!runs_backward(i)) continue;
      const Index t = backward_time(i);
      areas.saved = add_block(op.saved_bytes(in, out), i, t);
      areas.backward_work = add_block(op.work_bytes(in, out, Direction::backward), t, t);
    }
  }

  std::shared_ptr<const Program<Scalar>> program_;
  Part<Scalar> part_;
  Index capacity_, steps_, bytes_ = 0;
  std::vector<Shape> shapes_;
  std::vector<Block> blocks_;
  std::vector<Index> value_, gradient_;
  std::vector<Life> lives_, gradient_lives_;
  Range single_;
  std::vector<bool> one_sample_;
  std::vector<Areas> areas_;
};

}  // namespace graft::plan
