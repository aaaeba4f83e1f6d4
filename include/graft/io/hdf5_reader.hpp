#pragma once
#include <array>
#include <graft/core/tensor.hpp>
#include <graft/io/dtype.hpp>
#include <graft/io/file.hpp>
#include <graft/io/hdf5_check.hpp>
#include <graft/io/hdf5_handle.hpp>
#include <map>
#include <optional>
#include <string>

namespace graft::io {

/// An HDF5 file, open for reading (format: docs.hdfgroup.org). The file is not trusted. It may hold groups and tensors
/// of numbers; a soft or external link, a virtual or external dataset and a filter other than HDF5's own are refused,
/// so no other file is ever opened, and a tensor that claims more bytes than the file has is refused before it is
/// allocated. Paths are written "layers/dense/vars/0"; "" is the root.
class Hdf5File {
 public:
  /// Throws FileError if the path cannot be read, is not an HDF5 file or breaks a rule above.
  explicit Hdf5File(const std::filesystem::path& path) : name_("'" + path.string() + "'") {
    const File file = File::open_for_reading(path);
    bytes_ = file.size();
    std::array<std::byte, 8> signature{};
    if (bytes_ >= signature.size()) file.read_at(0, signature);
    require_signature(signature);
    detail::Hdf5Check([&](std::uint64_t at, std::span<std::byte> out) { file.read_at(at, out); }, bytes_, name_).run();
    const detail::Hdf5Session session;
    open(path.string(), detail::Hdf5Handle(H5Pcreate(H5P_FILE_ACCESS), H5Pclose));
  }
  /// From the bytes of a file; `name` is what errors call it.
  Hdf5File(std::vector<std::byte> image, std::string name) : name_(std::move(name)), bytes_(image.size()) {
    require_signature(image);
    const auto read = [&](std::uint64_t at, std::span<std::byte> out) {
      std::memcpy(out.data(), image.data() + at, out.size());
    };
    detail::Hdf5Check(read, bytes_, name_).run();
    const detail::Hdf5Session session;
    detail::Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_fapl_core(access, 1 << 20, false);
    if (H5Pset_file_image(access, image.data(), image.size()) < 0) fail("has no room in memory");
    image = {};  // HDF5 has its own copy
    open(detail::image_name(), std::move(access));
  }
  ~Hdf5File() {
    const detail::Hdf5Session session;
    file_.reset();
  }
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  /// The path in quotes: how errors begin.
  const std::string& name() const { return name_; }
  /// Bytes.
  std::uint64_t size() const { return bytes_; }
  bool is_group(const std::string& path) const { return path.empty() || has(path, H5I_GROUP); }
  bool is_dataset(const std::string& path) const { return has(path, H5I_DATASET); }
  /// Everything in the file, by path.
  std::vector<std::string> datasets() const {
    std::vector<std::string> paths;
    for (const auto& [path, type] : objects_)
      if (type == H5I_DATASET) paths.push_back(path);
    return paths;
  }

  /// The strings of an attribute of a group; nothing if it is absent. Throws FileError if it holds something else.
  std::optional<std::vector<std::string>> texts(const std::string& group, const std::string& attribute) const;
  /// An attribute that is one string.
  std::optional<std::string> text(const std::string& group, const std::string& attribute) const {
    auto list = texts(group, attribute);
    if (!list) return std::nullopt;
    if (list->size() != 1)
      fail("has ", list->size(), " strings in the attribute '", attribute, "' of '/", group, "'; one is needed");
    return std::move(list->front());
  }

  /// Throws FileError if the dataset is absent or is not one that read() reads.
  Shape shape(const std::string& path) const {
    const detail::Hdf5Session session;
    return open_dataset(path).shape;
  }
  /// What the dataset stores a number as. Throws as shape() does.
  Dtype dtype(const std::string& path) const {
    const detail::Hdf5Session session;
    return open_dataset(path).dtype;
  }
  /// float16, float32, float64 and whole numbers, as S.
  template <class S>
  Tensor<S> read(const std::string& path) const {
    const detail::Hdf5Session session;
    const Dataset dataset = open_dataset(path);
    Tensor<S> value(dataset.shape);
    const hid_t type = detail::native_type<S>();
    if (value.size() > 0 && H5Dread(dataset.handle, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value.data()) < 0)
      fail("has a tensor '", path, "' that cannot be read: is it damaged?");
    return value;
  }

