#pragma once
#include <graft/io/atomic_file.hpp>
#include <graft/io/run_program.hpp>
#include <graft/models/model.hpp>

namespace graft::utils {

/// Arguments of plot_model() and model_to_dot(): Keras's names.
struct PlotModelOptions {
  bool show_shapes = true;       ///< the shapes that a layer gives; false in Keras
  bool show_layer_names = true;  ///< false in Keras's plot_model, true in its model_to_dot
  std::string rankdir = "TB";    ///< where the graph runs to: "TB" top to bottom, "LR" left to right, "BT", "RL"
  bool expand_nested = false;    ///< draw the layers of nested models, each model in a frame
  bool show_trainable = false;   ///< whether layers with weights are trainable
};

namespace detail {

/// Text for a label of Graphviz's HTML kind. Characters that cannot be seen become spaces.
inline std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  return out;
}

/// The graph of a model in Graphviz's DOT language.
template <class Scalar>
class DotGraph {
 public:
  DotGraph(const Model<Scalar>& model, const PlotModelOptions& options) : options_(options) {
    bool known = false;
    for (const char* rankdir : {"TB", "LR", "BT", "RL"}) known = known || options.rankdir == rankdir;
    if (!known) raise<ArgumentError>("plot_model: rankdir must be TB, LR, BT or RL, got '", options.rankdir, "'.");
    add(model.graph(), "  ");
  }

  std::string text() const {
    return "digraph {\n  rankdir=" + options_.rankdir +
           ";\n  graph [fontname=\"Helvetica\", labeljust=l, style=dashed];\n"
           "  node [fontname=\"Helvetica\", shape=box, style=filled, fillcolor=\"#eef2f8\"];\n" +
           nodes_ + edges_ + "}\n";
  }

 private:
  /// The nodes that arrows to and from a layer touch: its own, or those of a nested model's inputs and outputs.
  struct Ends {
    std::vector<std::string> inputs, outputs;
  };
  static const std::string& end(const std::vector<std::string>& ends, std::size_t i) {
    return ends[ends.size() == 1 ? 0 : i];
  }

  Ends add(const ModelGraph<Scalar>& graph, const std::string& indent) {
    std::map<const void*, Ends> drawn;
    const auto ends_of = [&](const SymbolicTensor<Scalar>& x) -> Ends& { return drawn[x.node()->operation->id()]; };
    for (const auto& node : graph.nodes) {
      const auto [place, is_new] = drawn.try_emplace(node->operation->id());
      if (is_new) place->second = draw(dynamic_cast<const Layer<Scalar>&>(*node->operation), graph, indent);
      for (std::size_t i = 0; i < node->inputs.size(); ++i)
        edges_ += "  " + end(ends_of(node->inputs[i]).outputs, to_size(node->inputs[i].index())) + " -> " +
                  end(place->second.inputs, i) + ";\n";
    }
    Ends ends;
    for (const auto& x : graph.inputs) ends.inputs.push_back(ends_of(x).inputs.front());
    for (const auto& y : graph.outputs) ends.outputs.push_back(end(ends_of(y).outputs, to_size(y.index())));
    return ends;
  }
  Ends draw(const Layer<Scalar>& layer, const ModelGraph<Scalar>& graph, const std::string& indent) {
    const std::string number = std::to_string(count_++);
    if (const auto* model = options_.expand_nested ? dynamic_cast<const Model<Scalar>*>(&layer) : nullptr) {
      nodes_ += indent + "subgraph cluster_" + number + " {\n" + indent + "  label=<" + title(layer) + ">;\n";
      const Ends ends = add(model->graph(), indent + "  ");
      nodes_ += indent + "}\n";
      return ends;
    }
    nodes_ += indent + "n" + number + " [label=<" + title(layer);
    if (options_.show_shapes)
      for (const std::string& shapes : call_shapes(layer, graph)) nodes_ += "<br/>" + shapes;
    nodes_ += ">];\n";
    return {{"n" + number}, {"n" + number}};
  }
  std::string title(const Layer<Scalar>& layer) const {
    std::string text = "<b>" + escaped(layer.class_name()) + "</b>";
    if (options_.show_layer_names) text += "<br/>" + escaped(layer.name());
    if (options_.show_trainable && layer.count_params() > 0)
      text += layer.enabled() ? "<br/>trainable" : "<br/>non-trainable";
    return text;
  }
  /// What the calls in this graph give, each kind once: "(None, 4)" or, of several outputs, "[(None, 4), (None, 2)]".
  static std::vector<std::string> call_shapes(const Layer<Scalar>& layer, const ModelGraph<Scalar>& graph) {
    std::vector<std::string> lines;
    for (const auto& node : graph.nodes) {
      if (node->operation->id() != layer.id()) continue;
      std::string line;
      for (const Shape& shape : node->output_shapes) line += (line.empty() ? "" : ", ") + shape.str();
      if (node->output_shapes.size() > 1) line = "[" + line + "]";
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
    }
    return lines;
  }

  const PlotModelOptions& options_;
  int count_ = 0;
  std::string nodes_, edges_;
};

}  // namespace detail

/// The graph of a model in Graphviz's DOT language: a box for each layer, an arrow for each tensor that one of its
/// calls reads. A shared layer is one box. Throws StateError for a Sequential that has no input shape yet,
/// ArgumentError for another rankdir.
template <class Scalar>
std::string model_to_dot(const Model<Scalar>& model, const PlotModelOptions& options = {}) {
  return detail::DotGraph<Scalar>(model, options).text();
}

/// Draws the graph of a model to a file: DOT text if its name ends in .dot or .gv; Graphviz's program `dot` makes
/// .svg, .png and .pdf of that. The old file stays until the new one is whole. Throws what model_to_dot() throws,
/// ArgumentError for another ending, FileError if the file cannot be written or `dot` is missing.
///   utils::plot_model(model, "model.svg");
template <class Scalar>
void plot_model(const Model<Scalar>& model, const std::filesystem::path& to_file,
                const PlotModelOptions& options = {}) {
  const std::string kind = to_file.extension().string();
  std::string text = model_to_dot(model, options);
  if (kind == ".svg" || kind == ".png" || kind == ".pdf")
    text = io::run_program({"dot", "-T" + kind.substr(1)}, text,
                           "Install Graphviz (apt-get install graphviz), or write a .dot file, which needs nothing.");
  else if (kind != ".dot" && kind != ".gv")
    raise<ArgumentError>("plot_model: '", to_file.string(), "' must end in .dot, .gv, .svg, .png or .pdf.");
  io::AtomicFile file(to_file);
  file.write(text);
  file.commit();
}

}  // namespace graft::utils
