#include <graft/io/hdf5.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

// HDF5's C library forgets memory when it gives a damaged file up. LeakSanitizer asks the program this.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }

using namespace graft;
using io::detail::Hdf5Handle;

namespace {

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const FileError& error) {
    return error.what();
  }
  return "accepted";
}

/// A file made by HDF5 itself: what Hdf5Writer does not write.
struct RawFile {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "raw.h5";
  Hdf5Handle file{H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose};

  static Hdf5Handle space(std::vector<hsize_t> axes) {
    return {H5Screate_simple(static_cast<int>(axes.size()), axes.data(), nullptr), H5Sclose};
  }
  static Hdf5Handle options() { return {H5Pcreate(H5P_DATASET_CREATE), H5Pclose}; }
  void dataset(const char* name, hid_t type, const Hdf5Handle& shape, const Hdf5Handle& how = options()) const {
    const Hdf5Handle made(H5Dcreate2(file, name, type, shape, H5P_DEFAULT, how, H5P_DEFAULT), H5Dclose);
    REQUIRE_FALSE(made.failed());
  }
  void write(const char* name, hid_t memory, const void* data) const {
    const Hdf5Handle opened(H5Dopen2(file, name, H5P_DEFAULT), H5Dclose);
    REQUIRE(H5Dwrite(opened, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  }
  void fixed_text(const char* name, std::size_t width, H5T_str_t padding, const std::string& bytes) const {
    const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, width);
    H5Tset_strpad(type, padding);
    const Hdf5Handle shape = space({bytes.size() / width});
    const Hdf5Handle made(H5Acreate2(file, name, type, shape, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    REQUIRE(H5Awrite(made, type, bytes.data()) >= 0);
  }
  /// Closes the file and opens it as graft does.
  std::string refused_read(const std::string& name) {
    file.reset();
    return refusal([&] { io::Hdf5File(path).read<float>(name); });
  }
};

template <class S>
bool same_bits(const Tensor<S>& a, const Tensor<S>& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), sizeof(S) * to_size(a.size())) == 0;
}

}  // namespace

