#pragma once
#include <algorithm>
#include <cmath>
#include <graft/core/error.hpp>
#include <graft/core/index.hpp>
#include <string>
#include <vector>

// A table of text with borders and wrapped cells: what model.summary() prints. The layout is that of rich, the package
// that Keras prints with.
namespace graft::text_table {

enum class Align { left, center, right };

struct Column {
  std::string header;
  Align align;
  Index width;  ///< of the text, without the space on both sides
};

/// Code points of UTF-8 text; each takes one cell of a terminal here.
inline Index length(const std::string& text) {
  Index n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

/// The first n code points.
inline std::string head(const std::string& text, Index n) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && n-- == 0) break;
  return text.substr(0, at);
}

inline std::string repeat(const std::string& part, Index n) {
  std::string text;
  for (Index i = 0; i < n; ++i) text += part;
  return text;
}

/// The words of a text, each with the spaces behind it; the first one with those before it.
inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> found;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t word = text.find_first_not_of(' ', begin);
    if (word == std::string::npos) break;
    const std::size_t end = std::min(text.find_first_not_of(' ', text.find(' ', word)), text.size());
    found.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return found;
}

/// Lines of at most `width` cells, broken between words; a longer word ends in an ellipsis. Requires width >= 1.
inline std::vector<std::string> wrap(const std::string& text, Index width) {
  std::vector<std::string> lines(1);
  for (const std::string& word : words(text)) {
    const Index needed = length(word.substr(0, word.find_last_not_of(' ') + 1));
    if (!lines.back().empty() && length(lines.back()) + needed > width) lines.emplace_back();
    lines.back() += word;
  }
  for (std::string& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (length(line) > width) line = head(line, width - 1) + "…";
  }
  return lines;
}

inline std::string aligned(const std::string& text, Index width, Align align) {
  const Index space = width - length(text);
  const Index before = align == Align::left ? 0 : align == Align::right ? space : space / 2;
  return repeat(" ", before) + text + repeat(" ", space - before);
}

/// One row of cells, as many lines as the tallest cell has.
inline std::string row(const std::vector<Column>& columns, const std::vector<std::string>& cells,
                       const std::string& bar) {
  std::vector<std::vector<std::string>> lines;
  std::size_t height = 1;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    lines.push_back(wrap(cells[c], columns[c].width));
    height = std::max(height, lines.back().size());
  }
  std::string text;
  for (std::size_t i = 0; i < height; ++i) {
    for (std::size_t c = 0; c < columns.size(); ++c)
      text += bar + " " + aligned(i < lines[c].size() ? lines[c][i] : "", columns[c].width, columns[c].align) + " ";
    text += bar + "\n";
  }
  return text;
}

inline std::string rule(const std::vector<Column>& columns, const char* left, const char* line, const char* cross,
                        const char* right) {
  std::string text = left;
  for (std::size_t c = 0; c < columns.size(); ++c) text += (c > 0 ? cross : "") + repeat(line, columns[c].width + 2);
  return text + right + "\n";
}

/// Header and rows, with a line between any two.
inline std::string render(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> headers;
  for (const Column& column : columns) headers.push_back(column.header);
  std::string text = rule(columns, "┏", "━", "┳", "┓") + row(columns, headers, "┃") + rule(columns, "┡", "━", "╇", "┩");
  for (std::size_t i = 0; i < rows.size(); ++i)
    text += (i > 0 ? rule(columns, "├", "─", "┼", "┤") : "") + row(columns, rows[i], "│");
  return text + rule(columns, "└", "─", "┴", "┘");
}

/// Widths of the columns of a table `total` cells wide: each column ends at its share of the line, and what borders and
/// spaces take is taken off the columns evenly. Throws ArgumentError if nothing would be left of one.
inline std::vector<Index> column_widths(const std::vector<double>& ends, Index total) {
  std::vector<Index> widths;
  Index begin = 0;
  for (const double end : ends) {
    const auto at = static_cast<Index>(end * static_cast<double>(total));
    widths.push_back(at - begin);
    begin = at;
  }
  auto columns = static_cast<Index>(widths.size());
  Index excess = 3 * columns + 1;
  for (Index& width : widths) {
    const auto taken = static_cast<Index>(std::nearbyint(static_cast<double>(excess) / static_cast<double>(columns--)));
    width -= taken;
    excess -= taken;
    if (width < 1)
      raise<ArgumentError>("summary: ", total, " cells are too few for the table. Give a larger .line_length.");
  }
  return widths;
}

}  // namespace graft::text_table