  /// Throws FileError: the file's name, then the parts.
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    raise<FileError>(name_, " ", parts..., ".");
  }

 private:
  struct Dataset {
    detail::Hdf5Handle handle;
    Shape shape;
    Dtype dtype;
  };
  struct Visit {
    const Hdf5File* file;
    std::map<std::string, H5I_type_t>* objects;
    std::string fault;
  };
  static constexpr long deepest = 256;  ///< groups in groups; a model in models has two levels for each

  void require_signature(std::span<const std::byte> bytes) const {
    static constexpr unsigned char signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    if (bytes.size() < sizeof signature || std::memcmp(bytes.data(), signature, sizeof signature) != 0)
      fail("is not an HDF5 file: it does not begin with HDF5's signature. Is the download incomplete?");
  }
  bool has(const std::string& path, H5I_type_t type) const {
    const auto found = objects_.find(path);
    return found != objects_.end() && found->second == type;
  }
  void open(const std::string& path, detail::Hdf5Handle access) {
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    file_ = detail::Hdf5Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
    if (file_.failed()) fail("cannot be opened as an HDF5 file: it is cut short or damaged");
    Visit visit{this, &objects_, {}};
    if (H5Lvisit(file_, H5_INDEX_NAME, H5_ITER_NATIVE, add_link, &visit) >= 0) return;
    file_.reset();  // here, where the session lives: the destructor of a member comes later
    fail(visit.fault.empty() ? "has groups that cannot be read: is it damaged?" : visit.fault);
  }
  // Called for every link once, a group before what is in it. HDF5 follows hard links only. No exception may leave it.
  static herr_t add_link(hid_t root, const char* path, const H5L_info_t* info, void* data) noexcept {
    Visit& visit = *static_cast<Visit*>(data);
    try {
      const std::string name = path;
      if (info->type != H5L_TYPE_HARD)
        visit.fault = "has the " + std::string(info->type == H5L_TYPE_SOFT ? "soft" : "external") + " link '" + name +
                      "'. A model's file must hold everything itself";
      else if (std::count(name.begin(), name.end(), '/') > deepest)
        visit.fault = "has groups more than " + std::to_string(deepest) + " deep";
      if (!visit.fault.empty()) return -1;
      const detail::Hdf5Handle object(H5Oopen(root, path, H5P_DEFAULT), H5Oclose);
      if (object.failed()) visit.fault = "has the object '" + name + "' that cannot be opened: is it damaged?";
      (*visit.objects)[name] = object.failed() ? H5I_BADID : H5Iget_type(object);
    } catch (const std::exception& error) {
      visit.fault = "cannot be listed";
    }
    return visit.fault.empty() ? 0 : -1;
  }

  Dataset open_dataset(const std::string& path) const;
  Shape checked_shape(const std::string& path, hid_t space, std::uint64_t item_bytes) const;
  void check_storage(const std::string& path, hid_t dataset, std::uint64_t bytes) const;
  static std::optional<Dtype> number_type(hid_t type);
  std::vector<std::string> fixed_texts(hid_t attribute, hid_t type, std::size_t n) const;
  std::vector<std::string> variable_texts(hid_t attribute, hid_t type, hid_t space, std::size_t n) const;

  std::string name_;
  std::uint64_t bytes_ = 0;
  detail::Hdf5Handle file_;
  std::map<std::string, H5I_type_t> objects_;
};

