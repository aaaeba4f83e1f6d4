"""The ImageNet networks of keras.applications, layer by layer; the names are Keras's.

Each function adds a network's layers to `net` (networks.Layers) from the image x on and returns the last one. Sources:
the files of the same names in keras/src/applications.
"""
import math

RESIDUAL_EPSILON = 1.001e-5


def conv_bn_relu(net, x, filters, size, name, epsilon=RESIDUAL_EPSILON, **options):
    """Convolution, normalization, relu under the names {name}_conv, {name}_bn, {name}_relu."""
    return bn_relu(net, net.conv(x, filters, size, name + "_conv", **options), name, epsilon)


def bn_relu(net, x, name, epsilon=RESIDUAL_EPSILON):
    return net.activation(net.batch_norm(x, name + "_bn", epsilon), "relu", name + "_relu")


def average_and_predict(net, x):
    return net.dense(net.average(x, "avg_pool"), 1000, "predictions", "softmax")


def divisible_by_8(n):
    """To the nearest multiple of 8, never below 8 nor more than 10 % below n."""
    rounded = max(8, int(n + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * n else rounded


# -------------------------------------------------------------------------------------------------------- VGG


def vgg(net, x, include_top, convolutions):
    """`convolutions` of each block."""
    for block, (count, filters) in enumerate(zip(convolutions, (64, 128, 256, 512, 512)), 1):
        for i in range(1, count + 1):
            x = net.conv(x, filters, 3, f"block{block}_conv{i}", padding="same", activation="relu")
        x = net.pool(x, "max_pooling2d", 2, 2, name=f"block{block}_pool")
    if not include_top:
        return x
    x = net.flatten(x, 7, "flatten")
    for name in ("fc1", "fc2"):
        x = net.dense(x, 4096, name, "relu")
    return net.dense(x, 1000, "predictions", "softmax")


# ----------------------------------------------------------------------------------------------------- ResNet


def residual_stem(net, x):
    return net.conv(net.zero_padding(x, 3, "conv1_pad"), 64, 7, "conv1_conv", stride=2)


def residual_pool(net, x):
    return net.pool(net.zero_padding(x, 1, "pool1_pad"), "max_pooling2d", 3, 2, name="pool1_pool")


def residual_block(net, x, name, filters, stride, projected):
    shortcut = x
    if projected:
        shortcut = net.conv(x, 4 * filters, 1, name + "_0_conv", stride)
        shortcut = net.batch_norm(shortcut, name + "_0_bn", RESIDUAL_EPSILON)
    y = conv_bn_relu(net, x, filters, 1, name + "_1", stride=stride)
    y = conv_bn_relu(net, y, filters, 3, name + "_2", padding="same")
    y = net.batch_norm(net.conv(y, 4 * filters, 1, name + "_3_conv"), name + "_3_bn", RESIDUAL_EPSILON)
    return net.activation(net.add(shortcut, y, name=name + "_add"), "relu", name + "_out")


def resnet(net, x, include_top, blocks):
    """`blocks` of the four stacks."""
    x = residual_pool(net, bn_relu(net, residual_stem(net, x), "conv1"))
    for stack, count in enumerate(blocks):
        for i in range(1, count + 1):
            stride = 2 if stack > 0 and i == 1 else 1
            x = residual_block(net, x, f"conv{stack + 2}_block{i}", 64 << stack, stride, i == 1)
    return average_and_predict(net, x) if include_top else x


def preactivated_block(net, x, name, filters, stride, projected):
    active = bn_relu(net, x, name + "_preact")
    if projected:
        shortcut = net.conv(active, 4 * filters, 1, name + "_0_conv", stride)
    else:
        shortcut = net.pool(x, "max_pooling2d", 1, stride) if stride > 1 else x
    y = conv_bn_relu(net, active, filters, 1, name + "_1", bias=False)
    y = net.zero_padding(y, 1, name + "_2_pad")
    y = conv_bn_relu(net, y, filters, 3, name + "_2", stride=stride, bias=False)
    return net.add(shortcut, net.conv(y, 4 * filters, 1, name + "_3_conv"), name=name + "_out")


def resnet_v2(net, x, include_top, blocks):
    x = residual_pool(net, residual_stem(net, x))
    for stack, count in enumerate(blocks):
        for i in range(1, count + 1):
            stride = 2 if stack < 3 and i == count else 1
            x = preactivated_block(net, x, f"conv{stack + 2}_block{i}", 64 << stack, stride, i == 1)
    x = bn_relu(net, x, "post")
    return average_and_predict(net, x) if include_top else x


# --------------------------------------------------------------------------------------------------- DenseNet


def dense_block(net, x, name, count):
    for i in range(1, count + 1):
        layer = f"{name}_block{i}"
        y = conv_bn_relu(net, bn_relu(net, x, layer + "_0"), 128, 1, layer + "_1", bias=False)
        y = net.conv(y, 32, 3, layer + "_2_conv", padding="same", bias=False)
        x = net.concatenate(x, y, name=layer + "_concat")
    return x


def densenet(net, x, include_top, blocks):
    """`blocks` layers in the four dense blocks."""
    x = conv_bn_relu(net, net.zero_padding(x, 3), 64, 7, "conv1", stride=2, bias=False)
    x = net.pool(net.zero_padding(x, 1), "max_pooling2d", 3, 2, name="pool1")
    for stack, count in enumerate(blocks, 2):
        x = dense_block(net, x, f"conv{stack}", count)
        if stack < 5:
            x = net.conv(bn_relu(net, x, f"pool{stack}"), x.channels // 2, 1, f"pool{stack}_conv", bias=False)
            x = net.pool(x, "average_pooling2d", 2, 2, name=f"pool{stack}_pool")
    x = net.activation(net.batch_norm(x, "bn", RESIDUAL_EPSILON), "relu", "relu")
    return average_and_predict(net, x) if include_top else x


# ------------------------------------------------------------------------------------------------ InceptionV3


def inception_unit(net, x, filters, size, stride=1, padding="same"):
    x = net.conv(x, filters, size, stride=stride, padding=padding, bias=False)
    return net.activation(net.batch_norm(x, scale=False), "relu")


def inception_chain(net, x, *units):
    """Units one after the other: (filters, size), or (filters, size, stride) without padding."""
    for filters, size, *stride in units:
        x = inception_unit(net, x, filters, size, *stride, *(["valid"] if stride else []))
    return x


def inception_average(net, x, filters):
    return inception_unit(net, net.pool(x, "average_pooling2d", 3, 1, "same"), filters, 1)


def inception_halved(net, x):
    return net.pool(x, "max_pooling2d", 3, 2)


def inception_split(net, x, name):
    return net.concatenate(inception_unit(net, x, 384, (1, 3)), inception_unit(net, x, 384, (3, 1)), name=name)


def inception_b(net, x, name, f):
    """mixed4 .. mixed7: 7x7 convolutions in two parts, of f filters until their last."""
    wide, high = (1, 7), (7, 1)
    return net.concatenate(inception_chain(net, x, (192, 1)),
                           inception_chain(net, x, (f, 1), (f, wide), (192, high)),
                           inception_chain(net, x, (f, 1), (f, high), (f, wide), (f, high), (192, wide)),
                           inception_average(net, x, 192), name=name)


def inception_v3(net, x, include_top):
    x = inception_halved(net, inception_chain(net, x, (32, 3, 2), (32, 3, 1), (64, 3)))
    x = inception_halved(net, inception_chain(net, x, (80, 1, 1), (192, 3, 1)))
    for name, filters in (("mixed0", 32), ("mixed1", 64), ("mixed2", 64)):
        x = net.concatenate(inception_chain(net, x, (64, 1)), inception_chain(net, x, (48, 1), (64, 5)),
                            inception_chain(net, x, (64, 1), (96, 3), (96, 3)), inception_average(net, x, filters),
                            name=name)
    x = net.concatenate(inception_chain(net, x, (384, 3, 2)), inception_chain(net, x, (64, 1), (96, 3), (96, 3, 2)),
                        inception_halved(net, x), name="mixed3")
    for name, filters in (("mixed4", 128), ("mixed5", 160), ("mixed6", 160), ("mixed7", 192)):
        x = inception_b(net, x, name, filters)
    x = net.concatenate(inception_chain(net, x, (192, 1), (320, 3, 2)),
                        inception_chain(net, x, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2)),
                        inception_halved(net, x), name="mixed8")
    for i, name in enumerate(("mixed9", "mixed10")):
        x = net.concatenate(inception_chain(net, x, (320, 1)),
                            inception_split(net, inception_chain(net, x, (384, 1)), f"mixed9_{i}"),
                            inception_split(net, inception_chain(net, x, (448, 1), (384, 3)), ""),
                            inception_average(net, x, 192), name=name)
    return average_and_predict(net, x) if include_top else x


# --------------------------------------------------------------------------------------------------- Xception


def xception_conv(net, x, filters, stride, name):
    x = net.batch_norm(net.conv(x, filters, 3, name, stride, bias=False), name + "_bn")
    return net.activation(x, "relu", name + "_act")


def xception_separable(net, x, filters, name, active=False):
    x = x if active else net.activation(x, "relu", name + "_act")
    return net.batch_norm(net.separable(x, filters, name), name + "_bn")


def xception_halved(net, x, name, first, second, active=False):
    shortcut = net.batch_norm(net.conv(x, second, 1, stride=2, padding="same", bias=False))
    y = xception_separable(net, x, first, name + "_sepconv1", active)
    y = xception_separable(net, y, second, name + "_sepconv2")
    return net.add(net.pool(y, "max_pooling2d", 3, 2, "same", name + "_pool"), shortcut)


def xception(net, x, include_top):
    x = xception_conv(net, x, 32, 2, "block1_conv1")
    x = xception_conv(net, x, 64, 1, "block1_conv2")
    for block, filters in enumerate((128, 256, 728), 2):
        x = xception_halved(net, x, f"block{block}", filters, filters, block == 2)
    for block in range(5, 13):
        y = x
        for i in (1, 2, 3):
            y = xception_separable(net, y, 728, f"block{block}_sepconv{i}")
        x = net.add(y, x)
    x = xception_halved(net, x, "block13", 728, 1024)
    for filters, name in ((1536, "block14_sepconv1"), (2048, "block14_sepconv2")):
        x = net.activation(xception_separable(net, x, filters, name, active=True), "relu", name + "_act")
    return average_and_predict(net, x) if include_top else x


# -------------------------------------------------------------------------------------------------- MobileNet


def bn_relu6(net, x, bn, relu):
    return net.activation(net.batch_norm(x, bn), "relu6", relu)


def mobilenet_conv(net, x, filters, size, stride, name):
    x = net.conv(x, filters, size, name, stride, "same", bias=False)
    return bn_relu6(net, x, name + "_bn", name + "_relu")


def mobilenet(net, x, include_top, alpha):
    x = mobilenet_conv(net, x, int(32 * alpha), 3, 2, "conv1")
    for i, filters in enumerate((64, 128, 128, 256, 256, *[512] * 6, 1024, 1024), 1):
        padding, stride = "same", 1
        if i in (2, 4, 6, 12):
            x, padding, stride = net.zero_padding(x, (0, 1), f"conv_pad_{i}"), "valid", 2
        x = net.depthwise(x, 3, f"conv_dw_{i}", stride, padding)
        x = bn_relu6(net, x, f"conv_dw_{i}_bn", f"conv_dw_{i}_relu")
        x = mobilenet_conv(net, x, int(filters * alpha), 1, 1, f"conv_pw_{i}")
    if not include_top:
        return x
    x = net.conv(net.dropout(net.average(x, keep_axes=True), "dropout"), 1000, 1, "conv_preds", padding="same")
    return net.activation(net.flatten(x, 1, "reshape_2"), "softmax", "predictions")


def inverted_residual(net, x, name, expansion, filters, stride):
    """1x1 to `expansion` times the channels, 3x3 on each by itself, 1x1 to the filters."""
    y, padding = x, "same"
    if expansion > 1:
        y = net.conv(y, expansion * x.channels, 1, name + "expand", padding="same", bias=False)
        y = bn_relu6(net, y, name + "expand_BN", name + "expand_relu")
    if stride == 2:
        y, padding = net.stride_2_padding(y, 3, name + "pad"), "valid"
    y = net.depthwise(y, 3, name + "depthwise", stride, padding)
    y = bn_relu6(net, y, name + "depthwise_BN", name + "depthwise_relu")
    y = net.batch_norm(net.conv(y, filters, 1, name + "project", padding="same", bias=False), name + "project_BN")
    return net.add(x, y, name=name + "add") if stride == 1 and x.channels == filters else y


def mobilenet_v2(net, x, include_top, alpha):
    x = net.conv(x, divisible_by_8(32 * alpha), 3, "Conv1", 2, "same", bias=False)
    x, block = bn_relu6(net, x, "bn_Conv1", "Conv1_relu"), 0
    for expansion, filters, repeats, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                                (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(repeats):
            name, outputs = f"block_{block}_" if block else "expanded_conv_", divisible_by_8(int(filters * alpha))
            x = inverted_residual(net, x, name, expansion, outputs, stride if i == 0 else 1)
            block += 1
    x = net.conv(x, divisible_by_8(1280 * alpha) if alpha > 1 else 1280, 1, "Conv_1", bias=False)
    x = bn_relu6(net, x, "Conv_1_bn", "out_relu")
    return net.dense(net.average(x), 1000, "predictions", "softmax") if include_top else x


# ----------------------------------------------------------------------------------------------- EfficientNet


def bn_silu(net, x, bn, activation):
    return net.activation(net.batch_norm(x, bn), "silu", activation)


def gated(net, x, squeezed, name):
    """Squeeze and excite."""
    gate = net.average(x, name + "se_squeeze", keep_axes=True)
    gate = net.conv(gate, squeezed, 1, name + "se_reduce", activation="silu")
    gate = net.conv(gate, x.channels, 1, name + "se_expand", activation="sigmoid")
    return net.multiply(x, gate, name=name + "se_excite")


def efficientnet_block(net, x, name, size, filters, expansion, stride, drop):
    y, padding = x, "same"
    if expansion > 1:
        y = net.conv(y, expansion * x.channels, 1, name + "expand_conv", padding="same", bias=False)
        y = bn_silu(net, y, name + "expand_bn", name + "expand_activation")
    if stride == 2:
        y, padding = net.stride_2_padding(y, size, name + "dwconv_pad"), "valid"
    y = bn_silu(net, net.depthwise(y, size, name + "dwconv", stride, padding), name + "bn", name + "activation")
    y = gated(net, y, max(1, x.channels // 4), name)
    y = net.batch_norm(net.conv(y, filters, 1, name + "project_conv", padding="same", bias=False), name + "project_bn")
    if stride == 2 or x.channels != filters:
        return y
    return net.add(net.dropout(y, name + "drop") if drop else y, x, name=name + "add")


def efficientnet(net, x, include_top, width, depth):
    """B0, wider and deeper by these factors. With ImageNet's weights a second rescaling follows the normalization."""
    x = net.rescaling(net.normalization(net.rescaling(x, 1 / 255)), [0.229 ** -0.5, 0.224 ** -0.5, 0.225 ** -0.5])
    x = net.conv(net.stride_2_padding(x, 3, "stem_conv_pad"), divisible_by_8(32 * width), 3, "stem_conv", 2, bias=False)
    x, done = bn_silu(net, x, "stem_bn", "stem_activation"), 0
    stages = ((3, 1, 16, 1, 1), (3, 2, 24, 6, 2), (5, 2, 40, 6, 2), (3, 3, 80, 6, 2), (5, 3, 112, 6, 1),
              (5, 4, 192, 6, 2), (3, 1, 320, 6, 1))
    for stage, (size, repeats, filters, expansion, stride) in enumerate(stages, 1):
        for i in range(math.ceil(depth * repeats)):
            x = efficientnet_block(net, x, f"block{stage}{chr(ord('a') + i)}_", size, divisible_by_8(filters * width),
                                   expansion, stride if i == 0 else 1, done > 0)
            done += 1
    x = bn_silu(net, net.conv(x, divisible_by_8(1280 * width), 1, "top_conv", padding="same", bias=False), "top_bn",
                "top_activation")
    if not include_top:
        return x
    return net.dense(net.dropout(net.average(x, "avg_pool"), "top_dropout"), 1000, "predictions", "softmax")
