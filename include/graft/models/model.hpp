#pragma once
#include <filesystem>
#include <graft/models/graph.hpp>
#include <graft/plan/plan.hpp>
#include <graft/saving/load_report.hpp>
#include <graft/training/trainer.hpp>

namespace graft {

/// Arguments of Model(): a name, else "functional", "functional_1", ...
struct ModelOptions {
  std::string name = {};
  bool trainable = true;
};

/// How weights are stored: "float32", "float16", "bfloat16", "float64".
struct SaveOptions {
  std::string dtype = "float32";
};

/// Arguments of plan().
template <class Scalar = float>
struct PlanOptions {
  Dataset<Scalar> dataset = {};
  std::optional<Index> batch_size = {};
};

/// Arguments of summary().
struct SummaryOptions {
  bool show_trainable = false;
  bool expand_nested = false;                             ///< list the layers of nested models too
  std::optional<Index> line_length = {};                  ///< of the table; else 88 to 120, as the terminal allows
  std::function<void(const std::string&)> print_fn = {};  ///< gets the whole text; else standard output does
};

/// A graph of layers from inputs to outputs that can be compiled, trained and saved. A handle: copies are the same
/// model. A model is a layer too, so it can be called in another one. predict() on one model is safe from many threads;
/// everything that changes it (compile, fit, set_weights, load_weights) is not.
template <class Scalar>
class Model : public Layer<Scalar> {
 public:
  using typename Layer<Scalar>::Values;
  using typename Layer<Scalar>::Shapes;
  using Layer<Scalar>::operator();

  /// The functional model. Throws ArgumentError for a graph that does not connect (see ModelGraph).
  Model(const SymbolicTensors<Scalar>& inputs, const SymbolicTensors<Scalar>& outputs, ModelOptions options = {}) {
    this->set_identity(options.name, "Functional", true);
    adopt(ModelGraph<Scalar>(inputs, outputs, this->name()));
    if (!options.trainable) this->trainable = false;
  }

  // -- a model as a layer
  /// Of a Sequential also where a plain Model handles it.
  std::string class_name() const override { return model_->sequential ? "Sequential" : "Functional"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Model>(*this); }
  std::vector<Shape> compute_output_shapes(Shapes in) const override {
    require_input_count(in.size());
    plan::Program<Scalar> program(false);
    std::vector<Shape> shapes;
    for (const Shape& shape : in) program.input(shape);
    for (const ValueId out : lower(program, program.inputs)) shapes.push_back(program.shape(out));
    return shapes;
  }
  Values lower(Builder<Scalar>& builder, const Values& in) const override { return graph().lower(builder, in); }

  // -- its parts
  LayerList<Scalar> layers() const { return LayerList<Scalar>(model_->graph.layers); }
  /// Python's slice of layers().
  LayerList<Scalar> layers(Index begin, std::optional<Index> end = std::nullopt) const {
    return layers().slice(begin, end);
  }
  /// The layer of that name. Throws ArgumentError naming those there are.
  LayerRef<Scalar> layer(const std::string& name) const {
    std::string names;
    for (const auto& layer : model_->graph.layers) {
      if (layer.name() == name) return layer;
      names += (names.empty() ? "" : ", ") + layer.name();
    }
    raise<ArgumentError>("Model '", this->name(), "' has no layer '", name, "'. Its layers are: ", names, ".");
  }
  SymbolicTensors<Scalar> inputs() const { return graph().inputs; }
  SymbolicTensors<Scalar> outputs() const { return graph().outputs; }
  /// The only input or output; ArgumentError where there are several.
  SymbolicTensor<Scalar> input() const override { return only(graph().inputs, "input"); }
  SymbolicTensor<Scalar> output() const override { return only(graph().outputs, "output"); }
  /// The names of the layers that make the outputs; what loss and metrics are given by.
  std::vector<std::string> output_names() const { return model_->output_names; }

