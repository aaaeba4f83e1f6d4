#pragma once
#include <algorithm>
#include <array>
#include <graft/core/config_visitor.hpp>
#include <graft/core/named.hpp>
#include <graft/ops/activation.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace graft {

/// What layers take as an activation: Keras's name of it. "linear", the default, stands for Python's None. The layer of
/// the same name is layers::Activation.
class Activation {
 public:
  Activation(const char* name = "linear") : Activation(std::string(name)) {}
  /// Throws ArgumentError for a name that is not Keras's.
  Activation(const std::string& name) : name_(canonical(name)) {}

  /// "relu"; Keras's own name where an alias was given: "silu" for "swish".
  const std::string& name() const { return name_; }
  bool operator==(const Activation&) const = default;

  /// The function with Keras's defaults; empty for "softmax" and "log_softmax", which look at a whole row.
  std::optional<ops::Activation> elementwise() const {
    const auto* entry = find(name_);
    return entry ? std::optional(ops::Activation::of(entry->kind)) : std::nullopt;
  }

  /// A string, as Keras writes it; a reader takes null for "linear".
  void visit(ConfigVisitor& c, std::string_view field) {
    std::optional<std::string> name = name_;
    c(field, name);
    *this = Activation(name.value_or("linear"));
  }

 private:
  using Kind = ops::ActivationKind;
  struct Entry {
    std::string_view name;
    Kind kind;
  };
  static constexpr std::array<Entry, 25> elementwise_{{{"linear", Kind::linear},
                                                       {"relu", Kind::relu},
                                                       {"relu6", Kind::relu6},
                                                       {"leaky_relu", Kind::leaky_relu},
                                                       {"elu", Kind::elu},
                                                       {"selu", Kind::selu},
                                                       {"celu", Kind::celu},
                                                       {"gelu", Kind::gelu},
                                                       {"silu", Kind::silu},
                                                       {"mish", Kind::mish},
                                                       {"sigmoid", Kind::sigmoid},
                                                       {"tanh", Kind::tanh},
                                                       {"softplus", Kind::softplus},
                                                       {"softsign", Kind::softsign},
                                                       {"exponential", Kind::exponential},
                                                       {"hard_sigmoid", Kind::hard_sigmoid},
                                                       {"hard_silu", Kind::hard_silu},
                                                       {"hard_tanh", Kind::hard_tanh},
                                                       {"log_sigmoid", Kind::log_sigmoid},
                                                       {"soft_shrink", Kind::soft_shrink},
                                                       {"hard_shrink", Kind::hard_shrink},
                                                       {"tanh_shrink", Kind::tanh_shrink},
                                                       {"squareplus", Kind::squareplus},
                                                       {"sparse_plus", Kind::sparse_plus},
                                                       {"sparse_sigmoid", Kind::sparse_sigmoid}}};

  static const Entry* find(std::string_view name) {
    const auto at =
        std::find_if(elementwise_.begin(), elementwise_.end(), [&](const Entry& e) { return e.name == name; });
    return at == elementwise_.end() ? nullptr : at;
  }
  static std::string canonical(const std::string& name) {
    if (name == "swish") return "silu";
    if (name == "hard_swish") return "hard_silu";
    if (find(name) || name == "softmax" || name == "log_softmax") return name;
    std::vector<std::string_view> names;
    for (const Entry& entry : elementwise_) names.push_back(entry.name);
    names.insert(names.end(), {"softmax", "log_softmax"});
    raise_unknown_name("Activation", "activation", name, names);
  }

  std::string name_;
};

}  // namespace graft
