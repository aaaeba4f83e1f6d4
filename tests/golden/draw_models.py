"""Draws small random models of every layer that graft has, for make_random_models.py.

All randomness comes from one generator, so that a seed gives the same model in float32 and in float64."""

import contextlib
import re

from common import FOLDER, keras, np, set_trainable

L, I, R, C = keras.layers, keras.initializers, keras.regularizers, keras.constraints
LARGEST = 300  # elements of a tensor, without the batch
KINDS = ("sequential", "functional", "nested", "shared")
ACTIVATIONS = (
    "relu relu6 leaky_relu elu selu celu gelu silu mish sigmoid tanh softplus softsign exponential hard_sigmoid hard_silu "
    "hard_tanh log_sigmoid soft_shrink hard_shrink tanh_shrink squareplus sparse_plus sparse_sigmoid softmax log_softmax"
).split()
WORDS = "stem block conv norm head body left right mix gate".split()


def graft_layers():
    """The classes that graft reads, but the InputLayer."""
    header = FOLDER.parent.parent / "include" / "graft" / "saving" / "builtin_layers.hpp"
    return set(re.findall(r'factory\.add\("(\w+)"', header.read_text(encoding="utf-8"))) - {"InputLayer"}


class Draw:
    """Random decisions. `used` counts the classes of layers over all models, so that rare ones get their turn."""

    def __init__(self, seed, used):
        self.generator, self.used = np.random.default_rng(seed), used
        self.names, self.words = [set()], {}  # in each model that is being made; input name -> how many words it has

    def one(self, *options):
        return options[self.generator.integers(len(options))]

    def chance(self, p):
        return self.generator.random() < p

    def number(self, low, high):
        return int(self.generator.integers(low, high + 1))

    def real(self, low, high):
        return round(float(self.generator.uniform(low, high)), 3)

    def some(self, items, low, high):
        """So many of the items, in their order."""
        count = self.number(low, min(high, len(items)))
        return [items[i] for i in sorted(self.generator.choice(len(items), count, replace=False))]

    def axis(self, shape):
        """An axis of the sample, counted from the batch or from the end."""
        at = self.number(1, len(shape))
        return self.one(at, at - len(shape) - 1)

    @contextlib.contextmanager
    def inside(self):
        """Names need to differ in one model only."""
        self.names.append(set())
        yield
        self.names.pop()

    def named(self):
        """Keras's own name, or one that is unique in this model and may occur in another."""
        name = f"{self.one(*WORDS)}_{self.number(1, 9)}"
        if self.chance(0.6) or name in self.names[-1]:
            return {}
        self.names[-1].add(name)
        return {"name": name}

    def common(self):
        return self.named() | ({"trainable": False} if self.chance(0.1) else {})


def initializer(d):
    seed = d.number(0, 99)
    return d.one(
        "glorot_uniform", "he_normal", "lecun_uniform", "ones", I.GlorotNormal(seed), I.HeUniform(seed), I.LecunNormal(seed),
        I.Orthogonal(d.real(0.5, 2), seed), I.RandomNormal(0.1, d.real(0.1, 1), seed), I.TruncatedNormal(0.0, 0.2, seed),
        I.VarianceScaling(d.real(0.5, 2), d.one("fan_in", "fan_out", "fan_avg"), d.one("uniform", "untruncated_normal"), seed),
    )  # fmt: skip


def flat_initializer(d):
    return d.one("zeros", "ones", I.Constant(d.real(-1, 1)), I.RandomUniform(-0.1, d.real(0, 1), d.number(0, 99)))


def regularizer(d):
    return d.one("l1", "l2", R.L1(d.real(0, 0.1)), R.L2(d.real(0, 0.1)), R.L1L2(d.real(0, 0.1), d.real(0, 0.1)))


def constraint(d):
    return d.one("max_norm", "non_neg", "unit_norm", C.MaxNorm(d.real(1, 3), 0), C.MinMaxNorm(0.1, d.real(1, 3), 0.5, 0))


def weight(d, name, flat=False):
    """Options of one weight of a layer."""
    options = {}
    if d.chance(0.3):
        options[f"{name}_initializer"] = (flat_initializer if flat else initializer)(d)
    if d.chance(0.3):
        options[f"{name}_regularizer"] = regularizer(d)
    if d.chance(0.2):
        options[f"{name}_constraint"] = constraint(d)
    return options


