#pragma once
#include <algorithm>
#include <array>
#include <cstdio>
#include <graft/plan/binding.hpp>
#include <graft/plan/feature_store.hpp>
#include <ostream>

namespace graft {

/// What fit() will do, step by step, in training mode: decided by compile(), and bound to numbers where a batch size
/// and input shapes are known. Printed by operator<<.
struct Plan {
  struct Row {
    std::string layer;
    std::string step;        ///< kind, and what is fused into it: "conv2d + bias + relu"
    Shape output = {};       ///< of a batch; None where not known
    bool once = false;       ///< in the frozen prefix: computed once per sample where samples repeat
    double flops = -1;       ///< forward, per sample; -1 where not known
    bool backward = false;   ///< runs backward
    Index learns = 0;        ///< variables that learn here
    Index kept_bytes = -1;   ///< kept from forward to backward, for a batch; -1 where not known
    Index stored_bytes = 0;  ///< features stored after it, all samples; -1 where not known
  };

  std::string model;
  std::vector<Row> rows;
  std::vector<std::string> notes;
  Index batch_size = None;
  Index prefix_steps = 0, evaluation_prefix_steps = 0;
  Index learning = 0, learning_elements = 0;  ///< variables that learn, and their elements
  Index arena_bytes = -1, unshared_bytes = -1;
};

namespace plan {

/// "1.5 MB"; "?" for a negative number.
inline std::string bytes_text(Index bytes) {
  if (bytes < 0) return "?";
  if (bytes == 0) return "-";
  const char* units[] = {"B", "KB", "MB", "GB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit < 3; ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text;
}

inline std::string flops_text(double flops) {
  if (flops < 0) return "?";
  if (flops == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text,
                flops >= 1e8   ? "%.2f G"
                : flops >= 1e5 ? "%.2f M"
                               : "%.4f M",
                flops >= 1e8 ? flops / 1e9 : flops / 1e6);
  return text;
}

/// Describes a training program. With input shapes (and a capacity) it is bound; `samples` is the number of samples
/// whose features would be stored, None where they are not known to repeat. `targets` are the shapes of the labels.
template <class Scalar>
Plan describe(const std::shared_ptr<const Program<Scalar>>& program, const std::vector<Shape>& inputs,
              const std::vector<Shape>& targets, Index capacity, Index samples) {
  Plan plan;
  plan.batch_size = capacity;
  plan.notes = program->notes;
  plan.prefix_steps = program->prefix_steps;
  plan.learning = static_cast<Index>(program->learning.size());
  for (const auto& variable : program->learning) plan.learning_elements += variable.size();
  std::optional<Binding<Scalar>> binding;
  if (capacity != None) {
    Part<Scalar> part;
    for (std::size_t i = 0; i < program->steps.size(); ++i) part.steps.push_back(static_cast<Index>(i));
    part.feeds = program->inputs;
    part.feeds.insert(part.feeds.end(), program->targets.begin(), program->targets.end());
    part.shapes = inputs;
    part.shapes.insert(part.shapes.end(), targets.begin(), targets.end());
    part.fetch = program->outputs;
    part.backward = !program->learning.empty();
    binding.emplace(program, std::move(part), capacity);
    plan.arena_bytes = binding->bytes();
    plan.unshared_bytes = binding->unshared_bytes();
  }
  for (std::size_t i = 0; i < program->steps.size(); ++i) {
    const auto& step = program->steps[i];
    Plan::Row row{.layer = step.layer, .step = step.op->kind()};
    for (const auto& fused : step.fused) row.step += " + " + fused;
    row.output = program->values[to_size(step.out)].shape;
    row.once = step.prefix;
    row.backward = step.backward;
    row.learns = std::count_if(step.slot.begin(), step.slot.end(), [](Index slot) { return slot >= 0; });
    const ValueId out = program->root(step.out);
    const bool stored = std::find(program->cut.begin(), program->cut.end(), out) != program->cut.end() ||
                        program->values[to_size(out)].keep;
    if (binding) {
      std::vector<Shape> in;
      for (const ValueId x : step.in) in.push_back(binding->shape(x));
      row.output = binding->shape(step.out);
      row.flops = step.op->flops(in, row.output) / static_cast<double>(capacity);
      row.kept_bytes = binding->kept_bytes(static_cast<Index>(i));
    }
    if (step.prefix && stored)
      row.stored_bytes = !binding || samples == None
                             ? -1
                             : row.output.sample_elements() * samples * static_cast<Index>(sizeof(Scalar));
    if (samples == None && binding) row.stored_bytes = 0;
    plan.rows.push_back(std::move(row));
  }
  return plan;
}

}  // namespace plan

/// A table: steps above the line run once per sample, those below it in every epoch.
inline std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  std::vector<std::array<std::string, 7>> cells{{"layer", "step", "output", "work", "backward", "kept", "features"}};
  for (const auto& row : plan.rows) {
    std::string backward = row.backward ? "gradient" : "-";
    if (row.learns > 0) backward = "learns " + std::to_string(row.learns);
    cells.push_back({row.layer, row.step, row.output.str(), plan::flops_text(row.flops), backward,
                     plan::bytes_text(row.kept_bytes), plan::bytes_text(row.stored_bytes)});
  }
  std::array<std::size_t, 7> width{};
  for (const auto& line : cells)
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], line[c].size());
  out << "Plan of '" << plan.model << "', training, batch "
      << (plan.batch_size == None ? std::string("?") : std::to_string(plan.batch_size)) << "\n";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i == to_size(plan.prefix_steps) + 1 && plan.prefix_steps > 0)
      out << "---- boundary: the " << plan.prefix_steps << " steps above are frozen and computed once per sample\n";
    std::string line;
    for (std::size_t c = 0; c < cells[i].size(); ++c)
      line += cells[i][c] + std::string(width[c] - cells[i][c].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  }
  out << plan.learning << " variables learn (" << plan.learning_elements << " numbers); memory for a batch "
      << plan::bytes_text(plan.arena_bytes);
  if (plan.unshared_bytes >= 0) out << " (" << plan::bytes_text(plan.unshared_bytes) << " without sharing)";
  out << "; in evaluation " << plan.evaluation_prefix_steps << " steps are frozen.\n";
  for (const auto& note : plan.notes) out << "note: " << note << "\n";
  return out;
}

}  // namespace graft
