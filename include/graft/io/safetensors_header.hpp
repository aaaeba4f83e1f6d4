#pragma once
#include <algorithm>
#include <cstdint>
#include <graft/core/error.hpp>
#include <graft/core/shape.hpp>
#include <graft/io/dtype.hpp>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace graft::io {

/// One tensor of a safetensors file; `begin` and `end` are byte offsets in the data behind the header.
struct TensorInfo {
  std::string name;
  Dtype dtype = Dtype::f32;
  Shape shape;
  std::uint64_t begin = 0, end = 0;
};

/// What the JSON of a safetensors file says: the tensors in the order of their bytes, and `__metadata__`.
struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;
  std::map<std::string, std::string> metadata;
};

namespace detail {

/// Reads the header entry by entry while it is parsed: the tree of a large header never exists, and a key that comes
/// twice is seen (nlohmann's tree would keep the last one silently).
class SafetensorsHeaderParser {
 public:
  using Json = nlohmann::ordered_json;  // as configs use it: a second kind would be compiled as well

  explicit SafetensorsHeaderParser(std::string file) : file_(std::move(file)) {}

  SafetensorsHeader parse(std::string_view text) {
    if (text.empty() || text.front() != '{') fail("the header does not start with '{'");
    try {
      const Json rest =
          Json::parse(text.data(), text.data() + text.size(),
                      [this](int depth, Json::parse_event_t event, Json& value) { return visit(depth, event, value); });
    } catch (const Json::exception& error) {
      fail("the header is not valid JSON (", error.what(), ")");
    }
    return std::move(header_);
  }

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    raise<FileError>("'", file_, "' is not a valid safetensors file: ", parts...,
                     ". Is the download incomplete or the file of another kind? Fetch or write it again.");
  }

 private:
  using Event = Json::parse_event_t;

  // Depth 0 is the header, 1 an entry (a tensor or __metadata__), 2 a field of an entry, 3 a number of a list.
  bool visit(int depth, Event event, Json& value) {
    const bool entry = depth == 1;
    if (event == Event::key) {
      std::string name = value.get<std::string>();
      if (entry) entry_ = name;
      if (!(entry ? names_ : fields_).insert(name).second)
        fail("the key '", name, "' occurs twice", entry ? "" : " in the entry '" + entry_ + "'");
    } else if (event == Event::object_start) {
      if (depth > 1) fail("the entry '", entry_, "' has an object inside");
      fields_.clear();
    } else if (event == Event::array_start) {
      if (depth != 2) fail("the entry '", entry_, "' has a list where none belongs");
    } else if (event == Event::value && entry) {
      fail("the entry '", entry_, "' is ", value.dump(), " instead of an object");
    } else if (event == Event::object_end && entry) {
      entry_ == "__metadata__" ? read_metadata(value) : read_tensor(value);
      return false;
    }
    return true;
  }