/// Of IEEE floats of 2, 4 and 8 bytes and whole numbers that fill their bytes, of either byte order.
inline std::optional<Dtype> Hdf5File::number_type(hid_t type) {
  const std::size_t bytes = H5Tget_size(type);
  if (H5Tget_class(type) == H5T_INTEGER) {
    if (H5Tget_precision(type) != 8 * bytes || H5Tget_offset(type) != 0) return std::nullopt;
    return parse_dtype((H5Tget_sign(type) == H5T_SGN_NONE ? "U" : "I") + std::to_string(8 * bytes));
  }
  if (H5Tget_class(type) != H5T_FLOAT) return std::nullopt;
  if (H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F32BE) > 0) return Dtype::f32;
  if (H5Tequal(type, H5T_IEEE_F64LE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0) return Dtype::f64;
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
  const bool half = bytes == 2 && H5Tget_precision(type) == 16 && H5Tget_offset(type) == 0 &&
                    H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) >= 0 &&
                    sign == 15 && exponent == 10 && exponent_bits == 5 && mantissa == 0 && mantissa_bits == 10 &&
                    H5Tget_ebias(type) == 15 && H5Tget_norm(type) == H5T_NORM_IMPLIED;
  return half ? std::optional(Dtype::f16) : std::nullopt;
}

inline Shape Hdf5File::checked_shape(const std::string& path, hid_t space, std::uint64_t item_bytes) const {
  const int rank = H5Sget_simple_extent_ndims(space);
  if (H5Sget_simple_extent_type(space) == H5S_NULL || rank < 0 || rank > Shape::max_rank)
    fail("has '", path, "' with ", rank, " axes; a tensor has 0 to ", Shape::max_rank);
  std::array<hsize_t, Shape::max_rank> axes{};
  if (rank > 0) H5Sget_simple_extent_dims(space, axes.data(), nullptr);
  Shape shape;
  std::uint64_t bytes = item_bytes;
  bool fits = true;
  for (std::size_t i = 0; i < static_cast<std::size_t>(rank); ++i) {
    fits = fits && axes[i] <= bytes_ && !__builtin_mul_overflow(bytes, axes[i], &bytes);
    shape.push_back(static_cast<Index>(std::min<hsize_t>(axes[i], std::numeric_limits<Index>::max())));
  }
  if (!fits || bytes > bytes_)
    fail("claims the shape ", shape, " for '", path, "', which takes more than the ", bytes_,
         " bytes that the file has");
  return shape;
}

inline void Hdf5File::check_storage(const std::string& path, hid_t dataset, std::uint64_t bytes) const {
  const detail::Hdf5Handle list(H5Dget_create_plist(dataset), H5Pclose);
  const H5D_layout_t layout = list.failed() ? H5D_LAYOUT_ERROR : H5Pget_layout(list);
  if (layout == H5D_VIRTUAL)
    fail("has the virtual dataset '", path, "', which reads other files. A model's file must hold everything itself");
  if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED)
    fail("has '", path, "' in a layout that is not known");
  if (H5Pget_external_count(list) != 0)
    fail("keeps '", path, "' in another file. A model's file must hold everything itself");
  const int filters = H5Pget_nfilters(list);
  for (int i = 0; i < filters; ++i) {
    std::size_t values = 0;
    const auto filter = H5Pget_filter2(list, static_cast<unsigned>(i), nullptr, &values, nullptr, 0, nullptr, nullptr);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
      fail("has '", path, "' behind the filter ", filter, "; only deflate, shuffle and fletcher32 are read");
  }
  const hsize_t stored = H5Dget_storage_size(dataset);
  if (layout == H5D_CHUNKED ? bytes > 0 && stored == 0 : stored != bytes)
    fail("stores ", stored, " bytes for '", path, "', which needs ", bytes, ": is it damaged?");
}

