#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/embedding.hpp>

namespace graft::steps {

/// Rows of a variable by the numbers in x, which get no gradient. `who` names the layer in errors.
template <class Scalar>
class Embedding final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Embedding(Variable<Scalar> table, std::string who) : table_(std::move(table)), who_(std::move(who)) {}

  std::string kind() const override { return "embedding"; }
  Shape shape(Shapes in) const override {
    Shape out = in[0];
    out.push_back(table_.shape()[1]);
    return out;
  }
  std::vector<Variable<Scalar>> variables() const override { return {table_}; }
  Needs needs(bool, bool dw) const override { return {.x = dw, .y = false}; }
  void forward(Io<Scalar>& io) const override { ops::embed<Scalar>(io.x[0], table_.value().view(), io.y, who_); }
  void backward(Io<Scalar>& io) const override {
    if (io.dw[0]) ops::embedding_gradient<Scalar>(io.x[0], io.dy, io.dw[0]);
    if (io.dx[0]) std::fill_n(io.dx[0].data, io.dx[0].size(), Scalar(0));
  }

 private:
  Variable<Scalar> table_;
  std::string who_;
};

}  // namespace graft::steps
