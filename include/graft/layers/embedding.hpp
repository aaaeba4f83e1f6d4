#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/lower_activation.hpp>
#include <graft/steps/embedding.hpp>

namespace graft::layers {

struct EmbeddingOptions {
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Constraint embeddings_constraint = {};
  bool mask_zero = false;      ///< kept for files; graft computes false alone
  Tensor<float> weights = {};  ///< (input_dim, output_dim) to start from; empty: embeddings_initializer
  Regularizer activity_regularizer = {};
  std::string name = {};  ///< empty: "embedding", "embedding_1", ...
  bool trainable = true;
};

/// A vector for each index: layers::Embedding(1000, 64) takes indices 0 .. 999, given as floats (float holds whole
/// numbers up to 2^24; fractions are cut off). Input (batch, ..), output (batch, .., output_dim). Variable: embeddings
/// (input_dim, output_dim). Throws ArgumentError for a size below 1, weights of another shape, masks, and while it
/// computes for an index that is no row.
/// Source: keras/src/layers/core/embedding.py.
template <class Scalar = float>
class Embedding final : public Layer<Scalar> {
 public:
  Embedding(Index input_dim, Index output_dim, EmbeddingOptions options = {})
      : shape_{input_dim, output_dim}, options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (input_dim < 1 || output_dim < 1)
      raise<ArgumentError>(this->who(), ": input_dim and output_dim must be at least 1, got ", input_dim, " and ",
                           output_dim, ".");
    if (options_.mask_zero)
      raise<ArgumentError>(this->who(), ": mask_zero = true is not computed by graft, which has no masks.");
    embeddings_ = this->add_weight(
        "embeddings", {.regularizer = options_.embeddings_regularizer, .constraint = options_.embeddings_constraint});
    const Tensor<float> weights = std::exchange(options_.weights, {});
    if (weights.empty()) return;
    if (weights.shape() != shape_)
      raise<ArgumentError>(this->who(), ": weights must have the shape ", shape_, ", got ", weights.shape(), ".");
    embeddings_->allocate(weights.cast<Scalar>());
  }

  std::string class_name() const override { return "Embedding"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Embedding>(*this); }
  const Variable<Scalar>& embeddings() const { return *embeddings_; }

  void build(const Shape&) const override {
    if (!embeddings_->allocated()) this->initialize(*embeddings_, shape_, options_.embeddings_initializer);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 1, Shape::max_rank - 1, "(batch, ..)");
    Shape out = in;
    out.push_back(shape_[1]);
    return out;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ValueId rows = builder.template step<steps::Embedding<Scalar>>(in, *embeddings_, this->who());
    return {lower_penalty(builder, rows, options_.activity_regularizer)};
  }
  void config(ConfigVisitor& c) const override {
    Shape shape = shape_;
    EmbeddingOptions options = this->identified(options_);
    fields(c, shape, options);
  }
  static Embedding from_config(ConfigVisitor& c) {
    Shape shape{0, 0};
    EmbeddingOptions options;
    fields(c, shape, options);
    return Embedding(shape[0], shape[1], options);
  }

 private:
  static void fields(ConfigVisitor& c, Shape& shape, EmbeddingOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("input_dim", shape[0]);
    c("output_dim", shape[1]);
    c("embeddings_initializer", o.embeddings_initializer);
    c("embeddings_regularizer", o.embeddings_regularizer);
    c("activity_regularizer", o.activity_regularizer);
    c("embeddings_constraint", o.embeddings_constraint);
    c("mask_zero", o.mask_zero);
  }

  Shape shape_;  ///< (input_dim, output_dim)
  EmbeddingOptions options_;
  std::optional<Variable<Scalar>> embeddings_;
};

}  // namespace graft::layers
