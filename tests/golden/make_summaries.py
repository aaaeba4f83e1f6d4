"""Writes summaries.json: the exact text that model.summary() gives to print_fn."""

import json
import os

from common import keras, save_json, set_precision, set_trainable

L = keras.layers


def sequential():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3), name="image"),
            L.Conv2D(4, 3, padding="same", activation="relu", name="conv"),
            L.BatchNormalization(name="bn"),
            L.MaxPooling2D(name="pool"),
            L.Flatten(name="flatten"),
            L.Dense(1000, activation="relu", name="a_layer_with_a_rather_long_name_of_its_own"),
            L.Dropout(0.5, name="dropout"),
            L.Dense(10, activation="softmax", name="classes"),
        ],
        name="small",
    )


def unbuilt():
    layers = [L.Flatten(name="flatten"), L.Dense(4, name="hidden"), L.Dense(2, name="out")]
    return keras.Sequential(layers, name="later")


def empty():
    return keras.Sequential(name="empty")


def nested():
    base = keras.Sequential(
        [
            keras.Input((32, 32, 3), name="base_image"),
            L.Conv2D(8, 3, padding="same", activation="relu", name="conv1"),
            L.BatchNormalization(name="bn1"),
            L.MaxPooling2D(name="pool1"),
        ],
        name="base",
    )
    image = keras.Input((32, 32, 3), name="img")
    x = L.GlobalAveragePooling2D(name="global_average_pooling2d")(base(image))
    return keras.Model(image, L.Dense(10, name="head")(x), name="ft")


def nested_twice():
    inner_image = keras.Input((4, 4, 8), name="inner_image")
    inner = keras.Model(inner_image, L.Conv2D(8, 3, name="inner_conv")(inner_image), name="inner")
    middle = keras.Sequential(
        [keras.Input((4, 4, 8), name="middle_image"), inner, L.ReLU(name="middle_relu")], name="middle"
    )
    return keras.Sequential(
        [
            keras.Input((4, 4, 8), name="image"),
            middle,
            L.Flatten(name="flatten"),
            L.Dense(3, name="dense"),
        ],
        name="outer",
    )


def branches():
    image = keras.Input((16, 16, 3), name="image")
    left = L.Conv2D(4, 3, padding="same", activation="relu", name="left_conv")(image)
    right = L.Conv2D(4, 1, name="right_conv")(image)
    x = L.Add(name="add")([left, right])
    x = L.Concatenate(name="concatenate")([x, left])
    x = L.GlobalAveragePooling2D(name="gap")(x)
    return keras.Model(image, [L.Dense(3, name="kind")(x), L.Dense(1, name="size")(x)], name="branches")


def nested_branches():
    model = branches()
    image = keras.Input((16, 16, 3), name="outer_image")
    kind, size = model(image)
    return keras.Model(image, L.Concatenate(name="both")([kind, size]), name="outer_branches")


def shared():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    dense = L.Dense(3, name="shared_dense")
    return keras.Model([left, right], L.Add(name="sum")([dense(left), dense(right)]), name="siamese")


def vgg16_notop():
    return keras.applications.VGG16(weights=None, include_top=False, name="vgg16")


def vgg16_top():
    return keras.applications.VGG16(weights=None, name="vgg16")


def course():
    """The new head on VGG16's own graph."""
    base = vgg16_notop()
    x = L.GlobalAveragePooling2D(name="global_average_pooling2d")(base.output)
    x = L.Dense(1024, activation="relu", name="dense")(x)
    return keras.Model(base.input, L.Dense(5, activation="softmax", name="dense_1")(x), name="functional")


FROZEN = {"base": False}
BLOCKS_1_TO_4 = {
    f"block{block}_{layer}": False
    for block, convolutions in [(1, 2), (2, 2), (3, 3), (4, 3)]
    for layer in [*(f"conv{index + 1}" for index in range(convolutions)), "pool"]
}

CASES = [
    ("sequential", sequential, {}, {}, {}),
    ("sequential_narrow", sequential, {"columns": 56}, {}, {}),
    ("sequential_wide", sequential, {"columns": 140}, {}, {}),
    ("sequential_frozen", sequential, {}, {"show_trainable": True}, {"conv": False, "bn": False}),
    ("sequential_optimizer", sequential, {"optimizer": "adam"}, {}, {}),
    ("unbuilt", unbuilt, {}, {}, {}),
    ("unbuilt_show_trainable", unbuilt, {}, {"show_trainable": True}, {}),
    ("empty", empty, {}, {}, {}),
    ("nested_frozen", nested, {}, {"show_trainable": True}, FROZEN),
    ("nested_optimizer", nested, {"optimizer": "adam"}, {"show_trainable": True}, FROZEN),
    ("nested_expanded", nested, {}, {"expand_nested": True}, {}),
    ("nested_expanded_frozen", nested, {}, {"expand_nested": True, "show_trainable": True}, FROZEN),
    ("nested_partly_frozen", nested, {}, {"expand_nested": True, "show_trainable": True}, {"base/conv1": False}),
    ("nested_twice", nested_twice, {}, {}, {}),
    ("nested_twice_expanded", nested_twice, {}, {"expand_nested": True}, {}),
    ("branches", branches, {}, {}, {}),
    ("branches_show_trainable", branches, {}, {"show_trainable": True}, {"right_conv": False}),
    ("branches_wide", branches, {"columns": 120}, {}, {}),
    ("nested_branches_expanded", nested_branches, {}, {"expand_nested": True}, {}),
    ("shared", shared, {}, {}, {}),
    ("vgg16_notop", vgg16_notop, {}, {}, {}),
    ("vgg16_top", vgg16_top, {}, {}, {}),
    ("vgg16_course_phase_1", course, {}, {"show_trainable": True}, BLOCKS_1_TO_4),
]


def summary(model, columns, options):
    texts = []
    os.environ["COLUMNS"] = str(columns)
    model.summary(print_fn=texts.append, **options)
    (text,) = texts
    return text


def main():
    cases = []
    for name, make, given, options, flags in CASES:
        keras.utils.clear_session()
        set_precision("float32")
        model, given = make(), {"columns": 80, "optimizer": None} | given
        config = json.loads(model.to_json())
        set_trainable(model, flags)
        if given["optimizer"]:
            model.compile(optimizer=given["optimizer"], loss="mse")
            model.optimizer.build(model.trainable_variables)
        text = summary(model, given["columns"], options)
        options = {"show_trainable": False, "expand_nested": False} | options
        cases.append({"name": name, "config": config, "trainable": flags, **given, "options": options, "text": text})
    save_json("summaries", cases)


if __name__ == "__main__":
    main()
