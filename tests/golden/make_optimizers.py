"""Writes optimizers.safetensors: ten steps of every optimizer on two variables, with given gradients."""

from common import GoldenFile, generator_for, keras, normal, np, plain_config

STEPS = 10
SHAPES = [(3, 4), (4,)]

OPTIMIZERS = {
    "sgd": (keras.optimizers.SGD, {"learning_rate": 0.05}),
    "sgd_momentum": (keras.optimizers.SGD, {"learning_rate": 0.05, "momentum": 0.9}),
    "sgd_nesterov": (keras.optimizers.SGD, {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True}),
    "rmsprop": (keras.optimizers.RMSprop, {}),
    "rmsprop_rho": (keras.optimizers.RMSprop, {"learning_rate": 0.01, "rho": 0.6, "epsilon": 1e-3}),
    "rmsprop_momentum": (keras.optimizers.RMSprop, {"learning_rate": 0.01, "momentum": 0.7}),
    "rmsprop_centered": (keras.optimizers.RMSprop, {"learning_rate": 0.01, "centered": True}),
    "rmsprop_centered_momentum": (keras.optimizers.RMSprop, {"learning_rate": 0.01, "momentum": 0.7, "centered": True}),
    "adam": (keras.optimizers.Adam, {}),
    "adam_betas": (keras.optimizers.Adam, {"learning_rate": 0.02, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-2}),
    "adam_amsgrad": (keras.optimizers.Adam, {"learning_rate": 0.02, "beta_2": 0.8, "amsgrad": True}),
    "adamw": (keras.optimizers.AdamW, {"learning_rate": 0.02}),
}
VARIANTS = {
    "plain": {},
    "weight_decay": {"weight_decay": 0.1},
    "clipnorm": {"clipnorm": 1.5},
    "global_clipnorm": {"global_clipnorm": 3.0},
    "clipvalue": {"clipvalue": 0.4},
    "weight_decay_clipnorm": {"weight_decay": 0.1, "clipnorm": 1.5},
}


def gradients_and_start(golden):
    """The same for all: gradients small, large, and at two steps zero, so that every clip acts at some steps only."""
    generator = generator_for("optimizers")
    scales = np.array([1.0, 0.1, 5.0, 1.0, 0.0, 0.3, 2.0, 0.0, 20.0, 0.5])
    initial = [normal(generator, shape) for shape in SHAPES]
    gradients = [normal(generator, (STEPS, *shape)) for shape in SHAPES]
    gradients = [g * scales.reshape(-1, *[1] * (g.ndim - 1)) for g in gradients]
    gradients[0][:, 0, 0] = 0.0  # an entry that never moves but by decay
    names = golden.add_all("initial", initial), golden.add_all("gradients", gradients)
    return initial, gradients, *names


def run(optimizer, initial, gradients):
    """The values of each variable after each step, stacked along a new first axis."""
    variables = [keras.Variable(value, name=f"v{index}") for index, value in enumerate(initial)]
    values = [[] for _ in variables]
    for step in range(STEPS):
        optimizer.apply([g[step] for g in gradients], variables)
        for history, variable in zip(values, variables):
            history.append(variable.numpy())
    return [np.stack(history) for history in values]


def main():
    golden = GoldenFile("optimizers")
    initial, gradients, initial_names, gradient_names = gradients_and_start(golden)
    for (key, (cls, options)), (variant, more) in ((o, v) for o in OPTIMIZERS.items() for v in VARIANTS.items()):
        name = f"{key}_{variant}"
        optimizer = cls(**options | more)
        config = plain_config(optimizer)
        config.pop("name")
        values = run(optimizer, initial, gradients)
        golden.cases.append(
            {
                "name": name,
                "class_name": cls.__name__,
                "config": config,
                "initial": initial_names,
                "gradients": gradient_names,
                "values": golden.add_all(f"{name}/value", values),
            }
        )
    golden.save()


if __name__ == "__main__":
    main()
