#pragma once
#include <functional>
#include <graft/core/tensor.hpp>
#include <graft/io/atomic_file.hpp>
#include <graft/io/safetensors_header.hpp>

namespace graft::io {

/// Collects views of tensors and writes them to a safetensors file in the order they were added. The memory that the
/// views show must stay as it is until save() has returned.
///   SafetensorsWriter writer;
///   writer.add("dense/kernel", kernel.view(), Dtype::f16);
///   writer.save("model.safetensors", {{"author", "me"}});
class SafetensorsWriter {
 public:
  /// Stored as `dtype`, rounded to nearest even. Throws ArgumentError if the name was added before or is reserved, or
  /// dtype is not one of f64, f32, f16, bf16.
  template <class S>
  void add(const std::string& name, View<S> value, Dtype dtype = dtype_of<std::remove_const_t<S>>()) {
    if (name == "__metadata__")
      raise<ArgumentError>("safetensors: the name '__metadata__' is reserved. Rename the tensor.");
    if (!names_.insert(name).second)
      raise<ArgumentError>("safetensors: two tensors have the name '", name, "'. Give each its own.");
    if (!is_floating(dtype))
      raise<ArgumentError>("safetensors: the tensor '", name, "' cannot be written as ", dtype_name(dtype),
                           ". Use F64, F32, F16 or BF16.");
    const std::uint64_t bytes = to_size(value.size()) * dtype_bytes(dtype);
    header_.tensors.push_back({name, dtype, value.shape, bytes_, bytes_ + bytes});
    bytes_ += bytes;
    encoders_.push_back(
        [data = value.data, dtype](Index at, Index n, std::byte* out) { encode(dtype, data + at, n, out); });
  }

  /// Replaces `path` as a whole or not at all. Throws FileError, and ArgumentError if a name is not UTF-8.
  void save(const std::filesystem::path& path, std::map<std::string, std::string> metadata = {}) {
    header_.metadata = std::move(metadata);
    const std::string text = write_safetensors_header(header_);
    const std::uint64_t length = text.size();
    AtomicFile file(path);
    file.write(std::as_bytes(std::span(&length, 1)));
    file.write(text);
    std::vector<std::byte> bytes;
    for (std::size_t t = 0; t < encoders_.size(); ++t) {
      constexpr Index chunk = 65536;
      const Index size = header_.tensors[t].shape.elements();
      const std::size_t item = dtype_bytes(header_.tensors[t].dtype);
      for (Index i = 0; i < size; i += chunk) {
        const Index n = std::min(chunk, size - i);
        bytes.resize(to_size(n) * item);
        encoders_[t](i, n, bytes.data());
        file.write(bytes);
      }
    }
    file.commit();
  }

 private:
  SafetensorsHeader header_;
  std::set<std::string> names_;
  std::uint64_t bytes_ = 0;
  std::vector<std::function<void(Index, Index, std::byte*)>> encoders_;
};

}  // namespace graft::io
