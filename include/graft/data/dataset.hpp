#pragma once
#include <graft/core/global_seed.hpp>
#include <graft/data/decorators.hpp>
#include <graft/data/reader.hpp>
#include <graft/data/tensor_source.hpp>

namespace graft {

/// Samples with their labels, and how they are batched and shuffled: a cheap handle on shared, unchanging data. An
/// empty one (default-constructed) stands for Python's None. Every method that changes something returns a new dataset.
///   Dataset train = Dataset<>::from_tensors(images, labels).map(preprocess_input).cache().batch(32).shuffle();
template <class S = float>
class Dataset {
 public:
  Dataset() = default;
  /// Any source of samples: how new kinds of datasets are made.
  explicit Dataset(std::shared_ptr<const data::Source<S>> source) : source_(std::move(source)) {}

  /// The rows of tensors (one per input, one per output); sample_weight is (samples,). Throws ShapeError if the numbers
  /// of rows differ.
  static Dataset from_tensors(std::vector<Tensor<S>> x, std::vector<Tensor<S>> y = {},
                              std::optional<Tensor<S>> sample_weight = {}) {
    return Dataset(std::make_shared<data::TensorSource<S>>(std::move(x), std::move(y), std::move(sample_weight)));
  }
  static Dataset from_tensors(Tensor<S> x) { return from_tensors(list(std::move(x))); }
  /// An empty y, Tensor(), is none.
  static Dataset from_tensors(Tensor<S> x, Tensor<S> y, std::optional<Tensor<S>> sample_weight = {}) {
    std::vector<Tensor<S>> labels;
    if (y.rank() > 0) labels.push_back(std::move(y));
    return from_tensors(list(std::move(x)), std::move(labels), std::move(sample_weight));
  }
  /// As from_tensors() without a copy: the memory must live and stay as it is as long as any copy of the dataset.
  static Dataset from_views(std::vector<View<const S>> x, std::vector<View<const S>> y = {},
                            std::optional<View<const S>> sample_weight = {}) {
    return Dataset(std::make_shared<data::TensorSource<S>>(std::move(x), std::move(y), sample_weight));
  }

  /// Batches made by a function, as a stream: in its order, of unknown number, never cached.
  ///   f() -> optional<Batch> or optional<pair(x, y)>: called until it returns nothing; then the stream is exhausted
  ///   for
  ///          good, as a Python generator is, and fit() warns in the next epoch.
  ///   f() -> a function as above: called for every pass, so each epoch starts afresh.
  template <class F>
  static Dataset from_generator(F f) {
    Dataset dataset;
    if constexpr (requires { generator(f()); })
      dataset.stream_ = data::Stream<S>::restartable([f = std::move(f)]() mutable { return generator(f()); });
    else
      dataset.stream_ = data::Stream<S>::once(generator(std::move(f)));
    return dataset;
  }

  bool empty() const { return !source_ && !stream_; }
  /// False for a stream and for an empty dataset.
  bool random_access() const { return source_ != nullptr; }
  /// The number of samples; None for a stream.
  Index size() const { return source_ ? source_->size() : stream_ ? None : 0; }
  /// None until batch() was called: fit()'s own batch_size then counts.
  Index batch_size() const { return batch_size_; }
  bool shuffled() const { return seed_.has_value(); }
  /// Equal for datasets whose samples have equal inputs under equal ids; empty if they are not known to repeat.
  std::optional<std::uint64_t> fingerprint() const { return source_ ? source_->fingerprint() : std::nullopt; }
  /// With the batch axis as None; read off the first sample where nothing else tells.
  std::vector<Shape> input_shapes() const { return batched(shapes().x); }
  std::vector<Shape> target_shapes() const { return batched(shapes().y); }
  const std::vector<std::string>& class_names() const {
    static const std::vector<std::string> none;
    return source_ ? source_->class_names() : none;
  }
  /// The file of every sample, by id; empty where samples are not files.
  std::vector<std::string> file_paths() const { return source_ ? source_->file_paths() : std::vector<std::string>{}; }
  /// How files are read ("image 224 224 3 bilinear ignore") and the names of the named transforms that map() was given,
  /// first to last; fit() stores it in the model.
  std::vector<std::string> transforms() const { return source_ ? source_->transforms() : std::vector<std::string>{}; }

  /// The ids (0 .. size() - 1) in the order of that epoch: shuffled by (seed, epoch) alone, or as they are. An id means
  /// the same sample in every epoch.
  std::vector<Index> order(Index epoch) const {
    std::vector<Index> ids(to_size(random_source().size()));
    std::iota(ids.begin(), ids.end(), Index{0});
    if (!seed_) return ids;
    const RandomStream random(mix(*seed_, static_cast<std::uint64_t>(epoch)));
    for (std::size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[random.below(i, i)]);  // Fisher and Yates
    return ids;
  }
  /// Labels and sample weights of these samples. Decodes nothing unless a map() function takes the labels.
  void targets(std::span<const Index> ids, Batch<S>& out) const { random_source().targets(ids, out); }
  /// The samples of `order` in batches (the last one may be smaller). A stream has its own order and batches, and both
  /// arguments are unused.
  Reader<S> read(std::vector<Index> order, Index batch_size, ReadOptions options = {}) const {
    if (stream_) return Reader<S>(stream_->pass());
    for (const Index id : order)
      if (id < 0 || id >= random_source().size())
        raise<ArgumentError>("Dataset: there is no sample ", id, " among ", size(), ".");
    return Reader<S>(source_, std::move(order), check_count("batch_size", batch_size), options);
  }