inline Hdf5File::Dataset Hdf5File::open_dataset(const std::string& path) const {
  if (!is_dataset(path)) fail("has no tensor '", path, "'");
  Dataset dataset{detail::Hdf5Handle(H5Dopen2(file_, path.c_str(), H5P_DEFAULT), H5Dclose), {}, {}};
  if (dataset.handle.failed()) fail("has a tensor '", path, "' that cannot be opened: is it damaged?");
  const detail::Hdf5Handle type(H5Dget_type(dataset.handle), H5Tclose);
  const auto dtype = type.failed() ? std::nullopt : number_type(type);
  if (!dtype) fail("has '", path, "', which is neither float16, float32, float64 nor a whole number");
  dataset.dtype = *dtype;
  const detail::Hdf5Handle space(H5Dget_space(dataset.handle), H5Sclose);
  const std::uint64_t item_bytes = H5Tget_size(type);
  dataset.shape = checked_shape(path, space, item_bytes);
  check_storage(path, dataset.handle, static_cast<std::uint64_t>(dataset.shape.elements()) * item_bytes);
  return dataset;
}

inline std::vector<std::string> Hdf5File::fixed_texts(hid_t attribute, hid_t type, std::size_t n) const {
  const std::size_t width = H5Tget_size(type);
  const detail::Hdf5Handle memory(H5Tcopy(type), H5Tclose);
  std::string all(n * width, '\0');
  if (n > 0 && H5Aread(attribute, memory, all.data()) < 0) fail("has an attribute that cannot be read: is it damaged?");
  const bool spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
  std::vector<std::string> list;
  for (std::size_t i = 0; i < n; ++i) {
    std::string text = all.substr(i * width, width);
    text.resize(std::min(text.find('\0'), text.size()));
    if (spaces) text.resize(text.find_last_not_of(' ') + 1);
    list.push_back(std::move(text));
  }
  return list;
}

inline std::vector<std::string> Hdf5File::variable_texts(hid_t attribute, hid_t type, hid_t space,
                                                         std::size_t n) const {
  const detail::Hdf5Handle memory = detail::text_type();
  H5Tset_cset(memory, H5Tget_cset(type));
  std::vector<char*> pointers(n, nullptr);
  if (n > 0 && H5Aread(attribute, memory, pointers.data()) < 0)
    fail("has an attribute that cannot be read: is it damaged?");
  std::vector<std::string> list;
  for (const char* text : pointers) list.emplace_back(text == nullptr ? "" : text);
  if (n > 0) H5Dvlen_reclaim(memory, space, H5P_DEFAULT, pointers.data());
  return list;
}

inline std::optional<std::vector<std::string>> Hdf5File::texts(const std::string& group,
                                                               const std::string& attribute) const {
  if (!is_group(group)) return std::nullopt;
  const detail::Hdf5Session session;
  const std::string path = "/" + group;
  const htri_t exists = H5Aexists_by_name(file_, path.c_str(), attribute.c_str(), H5P_DEFAULT);
  if (exists < 0) fail("has attributes of '", path, "' that cannot be read: is it damaged?");
  if (exists == 0) return std::nullopt;
  const detail::Hdf5Handle handle(H5Aopen_by_name(file_, path.c_str(), attribute.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                                  H5Aclose);
  const detail::Hdf5Handle type(handle.failed() ? -1 : H5Aget_type(handle), H5Tclose);
  const detail::Hdf5Handle space(handle.failed() ? -1 : H5Aget_space(handle), H5Sclose);
  if (type.failed() || space.failed())
    fail("has the attribute '", attribute, "' that cannot be opened: is it damaged?");
  const std::size_t width = H5Tget_size(type);
  const Shape shape = checked_shape(path + "." + attribute, space, std::max<std::size_t>(width, 1));
  const auto n = static_cast<std::size_t>(shape.elements());
  if (n == 0) return std::vector<std::string>{};  // h5py writes an empty list as numbers
  if (H5Tget_class(type) != H5T_STRING)
    fail("has the attribute '", attribute, "' of '", path, "', which should hold strings");
  return H5Tis_variable_str(type) > 0 ? variable_texts(handle, type, space, n) : fixed_texts(handle, type, n);
}

}  // namespace graft::io
