#pragma once
#include <graft/core/random.hpp>
#include <graft/data/folder_index.hpp>
#include <graft/data/image_reading.hpp>
#include <graft/data/source.hpp>

namespace graft::data {

/// Images that are decoded and resized when they are asked for: x (height, width, channels), values 0 to 255; y () with
/// the class number, (1) with 0 or 1, (classes) one-hot, or nothing.
class ImageFileSource final : public Source<float> {
 public:
  ImageFileSource(std::vector<ImageFile> files, std::vector<std::string> class_names, const ImageReading& reading)
      : files_(std::move(files)), class_names_(std::move(class_names)), reading_(reading) {}

  Index size() const override { return static_cast<Index>(files_.size()); }
  SampleShapes shapes() const override {
    SampleShapes shapes{{image_shape()}, {}};
    if (reading_.labels == LabelMode::integer) shapes.y.push_back({});
    if (reading_.labels == LabelMode::binary) shapes.y.push_back({1});
    if (reading_.labels == LabelMode::categorical) shapes.y.push_back({static_cast<Index>(class_names_.size())});
    return shapes;
  }
  /// From every file's path, size and time of change, and all options.
  std::optional<std::uint64_t> fingerprint() const override {
    std::uint64_t hash = hash_text(image_shape().str());
    hash = mix(hash, static_cast<std::uint64_t>(reading_.interpolation) * 8 +
                         static_cast<std::uint64_t>(reading_.aspect_ratio));
    for (const ImageFile& file : files_) {
      hash = mix(hash, hash_text(std::filesystem::absolute(file.path).string()));
      hash = mix(hash, file.version);
    }
    return hash;
  }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::vector<std::string> file_paths() const override {
    std::vector<std::string> paths;
    for (const ImageFile& file : files_) paths.push_back(file.path.string());
    return paths;
  }
  std::vector<std::string> transforms() const override { return {reading_.str()}; }
  bool slow() const override { return true; }

  void prepare(Index rows, Batch<float>& out) const override {
    out.x.resize(1);
    reshape(out.x[0], image_shape().with_batch(rows));
    prepare_targets(rows, out);
  }
  void load(Index id, Index row, Batch<float>& out) const override {
    const Shape shape = image_shape();
    read_resized(files_[to_size(id)].path, reading_, {out.x[0].data() + row * shape.elements(), shape});
    load_target(id, row, out);
  }
  void targets(std::span<const Index> ids, Batch<float>& out) const override {
    out.x.clear();
    out.ids.assign(ids.begin(), ids.end());
    prepare_targets(static_cast<Index>(ids.size()), out);
    for (std::size_t row = 0; row < ids.size(); ++row) load_target(ids[row], static_cast<Index>(row), out);
  }

 private:
  Shape image_shape() const { return reading_.shape(); }
  void prepare_targets(Index rows, Batch<float>& out) const {
    const std::vector<Shape> y = shapes().y;
    out.sample_weight.reset();
    out.y.resize(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) reshape(out.y[i], y[i].with_batch(rows));
  }
  void load_target(Index id, Index row, Batch<float>& out) const {
    const Index label = files_[to_size(id)].label;
    if (reading_.labels == LabelMode::none) return;
    if (reading_.labels != LabelMode::categorical) return void(out.y[0].data()[row] = static_cast<float>(label));
    const auto classes = static_cast<Index>(class_names_.size());
    float* one_hot = out.y[0].data() + row * classes;
    std::fill_n(one_hot, classes, 0.F);
    one_hot[label] = 1;
  }

  std::vector<ImageFile> files_;
  std::vector<std::string> class_names_;
  ImageReading reading_;
};

}  // namespace graft::data
