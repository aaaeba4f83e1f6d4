#pragma once
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <graft/models/model.hpp>
#include <graft/models/text_table.hpp>
#include <iostream>

// The table that model.summary() prints. Source: keras/src/utils/summary_utils.py.
namespace graft::summary {

/// 1234567 -> "1,234,567"
inline std::string with_commas(Index n) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<Index>(digits.size()) - 3; at > 0; at -= 3) digits.insert(to_size(at), ",");
  return digits;
}

/// "346 (1.35 KB)"
inline std::string count_and_size(Index count, Index bytes) {
  const char* units[] = {"B", "KB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < std::size(units); ++unit) size /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %s", size, units[unit]);
  return with_commas(count) + " (" + text + ")";
}

/// COLUMNS where it is set, else the terminal's width, else 80: as Python's shutil.get_terminal_size().
inline Index terminal_columns() {
  const char* variable = std::getenv("COLUMNS");
  const long columns = variable ? std::strtol(variable, nullptr, 10) : 0;
  if (columns > 0) return columns;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

template <class Scalar>
class Table {
 public:
  Table(const Model<Scalar>& model, const ModelGraph<Scalar>* graph, const SummaryOptions& options)
      : options_(options), graph_(graph), chain_(graph == nullptr || is_chain(*graph)) {
    for (const auto& layer : model.layers()) add(*layer, 0);
  }

  std::string text() const {
    std::vector<text_table::Column> columns{{"Layer (type)", text_table::Align::left, 0},
                                            {"Output Shape", text_table::Align::left, 0},
                                            {"Param #", text_table::Align::right, 0}};
    std::vector<double> ends =
        chain_ ? std::vector<double>{0.45, 0.80, 1.0} : std::vector<double>{0.3, 0.56, 0.74, 1.0};
    Index length = chain_ ? 88 : 108;
    if (!chain_) columns.push_back({"Connected to", text_table::Align::left, 0});
    if (options_.show_trainable) {
      columns.push_back({"Trainable", text_table::Align::center, 0});
      length += 12;
      for (double& end : ends) end *= 0.9;
      ends.push_back(1);
    }
    length = options_.line_length.value_or(std::min(length, terminal_columns() - 4));
    const auto widths = text_table::column_widths(ends, length);
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c].width = widths[c];
    return text_table::render(columns, rows_);
  }

 private:
  using Calls = std::vector<std::shared_ptr<const Node<Scalar>>>;

  // One layer after the other, none called twice: then nothing needs to be said about connections.
  static bool is_chain(const ModelGraph<Scalar>& graph) {
    std::set<const Node<Scalar>*> read;
    std::set<const void*> operations;
    for (const auto& node : graph.nodes) {
      if (node->inputs.size() > 1 || !operations.insert(node->operation->id()).second) return false;
      for (const auto& input : node->inputs)
        if (!read.insert(input.node().get()).second) return false;
    }
    return read.size() + 1 >= graph.nodes.size();
  }
  static Calls calls(const LayerState<Scalar>& state) {
    Calls alive;
    for (const auto& weak : state.nodes)
      if (auto node = weak.lock()) alive.push_back(std::move(node));
    return alive;
  }
  static std::string shape(const Layer<Scalar>& layer) {
    const Calls all = calls(*layer.state());
    if (all.empty()) return "?";
    const auto& shapes = all.back()->output_shapes;
    if (shapes.size() == 1) return shapes.front().str();
    std::string text;
    for (const Shape& one : shapes) text += (text.empty() ? "[" : ", ") + one.str();
    return text + "]";
  }
  // "dense[0][0], dense[1][0]": layer, call, output of what the calls in this model read.
  std::string connections(const Layer<Scalar>& layer) const {
    std::string text;
    for (const auto& node : calls(*layer.state())) {
      if (std::find(graph_->nodes.begin(), graph_->nodes.end(), node) == graph_->nodes.end()) continue;
      for (const auto& input : node->inputs) {
        const auto& from = dynamic_cast<const Layer<Scalar>&>(*input.node()->operation);
        const Calls all = calls(*from.state());
        const auto call = std::find(all.begin(), all.end(), input.node()) - all.begin();
        text += (text.empty() ? "" : ", ") + from.name() + "[" + std::to_string(call) + "][" +
                std::to_string(input.index()) + "]";
      }
    }
    return text.empty() ? "-" : text;
  }
  void add(const Layer<Scalar>& layer, Index level) {
    const std::string prefix = level > 0 ? text_table::repeat("   ", level) + "└ " : "";
    std::vector<std::string> cells{prefix + layer.name() + " (" + layer.class_name() + ")", shape(layer),
                                   layer.built() ? with_commas(layer.count_params()) : "0 (unbuilt)"};
    if (!chain_) cells.push_back(connections(layer));
    if (options_.show_trainable) cells.push_back(layer.count_params() == 0 ? "-" : layer.enabled() ? "Y" : "N");
    rows_.push_back(std::move(cells));
    const auto* model = options_.expand_nested ? dynamic_cast<const Model<Scalar>*>(&layer) : nullptr;
    if (model == nullptr) return;
    for (const auto& inner : model->layers()) add(*inner, level + 1);
  }

  const SummaryOptions& options_;
  const ModelGraph<Scalar>* graph_;  ///< null for a Sequential
  bool chain_;
  std::vector<std::vector<std::string>> rows_;
};

template <class Scalar>
Index count(const std::vector<Variable<Scalar>>& variables) {
  Index n = 0;
  for (const auto& variable : variables) n += variable.size();
  return n;
}

/// The lines below the table. An optimizer counts once it has made a step: its slots, and its learning rate (float32;
/// none with a schedule) and step count (int64), which are variables in Keras.
template <class Scalar>
std::string totals(const Model<Scalar>& model) {
  constexpr auto size = static_cast<Index>(sizeof(Scalar));
  const Index learn = count(model.trainable_weights()), rest = count(model.non_trainable_weights());
  Index optimizer = 0, optimizer_bytes = 0;
  if (model.trainer().is_compiled() && model.optimizer().iterations() > 0) {
    for (const auto& slots : model.trainer().compiled(model.name(), "summary").slots)
      for (const auto& slot : slots) optimizer += slot.size();
    const Index rates = model.optimizer().rule().learning_rate().is_schedule() ? 0 : 1;
    optimizer_bytes = optimizer * size + rates * 4 + 8;
    optimizer += rates + 1;
  }
  const Index all = learn + rest;
  std::string text = " Total params: " + count_and_size(all + optimizer, all * size + optimizer_bytes) +
                     "\n Trainable params: " + count_and_size(learn, learn * size) +
                     "\n Non-trainable params: " + count_and_size(rest, rest * size) + "\n";
  if (optimizer > 0) text += " Optimizer params: " + count_and_size(optimizer, optimizer_bytes) + "\n";
  return text;
}

}  // namespace graft::summary

namespace graft {

template <class Scalar>
void Model<Scalar>::summary(const SummaryOptions& options) const {
  const bool sequential = this->class_name() == "Sequential";
  const summary::Table<Scalar> table(*this, sequential ? nullptr : &graph(), options);
  const std::string text = "Model: \"" + this->name() + "\"\n" + table.text() + summary::totals(*this);
  if (options.print_fn)
    options.print_fn(text);
  else
    std::cout << text << std::flush;
}

}  // namespace graft
