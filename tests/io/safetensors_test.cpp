#include <graft/io/safetensors.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;
using io::Dtype;
namespace fs = std::filesystem;

namespace {

std::string length_bytes(std::uint64_t n) { return {reinterpret_cast<const char*>(&n), 8}; }

/// A file with the header given and as many data bytes.
struct RawFile {
  TemporaryFolder folder;
  fs::path path = folder / "raw.safetensors";

  explicit RawFile(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  RawFile(const std::string& header, std::size_t data)
      : RawFile(length_bytes(header.size()) + header + std::string(data, '\1')) {}
};

std::string refusal(const RawFile& raw) {
  try {
    io::TensorFile file(raw.path);
  } catch (const FileError& error) {
    CHECK_THAT(error.what(), StartsWith("'" + raw.path.string() + "'"));
    return error.what();
  }
  return "accepted";
}
std::string refusal(const std::string& header, std::size_t data) { return refusal(RawFile(header, data)); }

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& span) {
  return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + span + "}";
}
const std::string one = tensor("a", "F32", "[2]", "[0,8]");

}  // namespace

TEST_CASE("tensors survive a safetensors file bit by bit", "[io][safetensors]") {
  const TemporaryFolder folder;
  const Tensor<float> kernel({2, 3}, {1, -2, 0.1F, 1e-40F, 3e38F, -0.F});
  const Tensor<double> wide({2}, {0.1, 1e300});
  const Tensor<float> none(Shape{3, 0, 2}), scalar(Shape{}, {7});
  io::SafetensorsWriter writer;
  writer.add("z/kernel", kernel.view());
  writer.add("b", wide.view());
  writer.add("none", none.view());
  writer.add("a", scalar.view());
  writer.save(folder / "f.safetensors", {{"format", "graft"}, {"text", "\"quoted\" \xc3\xa9\n"}});

  const io::TensorFile file(folder / "f.safetensors");
  CHECK(file.names() == std::vector<std::string>{"z/kernel", "b", "none", "a"});
  CHECK(file.metadata().at("text") == "\"quoted\" \xc3\xa9\n");
  CHECK(file.metadata().size() == 2);
  CHECK(file.info("b").dtype == Dtype::f64);
  CHECK(file.info("z/kernel").shape == Shape{2, 3});
  const auto back = file.read<float>("z/kernel");
  CHECK(std::memcmp(back.data(), kernel.data(), 24) == 0);
  CHECK(file.read<double>("b")(0) == 0.1);
  CHECK(file.read<float>("b")(0) == 0.1F);
  CHECK(file.read<double>("z/kernel")(0, 2) == static_cast<double>(0.1F));
  CHECK(file.read<float>("none").shape() == Shape{3, 0, 2});
  CHECK(file.read<float>("a").data()[0] == 7);
  CHECK(file.contains("a"));
  CHECK_FALSE(file.contains("kernel"));
}

TEST_CASE("the data of a safetensors file begins at a multiple of 8", "[io][safetensors]") {
  const TemporaryFolder folder;
  const Tensor<float> value(Shape{1});
  for (const std::string name : {"a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh"}) {
    io::SafetensorsWriter writer;
    writer.add(name, value.view());
    writer.save(folder / "f.safetensors");
    CHECK(fs::file_size(folder / "f.safetensors") % 8 == 4);
    CHECK(io::TensorFile(folder / "f.safetensors").names() == std::vector<std::string>{name});
  }
}

TEST_CASE("sixteen-bit storage rounds to nearest even over chunk borders", "[io][safetensors][half]") {
  const TemporaryFolder folder;
  const Dtype dtype = GENERATE(Dtype::f16, Dtype::bf16);
  Tensor<float> value(Shape{65536 * 2 + 3});
  for (Index i = 0; i < value.size(); ++i) value(i) = static_cast<float>(std::sin(static_cast<double>(i)));
  io::SafetensorsWriter writer;
  writer.add("x", value.view(), dtype);
  writer.save(folder / "f.safetensors");
  const auto back = io::TensorFile(folder / "f.safetensors").read<float>("x");
  Index wrong = 0;
  for (Index i = 0; i < value.size(); ++i) {
    const float expected = dtype == Dtype::f16 ? io::half_to_float(io::float_to_half(value(i)))
                                               : io::bfloat16_to_float(io::float_to_bfloat16(value(i)));
    wrong += back(i) != expected;
  }
  CHECK(wrong == 0);
}

TEST_CASE("an empty safetensors file is valid", "[io][safetensors]") {
  CHECK(io::TensorFile(RawFile("{}", 0).path).tensors().empty());
  const TemporaryFolder folder;
  io::SafetensorsWriter().save(folder / "f.safetensors", {{"only", "metadata"}});
  CHECK(io::TensorFile(folder / "f.safetensors").metadata().at("only") == "metadata");
}

