#pragma once
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <graft/core/index.hpp>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace graft {

/// Owns n elements, zeroed and aligned to 64 bytes (a cache line, an AVX-512 register); copies are deep.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(Index n) : data_(allocate(n)), size_(n) {
    if (n > 0) std::memset(static_cast<void*>(data_.get()), 0, to_size(n) * sizeof(T));
  }
  Buffer(const Buffer& other) : data_(allocate(other.size_)), size_(other.size_) {
    if (size_ > 0) std::memcpy(static_cast<void*>(data_.get()), other.data_.get(), to_size(size_) * sizeof(T));
  }
  Buffer(Buffer&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  Index size() const { return size_; }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  static T* allocate(Index n) {
    if (n == 0) return nullptr;
    const std::size_t wanted = to_size(n) * sizeof(T), unit = wanted >= 2 * huge_page ? huge_page : alignment;
    const std::size_t bytes = (wanted + unit - 1) / unit * unit;
    void* p = std::aligned_alloc(unit, bytes);
    if (p == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    // Advice only: kernels that walk through many streams at once miss the TLB less.
    if (unit == huge_page) madvise(p, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(p);
  }
  static constexpr std::size_t huge_page = std::size_t{2} << 20;

  std::unique_ptr<T[], Free> data_;
  Index size_ = 0;
};

}  // namespace graft
