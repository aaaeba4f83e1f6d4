#pragma once
#include <filesystem>
#include <fstream>
#include <graft/training/callback.hpp>
#include <graft/training/callbacks/python_number.hpp>

namespace graft::callbacks {

/// Names, order and defaults of keras.callbacks.CSVLogger.
struct CSVLoggerOptions {
  std::string separator = ",";  ///< one character
  bool append = false;          ///< adds to an old file, without a second header, instead of replacing it
};

/// Writes a table with a row per epoch: epoch, counted from 0, and the logs in alphabetical order. The columns are
/// those of the first epoch; if it was not validated, a val_ column follows for each. NA stands where an epoch has no
/// value. Lines end in \r\n and are in the file when the epoch ends. Throws ArgumentError for a separator that cannot
/// be one, FileError from fit() if the file cannot be written. Source: keras/src/callbacks/csv_logger.py.
class CSVLogger final : public Callback {
 public:
  explicit CSVLogger(std::filesystem::path filename, CSVLoggerOptions options = {})
      : state_(std::make_shared<State>(State{std::move(filename), options})) {
    const std::string& s = options.separator;
    if (s.size() != 1 || std::string_view("\"\r\n").find(s) != std::string_view::npos)
      raise<ArgumentError>("CSVLogger: separator is one character, no quote and no line end, got \"", s, "\".");
  }
  std::shared_ptr<Callback> share() const override { return std::make_shared<CSVLogger>(*this); }

  void on_train_begin(Logs&) override {
    State& s = *state_;
    s.columns.reset();
    s.needs_header = true;
    if (s.options.append) {
      std::string line;
      std::ifstream old(s.filename, std::ios::binary);
      s.needs_header = !std::getline(old, line);
    }
    s.file = std::ofstream(s.filename, std::ios::binary | (s.options.append ? std::ios::app : std::ios::trunc));
    if (!s.file)
      raise<FileError>("CSVLogger: '", s.filename.string(),
                       "' cannot be written. Check that its folder exists and that you may write there.");
  }

  void on_epoch_end(int epoch, Logs& logs) override {
    State& s = *state_;
    if (!s.columns) choose_columns(logs);
    std::string row = std::to_string(epoch);
    for (const std::string& name : *s.columns) {
      const auto found = logs.find(name);
      row += s.options.separator + (found == logs.end() ? "NA" : quoted(detail::python_number(found->second)));
    }
    s.file << row << "\r\n" << std::flush;
    if (!s.file) raise<FileError>("CSVLogger: '", s.filename.string(), "' cannot be written to. Is the disk full?");
  }

  void on_train_end(Logs&) override { state_->file.close(); }

 private:
  struct State {
    std::filesystem::path filename;
    CSVLoggerOptions options;
    std::ofstream file = {};
    std::optional<std::vector<std::string>> columns = {};
    bool needs_header = true;
  };

  void choose_columns(const Logs& logs) {
    State& s = *state_;
    std::vector<std::string> columns;
    bool validated = false;
    for (const auto& [name, value] : logs) {
      columns.push_back(name);
      validated = validated || name.starts_with("val_");
    }
    for (std::size_t i = 0, n = validated ? 0 : columns.size(); i < n; ++i) columns.push_back("val_" + columns[i]);
    if (s.needs_header) {
      s.file << "epoch";
      for (const std::string& name : columns) s.file << s.options.separator << quoted(name);
      s.file << "\r\n";
    }
    s.columns = std::move(columns);
  }
  /// In quotes where the text would end its field.
  std::string quoted(const std::string& text) const {
    if (text.find_first_of(state_->options.separator + "\"\r\n") == std::string::npos) return text;
    std::string inside;
    for (const char c : text) inside += c == '"' ? std::string("\"\"") : std::string(1, c);
    return '"' + inside + '"';
  }

  std::shared_ptr<State> state_;
};

}  // namespace graft::callbacks