TEST_CASE("whole numbers and booleans are read", "[io][safetensors]") {
  const RawFile raw("{" + tensor("bytes", "U8", "[2]", "[0,2]") + "," + tensor("flags", "BOOL", "[1]", "[2,3]") + "," +
                        tensor("short", "I16", "[1]", "[3,5]") + "," + tensor("long", "I64", "[]", "[5,13]") + "}",
                    13);
  const io::TensorFile file(raw.path);
  CHECK(file.read<float>("bytes")(1) == 1);
  CHECK(file.read<float>("flags")(0) == 1);
  CHECK(file.read<float>("short")(0) == 0x0101);
  CHECK(file.read<double>("long").data()[0] == 72340172838076673.);  // 0x0101010101010101 to the nearest double
}

TEST_CASE("names come in the order of the bytes, whatever the order in the header", "[io][safetensors]") {
  const RawFile raw("{" + tensor("late", "F32", "[1]", "[8,12]") + "," + one + R"(,"__metadata__":{}}  )", 12);
  CHECK(io::TensorFile(raw.path).names() == std::vector<std::string>{"a", "late"});
}

TEST_CASE("a cut or padded safetensors file is refused", "[io][safetensors][errors]") {
  CHECK_THAT(refusal(RawFile("1234567")), ContainsSubstring("it has 7 bytes, fewer than the 8"));
  CHECK_THAT(refusal(RawFile("")), ContainsSubstring("it has 0 bytes"));
  CHECK_THAT(refusal(RawFile(length_bytes(20) + "{}")),
             ContainsSubstring("its header claims 20 bytes, but only 2 follow"));
  CHECK_THAT(refusal(RawFile(length_bytes(100'000'001) + "{}")), ContainsSubstring("at most 100000000 are allowed"));
  CHECK_THAT(refusal(RawFile(length_bytes(~0ull) + "{}")), ContainsSubstring("claims 18446744073709551615 bytes"));
  CHECK_THAT(refusal("{" + one + "}", 7),
             ContainsSubstring("'a' ends at byte 8, but the file has only 7 bytes of data"));
  CHECK_THAT(refusal("{" + one + "}", 7), ContainsSubstring("Is the download incomplete"));
  CHECK_THAT(refusal("{" + one + "}", 10), ContainsSubstring("2 bytes follow the last tensor"));
  CHECK_THAT(refusal("", 0), ContainsSubstring("does not start with '{'"));
}

TEST_CASE("a safetensors header that is not the JSON it should be is refused", "[io][safetensors][errors]") {
  CHECK_THAT(refusal("[]", 0), ContainsSubstring("does not start with '{'"));
  CHECK_THAT(refusal(" {}", 0), ContainsSubstring("does not start with '{'"));
  CHECK_THAT(refusal("{" + one, 8), ContainsSubstring("not valid JSON"));
  CHECK_THAT(refusal("{\"\xff\":{}}", 0), ContainsSubstring("not valid JSON"));
  CHECK_THAT(refusal("{} x", 0), ContainsSubstring("not valid JSON"));
  CHECK_THAT(refusal(R"({"a":7})", 0), ContainsSubstring("the entry 'a' is 7 instead of an object"));
  CHECK_THAT(refusal(R"({"a":[]})", 0), ContainsSubstring("the entry 'a' has a list where none belongs"));
  CHECK_THAT(refusal(R"({"a":{"b":{}}})", 0), ContainsSubstring("the entry 'a' has an object inside"));
  CHECK_THAT(refusal(R"({"a":{"shape":[[1]]}})", 0), ContainsSubstring("'a' has a list where none belongs"));
  CHECK_THAT(refusal("{" + one + "," + one + "}", 8), ContainsSubstring("the key 'a' occurs twice"));
  CHECK_THAT(refusal(R"({"a":{"dtype":"F32","dtype":"F16","shape":[],"data_offsets":[0,4]}})", 4),
             ContainsSubstring("the key 'dtype' occurs twice in the entry 'a'"));
  CHECK_THAT(refusal(R"({"__metadata__":{"k":"1","k":"2"}})", 0),
             ContainsSubstring("the key 'k' occurs twice in the entry '__metadata__'"));
  CHECK_THAT(refusal(R"({"__metadata__":{},"__metadata__":{}})", 0), ContainsSubstring("'__metadata__' occurs twice"));
  CHECK_THAT(refusal(R"({"__metadata__":{"epochs":3}})", 0),
             ContainsSubstring("the metadata 'epochs' is 3 instead of a string"));
  CHECK_THAT(refusal(R"({"a":)" + std::string(100000, '[') + "}", 0), ContainsSubstring("a list where none belongs"));
}

