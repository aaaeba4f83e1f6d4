#pragma once
#include <hdf5.h>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

/// What both sides of hdf5.hpp need of HDF5's C library.
namespace graft::io::detail {

/// Lives around every use of HDF5: its C library is not safe for threads, and prints its errors unless told not to.
class Hdf5Session {
 public:
  Hdf5Session() : lock_(mutex()) {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Hdf5Session() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
  Hdf5Session(const Hdf5Session&) = delete;
  Hdf5Session& operator=(const Hdf5Session&) = delete;

 private:
  static std::recursive_mutex& mutex() {
    static std::recursive_mutex mutex;
    return mutex;
  }

  std::unique_lock<std::recursive_mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// An identifier of HDF5, closed with the object; negative where the call that made it failed.
class Hdf5Handle {
 public:
  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() { reset(); }

  void reset() {
    if (id_ >= 0) close_(std::exchange(id_, -1));
  }
  operator hid_t() const { return id_; }
  bool failed() const { return id_ < 0; }

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

/// A name for a file in memory: HDF5 takes two open files of one name for the same.
inline std::string image_name() {
  static std::atomic<unsigned long> count{0};
  return "graft-image-" + std::to_string(++count);
}

/// A type for strings of any length in UTF-8, as h5py writes them.
inline Hdf5Handle text_type() {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

template <class S>
hid_t native_type() {
  return sizeof(S) == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

}  // namespace graft::io::detail
