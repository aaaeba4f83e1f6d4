"""Writes layers.safetensors: every layer's output, gradients and updated statistics, as Keras computes them."""

import itertools

from common import GoldenFile, generator_for, keras, normal, np, plain_config, random_weight, set_precision, tf

L = keras.layers
BATCH = 2
ACTIVATIONS = (
    "linear relu sigmoid tanh softmax relu6 elu selu gelu silu softplus softsign leaky_relu hard_sigmoid exponential "
    "mish log_softmax"
).split()


def random_inputs(generator, shapes, scale):
    return [normal(generator, shape, scale) for shape in shapes]


def run(layer, inputs, training):
    arguments = {"training": training} if layer._call_has_training_arg else {}
    return layer(inputs if len(inputs) > 1 else inputs[0], **arguments)


def add_case(golden, layer, shapes, training=False, scale=1.0, inputs=None):
    """One call of `layer` on random inputs, with the gradients of sum(output * dy)."""
    name, generator = layer.name, generator_for(layer.name)
    inputs = random_inputs(generator, shapes, scale) if inputs is None else inputs
    tensors = [tf.constant(x) for x in inputs]
    sizes = [tuple(x.shape) for x in tensors]
    layer.build(sizes if len(sizes) > 1 else sizes[0])
    for variable in layer.weights:
        if not variable.path.endswith("/count"):
            variable.assign(random_weight(generator, variable))
    if isinstance(layer, L.Normalization):
        layer.finalize_state()  # it computes with copies of its weights
    before = [variable.numpy() for variable in layer.weights]
    learning = [variable.value for variable in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = run(layer, tensors, training)
        dy = normal(generator, output.shape)
        target = tf.reduce_sum(output * dy)
    dx, dw = tape.gradient(target, (tensors, learning), unconnected_gradients="zero")
    dw = [tf.convert_to_tensor(gradient).numpy() for gradient in dw]  # an embedding's is sparse
    by_path = {variable.path: gradient for variable, gradient in zip(layer.trainable_weights, dw)}
    changes = isinstance(layer, L.BatchNormalization) and training
    golden.cases.append(
        {
            "name": name,
            "class_name": type(layer).__name__,
            "config": plain_config(layer),
            "dtype": "float64",
            "training": training,
            "inputs": golden.add_all(f"{name}/x", inputs),
            "input_shapes": [list(x.shape) for x in inputs],
            "weights": golden.add_all(f"{name}/w", before),
            "output": golden.add(f"{name}/y", output.numpy()),
            "dy": golden.add(f"{name}/dy", dy),
            "dx": golden.add_all(f"{name}/dx", [gradient.numpy() for gradient in dx]),
            "dw": golden.add_all(f"{name}/dw", [by_path.get(variable.path) for variable in layer.weights]),
            "weights_after": golden.add_all(f"{name}/after", [w.numpy() for w in layer.weights]) if changes else None,
        }
    )


def label(value):
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def dense(golden):
    for activation in ACTIVATIONS:
        layer = L.Dense(4, activation=activation, name=f"dense_{activation}")
        add_case(golden, layer, [(3, 5)], scale=4.0)
    add_case(golden, L.Dense(4, use_bias=False, name="dense_no_bias"), [(3, 5)])
    add_case(golden, L.Dense(4, activation="tanh", name="dense_3d"), [(2, 3, 5)])
    add_case(golden, L.Dense(3, activation="softmax", name="dense_4d"), [(2, 3, 2, 5)])
    add_case(golden, L.Dense(1, activation="sigmoid", name="dense_one_unit"), [(1, 7)])


def conv2d(golden):
    kernels = [1, 2, 3, 4, 5, (1, 7), (3, 2)]
    for padding, kernel, stride in itertools.product(["valid", "same"], kernels, [1, 2, 3]):
        name = f"conv2d_{padding}_k{label(kernel)}_s{stride}"
        add_case(golden, L.Conv2D(2, kernel, strides=stride, padding=padding, name=name), [(BATCH, 5, 7, 3)])
    for padding, kernel in itertools.product(["valid", "same"], [2, 3, (1, 3), (3, 2)]):
        name = f"conv2d_{padding}_k{label(kernel)}_d2"
        add_case(golden, L.Conv2D(2, kernel, padding=padding, dilation_rate=2, name=name), [(BATCH, 6, 7, 2)])
    for padding, kernel, stride in itertools.product(["valid", "same"], [1, 3], [1, 2]):
        name = f"conv2d_{padding}_k{kernel}_s{stride}_g3"
        layer = L.Conv2D(6, kernel, strides=stride, padding=padding, groups=3, name=name)
        add_case(golden, layer, [(BATCH, 5, 4, 6)])
    for activation in ["relu", "tanh", "softmax", "gelu"]:
        layer = L.Conv2D(3, 3, padding="same", activation=activation, name=f"conv2d_{activation}")
        add_case(golden, layer, [(BATCH, 4, 5, 2)])
    same = {"padding": "same"}
    add_case(golden, L.Conv2D(2, 3, dilation_rate=(3, 1), name="conv2d_same_k3_d3x1", **same), [(BATCH, 7, 5, 2)])
    add_case(golden, L.Conv2D(3, 3, groups=3, dilation_rate=2, name="conv2d_same_k3_d2_g3", **same), [(1, 6, 7, 6)])
    add_case(golden, L.Conv2D(3, 3, strides=(2, 1), name="conv2d_same_k3_s2x1", **same), [(BATCH, 5, 7, 2)])
    add_case(golden, L.Conv2D(2, 3, strides=(1, 3), name="conv2d_valid_k3_s1x3"), [(BATCH, 5, 7, 2)])
    add_case(golden, L.Conv2D(2, 3, use_bias=False, name="conv2d_no_bias", **same), [(BATCH, 5, 7, 3)])
    add_case(golden, L.Conv2D(2, (6, 9), name="conv2d_kernel_above_image", **same), [(BATCH, 4, 5, 2)])
    add_case(golden, L.Conv2D(2, (4, 5), name="conv2d_kernel_is_image"), [(BATCH, 4, 5, 2)])
    add_case(golden, L.Conv2D(2, 3, name="conv2d_one_pixel", **same), [(3, 1, 1, 3)])
    add_case(golden, L.Conv2D(5, 3, activation="relu", name="conv2d_one_channel", **same), [(3, 5, 7, 1)])


def sequences(golden):
    for padding, kernel, stride in itertools.product(["valid", "same", "causal"], [1, 2, 3, 5], [1, 2, 3]):
        name = f"conv1d_{padding}_k{kernel}_s{stride}"
        add_case(golden, L.Conv1D(2, kernel, strides=stride, padding=padding, name=name), [(BATCH, 7, 3)])
    for padding, dilation in itertools.product(["valid", "same", "causal"], [2, 3]):
        layer = L.Conv1D(2, 3, padding=padding, dilation_rate=dilation, name=f"conv1d_{padding}_k3_d{dilation}")
        add_case(golden, layer, [(BATCH, 8, 2)])
        options = {"padding": padding, "groups": 3, "use_bias": False, "activation": "tanh"}
        add_case(golden, L.Conv1D(6, 2, name=f"conv1d_{padding}_k2_g3_{dilation}", **options), [(1, 5, 3 * dilation)])
    for activation in ["relu", "softmax", "gelu"]:
        layer = L.Conv1D(3, 2, padding="causal", activation=activation, name=f"conv1d_{activation}")
        add_case(golden, layer, [(BATCH, 4, 2)])
    add_case(golden, L.Conv1D(2, 9, padding="causal", name="conv1d_causal_kernel_above_sequence"), [(3, 1, 2)])
    add_case(golden, L.Conv1D(2, 5, name="conv1d_kernel_is_sequence"), [(BATCH, 5, 3)])
    for cls, prefix in [(L.MaxPooling1D, "max_pooling1d"), (L.AveragePooling1D, "average_pooling1d")]:
        for pool, strides, padding in itertools.product([2, 3], [None, 1, 3], ["valid", "same"]):
            name = f"{prefix}_{padding}_p{pool}_s{strides or 'pool'}"
            add_case(golden, cls(pool, strides=strides, padding=padding, name=name), [(BATCH, 7, 2)])
    for cls, prefix in [(L.GlobalAveragePooling1D, "average"), (L.GlobalMaxPooling1D, "max")]:
        for keepdims in [False, True]:
            name = f"global_{prefix}_pooling1d" + ("_keepdims" if keepdims else "")
            add_case(golden, cls(keepdims=keepdims, name=name), [(3, 7, 3)])
    for cls, prefix in [(L.Cropping1D, "cropping1d"), (L.ZeroPadding1D, "zero_padding1d")]:
        for ends in [1, 2, (0, 3), (1, 0), (0, 0)]:
            add_case(golden, cls(ends, name=f"{prefix}_{label(ends)}"), [(BATCH, 5, 3)])


def depthwise(golden):
    for padding, kernel, stride in itertools.product(["valid", "same"], [1, 3, 5], [1, 2]):
        name = f"depthwise_conv2d_{padding}_k{kernel}_s{stride}"
        layer = L.DepthwiseConv2D(kernel, strides=stride, padding=padding, name=name)
        add_case(golden, layer, [(BATCH, 6, 7, 3)])
    layer = L.DepthwiseConv2D((2, 3), depth_multiplier=2, activation="relu6", name="depthwise_conv2d_m2")
    add_case(golden, layer, [(BATCH, 5, 7, 3)])
    same = {"padding": "same", "use_bias": False}
    add_case(golden, L.DepthwiseConv2D(3, dilation_rate=2, name="depthwise_conv2d_d2", **same), [(BATCH, 6, 7, 2)])
    for padding, stride, multiplier in [("valid", 1, 1), ("same", 2, 1), ("same", 1, 3)]:
        name = f"separable_conv2d_{padding}_s{stride}_m{multiplier}"
        options = {"strides": stride, "padding": padding, "depth_multiplier": multiplier, "activation": "relu"}
        add_case(golden, L.SeparableConv2D(4, 3, name=name, **options), [(BATCH, 6, 7, 3)])
    add_case(golden, L.Multiply(name="multiply_2"), [(2, 4, 3)] * 2)
    add_case(golden, L.Multiply(name="multiply_gate"), [(2, 4, 5, 3), (2, 1, 1, 3)])


def transposed(golden):
    for padding, kernel, stride in itertools.product(["valid", "same"], [1, 2, 3, 4, (1, 5)], [1, 2, 3]):
        name = f"conv2d_transpose_{padding}_k{label(kernel)}_s{stride}"
        layer = L.Conv2DTranspose(2, kernel, strides=stride, padding=padding, name=name)
        add_case(golden, layer, [(BATCH, 3, 4, 3)])
    for padding, kernel, stride, more in [
        ("valid", 3, 2, 0),
        ("valid", 3, 2, 1),
        ("valid", 2, 3, 0),
        ("valid", 1, 3, 2),
        ("same", 3, 2, 0),
        ("same", 3, 2, 1),
        ("same", 2, 3, 1),
        ("same", 4, 3, 2),
        ("same", (3, 5), (3, 2), (2, 0)),
    ]:
        name = f"conv2d_transpose_{padding}_k{label(kernel)}_s{label(stride)}_o{label(more)}"
        options = {"strides": stride, "padding": padding, "output_padding": more}
        add_case(golden, L.Conv2DTranspose(3, kernel, name=name, **options), [(BATCH, 4, 3, 2)])
    for activation in ["relu", "softmax", "tanh"]:
        layer = L.Conv2DTranspose(3, 2, strides=2, activation=activation, name=f"conv2d_transpose_{activation}")
        add_case(golden, layer, [(BATCH, 3, 2, 4)])
    add_case(golden, L.Conv2DTranspose(2, 3, strides=(1, 2), use_bias=False, name="conv2d_transpose_no_bias"), [(1, 2, 3, 5)])
    add_case(golden, L.Conv2DTranspose(2, 5, padding="same", name="conv2d_transpose_one_pixel"), [(3, 1, 1, 3)])
    add_case(golden, L.Conv2DTranspose(17, 3, padding="same", name="conv2d_transpose_wide"), [(1, 5, 6, 18)])


def standardizing(golden):
    add_case(golden, L.Normalization(name="normalization"), [(BATCH, 3, 4)])
    add_case(golden, L.Normalization(axis=1, invert=True, name="normalization_invert"), [(BATCH, 3, 4)])
    constants = {"mean": [0.5, -1.0, 2.0], "variance": [4.0, 0.25, 0.0]}
    add_case(golden, L.Normalization(name="normalization_constants", **constants), [(BATCH, 2, 3)])
    add_case(golden, L.Normalization(mean=0.5, variance=4.0, name="normalization_one_constant"), [(BATCH, 2, 3)])
    add_case(golden, L.Rescaling([0.5, 2.0, -4.0], offset=0.25, name="rescaling_channels"), [(BATCH, 2, 2, 3)])


def pooling(golden):
    for cls, prefix in [(L.MaxPooling2D, "max_pooling2d"), (L.AveragePooling2D, "average_pooling2d")]:
        for pool, strides, padding in itertools.product([2, 3, (2, 3)], [None, 1, 2, 3], ["valid", "same"]):
            name = f"{prefix}_{padding}_p{label(pool)}_s{strides or 'pool'}"
            add_case(golden, cls(pool, strides=strides, padding=padding, name=name), [(BATCH, 5, 7, 2)])
        layer = cls((3, 2), strides=(1, 2), padding="same", name=f"{prefix}_same_p3x2_s1x2")
        add_case(golden, layer, [(3, 4, 5, 3)])
    ties = np.zeros((1, 4, 4, 1))
    ties[0, 2:, 2:, 0] = [[-1.0, 2.0], [2.0, 2.0]]
    add_case(golden, L.MaxPooling2D(2, name="max_pooling2d_ties"), [ties.shape], inputs=[ties])
    for cls, prefix in [(L.GlobalAveragePooling2D, "average"), (L.GlobalMaxPooling2D, "max")]:
        for keepdims in [False, True]:
            name = f"global_{prefix}_pooling2d" + ("_keepdims" if keepdims else "")
            add_case(golden, cls(keepdims=keepdims, name=name), [(3, 5, 7, 3)])


def shapes(golden):
    add_case(golden, L.Flatten(name="flatten_4d"), [(3, 2, 5, 3)])
    add_case(golden, L.Flatten(name="flatten_2d"), [(3, 4)])
    add_case(golden, L.Reshape((4, 3), name="reshape"), [(3, 2, 6)])
    add_case(golden, L.Reshape((-1, 2), name="reshape_deduced_first"), [(3, 4, 3)])
    add_case(golden, L.Reshape((2, 3, -1), name="reshape_deduced_last"), [(2, 30)])
    add_case(golden, L.ZeroPadding2D(2, name="zero_padding2d_int"), [(2, 3, 4, 2)])
    add_case(golden, L.ZeroPadding2D((1, 2), name="zero_padding2d_pair"), [(2, 3, 4, 2)])
    add_case(golden, L.ZeroPadding2D(((0, 1), (2, 3)), name="zero_padding2d_pairs"), [(2, 3, 4, 2)])
    add_case(golden, L.Add(name="add_2"), [(2, 4, 3)] * 2)
    add_case(golden, L.Add(name="add_3"), [(2, 4, 5, 3)] * 3)
    add_case(golden, L.Add(name="add_broadcast"), [(2, 1, 1, 3), (2, 4, 5, 3)])
    add_case(golden, L.Concatenate(name="concatenate_last"), [(2, 3, 4, 2), (2, 3, 4, 3)])
    add_case(golden, L.Concatenate(axis=1, name="concatenate_axis1"), [(2, 3, 4), (2, 1, 4)])
    add_case(golden, L.Concatenate(name="concatenate_3"), [(3, 2), (3, 1), (3, 4)])


def merging(golden):
    add_case(golden, L.Subtract(name="subtract_2"), [(2, 4, 3)] * 2)
    add_case(golden, L.Subtract(name="subtract_broadcast"), [(2, 4, 5, 3), (2, 3)])
    ties = np.array([[[1.0, 2.0, 3.0]], [[3.0, 2.0, 1.0]], [[2.0, 2.0, 2.0]]])
    for cls, name in [(L.Average, "average"), (L.Maximum, "maximum"), (L.Minimum, "minimum")]:
        add_case(golden, cls(name=f"{name}_2"), [(2, 4, 3)] * 2)
        add_case(golden, cls(name=f"{name}_3"), [(2, 4, 5, 3), (2, 1, 5, 1), (2, 3)])
        add_case(golden, cls(name=f"{name}_ties"), [ties[0].shape] * 3, inputs=list(ties))
    for key, axes, x, y in [
        ("vectors", 1, (3, 5), (3, 5)),
        ("last", -1, (2, 4, 5), (2, 3, 5)),
        ("pair", (1, 2), (2, 5, 4), (2, 3, 5)),
        ("negative_pair", (-1, -2), (2, 4, 5), (2, 5, 3)),
        ("vector_matrix", (1, 2), (2, 5), (2, 3, 5)),
        ("matrix_vector", (1, 1), (2, 5, 3), (2, 5)),
        ("4d", (2, 3), (2, 3, 5, 2), (2, 2, 3, 5)),
    ]:
        for normalize in [False, True]:
            name = f"dot_{key}" + ("_normalize" if normalize else "")
            add_case(golden, L.Dot(axes, normalize=normalize, name=name), [x, y])


def leaky(golden):
    zeros = normal(generator_for("leaky_zeros"), (2, 3, 4))
    zeros[:, 1] = 0.0
    for key, options in {"plain": {}, "slope": {"negative_slope": 0.1}, "flat": {"negative_slope": 0.0}}.items():
        add_case(golden, L.LeakyReLU(name=f"leaky_relu_{key}", **options), [zeros.shape], inputs=[zeros])
    for alpha in [1.0, 0.5, 0.0]:
        add_case(golden, L.ELU(alpha=alpha, name=f"elu_{alpha}"), [zeros.shape], inputs=[zeros])
    add_case(golden, L.PReLU(name="prelu_zeros"), [zeros.shape], inputs=[zeros])
    for axes in [None, [1, 2], [2], [3], [1, 3], [1, 2, 3]]:
        name = "prelu_" + ("own" if axes is None else "shared_" + "_".join(map(str, axes)))
        add_case(golden, L.PReLU(shared_axes=axes, name=name), [(3, 4, 5, 19)])
    add_case(golden, L.PReLU(shared_axes=1, name="prelu_2d"), [(4, 7)])


def moving(golden):
    for dims in [(2, 1), (1, 2), (3, 1, 2), (2, 3, 1), (4, 2, 1, 3)]:
        layer = L.Permute(dims, name="permute_" + "_".join(map(str, dims)))
        add_case(golden, layer, [(2, *range(3, 3 + len(dims)))])
    add_case(golden, L.Cropping2D(1, name="cropping2d_int"), [(2, 5, 4, 2)])
    add_case(golden, L.Cropping2D((1, 2), name="cropping2d_pair"), [(2, 4, 7, 2)])
    add_case(golden, L.Cropping2D(((0, 1), (2, 0)), name="cropping2d_pairs"), [(2, 3, 4, 2)])
    add_case(golden, L.Cropping2D(name="cropping2d_none"), [(2, 3, 4, 2)])
    indices = np.array([[0.0, 4.0, 4.0], [2.0, 1.9, 4.0]])
    add_case(golden, L.Embedding(5, 3, name="embedding"), [indices.shape], inputs=[indices])
    add_case(golden, L.Embedding(5, 19, name="embedding_wide"), [(2,)], inputs=[indices[0, :2]])


def noise(golden):
    """Where nothing is random: outside of training, and at rate 0."""
    for cls, prefix in [
        (L.SpatialDropout2D, "spatial_dropout2d"),
        (L.GaussianNoise, "gaussian_noise"),
        (L.GaussianDropout, "gaussian_dropout"),
    ]:
        add_case(golden, cls(0.4, name=f"{prefix}_inference"), [(2, 2, 3, 2)])
        add_case(golden, cls(0.0, name=f"{prefix}_rate_0_training"), [(2, 2, 3, 2)], True)


def resizing(golden):
    for interpolation, size in itertools.product(["nearest", "bilinear"], [2, (1, 3), (4, 2)]):
        name = f"up_sampling2d_{interpolation}_{label(size)}"
        add_case(golden, L.UpSampling2D(size, interpolation=interpolation, name=name), [(2, 3, 4, 5)])
    sizes = {"same": (5, 7), "grow": (8, 9), "shrink": (2, 3), "mixed": (9, 2), "one": (1, 1)}
    for interpolation, (key, size), crop in itertools.product(["nearest", "bilinear"], sizes.items(), [False, True]):
        name = f"resizing_{interpolation}_{key}" + ("_crop" if crop else "")
        layer = L.Resizing(*size, interpolation=interpolation, crop_to_aspect_ratio=crop, name=name)
        add_case(golden, layer, [(2, 5, 7, 3)])
    for key, size in {"same": (5, 7), "even": (3, 3), "odd": (2, 4), "grow": (8, 9), "mixed": (9, 2)}.items():
        add_case(golden, L.CenterCrop(*size, name=f"center_crop_{key}"), [(2, 5, 7, 3)])


def normalization(golden):
    for rank, shape in [("2d", (5, 4)), ("4d", (3, 4, 5, 3))]:
        for training in [True, False]:
            name = f"batch_normalization_{rank}_" + ("training" if training else "inference")
            add_case(golden, L.BatchNormalization(name=name), [shape], training, scale=2.0)
    for training in [True, False]:
        suffix = "training" if training else "inference"
        shape = [(3, 4, 2, 3)]
        options = {
            "axis1": {"axis": 1},
            "no_center": {"center": False},
            "no_scale": {"scale": False},
            "plain": {"center": False, "scale": False},
            "momentum": {"momentum": 0.6},
            "epsilon": {"epsilon": 0.5},
            "frozen": {"trainable": False},
        }
        for key, option in options.items():
            layer = L.BatchNormalization(name=f"batch_normalization_{key}_{suffix}", **option)
            add_case(golden, layer, shape, training)
    add_case(golden, L.BatchNormalization(name="batch_normalization_one_sample"), [(1, 2, 3, 2)], True)


def sample_normalization(golden):
    shape = [(3, 4, 2, 5)]
    options = {
        "last": {},
        "axis1": {"axis": 1},
        "two": {"axis": [2, 3]},
        "whole": {"axis": [-1, -2, -3]},
        "middle": {"axis": (1, 2)},
        "apart": {"axis": [1, 3]},
        "mixed": {"axis": [1, -1]},
        "no_center": {"center": False},
        "no_scale": {"scale": False, "axis": [1, 2]},
        "plain": {"center": False, "scale": False},
        "epsilon": {"epsilon": 0.5},
        "frozen": {"trainable": False},
        "rms": {"rms_scaling": True},
        "rms_axis1": {"rms_scaling": True, "axis": 1, "scale": False},
    }
    for key, option in options.items():
        add_case(golden, L.LayerNormalization(name=f"layer_normalization_{key}", **option), shape, scale=2.0)
    add_case(golden, L.LayerNormalization(name="layer_normalization_2d"), [(3, 19)])
    add_case(golden, L.LayerNormalization(axis=1, name="layer_normalization_columns"), [(2, 3, 21)])
    for groups in [1, 2, 3, 6, -1]:
        name = f"group_normalization_{'each' if groups < 0 else groups}"
        add_case(golden, L.GroupNormalization(groups, name=name), [(2, 3, 4, 6)], scale=2.0)
    options = {
        "axis1": {"groups": 2, "axis": 1},
        "axis2": {"groups": 3, "axis": -2},
        "no_center": {"groups": 2, "center": False},
        "no_scale": {"groups": 2, "scale": False},
        "plain": {"groups": 4, "center": False, "scale": False},
        "epsilon": {"groups": 2, "epsilon": 0.5},
        "frozen": {"groups": 2, "trainable": False},
    }
    for key, option in options.items():
        add_case(golden, L.GroupNormalization(name=f"group_normalization_{key}", **option), [(2, 4, 6, 4)])
    add_case(golden, L.GroupNormalization(3, name="group_normalization_2d"), [(4, 9)])
    add_case(golden, L.GroupNormalization(name="group_normalization_default"), [(2, 3, 64)])


def elementwise(golden):
    for activation in ACTIVATIONS:
        add_case(golden, L.Activation(activation, name=f"activation_{activation}"), [(3, 8)], scale=4.0)
    options = {
        "plain": {},
        "max_value": {"max_value": 1.0},
        "negative_slope": {"negative_slope": 0.1},
        "threshold": {"threshold": 0.5},
        "all": {"max_value": 1.5, "negative_slope": 0.2, "threshold": 0.25},
    }
    for key, option in options.items():
        add_case(golden, L.ReLU(name=f"relu_{key}", **option), [(3, 12)], scale=2.0)
    add_case(golden, L.Softmax(name="softmax_last"), [(2, 3, 5)], scale=3.0)
    add_case(golden, L.Softmax(axis=1, name="softmax_axis1"), [(2, 3, 5)], scale=3.0)
    for key, axis in {"list": [2], "two": (1, 2), "last_two": [-1, 2], "apart": [3, 1], "all": [1, 2, 3]}.items():
        add_case(golden, L.Softmax(axis=axis, name=f"softmax_{key}"), [(2, 3, 4, 5)], scale=3.0)
    add_case(golden, L.Rescaling(1.0 / 127.5, offset=-1.0, name="rescaling"), [(2, 3, 4, 3)], scale=100.0)
    add_case(golden, L.Dropout(0.4, name="dropout_inference"), [(3, 7)])
    add_case(golden, L.Dropout(0.0, name="dropout_rate_0_training"), [(3, 7)], True)


def add_augmentation(golden, layer, image):
    output = layer(image, training=True).numpy()
    if output.dtype != np.float32:
        raise TypeError(f"{layer.name} computed in {output.dtype}")
    golden.cases.append(
        augmentation_case(golden, layer, image) | {"output": golden.add(f"{layer.name}/y", output, np.float32)}
    )


def augmentation_case(golden, layer, image):
    return {
        "name": layer.name,
        "class_name": type(layer).__name__,
        "config": plain_config(layer),
        "dtype": "float32",
        "training": True,
        "inputs": [golden.add(f"{layer.name}/x0", image, np.float32)],
        "input_shapes": [list(image.shape)],
        "weights": [],
        "dy": None,
        "dx": None,
        "dw": [],
        "weights_after": None,
    }


def augmentation(golden):
    """Ranges of one value, so that no random number is left; Keras computes these in float32 only.

    No shift or angle puts a pixel half-way between two others, where "nearest" depends on rounding, and "wrap", which
    jumps at coordinate 0, gets no whole-pixel move: 2e-6 on any entry of the transform changes no value by 0.01."""
    set_precision("float32")
    image = generator_for("augmentation").uniform(0.0, 255.0, (2, 5, 7, 2)).astype(np.float32)
    styles = itertools.product(["reflect", "constant", "nearest", "wrap"], ["bilinear", "nearest"])
    for fill, interpolation in styles:
        style = {"fill_mode": fill, "interpolation": interpolation, "fill_value": 3.0}
        suffix = f"{fill}_{interpolation}"
        whole = fill != "wrap"
        for key, angle in [("minus", -0.1), ("plus", 0.07)] + [("quarter", 0.25)] * whole:
            layer = L.RandomRotation((angle, angle), name=f"random_rotation_{key}_{suffix}", **style)
            add_augmentation(golden, layer, image)
        layer = L.RandomZoom((0.3, 0.3), (-0.2, -0.2), name=f"random_zoom_{suffix}", **style)
        add_augmentation(golden, layer, image)
        layer = L.RandomZoom((-0.3, -0.3), name=f"random_zoom_same_{suffix}", **style)
        add_augmentation(golden, layer, image)
        moves = [("fraction", 0.25, -0.3), ("minus", -0.45, 0.9)] + [("pixels", 0.2, 2.0 / 7.0)] * whole
        for key, height, width in moves:
            name = f"random_translation_{key}_{suffix}"
            layer = L.RandomTranslation((height, height), (width, width), name=name, **style)
            add_augmentation(golden, layer, image)
    for mode in ["horizontal", "vertical", "horizontal_and_vertical"]:
        flip(golden, mode, image)
    set_precision("float64")


def flip(golden, mode, image):
    """Each sample is left as it is or flipped: both results, after checking that Keras gives both and nothing else."""
    flipped = image
    if "horizontal" in mode:
        flipped = flipped[:, :, ::-1]
    if "vertical" in mode:
        flipped = flipped[:, ::-1]
    seen = set()
    for seed in range(20):
        for row, result in enumerate(np.asarray(L.RandomFlip(mode, seed=seed)(image, training=True))):
            equal = [np.array_equal(result, choice[row]) for choice in (image, flipped)]
            if not any(equal):
                raise ValueError(f"RandomFlip({mode!r}) gave neither the image nor the flipped one")
            seen.add(equal.index(True))
    if seen != {0, 1}:
        raise ValueError(f"RandomFlip({mode!r}) always gave the same result")
    layer = L.RandomFlip(mode, name=f"random_flip_{mode}")
    case = augmentation_case(golden, layer, image)
    case["either"] = [case["inputs"][0], golden.add(f"{layer.name}/flipped", flipped, np.float32)]
    golden.cases.append(case | {"output": None})


def main():
    golden = GoldenFile("layers")
    groups = [
        dense,
        conv2d,
        sequences,
        depthwise,
        transposed,
        standardizing,
        pooling,
        shapes,
        normalization,
        sample_normalization,
        elementwise,
        augmentation,
        merging,
        leaky,
        moving,
        resizing,
        noise,
    ]
    for group in groups:
        group(golden)
    golden.save()


if __name__ == "__main__":
    main()
