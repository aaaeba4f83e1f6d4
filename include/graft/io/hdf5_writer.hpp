#pragma once
#include <graft/core/tensor.hpp>
#include <graft/io/atomic_file.hpp>
#include <graft/io/hdf5_handle.hpp>
#include <string>

namespace graft::io {

/// Makes an HDF5 file in memory, of the flavour that h5py writes by default: groups, contiguous tensors, attributes of
/// UTF-8 strings. Paths are written "layers/dense/vars/0"; "" is the root, and groups on the way are made.
class Hdf5Writer {
 public:
  Hdf5Writer() {
    const detail::Hdf5Session session;
    const detail::Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_fapl_core(access, 1 << 20, false);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    file_ = detail::Hdf5Handle(H5Fcreate(detail::image_name().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose);
    links_ = detail::Hdf5Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links_, 1);
    check(file_, "the file");
  }
  ~Hdf5Writer() {
    const detail::Hdf5Session session;
    links_.reset();
    file_.reset();
  }
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  /// Throws FileError, as everything here does, if the path exists.
  void group(const std::string& path) {
    const detail::Hdf5Session session;
    check(detail::Hdf5Handle(H5Gcreate2(file_, path.c_str(), links_, H5P_DEFAULT, H5P_DEFAULT), H5Gclose), path);
  }
  /// A string as an attribute of a group.
  void text(const std::string& group, const std::string& attribute, const std::string& value) {
    const detail::Hdf5Session session;
    const char* pointer = value.c_str();
    attach(group, attribute, detail::Hdf5Handle(H5Screate(H5S_SCALAR), H5Sclose), &pointer);
  }
  /// A list of strings. As Keras does, an empty one is written as an empty list of numbers, and one that the header of
  /// a group cannot hold as attribute0, attribute1, ..
  void texts(const std::string& group, const std::string& attribute, const std::vector<std::string>& values) {
    constexpr std::size_t most = 4000;  // 16 bytes each, in a header of 64 KiB
    const detail::Hdf5Session session;
    for (std::size_t first = 0; first < values.size() || first == 0; first += most) {
      std::vector<const char*> pointers;
      for (std::size_t i = first; i < std::min(values.size(), first + most); ++i) pointers.push_back(values[i].c_str());
      const hsize_t n = pointers.size();
      const std::string part = values.size() > most ? attribute + std::to_string(first / most) : attribute;
      attach(group, part, detail::Hdf5Handle(H5Screate_simple(1, &n, nullptr), H5Sclose), pointers.data(), n == 0);
    }
  }
  /// As float32 or float64.
  template <class S>
  void dataset(const std::string& path, View<const S> value) {
    put(path, value.shape, sizeof(S) == sizeof(float) ? H5T_IEEE_F32LE : H5T_IEEE_F64LE, detail::native_type<S>(),
        value.data);
  }
  /// A whole number, as int64.
  void number(const std::string& path, std::int64_t value) { put(path, {}, H5T_STD_I64LE, H5T_NATIVE_INT64, &value); }

  /// The file.
  std::vector<std::byte> bytes() {
    const detail::Hdf5Session session;
    check(H5Fflush(file_, H5F_SCOPE_GLOBAL), "the file");
    const ssize_t size = H5Fget_file_image(file_, nullptr, 0);
    check(size, "the file");
    std::vector<std::byte> image(static_cast<std::size_t>(size));
    check(H5Fget_file_image(file_, image.data(), image.size()), "the file");
    return image;
  }
  /// Replaces `path` as a whole or not at all.
  void save(const std::filesystem::path& path) {
    AtomicFile file(path);
    file.write(bytes());
    file.commit();
  }

 private:
  template <class Status>
  static void check(const Status& status, const std::string& what) {
    if (static_cast<hid_t>(status) < 0)
      raise<FileError>("HDF5: '", what, "' cannot be written. Is the name taken, or the memory full?");
  }
  void attach(const std::string& group, const std::string& name, const detail::Hdf5Handle& space, const void* data,
              bool empty = false) {
    const detail::Hdf5Handle type = detail::text_type(),
                             object(H5Oopen(file_, ("/" + group).c_str(), H5P_DEFAULT), H5Oclose);
    check(object, group);
    const detail::Hdf5Handle attribute(
        H5Acreate2(object, name.c_str(), empty ? H5T_IEEE_F64LE : type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    check(attribute, name);
    if (!empty) check(H5Awrite(attribute, type, data), name);
  }
  void put(const std::string& path, const Shape& shape, hid_t stored, hid_t memory, const void* data) {
    const detail::Hdf5Session session;
    std::vector<hsize_t> axes(shape.begin(), shape.end());
    const detail::Hdf5Handle space(H5Screate_simple(static_cast<int>(axes.size()), axes.data(), nullptr), H5Sclose);
    const detail::Hdf5Handle options(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_obj_track_times(options, false);  // equal weights make equal bytes
    const detail::Hdf5Handle dataset(H5Dcreate2(file_, path.c_str(), stored, space, links_, options, H5P_DEFAULT),
                                     H5Dclose);
    check(dataset, path);
    check(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), path);
  }

  detail::Hdf5Handle file_, links_;
};

}  // namespace graft::io