  // -- training
  /// Decides what trains from the `trainable` flags of now, and takes a fresh optimizer. Throws ArgumentError if the
  /// options do not fit the outputs. A Sequential without an input shape is compiled when it gets one.
  void compile(const CompileOptions& options) const {
    if (model_->graph.outputs.empty())
      model_->pending_compile = options;
    else
      model_->trainer.compile(network(), options);
  }
  History fit(const Dataset<Scalar>& data, const FitOptions<Scalar>& options = {}) const {
    require_dataset_options(options);
    build_graph(data.input_shapes());
    remember(data);
    Access access(*this);
    return model_->trainer.fit(network(), access, data, options);
  }
  /// Trains on tensors; with validation_split the last part of them validates.
  History fit(const std::vector<Tensor<Scalar>>& x, const std::vector<Tensor<Scalar>>& y,
              const FitOptions<Scalar>& options = {}) const;
  History fit(const Tensor<Scalar>& x, const Tensor<Scalar>& y, const FitOptions<Scalar>& options = {}) const {
    return fit(std::vector<Tensor<Scalar>>{x}, std::vector<Tensor<Scalar>>{y}, options);
  }
  /// Loss and metrics by name, in inference mode.
  Logs evaluate(const Dataset<Scalar>& data, const EvaluateOptions<Scalar>& options = {}) const {
    build_graph(data.input_shapes());
    Access access(*this);
    return model_->trainer.evaluate(access, data, options);
  }
  Logs evaluate(const Tensor<Scalar>& x, const Tensor<Scalar>& y, const EvaluateOptions<Scalar>& options = {}) const {
    return evaluate(Dataset<Scalar>::from_tensors(x, y, options.sample_weight), options);
  }
  Logs evaluate(const std::vector<Tensor<Scalar>>& x, const std::vector<Tensor<Scalar>>& y,
                const EvaluateOptions<Scalar>& options = {}) const {
    return evaluate(Dataset<Scalar>::from_tensors(x, y, options.sample_weight), options);
  }
  /// The output for every sample; use predict_outputs() for a model with several.
  Tensor<Scalar> predict(const Dataset<Scalar>& data, const PredictOptions& options = {}) const {
    return std::move(only(predict_outputs(data, options), "output"));
  }
  Tensor<Scalar> predict(const Tensor<Scalar>& x, const PredictOptions& options = {}) const {
    return predict(Dataset<Scalar>::from_views({x.view()}), options);
  }
  Tensor<Scalar> predict(const std::vector<Tensor<Scalar>>& x, const PredictOptions& options = {}) const {
    return predict(Dataset<Scalar>::from_tensors(x), options);
  }
  std::vector<Tensor<Scalar>> predict_outputs(const Dataset<Scalar>& data, const PredictOptions& options = {}) const;
  Logs train_on_batch(const Tensor<Scalar>& x, const Tensor<Scalar>& y,
                      const std::optional<Tensor<Scalar>>& sample_weight = {},
                      const std::map<Index, double>& class_weight = {}) const {
    build_graph(std::vector<Shape>{x.shape()});
    Access access(*this);
    return model_->trainer.train_on_batch(network(), access, {{x}, {y}, sample_weight, {}}, class_weight);
  }
  Logs test_on_batch(const Tensor<Scalar>& x, const Tensor<Scalar>& y,
                     const std::optional<Tensor<Scalar>>& sample_weight = {}) const {
    build_graph(std::vector<Shape>{x.shape()});
    Access access(*this);
    return model_->trainer.test_on_batch(access, {{x}, {y}, sample_weight, {}});
  }
  Tensor<Scalar> predict_on_batch(const Tensor<Scalar>& x) const {
    return predict(x, {.batch_size = x.shape().front()});
  }

  /// Prints the layers with shapes and numbers of weights, as Keras does. A Sequential without an input shape has '?'
  /// for shapes. Throws ArgumentError if the table has no room in the line.
  void summary(const SummaryOptions& options = {}) const;
  /// What fit() does, step by step. With a dataset, or with a batch size and a known input shape, in numbers; else
  /// those are "?". Throws StateError before compile().
  Plan plan(const PlanOptions<Scalar>& options = {}) const;

  /// The compiled optimizer. Throws StateError before compile().
  Optimizer& optimizer() const { return model_->trainer.compiled(this->name(), "optimizer").optimizer; }
  /// True ends fit() after the present batch.
  bool& stop_training() const { return model_->trainer.stop_training(); }

  // -- files: safetensors; graft/keras.hpp has Keras's formats
  /// Weights, architecture, flags, class names and preprocessing in one file; the old file stays until the new one is
  /// whole. Throws ArgumentError unless the name ends in .safetensors, FileError if it cannot be written.
  void save(const std::filesystem::path& path, const SaveOptions& options = {}) const;
  void save_weights(const std::filesystem::path& path, const SaveOptions& options = {}) const;
  /// All or nothing: a fault throws FileError with the whole table and changes no weight.
  LoadReport load_weights(const std::filesystem::path& path, const LoadWeightsOptions& options = {}) const;

  // -- what a data set told: stored with the model, so that a saved one can be used alone
  const std::vector<std::string>& class_names() const { return model_->class_names; }
  void set_class_names(std::vector<std::string> names) const { model_->class_names = std::move(names); }
  /// Names of the transforms that its images went through, such as "vgg16.preprocess_input".
  const std::vector<std::string>& preprocessing() const { return model_->preprocessing; }
  void set_preprocessing(std::vector<std::string> names) const { model_->preprocessing = std::move(names); }