  /// Applies f to every batch: x -> x, (x, y) -> pair(x, y), or a function that changes a Batch& in place. Axis 0
  /// stays; f may be called with any number of rows. A NamedTransform is deterministic, any other function if the
  /// option says so.
  template <class F>
  Dataset map(F f, MapOptions options = {}) const {
    Dataset mapped = *this;
    auto transform = data::make_transform<S>(std::move(f), options);
    if (stream_)
      mapped.stream_ = data::Stream<S>::map(stream_, std::move(transform));
    else
      mapped.source_ = std::make_shared<data::MapSource<S>>(random_source("map"), std::move(transform));
    return mapped;
  }
  /// Keeps every sample in memory, decoded and transformed, once it was read. Throws StateError after a map() that is
  /// not deterministic: its first result would be kept for ever.
  Dataset cache() const {
    Dataset cached = *this;
    if (random_source("cache")->in_order())
      raise<StateError>(
          "Dataset::cache() after a map() that is not deterministic would keep its first result for ever. ",
          "Call cache() before that map(), or give map() {.deterministic = true}.");
    cached.source_ = std::make_shared<data::CacheSource<S>>(source_);
    return cached;
  }
  /// The first n batches (samples, if batch() was not called yet); None takes all.
  Dataset take(Index n) const { return part("take", 0, n == None ? n : check_count("take", n, 0)); }
  /// All but the first n batches (samples, if batch() was not called yet). Of a shuffled dataset both take from the
  /// order of epoch 0, so that take(n) and skip(n) share no sample (tf.data would draw a new order for each).
  Dataset skip(Index n) const { return part("skip", check_count("skip", n, 0), None); }
  Dataset batch(Index n) const {
    Dataset batched = *this;
    random_source("batch");
    batched.batch_size_ = check_count("batch", n);
    return batched;
  }
  /// A new order for every epoch; without a seed, one that follows from utils::set_random_seed().
  Dataset shuffle(std::optional<std::uint64_t> seed = {}) const {
    Dataset shuffled = *this;
    random_source("shuffle");
    shuffled.seed_ = seed ? *seed : next_seed();
    return shuffled;
  }

 private:
  static std::vector<Tensor<S>> list(Tensor<S> t) {
    std::vector<Tensor<S>> tensors;
    tensors.push_back(std::move(t));
    return tensors;
  }
  static std::vector<Shape> batched(std::vector<Shape> shapes) {
    for (Shape& shape : shapes) shape = shape.with_batch();
    return shapes;
  }
  data::SampleShapes shapes() const {
    if (stream_) return stream_->shapes();
    return source_ ? source_->shapes() : data::SampleShapes{};
  }

  template <class F>
  requires std::convertible_to<std::invoke_result_t<F&>, std::optional<Batch<S>>>
  static data::Generator<S> generator(F f) { return f; }
  template <class F>
  requires std::convertible_to<std::invoke_result_t<F&>, std::optional<std::pair<Tensor<S>, Tensor<S>>>>
  static data::Generator<S> generator(F f) {
    return [f = std::move(f)]() mutable -> std::optional<Batch<S>> {
      std::optional<std::pair<Tensor<S>, Tensor<S>>> xy = f();
      if (!xy) return std::nullopt;
      return Batch<S>{list(std::move(xy->first)), list(std::move(xy->second)), {}, {}};
    };
  }

  static Index check_count(const char* what, Index n, Index least = 1) {
    if (n < least) raise<ArgumentError>("Dataset: ", what, " must be at least ", least, ", got ", n, ".");
    return n;
  }
  const data::Source<S>& random_source() const { return *random_source("order"); }
  const std::shared_ptr<const data::Source<S>>& random_source(const char* method) const {
    if (stream_)
      raise<StateError>("Dataset::", method,
                        "() needs samples that can be had in any order, but this dataset comes from a ",
                        "generator, which gives whole batches once. Collect them with Dataset::from_tensors().");
    if (!source_) raise<StateError>("Dataset::", method, "() called on an empty dataset.");
    return source_;
  }
  Dataset part(const char* method, Index skipped, Index taken) const {
    Dataset part = *this;
    if (stream_) {
      part.stream_ = data::Stream<S>::part(stream_, skipped, taken);
      return part;
    }
    random_source(method);
    std::vector<Index> ids = order(0);
    const Index unit = batch_size_ == None ? 1 : batch_size_, n = static_cast<Index>(ids.size());
    const auto samples = [&](Index batches) { return batches > n / unit ? n : batches * unit; };
    const Index begin = samples(skipped), end = taken == None ? n : samples(taken);
    part.source_ =
        std::make_shared<data::SubsetSource<S>>(source_, std::vector<Index>(ids.begin() + begin, ids.begin() + end));
    return part;
  }

  std::shared_ptr<const data::Source<S>> source_;
  std::shared_ptr<data::Stream<S>> stream_;
  Index batch_size_ = None;
  std::optional<std::uint64_t> seed_;
};

}  // namespace graft