def convolution(d, *kernels):
    """Options that all convolutions have."""
    options = d.common() | {"use_bias": d.chance(0.7)} | weight(d, "bias", flat=True)
    for kernel in kernels:
        options |= weight(d, kernel)
    if d.chance(0.4):
        options["activation"] = d.one(*ACTIVATIONS)
    if d.chance(0.1):
        options["activity_regularizer"] = regularizer(d)
    return options


def kernel_of(d, sides):
    size = tuple(d.number(1, min(3, side)) for side in sides)
    return size[0] if len(set(size)) == 1 and d.chance(0.5) else size


def steps_of(d, sides, square=False, transposed=False):
    """Strides, or a dilation, and padding."""
    one = d.number(1, 2)
    both = one if square or len(sides) == 1 else d.one(one, (d.number(1, 2), d.number(1, 2)))
    if not transposed and d.chance(0.3) and min(sides) > 4:
        return {"dilation_rate": one if len(sides) == 1 else (one, one), "padding": d.one("valid", "same")}
    return {"strides": both, "padding": d.one("valid", "same")}


def conv2d(d, s):
    groups = d.one(*(g for g in (1, 2, 3) if s[2] % g == 0))
    filters = groups * d.number(1, 4 // groups)
    return L.Conv2D(filters, kernel_of(d, s[:2]), groups=groups, **steps_of(d, s[:2]), **convolution(d, "kernel"))


def conv1d(d, s):
    groups = d.one(*(g for g in (1, 2, 3) if s[1] % g == 0))
    steps = steps_of(d, s[:1])
    if d.chance(0.3):
        steps["padding"] = "causal"
    return L.Conv1D(groups * d.number(1, 4 // groups), d.number(1, min(3, s[0])), groups=groups, **steps, **convolution(d, "kernel"))


def depthwise_conv2d(d, s):
    kernel = kernel_of(d, s[:2])
    return L.DepthwiseConv2D(kernel, depth_multiplier=d.number(1, 2), **steps_of(d, s[:2], True), **convolution(d, "depthwise"))


def separable_conv2d(d, s):
    kernel, options = kernel_of(d, s[:2]), convolution(d, "depthwise", "pointwise")
    return L.SeparableConv2D(d.number(1, 4), kernel, depth_multiplier=d.number(1, 2), **steps_of(d, s[:2], True), **options)


def conv2d_transpose(d, s):
    steps = steps_of(d, s[:2], transposed=True)
    if d.chance(0.3) and steps["strides"] == 2:
        steps["output_padding"] = d.number(0, 1)
    return L.Conv2DTranspose(d.number(1, 4), kernel_of(d, s[:2]), **steps, **convolution(d, "kernel"))


def dense(d, s):
    options = convolution(d, "kernel")
    if d.chance(0.1):
        options["kernel_initializer"] = I.Identity(d.real(0.5, 2))
    return L.Dense(d.one(d.number(2, 6), s[-1]), **options)


def pooling(rank, name):
    def make(d, s):
        size = kernel_of(d, s[:rank]) if rank == 2 else d.number(1, min(3, s[0]))
        strides = None if d.chance(0.5) else d.number(1, 2)
        return getattr(L, name)(size, strides=strides, padding=d.one("valid", "same"), **d.common())

    return make


def global_pooling(name):
    return lambda d, s: getattr(L, name)(keepdims=d.chance(0.4), **d.common())


def normalized(d):
    options = {"center": d.chance(0.8), "scale": d.chance(0.8), "epsilon": d.one(1e-3, 1e-2, 1e-5)}
    return d.common() | options | weight(d, "beta", flat=True) | weight(d, "gamma", flat=True)


def batch_normalization(d, s):
    statistics = {"moving_mean_initializer": "ones"} if d.chance(0.2) else {}
    return L.BatchNormalization(axis=d.one(-1, d.axis(s)), momentum=d.real(0.5, 1), **statistics, **normalized(d))


def layer_normalization(d, s):
    axis = d.one(-1, d.axis(s), d.some(range(1, len(s) + 1), 1, 2))
    options = normalized(d)
    return L.LayerNormalization(axis, **options)


def group_normalization(d, s):
    axis = d.one(-1, d.axis(s))
    length = s[axis - 1 if axis > 0 else axis]
    return L.GroupNormalization(d.one(-1, *(g for g in (1, 2, 3) if length % g == 0)), axis=axis, **normalized(d))


def normalization(d, s):
    if d.chance(0.5):
        return L.Normalization(axis=d.one(-1, d.axis(s)), **d.common())
    mean, variance = ([d.real(0.1, 1) for _ in range(s[-1])] for _ in range(2))
    return L.Normalization(axis=-1, mean=mean, variance=variance, invert=d.chance(0.3), **d.common())


def relu(d, s):
    return L.ReLU(d.one(None, d.real(0.5, 6)), d.one(0.0, d.real(0, 0.5)), d.one(0.0, d.real(0, 0.5)), **d.common())


def prelu(d, s):
    shared = d.some(range(1, len(s) + 1), 0, len(s))
    return L.PReLU(shared_axes=shared or None, **d.common(), **weight(d, "alpha", flat=True))


def softmax(d, s):
    return L.Softmax(d.one(-1, d.axis(s), d.some(range(1, len(s) + 1), 1, 2)), **d.common())


def dropout(d, s):
    noise = d.one(None, (None, *(d.one(1, n) for n in s)))
    return L.Dropout(d.real(0, 0.9), noise_shape=noise, seed=d.number(0, 99), **d.common())


def permute(d, s):
    return L.Permute(tuple(int(i) + 1 for i in d.generator.permutation(len(s))), **d.common())


def reshape(d, s):
    total = int(np.prod(s))
    first = d.one(*(n for n in range(1, 10) if total % n == 0))
    second = d.one(*(n for n in range(1, 10) if total // first % n == 0))
    target = d.one((first, second, total // first // second), (first, -1), (-1,), s[::-1])
    return L.Reshape(target, **d.common())


def sides(d):
    return d.one(1, (d.number(0, 1), 1), ((d.number(0, 1), 1), (1, d.number(0, 2))))


def resizing(d, s):
    return L.Resizing(d.number(3, 7), d.number(3, 7), d.one("bilinear", "nearest"), d.chance(0.4), **d.common())


def random_affine(name):
    def make(d, s):
        factors = {"height_factor": 0.2, "width_factor": (-0.1, 0.3)} if name != "RandomRotation" else {"factor": d.real(0, 0.5)}
        fill = {"fill_mode": d.one("reflect", "constant", "nearest", "wrap"), "fill_value": d.real(0, 1)}
        return getattr(L, name)(**factors, **fill, interpolation=d.one("bilinear", "nearest"), seed=d.number(0, 99), **d.named())

    return make


ANY = {
    "Dense": dense,
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "GroupNormalization": group_normalization,
    "Normalization": normalization,
    "Activation": lambda d, s: L.Activation(d.one(*ACTIVATIONS, "linear"), **d.common()),
    "ReLU": relu,
    "LeakyReLU": lambda d, s: L.LeakyReLU(d.real(0, 0.5), **d.common()),
    "ELU": lambda d, s: L.ELU(d.real(0.1, 2), **d.common()),
    "PReLU": prelu,
    "Softmax": softmax,
    "Rescaling": lambda d, s: L.Rescaling(d.real(-2, 2), d.real(-1, 1), **d.common()),
    "Dropout": dropout,
    "GaussianNoise": lambda d, s: L.GaussianNoise(d.real(0, 1), seed=d.number(0, 99), **d.common()),
    "GaussianDropout": lambda d, s: L.GaussianDropout(d.real(0, 0.9), seed=d.number(0, 99), **d.common()),
    "Reshape": reshape,
    "Flatten": lambda d, s: L.Flatten(**d.common()),
}
SEQUENCE = {
    "Conv1D": conv1d,
    "Permute": permute,
    **{name: pooling(1, name) for name in ("MaxPooling1D", "AveragePooling1D")},
    **{name: global_pooling(name) for name in ("GlobalMaxPooling1D", "GlobalAveragePooling1D")},
}
IMAGE = {
    "Conv2D": conv2d,
    "DepthwiseConv2D": depthwise_conv2d,
    "SeparableConv2D": separable_conv2d,
    "Conv2DTranspose": conv2d_transpose,
    "Permute": permute,
    "ZeroPadding2D": lambda d, s: L.ZeroPadding2D(sides(d), **d.common()),
    "Cropping2D": lambda d, s: L.Cropping2D(sides(d), **d.common()),
    "UpSampling2D": lambda d, s: L.UpSampling2D(d.one(2, (1, 2)), interpolation=d.one("nearest", "bilinear"), **d.common()),
    "Resizing": resizing,
    "CenterCrop": lambda d, s: L.CenterCrop(d.number(2, 6), d.number(2, 6), **d.common()),
    "SpatialDropout2D": lambda d, s: L.SpatialDropout2D(d.real(0, 0.9), seed=d.number(0, 99), **d.common()),
    "RandomFlip": lambda d, s: L.RandomFlip(d.one("horizontal", "vertical", "horizontal_and_vertical"), seed=d.number(0, 99), **d.named()),
    **{name: random_affine(name) for name in ("RandomRotation", "RandomTranslation", "RandomZoom")},
    **{name: pooling(2, name) for name in ("MaxPooling2D", "AveragePooling2D")},
    **{name: global_pooling(name) for name in ("GlobalMaxPooling2D", "GlobalAveragePooling2D")},
}
BY_RANK = {1: ANY, 2: ANY | SEQUENCE, 3: ANY | IMAGE}


def layer_for(d, shape, keeps=False):
    """A layer that takes this shape, without the batch; with `keeps` one whose output has it too."""
    makers = BY_RANK[len(shape)]
    for _ in range(300):
        name = min(d.some(sorted(makers), 2, 2), key=lambda name: d.used[name] / (3 if "Conv" in name else 1))
        if len(shape) > 1 and name.startswith(("Flatten", "Reshape", "Global")) and d.chance(0.7):
            continue  # most layers are for images
        try:
            layer = makers[name](d, shape)
            out = layer.compute_output_shape((None, *shape))[1:]
        except (ValueError, TypeError):
            continue  # it does not fit
        if min(out) < 1 or np.prod(out) > LARGEST or len(out) > 3 or (keeps and tuple(out) != tuple(shape)):
            continue
        d.used[name] += 1
        return layer
    raise ValueError(f"no layer takes {shape}")


def input_shape(d, kind=None):
    image = (d.number(5, 8), d.number(5, 8), d.number(2, 3))
    return {"image": image, "sequence": (d.number(5, 9), d.number(2, 4)), "vector": (d.number(3, 8),)}[kind or d.one("image", "image", "image", "sequence", "vector")]


def shape_of(tensor):
    return tuple(tensor.shape[1:])


def embedding(d, words):
    d.used["Embedding"] += 1
    return L.Embedding(words, d.number(2, 4), **weight(d, "embeddings"), **d.common())


def input_for(d, shape):
    """An input, and the tensor to go on from."""
    if len(shape) > 1 or d.chance(0.6):
        tensor = keras.Input(shape, **d.named())
        return tensor, tensor
    tensor = keras.Input(shape, **d.named())
    d.words[tensor.name] = d.number(3, 9)
    return tensor, embedding(d, d.words[tensor.name])(tensor)


class Graph:
    """Tensors that grow out of each other."""

    def __init__(self, d, tensors):
        self.d, self.tensors, self.taken = d, list(tensors), set()

    def call(self, layer, x):
        y = layer(x)
        self.taken |= {id(tensor) for tensor in (x if isinstance(x, list) else [x])}
        self.tensors += y if isinstance(y, list) else [y]
        return y

    def leaves(self):
        return [tensor for tensor in self.tensors if id(tensor) not in self.taken]

    def pick(self, rank=None):
        fitting = [t for t in self.tensors if rank in (None, len(t.shape) - 1)]
        fresh = [t for t in fitting if id(t) not in self.taken]
        return self.d.one(*(fresh if fresh and self.d.chance(0.8) else fitting))

    def unary(self, x, keeps=False):
        return self.call(layer_for(self.d, shape_of(x), keeps), x)

    def merge(self, tensors):
        d = self.d
        names = ["Add", "Multiply", "Average", "Maximum", "Minimum"] + ["Subtract"] * (len(tensors) == 2)
        if len({shape_of(t) for t in tensors}) == 1:
            names.append("Concatenate")
            if len(tensors) == 2 and len(tensors[0].shape) == 3:
                names.append("Dot")
        name = min(d.some(names, 2, 2), key=lambda name: d.used[name])
        d.used[name] += 1
        options = d.common()
        if name == "Concatenate":
            options["axis"] = d.one(-1, d.axis(shape_of(tensors[0])))
        if name == "Dot":
            options |= {"axes": d.one(1, -1, (1, 1), (2, 2)), "normalize": d.chance(0.5)}
        return self.call(getattr(L, name)(**options), tensors)

    def grow(self):
        """One of the patterns that networks are made of."""
        d, x = self.d, self.pick()
        pattern = d.one("chain", "residual", "fork", "gate", "twice")
        if pattern == "chain":
            self.unary(self.unary(x))
        elif pattern == "residual":
            self.merge([x, self.unary(self.unary(x, keeps=True), keeps=True)])
        elif pattern == "fork":
            self.merge([self.unary(x, keeps=True) for _ in range(d.number(2, 3))])
        elif pattern == "gate" and len(x.shape) == 4:
            pooled = self.call(L.GlobalAveragePooling2D(keepdims=True, **d.common()), x)
            gate = self.call(L.Conv2D(x.shape[-1], 1, activation="sigmoid", **d.common()), pooled)
            self.call(L.Multiply(**d.common()), d.one([x, gate], [gate, x]))
        else:
            self.merge([x, x])

    def vector(self, x):
        """x as one row per sample."""
        rank = len(x.shape) - 1
        if rank == 1:
            return x
        if np.prod(shape_of(x)) < 40 or rank > 3:
            return self.call(L.Flatten(**self.d.common()), x)
        return self.call(getattr(L, f"Global{self.d.one('Max', 'Average')}Pooling{rank - 1}D")(**self.d.common()), x)

    def head(self, leaves):
        """One output of all these."""
        rows = [self.vector(leaf) for leaf in leaves]
        x = self.call(L.Concatenate(**self.d.common()), rows) if len(rows) > 1 else rows[0]
        return self.call(L.Dense(self.d.number(2, 4), **convolution(self.d, "kernel")), x)


def stack(d, layers, shape, makers):
    """Adds what the makers make for the shape that the layers before give."""
    for make in makers:
        layers.append(make(d, shape))
        shape = tuple(layers[-1].compute_output_shape((None, *shape))[1:])
    return layers


def inner_sequential(d, shape, depth, options):
    def deeper(d, shape):
        return inner_model(d, shape, depth + 1)

    with d.inside():
        makers = [deeper if depth < 3 and d.chance(0.25) else layer_for for _ in range(d.number(1, 3))]
        return keras.Sequential(stack(d, [keras.Input(shape, **d.named())], shape, makers), **options)


def inner_model(d, shape, depth=1):
    """A Sequential or functional model with one input and one output; some of its layers are models again."""
    options = d.named()
    if depth > 2 or d.chance(0.5):
        return inner_sequential(d, shape, depth, options)
    with d.inside():
        x = keras.Input(shape, **d.named())
        graph = Graph(d, [x])
        graph.unary(x)
        for _ in range(d.number(1, 2)):
            graph.grow()
        if d.chance(0.3):
            y = graph.pick()
            graph.call(inner_model(d, shape_of(y), depth + 1), y)
        leaves = graph.leaves()
        return keras.Model(x, leaves[0] if len(leaves) == 1 else graph.head(leaves), **options)


def two_to_two(d, shape):
    """A model of two inputs and two outputs."""
    options = d.named()
    with d.inside():
        inputs = [keras.Input(shape, **d.named()) for _ in range(2)]
        graph = Graph(d, inputs)
        first = graph.merge(inputs)
        return keras.Model(inputs, [graph.unary(first), graph.unary(d.one(*inputs), keeps=True)], **options)


def sequential(d):
    shape = input_shape(d)
    first, makers = keras.Input(shape, **d.named()), [layer_for] * d.number(4, 9)
    if len(shape) == 1 and d.chance(0.7):
        d.words[first.name] = words = d.number(3, 9)
        makers = [lambda d, shape: embedding(d, words), *makers]
    return keras.Sequential(stack(d, [first], shape, makers), **d.named())


def functional(d):
    pairs = [input_for(d, input_shape(d)) for _ in range(d.one(1, 1, 2))]
    graph = Graph(d, [tensor for _, tensor in pairs])
    for _ in range(d.number(2, 4)):
        graph.grow()
    inputs = [pair[0] for pair in pairs]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], graph.head(graph.leaves()), **d.named())


def nested(d):
    """Models in models."""
    shape = input_shape(d)
    if d.chance(0.4):
        makers = [inner_model, layer_for, inner_model, layer_for]
        return keras.Sequential(stack(d, [keras.Input(shape, **d.named())], shape, makers), **d.named())
    x = tensor = keras.Input(shape, **d.named())
    graph = Graph(d, [x])
    for part in d.one((inner_model, layer_for, inner_model), (layer_for, inner_model), (inner_model, inner_model)):
        tensor = graph.call(part(d, shape_of(tensor)), tensor)
    if d.chance(0.5):
        graph.grow()
    leaves = graph.leaves()
    as_it_is = len(leaves) == 1 and d.chance(0.5)  # an inner model's output is the outer one's
    return keras.Model(x, leaves[0] if as_it_is else graph.head(leaves), **d.named())


def shared(d):
    """Layers and models that are called several times, several inputs, several outputs."""
    shape = input_shape(d)
    inputs = [keras.Input(shape, **d.named()) for _ in range(d.number(2, 3))]
    graph, tensors = Graph(d, inputs), inputs
    if len(shape) == 1 and d.chance(0.5):
        words = d.number(3, 9)
        d.words |= {tensor.name: words for tensor in inputs}
        look_up = embedding(d, words)
        tensors = [graph.call(look_up, tensor) for tensor in tensors]
        graph.tensors = list(tensors)
    if d.chance(0.4):
        pair = two_to_two(d, shape_of(tensors[0]))
        first = graph.call(pair, tensors[:2])
        if d.chance(0.5):
            graph.call(pair, [tensors[1], first[1]])
    for _ in range(d.number(1, 2)):
        make = d.one(inner_model, layer_for, layer_for)
        layer = make(d, shape_of(tensors[0]))
        tensors = [graph.call(layer, tensor) for tensor in tensors]
    if d.chance(0.6):
        graph.merge(tensors[:2])
    if d.chance(0.5):
        extra, tensor = input_for(d, input_shape(d))
        inputs.append(extra)
        graph.tensors.append(tensor)
        graph.unary(tensor)
    leaves = graph.leaves()
    outputs = [graph.head([leaf]) if d.chance(0.6) or len(leaf.shape) > 3 else leaf for leaf in leaves[:2]]
    if leaves[2:]:
        outputs.append(graph.head(leaves[2:]))
    return keras.Model(inputs, outputs if len(outputs) > 1 else outputs[0], **d.named())


def paths(model, prefix=""):
    """The path of every layer, parents before children."""
    for layer in model.layers:
        if isinstance(layer, L.InputLayer):
            continue
        yield prefix + layer.name
        if isinstance(layer, keras.Model):
            yield from paths(layer, f"{prefix}{layer.name}/")


def draw_model(d, kind):
    """A model of one of the KINDS; the nested ones have mixed flags."""
    model = {"sequential": sequential, "functional": functional, "nested": nested, "shared": shared}[kind](d)
    if kind == "nested" or d.chance(0.2):
        for path in paths(model):
            if d.chance(0.3):
                set_trainable(model, {path: d.chance(0.4)})
    return model


def draw_inputs(d, model, count):
    """Numbers that float32 holds; words for an Embedding."""
    xs = []
    for tensor in model.inputs:
        shape = (count, *tensor.shape[1:])
        words = d.words.get(tensor.name)
        xs.append((d.generator.integers(words, size=shape) if words else d.generator.normal(size=shape)).astype(np.float32))
    return xs