TEST_CASE("tensors and strings survive an HDF5 file", "[io][hdf5]") {
  const TemporaryFolder folder;
  const Tensor<float> kernel({2, 3}, {1, -2, 0.1F, 1e-40F, 3e38F, -0.F});
  const Tensor<double> wide({2}, {0.1, 1e300});
  const Tensor<float> none(Shape{3, 0, 2}), scalar(Shape{}, {7});
  const std::vector<std::string> names{"a", "", "h\xc3\xa9llo"}, many(9000, "layer");
  io::Hdf5Writer writer;
  writer.group("layers/empty");
  writer.dataset("layers/dense/vars/0", kernel.view());
  writer.dataset("wide", wide.view());
  writer.dataset("none", none.view());
  writer.dataset("scalar", scalar.view());
  writer.number("steps", -5);
  writer.text("layers/dense", "name", std::string(200'000, 'x'));  // longer than a header may be
  writer.texts("", "names", names);
  writer.texts("", "nothing", {});
  writer.texts("", "many", many);
  writer.save(folder / "f.h5");
  const auto check = [&](const io::Hdf5File& file) {
    CHECK(file.datasets() == std::vector<std::string>{"layers/dense/vars/0", "none", "scalar", "steps", "wide"});
    CHECK((file.is_group("") && file.is_group("layers/empty") && !file.is_group("wide") && file.is_dataset("wide")));
    CHECK(same_bits(file.read<float>("layers/dense/vars/0"), kernel));
    CHECK(same_bits(file.read<double>("wide"), wide));
    CHECK(file.read<float>("wide").data()[0] == 0.1F);
    CHECK(file.shape("none") == Shape{3, 0, 2});
    CHECK((file.dtype("scalar") == io::Dtype::f32 && file.dtype("wide") == io::Dtype::f64));
    CHECK(file.dtype("steps") == io::Dtype::i64);
    CHECK(same_bits(file.read<float>("scalar"), scalar));
    CHECK(file.read<double>("steps").data()[0] == -5);
    CHECK(file.text("layers/dense", "name") == std::string(200'000, 'x'));
    CHECK(file.texts("", "names") == names);
    CHECK(file.texts("", "nothing")->empty());
    CHECK(file.texts("", "many0")->size() + file.texts("", "many1")->size() + file.texts("", "many2")->size() ==
          many.size());
    CHECK_FALSE(file.texts("", "absent").has_value());
    CHECK_FALSE(file.texts("absent", "name").has_value());
  };
  check(io::Hdf5File(folder / "f.h5"));
  check(io::Hdf5File(writer.bytes(), "'an image'"));
  CHECK_THAT(refusal([&] { writer.group("wide"); }), ContainsSubstring("'wide' cannot be written"));
}

TEST_CASE("float16, whole numbers and other byte orders are read", "[io][hdf5]") {
  RawFile raw;
  const Hdf5Handle half(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  raw.dataset("half", half, RawFile::space({3}));
  const std::uint16_t halves[] = {0x3c00, 0xc000, 0x0001};  // 1, -2, 2^-24
  raw.write("half", half, halves);
  const float numbers[] = {1.5F, -2.25F};
  raw.dataset("big", H5T_IEEE_F32BE, RawFile::space({2}));
  raw.write("big", H5T_NATIVE_FLOAT, numbers);
  const int whole[] = {-3, 70000};
  raw.dataset("int", H5T_STD_I32LE, RawFile::space({2}));
  raw.write("int", H5T_NATIVE_INT, whole);
  raw.file.reset();
  const io::Hdf5File file(raw.path);
  CHECK(same_bits(file.read<float>("half"), Tensor<float>({3}, {1, -2, 0x1p-24F})));
  CHECK(same_bits(file.read<float>("big"), Tensor<float>({2}, {1.5F, -2.25F})));
  CHECK(same_bits(file.read<double>("int"), Tensor<double>({2}, {-3, 70000})));
}

TEST_CASE("compressed chunks are read", "[io][hdf5]") {
  RawFile raw;
  const Hdf5Handle options = RawFile::options();
  const hsize_t chunk = 64;
  H5Pset_chunk(options, 1, &chunk);
  H5Pset_shuffle(options);
  H5Pset_deflate(options, 6);
  Tensor<float> value(Shape{100});
  for (Index i = 0; i < 100; ++i) value.data()[i] = static_cast<float>(i * i);
  raw.dataset("packed", H5T_IEEE_F32LE, RawFile::space({100}), options);
  raw.write("packed", H5T_NATIVE_FLOAT, value.data());
  raw.file.reset();
  CHECK(same_bits(io::Hdf5File(raw.path).read<float>("packed"), value));
}

TEST_CASE("strings of fixed width lose their padding", "[io][hdf5]") {
  RawFile raw;
  raw.fixed_text("null", 4, H5T_STR_NULLPAD, std::string("ab\0\0abcd", 8));
  raw.fixed_text("space", 4, H5T_STR_SPACEPAD, "ab  a b ");
  raw.file.reset();
  const io::Hdf5File file(raw.path);
  CHECK(file.texts("", "null") == std::vector<std::string>{"ab", "abcd"});
  CHECK(file.texts("", "space") == std::vector<std::string>{"ab", "a b"});
  CHECK_THAT(refusal([&] { file.text("", "null"); }), ContainsSubstring("has 2 strings in the attribute 'null'"));
}

TEST_CASE("links and layouts that lead out of a file are refused", "[io][hdf5]") {
  RawFile raw;
  const auto path = "'" + raw.path.string() + "' ";
  const Hdf5Handle options = RawFile::options(), shape = RawFile::space({4});
  SECTION("an external link") {
    H5Lcreate_external("/etc/passwd", "/x", raw.file, "out", H5P_DEFAULT, H5P_DEFAULT);
    CHECK_THAT(raw.refused_read("out"), StartsWith(path + "has the external link 'out'"));
  }
  SECTION("a soft link") {
    H5Lcreate_soft("/x", raw.file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    CHECK_THAT(raw.refused_read("soft"), StartsWith(path + "has the soft link 'soft'"));
  }
  SECTION("a virtual dataset") {
    H5Pset_virtual(options, shape, "other.h5", "x", shape);
    raw.dataset("v", H5T_IEEE_F32LE, shape, options);
    CHECK_THAT(raw.refused_read("v"), StartsWith(path + "has the virtual dataset 'v', which reads other files"));
  }
  SECTION("external storage") {
    H5Pset_external(options, "/etc/passwd", 0, 16);
    raw.dataset("e", H5T_IEEE_F32LE, shape, options);
    CHECK_THAT(raw.refused_read("e"), StartsWith(path + "keeps 'e' in another file"));
  }
  SECTION("a group in itself") {
    H5Lcreate_hard(raw.file, "/", raw.file, "again", H5P_DEFAULT, H5P_DEFAULT);
    CHECK_THAT(raw.refused_read("again"), StartsWith(path + "has a group that contains itself"));
  }
  SECTION("groups too deep for a stack") {
    std::string name;
    const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    for (int i = 0; i < 300; ++i) name += "/g";
    Hdf5Handle(H5Gcreate2(raw.file, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), H5Gclose).reset();
    CHECK_THAT(raw.refused_read("g"), StartsWith(path + "has groups more than 256 deep"));
  }
}

TEST_CASE("tensors that claim more than the file has are refused", "[io][hdf5]") {
  RawFile raw;
  const auto path = "'" + raw.path.string() + "' ";
  const Hdf5Handle options = RawFile::options();
  SECTION("a shape that no file has") {
    raw.dataset("big", H5T_IEEE_F32LE, RawFile::space({hsize_t{1} << 40, 4}));
    CHECK_THAT(raw.refused_read("big"), StartsWith(path + "claims the shape (1099511627776, 4) for 'big'"));
  }
  SECTION("an overflow of the product") {
    const hsize_t chunk[] = {1, 1, 1, 1};
    H5Pset_chunk(options, 4, chunk);
    const hsize_t axis = hsize_t{1} << 20;
    raw.dataset("big", H5T_IEEE_F32LE, RawFile::space({axis, axis, axis, 16}), options);
    CHECK_THAT(raw.refused_read("big"), StartsWith(path + "claims the shape"));
  }
  SECTION("a tensor that was never written") {
    raw.dataset("empty", H5T_IEEE_F32LE, RawFile::space({4}));
    CHECK_THAT(raw.refused_read("empty"), StartsWith(path + "stores 0 bytes for 'empty', which needs 16"));
  }
  SECTION("text") {
    const Hdf5Handle type = io::detail::text_type();
    raw.dataset("text", type, RawFile::space({1}));
    CHECK_THAT(raw.refused_read("text"), StartsWith(path + "has 'text', which is neither float16"));
  }
  SECTION("a filter of somebody else") {
    const hsize_t chunk = 4;
    H5Pset_chunk(options, 1, &chunk);
    H5Pset_filter(options, 32015, H5Z_FLAG_OPTIONAL, 0, nullptr);
    raw.dataset("f", H5T_IEEE_F32LE, RawFile::space({4}), options);
    CHECK_THAT(raw.refused_read("f"), StartsWith(path + "has 'f' behind the filter 32015"));
  }
}

TEST_CASE("files that are no HDF5 are refused", "[io][hdf5]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "text.h5") << "not at all";
  std::ofstream(folder / "none.h5");
  CHECK_THAT(refusal([&] { io::Hdf5File file(folder / "text.h5"); }),
             ContainsSubstring("text.h5' is not an HDF5 file"));
  CHECK_THAT(refusal([&] { io::Hdf5File file(folder / "none.h5"); }),
             ContainsSubstring("none.h5' is not an HDF5 file"));
  CHECK_THAT(refusal([&] { io::Hdf5File file(folder / "absent.h5"); }),
             ContainsSubstring("absent.h5' cannot be opened"));
  CHECK_THAT(refusal([&] { io::Hdf5File file(folder.path()); }), ContainsSubstring("is not a regular file"));
  CHECK_THAT(refusal([&] { io::Hdf5File file(std::vector<std::byte>(3), "'image'"); }),
             StartsWith("'image' is not an HDF5 file"));
}

TEST_CASE("names that are not ASCII are written and read", "[io][hdf5]") {
  const Tensor<float> value({1}, {2});
  io::Hdf5Writer writer;
  writer.dataset(
      "gr\xc3\xb6\xc3\x9f"
      "e/kernel",
      value.view());
  CHECK(same_bits(io::Hdf5File(writer.bytes(), "'image'")
                      .read<float>("gr\xc3\xb6\xc3\x9f"
                                   "e/kernel"),
                  value));
  RawFile raw;  // as h5py does: the name is marked as UTF-8, and the group lists its links in another way
  const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_char_encoding(links, H5T_CSET_UTF8);
  const Hdf5Handle shape = RawFile::space({1});
  Hdf5Handle(H5Dcreate2(raw.file, "\xc3\xb6", H5T_IEEE_F32LE, shape, links, H5P_DEFAULT, H5P_DEFAULT), H5Dclose)
      .reset();
  raw.write("\xc3\xb6", H5T_NATIVE_FLOAT, value.data());
  raw.file.reset();
  CHECK(same_bits(io::Hdf5File(raw.path).read<float>("\xc3\xb6"), value));
}

TEST_CASE("a file with any byte changed is read or refused", "[io][hdf5]") {
  io::Hdf5Writer writer;
  const Tensor<float> value({2, 3}, {1, 2, 3, 4, 5, 6});
  writer.dataset("a/b", value.view());
  writer.text("a", "name", "text");
  writer.texts("", "names", {"one", "two"});
  const auto whole = writer.bytes();
  const int changes[] = {0x01, 0x80, 0xff};
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto bytes = whole;
    bytes[at] ^= static_cast<std::byte>(changes[at % 3]);
    try {
      const io::Hdf5File file(bytes, "'changed'");
      for (const std::string& path : file.datasets()) file.read<float>(path);
      file.texts("", "names");
      file.text("a", "name");
    } catch (const FileError&) {
      ++refused;
    }
  }
  CHECK(refused > 100);  // of a few hundred bytes of structure; most of the file is room for more
}

TEST_CASE("a file cut short anywhere is refused", "[io][hdf5]") {
  io::Hdf5Writer writer;
  const Tensor<float> value({2, 3}, {1, 2, 3, 4, 5, 6});
  writer.dataset("a/b", value.view());
  writer.text("a", "name", "text");
  const auto whole = writer.bytes();
  for (std::size_t n = 0; n < whole.size(); n += 61) {
    INFO(n);
    CHECK_THAT(
        refusal([&] {
          io::Hdf5File({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)}, "'cut'").read<float>("a/b");
        }),
        StartsWith("'cut' "));
  }
}