  // -- for saving, the printed plan and tests
  /// The graph; a Sequential without an input shape builds it at its first call. Throws StateError until then.
  const ModelGraph<Scalar>& graph() const {
    if (model_->graph.outputs.empty())
      raise<StateError>(this->who(),
                        " does not know its input shape yet. Add layers::InputLayer first, or call fit().");
    return model_->graph;
  }
  Trainer<Scalar>& trainer() const { return model_->trainer; }
  Network<Scalar> network() const {
    Network<Scalar> network{this->share(), this->state_, {}, model_->output_names};
    for (const auto& input : graph().inputs) network.input_shapes.push_back(input.shape());
    return network;
  }

 protected:
  /// What all handles on one model share.
  struct ModelState {
    bool sequential = false;
    ModelGraph<Scalar> graph;
    std::vector<std::string> output_names, class_names, preprocessing;
    Trainer<Scalar> trainer;
    std::optional<CompileOptions> pending_compile;
    std::mutex predict_mutex;
    std::shared_ptr<const ModeProgram<Scalar>> predict_program;
  };

  /// For Sequential, which has layers before it has a graph.
  Model() { model_->sequential = true; }
  void adopt(ModelGraph<Scalar> graph) const;
  /// What a Sequential without a graph does when it sees the first input.
  virtual void build_graph(Shapes) const {}

  std::shared_ptr<ModelState> model_ = std::make_shared<ModelState>();

 private:
  /// What callbacks see of the model while it trains.
  class Access final : public TrainableModel {
   public:
    explicit Access(const Model& model) : model_(model) {}
    const std::string& name() const override { return model_.name(); }
    Optimizer& optimizer() override { return model_.optimizer(); }
    bool& stop_training() override { return model_.stop_training(); }
    std::shared_ptr<const void> copy_weights() const override {
      return std::make_shared<std::vector<Tensor<Scalar>>>(model_.get_weights());
    }
    void restore_weights(const std::shared_ptr<const void>& copy) override {
      model_.set_weights(*static_cast<const std::vector<Tensor<Scalar>>*>(copy.get()));
    }
    void save(const std::string& path) const override { model_.save(path); }
    void save_weights(const std::string& path) const override { model_.save_weights(path); }
    std::optional<bool> maximizes(const std::string& log_name) const override {
      if (!model_.trainer().is_compiled()) return std::nullopt;
      const std::string trained = log_name.starts_with("val_") ? log_name.substr(4) : log_name;
      return Tracker<Scalar>(model_.trainer().compiled(name(), "callback").train.heads).maximizes(trained);
    }

   private:
    const Model& model_;
  };

  void require_input_count(std::size_t n) const {
    if (n != graph().inputs.size())
      raise<ArgumentError>(this->who(), " has ", graph().inputs.size(), " inputs, got ", n, ".");
  }
  template <class List>
  auto only(List&& list, const char* what) const {
    if (list.size() != 1)
      raise<ArgumentError>(this->who(), " has ", list.size(), " ", what, "s; ", what, "() needs exactly one. Use ",
                           what, "s().");
    return std::move(list.front());
  }
  void require_dataset_options(const FitOptions<Scalar>& options) const {
    if (options.validation_split != 0)
      raise<ArgumentError>(
          "fit: validation_split needs tensors. Split the dataset with take() and skip(), or by "
          "image_dataset_from_directory's .validation_split.");
    if (options.sample_weight)
      raise<ArgumentError>("fit: sample_weight needs tensors. Give it to Dataset::from_tensors().");
  }
  void remember(const Dataset<Scalar>& data) const {
    if (!data.class_names().empty()) model_->class_names = data.class_names();
    if (!data.transforms().empty()) model_->preprocessing = data.transforms();
  }
  std::shared_ptr<const ModeProgram<Scalar>> predict_program() const;
};

template <class Scalar>
Model(SymbolicTensor<Scalar>, SymbolicTensor<Scalar>, ModelOptions = {}) -> Model<Scalar>;
template <class Scalar>
Model(std::initializer_list<SymbolicTensor<Scalar>>, SymbolicTensor<Scalar>, ModelOptions = {}) -> Model<Scalar>;
template <class Scalar>
Model(SymbolicTensor<Scalar>, std::initializer_list<SymbolicTensor<Scalar>>, ModelOptions = {}) -> Model<Scalar>;
template <class Scalar>
Model(std::initializer_list<SymbolicTensor<Scalar>>, std::initializer_list<SymbolicTensor<Scalar>>, ModelOptions = {})
    -> Model<Scalar>;
template <class Scalar>
Model(SymbolicTensors<Scalar>, SymbolicTensors<Scalar>, ModelOptions = {}) -> Model<Scalar>;

}  // namespace graft

#include <graft/models/model_saving.hpp>
#include <graft/models/model_training.hpp>
#include <graft/models/summary.hpp>
