#pragma once
#include <charconv>
#include <graft/training/callbacks/console.hpp>
#include <graft/training/callbacks/python_number.hpp>
#include <graft/training/progress_text.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace graft::callbacks::detail {

/// A path with fields in braces, as Python's str.format() fills them: {epoch}, {epoch:02d}, {val_loss:.2f},
/// {loss:8.1e};
/// {{ and }} are braces.
class PathTemplate {
 public:
  /// Throws ArgumentError for an open brace or a format that is none of [0][width][.precision]d, e, f or g; `owner` is
  /// the name in messages.
  PathTemplate(std::string owner, std::string text) : owner_(std::move(owner)), text_(std::move(text)) {
    std::string literal;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c != '{' && c != '}') {
        literal += c;
      } else if (i + 1 < text_.size() && text_[i + 1] == c) {
        literal += c;
        ++i;
      } else {
        const std::size_t end = text_.find('}', i);
        if (c == '}' || end == std::string::npos) fail(text_.substr(i));
        pieces_.push_back({std::exchange(literal, {}), parse(text_.substr(i + 1, end - i - 1))});
        i = end;
      }
    }
    end_ = literal;
  }

  const std::string& text() const { return text_; }
  bool has(std::string_view field) const {
    for (const Piece& piece : pieces_)
      if (piece.field.name == field) return true;
    return false;
  }

  /// `counts` are what {epoch} and {batch} stand for. Throws ArgumentError for a field in neither map.
  std::string fill(const std::map<std::string, Index>& counts, const Logs& logs) const {
    std::string path;
    for (const auto& [before, field] : pieces_) {
      path += before;
      if (const auto count = counts.find(field.name); count != counts.end())
        path += padded(std::to_string(count->second), field);
      else if (const auto log = logs.find(field.name); log != logs.end())
        path += padded(number(log->second, field), field);
      else
        raise<ArgumentError>(owner_, ": the path \"", text_, "\" has a field {", field.name,
                             "}, which is not logged. What is logged: ", names(logs), ".");
    }
    return path + end_;
  }

 private:
  struct Field {
    std::string name;
    bool zeros = false;
    int width = 0;
    int precision = 6;
    char type = 0;
  };
  struct Piece {
    std::string before;
    Field field;
  };

  [[noreturn]] void fail(const std::string& part) const {
    raise<ArgumentError>(
        owner_, ": the path \"", text_, "\" has a faulty field at \"", part,
        "\". Write {epoch} or {val_loss}, with a format such as {epoch:02d} or {val_loss:.2f} if wanted, "
        "and {{ or }} for a brace.");
  }
  Field parse(const std::string& inside) const {
    const std::size_t colon = inside.find(':');
    Field field{inside.substr(0, colon)};
    bool valid = !field.name.empty() && field.name.find_first_of("{!") == std::string::npos;
    if (colon != std::string::npos) valid = parse_format(inside.substr(colon + 1), field) && valid;
    const bool counts = field.name == "epoch" || field.name == "batch";
    if (!valid || (field.type == 'd') != (counts && field.type != 0)) fail("{" + inside + "}");
    return field;
  }
  static bool parse_format(std::string_view format, Field& field) {
    const char* at = format.data();
    const char* const end = at + format.size();
    const auto read = [&](int& value) {
      const auto [after, error] = std::from_chars(at, end, value);
      at = after;
      return error == std::errc() && value >= 0 && value <= 100;
    };
    if (at != end && *at == '0') field.zeros = true;
    if (at != end && *at >= '0' && *at <= '9' && !read(field.width)) return false;
    const bool has_precision = at != end && *at == '.';
    if (has_precision && (++at == end || !read(field.precision))) return false;
    if (end - at != 1 || std::string_view("defg").find(*at) == std::string_view::npos) return false;
    field.type = *at;
    return !(has_precision && field.type == 'd');
  }

  static std::string number(double value, const Field& field) {
    if (field.type == 0) return python_number(value);
    const std::chars_format format = field.type == 'f'   ? std::chars_format::fixed
                                     : field.type == 'e' ? std::chars_format::scientific
                                                         : std::chars_format::general;
    return progress::number(value, format, field.precision);
  }
  static std::string padded(const std::string& number, const Field& field) {
    const std::size_t width = static_cast<std::size_t>(field.width);
    const std::string padding(width > number.size() ? width - number.size() : 0, field.zeros ? '0' : ' ');
    const std::size_t sign = field.zeros && number.starts_with('-') ? 1 : 0;
    return number.substr(0, sign) + padding + number.substr(sign);
  }

  std::string owner_, text_, end_;
  std::vector<Piece> pieces_;
};

}  // namespace graft::callbacks::detail
