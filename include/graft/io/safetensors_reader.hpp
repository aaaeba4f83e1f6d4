#pragma once
#include <graft/core/tensor.hpp>
#include <graft/io/file.hpp>
#include <graft/io/safetensors_header.hpp>
#include <unordered_map>

namespace graft::io {

/// A safetensors file, open for reading (format: huggingface.co/docs/safetensors). The file is not trusted: opening
/// checks everything, so nothing larger than the file is ever allocated. Reading is safe from several threads.
///   TensorFile file("vgg16.safetensors");
///   for (const auto& tensor : file.tensors()) assign(tensor.name, file.read<float>(tensor.name));
class TensorFile {
 public:
  /// The format's own limit on the header.
  static constexpr std::uint64_t max_header_bytes = 100'000'000;

  /// Throws FileError if the path cannot be read or is not a valid safetensors file.
  explicit TensorFile(const std::filesystem::path& path) : file_(File::open_for_reading(path)) {
    const detail::SafetensorsHeaderParser check(path.string());
    const std::uint64_t size = file_.size();
    if (size < 8) check.fail("it has ", size, " bytes, fewer than the 8 of the header's length");
    std::uint64_t length = 0;
    file_.read_at(0, std::as_writable_bytes(std::span(&length, 1)));
    if (length > max_header_bytes)
      check.fail("its header claims ", length, " bytes; at most ", max_header_bytes, " are allowed");
    if (length > size - 8) check.fail("its header claims ", length, " bytes, but only ", size - 8, " follow");
    std::string text(length, '\0');
    file_.read_at(8, std::as_writable_bytes(std::span(text)));
    data_begin_ = 8 + length;
    header_ = parse_safetensors_header(text, size - data_begin_, path.string());
    for (std::size_t i = 0; i < header_.tensors.size(); ++i) positions_.emplace(header_.tensors[i].name, i);
  }

  const std::filesystem::path& path() const { return file_.path(); }
  /// In the order of their bytes in the file.
  const std::vector<TensorInfo>& tensors() const { return header_.tensors; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const TensorInfo& tensor : tensors()) names.push_back(tensor.name);
    return names;
  }
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  bool contains(const std::string& name) const { return positions_.contains(name); }
  /// Throws FileError if there is no tensor of this name.
  const TensorInfo& info(const std::string& name) const {
    const auto found = positions_.find(name);
    if (found == positions_.end())
      raise<FileError>("'", path().string(), "' has no tensor '", name, "' among its ", tensors().size(), ".");
    return header_.tensors[found->second];
  }

  /// The tensor, converted to S. Throws FileError if there is no tensor of this name.
  template <class S>
  Tensor<S> read(const std::string& name) const {
    Tensor<S> value(info(name).shape);
    read(name, value.view());
    return value;
  }
  /// Into memory that is there. Throws ShapeError if the shape differs.
  template <class S>
  void read(const std::string& name, View<S> out) const {
    const TensorInfo& tensor = info(name);
    if (out.shape != tensor.shape)
      raise<ShapeError>("'", path().string(), "': the tensor '", name, "' has the shape ", tensor.shape, ", not ",
                        out.shape, ".");
    const std::uint64_t begin = data_begin_ + tensor.begin;
    if (tensor.dtype == dtype_of<S>()) return file_.read_at(begin, std::as_writable_bytes(out.span()));
    constexpr Index chunk = 65536;
    const std::size_t item = dtype_bytes(tensor.dtype);
    std::vector<std::byte> bytes(to_size(std::min(chunk, out.size())) * item);
    for (Index i = 0; i < out.size(); i += chunk) {
      const Index n = std::min(chunk, out.size() - i);
      file_.read_at(begin + to_size(i) * item, std::span(bytes).first(to_size(n) * item));
      decode(tensor.dtype, bytes.data(), n, out.data + i);
    }
  }

 private:
  File file_;
  std::uint64_t data_begin_ = 0;
  SafetensorsHeader header_;
  std::unordered_map<std::string, std::size_t> positions_;
};

}  // namespace graft::io