TEST_CASE("a tensor that contradicts itself is refused", "[io][safetensors][errors]") {
  const auto with = [](const std::string& dtype, const std::string& shape, const std::string& span) {
    return refusal("{" + tensor("a", dtype, shape, span) + "}", 8);
  };
  CHECK_THAT(with("F4", "[2]", "[0,8]"), ContainsSubstring("'a' has the type \"F4\"; F64, F32, F16, BF16"));
  CHECK_THAT(with("F32", "2", "[0,8]"), ContainsSubstring("has the shape 2 instead of a list"));
  CHECK_THAT(with("F32", "[-2]", "[0,8]"), ContainsSubstring("has -2 in its shape; whole numbers from 0 are allowed"));
  CHECK_THAT(with("F32", "[2.0]", "[0,8]"), ContainsSubstring("has 2.0 in its shape"));
  CHECK_THAT(with("F32", "[true]", "[0,8]"), ContainsSubstring("has true in its shape"));
  CHECK_THAT(with("F32", "[99999999999999999999]", "[0,8]"), ContainsSubstring("in its shape"));
  CHECK_THAT(with("F32", "[4611686018427387904]", "[0,8]"),
             ContainsSubstring("is too large: its byte count overflows"));
  CHECK_THAT(with("F32", "[1099511627776,1099511627776,0]", "[0,0]"), ContainsSubstring("its byte count overflows"));
  CHECK_THAT(with("F32", "[4294967296,4294967296]", "[0,0]"), ContainsSubstring("its byte count overflows"));
  CHECK_THAT(with("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), ContainsSubstring("has 9 axes; at most 8 are supported"));
  CHECK_THAT(with("F32", "[3]", "[0,8]"),
             ContainsSubstring("of shape (3,) and type F32 needs 12 bytes, but its data_offsets span 8"));
  CHECK_THAT(with("F16", "[2]", "[0,8]"), ContainsSubstring("needs 4 bytes, but its data_offsets span 8"));
  CHECK_THAT(with("F32", "[2]", "[8,0]"), ContainsSubstring("ends at 0, before it begins at 8"));
  CHECK_THAT(with("F32", "[2]", "[0,8,8]"), ContainsSubstring("has 3 data_offsets instead of 2"));
  CHECK_THAT(with("F32", "[2]", "[0,18446744073709551615]"),
             ContainsSubstring("data_offsets span 18446744073709551615"));
  CHECK_THAT(refusal(R"({"a":{"dtype":"F32","shape":[2]}})", 8), ContainsSubstring("'a' has no data_offsets"));
  CHECK_THAT(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8),
             ContainsSubstring("has fields besides dtype, shape and data_offsets"));
  CHECK_THAT(refusal(R"({"a":{"dtype":3,"shape":[2],"data_offsets":[0,8]}})", 8), ContainsSubstring("has the type 3"));
}

TEST_CASE("tensors that overlap or leave holes are refused", "[io][safetensors][errors]") {
  CHECK_THAT(refusal("{" + one + "," + tensor("b", "F32", "[2]", "[4,12]") + "}", 12),
             ContainsSubstring("the tensor 'b' overlaps the one before it"));
  CHECK_THAT(refusal("{" + one + "," + tensor("b", "F32", "[2]", "[0,8]") + "}", 8), ContainsSubstring("overlaps"));
  CHECK_THAT(refusal("{" + one + "," + tensor("b", "F32", "[1]", "[12,16]") + "}", 16),
             ContainsSubstring("a hole of 4 bytes before the tensor 'b'"));
  CHECK_THAT(refusal("{" + tensor("b", "F32", "[1]", "[4,8]") + "}", 8), ContainsSubstring("a hole of 4 bytes"));
}

TEST_CASE("what TensorFile does not hold or fit is refused", "[io][safetensors][errors]") {
  const RawFile raw("{" + one + "}", 8);
  const io::TensorFile file(raw.path);
  CHECK_THROWS_WITH(file.read<float>("b"), ContainsSubstring("has no tensor 'b' among its 1."));
  Tensor<float> wrong(Shape{3});
  CHECK_THROWS_WITH(file.read("a", wrong.view()), ContainsSubstring("'a' has the shape (2,), not (3,)."));
  CHECK_THROWS_AS(file.read("a", wrong.view()), ShapeError);
  CHECK_THROWS_WITH(io::TensorFile(raw.folder / "none"), ContainsSubstring("cannot be opened: No such file"));
}

TEST_CASE("what cannot be written is refused, and the old file stays", "[io][safetensors][errors]") {
  const TemporaryFolder folder;
  const Tensor<float> value({1}, {3});
  io::SafetensorsWriter writer;
  writer.add("a", value.view());
  CHECK_THROWS_WITH(writer.add("a", value.view()), ContainsSubstring("two tensors have the name 'a'"));
  CHECK_THROWS_WITH(writer.add("__metadata__", value.view()), ContainsSubstring("is reserved"));
  CHECK_THROWS_WITH(writer.add("b", value.view(), Dtype::i32), ContainsSubstring("cannot be written as I32"));
  writer.save(folder / "f.safetensors");
  CHECK_THROWS_WITH(writer.save(folder / "f.safetensors", {{"k", "\xff"}}), ContainsSubstring("Use UTF-8 text."));
  CHECK(io::TensorFile(folder / "f.safetensors").read<float>("a")(0) == 3);
  CHECK_THROWS_AS(writer.save(folder / "none" / "f"), FileError);
}