  void read_metadata(const Json& entry) {
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) fail("the metadata '", key, "' is ", value.dump(), " instead of a string");
      header_.metadata.emplace(key, value.get<std::string>());
    }
  }

  void read_tensor(const Json& entry) {
    TensorInfo info;
    info.name = entry_;
    for (const char* field : {"dtype", "shape", "data_offsets"})
      if (!entry.contains(field)) fail("the tensor '", entry_, "' has no ", field);
    if (entry.size() != 3) fail("the tensor '", entry_, "' has fields besides dtype, shape and data_offsets");
    info.dtype = read_dtype(entry["dtype"]);
    const std::vector<std::uint64_t> offsets = read_list(entry["data_offsets"], "data_offsets");
    if (offsets.size() != 2) fail("the tensor '", entry_, "' has ", offsets.size(), " data_offsets instead of 2");
    info.begin = offsets[0];
    info.end = offsets[1];
    if (info.begin > info.end)
      fail("the tensor '", entry_, "' ends at ", info.end, ", before it begins at ", info.begin);
    const std::vector<std::uint64_t> axes = read_list(entry["shape"], "shape");
    if (static_cast<Index>(axes.size()) > Shape::max_rank)
      fail("the tensor '", entry_, "' has ", axes.size(), " axes; at most ", Shape::max_rank, " are supported");
    const std::uint64_t bytes = byte_count(axes, dtype_bytes(info.dtype));
    for (const std::uint64_t axis : axes) info.shape.push_back(static_cast<Index>(axis));
    if (info.end - info.begin != bytes)
      fail("the tensor '", entry_, "' of shape ", info.shape, " and type ", dtype_name(info.dtype), " needs ", bytes,
           " bytes, but its data_offsets span ", info.end - info.begin);
    header_.tensors.push_back(std::move(info));
  }

  Dtype read_dtype(const Json& value) const {
    const auto dtype = value.is_string() ? parse_dtype(value.get<std::string>()) : std::nullopt;
    if (!dtype)
      fail("the tensor '", entry_, "' has the type ", value.dump(),
           "; F64, F32, F16, BF16, I8 to I64, U8 to U64 and BOOL ", "are read");
    return *dtype;
  }

  std::vector<std::uint64_t> read_list(const Json& value, const char* field) const {
    if (!value.is_array()) fail("the tensor '", entry_, "' has the ", field, " ", value.dump(), " instead of a list");
    std::vector<std::uint64_t> list;
    for (const Json& item : value) {
      if (!item.is_number_unsigned())
        fail("the tensor '", entry_, "' has ", item.dump(), " in its ", field, "; whole numbers from 0 are allowed");
      list.push_back(item.get<std::uint64_t>());
    }
    return list;
  }

  // Axes of length 0 count as 1 on the way: (2^40, 2^40, 0) must not overflow when a Shape multiplies it.
  std::uint64_t byte_count(const std::vector<std::uint64_t>& axes, std::uint64_t bytes) const {
    constexpr std::uint64_t most = std::numeric_limits<Index>::max();
    bool none = false;
    for (const std::uint64_t axis : axes) {
      none = none || axis == 0;
      if (axis > most / bytes) fail("the tensor '", entry_, "' is too large: its byte count overflows");
      bytes *= std::max<std::uint64_t>(axis, 1);
    }
    return none ? 0 : bytes;
  }

  std::string file_, entry_;
  std::set<std::string> names_, fields_;
  SafetensorsHeader header_;
};

}  // namespace detail

/// Parses and checks the JSON header of `file`, behind which `data_bytes` follow: every tensor's type, shape and
/// offsets agree, and the tensors fill the data without overlap, hole or rest. Throws FileError naming the rule.
inline SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                                  const std::string& file) {
  detail::SafetensorsHeaderParser parser(file);
  SafetensorsHeader header = parser.parse(text);
  const auto bytes_order = [](const TensorInfo& t) { return std::pair(t.begin, t.end); };
  std::ranges::stable_sort(header.tensors, {}, bytes_order);
  std::uint64_t at = 0;
  for (const TensorInfo& tensor : header.tensors) {
    if (tensor.begin < at) parser.fail("the tensor '", tensor.name, "' overlaps the one before it");
    if (tensor.begin > at)
      parser.fail("there is a hole of ", tensor.begin - at, " bytes before the tensor '", tensor.name, "'");
    if (tensor.end > data_bytes)
      parser.fail("the tensor '", tensor.name, "' ends at byte ", tensor.end, ", but the file has only ", data_bytes,
                  " bytes of data");
    at = tensor.end;
  }
  if (at != data_bytes) parser.fail(data_bytes - at, " bytes follow the last tensor");
  return header;
}

/// The JSON header, padded with spaces to a multiple of 8 bytes. Throws ArgumentError if a text is not UTF-8.
inline std::string write_safetensors_header(const SafetensorsHeader& header) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  try {
    if (!header.metadata.empty()) json["__metadata__"] = header.metadata;
    for (const TensorInfo& tensor : header.tensors)
      json[tensor.name] = {{"dtype", dtype_name(tensor.dtype)},
                           {"shape", std::vector<Index>(tensor.shape.begin(), tensor.shape.end())},
                           {"data_offsets", {tensor.begin, tensor.end}}};
    std::string text = json.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const nlohmann::ordered_json::exception& error) {
    raise<ArgumentError>("safetensors: a tensor's name or the metadata cannot be written (", error.what(),
                         "). Use UTF-8 text.");
  }
}

}  // namespace graft::io
