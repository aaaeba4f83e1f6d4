#pragma once
#include <cmath>
#include <graft/models/model.hpp>
#include <graft/saving/weights.hpp>
#include <string>

// Weights that are a function of their names: seeded() of tests/golden/make_applications.py.

/// FNV-1a, 64 bits.
inline std::uint64_t hash_fnv(const std::string& text) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return value;
}

/// Element i of the numbers in [0, 1) of a name: SplitMix64, 24 bits.
inline double uniform_of(std::uint64_t hash, graft::Index i) {
  std::uint64_t z = (hash + static_cast<std::uint64_t>(i) + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return static_cast<double>((z ^ (z >> 31)) >> 40) / 16777216.0;
}

template <class S>
graft::Tensor<S> seeded(const std::string& name, const graft::Shape& shape) {
  const std::string kind = name.substr(name.rfind('/') + 1);
  double low = -0.2, high = 0.2;
  if (kind.ends_with("kernel")) {
    const bool depthwise = kind == "depthwise_kernel" || (shape.rank() == 4 && shape[3] == 1);
    const auto inputs = static_cast<double>(depthwise ? shape[0] * shape[1] : shape.elements() / shape.back());
    high = std::sqrt(6.0 / inputs);
    low = -high;
  } else if (kind == "gamma") {
    low = 0.4, high = 0.8;
  } else if (kind == "moving_variance" || kind == "variance") {
    low = 0.5, high = 1.5;
  }
  graft::Tensor<S> values(shape);
  const std::uint64_t hash = hash_fnv(name);
  for (graft::Index i = 0; i < values.size(); ++i)
    values.data()[i] = static_cast<S>(low + (high - low) * uniform_of(hash, i));
  return values;
}

template <class S>
void set_seeded_weights(const graft::Model<S>& model) {
  for (const auto& [name, variable] : graft::saving::named_variables(*model.state()))
    if (!name.ends_with("/count")) variable.assign(seeded<S>(name, variable.shape()));
}
