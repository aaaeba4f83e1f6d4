#pragma once
#include <cmath>
#include <graft/io/safetensors_reader.hpp>
#include <graft/models/graph.hpp>
#include <graft/saving/json_config.hpp>

namespace graft::saving {

/// Elements of the largest example: a small colour image.
inline constexpr Index most_input = 32 * 32 * 3;

/// A small input that needs no storage: x[i] = (((i * 7919) mod 255) - 127) scale in row-major order.
template <class Scalar>
Tensor<Scalar> example_input(const Shape& shape, double scale) {
  Tensor<Scalar> x(shape);
  for (Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<Scalar>(static_cast<double>((i * 7919) % 255 - 127) * scale);
  return x;
}

/// {"input_shape", "input_scale", "output_shape", "output"} of the example input, so that a file can check itself;
/// nothing for models with several inputs or outputs and for large ones, whose example would cost more than the file.
template <class Scalar>
std::optional<std::string> make_example(const Model<Scalar>& model) {
  constexpr Index most_output = 1024, side = 32;
  constexpr double scale =
      1.0 / 128;  // to -1 .. 1: larger ones would saturate a softmax, which then hides wrong weights
  if (model.inputs().size() != 1 || model.outputs().size() != 1) return std::nullopt;
  Shape shape = model.input().shape().with_front(1);
  for (Index i = 1; i < shape.rank(); ++i)
    if (shape[i] == None) shape[i] = side;
  if (shape.elements() > most_input) return std::nullopt;
  Tensor<Scalar> y;
  try {
    y = model.predict(example_input<Scalar>(shape, scale));
  } catch (const ShapeError&) {
    return std::nullopt;  // a network for larger images
  }
  if (y.size() > most_output) return std::nullopt;
  const auto axes = [](const Shape& s) { return std::vector<Index>(s.begin(), s.end()); };
  return Json{{"input_shape", axes(shape)},
              {"input_scale", scale},
              {"output_shape", axes(y.shape())},
              {"output", std::vector<Scalar>(y.begin(), y.end())}}
      .dump();
}

/// Computes the golden vector of a file and compares: relative L2 within 1e-4, which other instruction sets reach and a
/// wrong weight or layer does not. Does nothing for a file without one. Throws FileError.
template <class Scalar>
void check_example(const Model<Scalar>& model, const io::TensorFile& file) {
  const auto found = file.metadata().find("golden");
  if (found == file.metadata().end()) return;
  const Json json = parse_json(found->second, "'" + file.path().string() + "': its golden vector");
  std::vector<double> expected;
  std::vector<Index> axes;
  double scale = 1;
  JsonConfigReader reader(json, "the golden vector of '" + file.path().string() + "'");
  reader("input_shape", axes);
  reader("input_scale", scale);
  reader("output", expected);
  const Shape shape{std::span<const Index>(axes)};
  if (!shape.is_known() || shape.elements() > most_input)
    raise<FileError>("'", file.path().string(), "': its golden vector is of an input of shape ", shape,
                     ", which is too large.");
  const Tensor<Scalar> y = model.predict(example_input<Scalar>(shape, scale));
  double difference = 0, norm = 0;
  for (Index i = 0; i < y.size() && y.size() == static_cast<Index>(expected.size()); ++i) {
    difference += std::pow(static_cast<double>(y.data()[i]) - expected[to_size(i)], 2);
    norm += std::pow(expected[to_size(i)], 2);
  }
  if (y.size() != static_cast<Index>(expected.size()) || !(difference <= 1e-8 * norm))
    raise<FileError>("'", file.path().string(), "' does not compute its own golden vector: ", y.size(),
                     " values, relative difference ", std::sqrt(difference / norm),
                     ". The file is damaged or was written by another version.");
}

}  // namespace graft::saving
