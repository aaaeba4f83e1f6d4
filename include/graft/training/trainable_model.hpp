#pragma once
#include <graft/optimizers/optimizer.hpp>
#include <memory>
#include <optional>
#include <string>

namespace graft {

/// What a callback may do with the model that trains. Model implements it, so that training knows no model.
class TrainableModel {
 public:
  virtual ~TrainableModel() = default;
  virtual const std::string& name() const = 0;
  /// The compiled optimizer; its learning rate may be changed between batches.
  virtual Optimizer& optimizer() = 0;
  /// True ends fit() after the present batch.
  virtual bool& stop_training() = 0;
  /// A copy of all weights, and its way back.
  virtual std::shared_ptr<const void> copy_weights() const = 0;
  virtual void restore_weights(const std::shared_ptr<const void>& copy) = 0;
  virtual void save(const std::string& path) const = 0;
  virtual void save_weights(const std::string& path) const = 0;
  /// True if a larger value of this logged name is better, false if a smaller one is; nothing if it is unknown.
  virtual std::optional<bool> maximizes(const std::string& log_name) const = 0;
};

}  // namespace graft
