"""Writes fit_logs.json: what the progress bar, fit, evaluate and predict print, byte for byte, under a made clock."""

import contextlib
import io

import make_trainings
from common import generator_for, keras, random_weight, save_json, set_precision
from keras.src.utils import progbar


class Clock:
    """Stands in for the time module: every look at it is `step` seconds later."""

    def __init__(self, step, start=1000.0):
        self.now, self.step = start, step

    def time(self):
        self.now += self.step
        return self.now


class SetClock:
    now = 0.0

    def time(self):
        return self.now


def printed(call):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        call()
    return output.getvalue()


def bar_case(name, target, updates, verbose=1, start=1000.0):
    """`updates`: (seconds since the start, current, values, finalize or None), one call of Progbar.update each."""
    clock = progbar.time = SetClock()
    clock.now = start
    bar = keras.utils.Progbar(target, verbose=verbose, stateful_metrics=["loss", "accuracy", "val_loss"])
    steps = []
    for seconds, current, values, finalize in updates:
        clock.now = start + seconds
        output = printed(lambda: bar.update(current, list(values.items()), finalize=finalize))
        steps.append(
            {"seconds": seconds, "current": current, "values": values, "finalize": finalize, "output": output}
        )
    return {"name": name, "kind": "bar", "target": target, "verbose": verbose, "updates": steps}


def bars():
    slow = [(2.0 * step, step, {"accuracy": step / 10, "loss": 2.0 / step}, False) for step in range(1, 4)]
    quick = [(0.02 * step, step, {"loss": 1.0 / step}, False) for step in range(1, 13)]
    long = [(90.0 * step, step, {"loss": 0.5}, False) for step in range(1, 4)]
    small = {"accuracy": 0.0, "loss": 0.001, "val_loss": 12345.678}
    tiny = {"accuracy": 1.0, "loss": 0.00099999, "val_loss": -1.3173}
    return [
        bar_case("bar_slow", 3, [*slow, (6.1, 3, {"accuracy": 0.3, "loss": 0.7, "val_loss": 0.8}, True)]),
        bar_case("bar_quick", 12, [*quick, (0.25, 12, {"loss": 0.08, "val_loss": 0.1}, True)]),
        bar_case("bar_eta_minutes_and_hours", 100, long),
        bar_case("bar_microseconds", 2000, [(0.001, 1, {"loss": 1.0}, False), (0.06, 500, {"loss": 0.9}, False)]),
        bar_case("bar_unknown_target", None, [*slow, (6.5, 3, {"loss": 0.5}, True)]),
        bar_case("bar_small_values", 1, [(0.0, 1, small, None)]),
        bar_case("bar_tiny_values", 1, [(0.5, 1, tiny, None)]),
        bar_case("bar_shorter_line", 2, [(0.5, 1, {"loss": 100000.0}, False), (1.0, 2, {"loss": 1.0}, True)]),
        bar_case("bar_no_values", 4, [(0.3, 1, {}, False), (0.6, 4, {}, True)]),
        bar_case("line_slow", 3, [*slow, (6.1, 3, {"accuracy": 0.3, "loss": 0.7, "val_loss": 0.8}, True)], verbose=2),
        bar_case("line_small_values", 1, [(0.0, 1, small, True)], verbose=2),
        bar_case("line_tiny_values", 1, [(0.5, 1, tiny, True)], verbose=2),
    ]


def fresh(make):
    """The training of that name in trainings.safetensors, in float32, at its initial weights."""
    keras.utils.clear_session()
    set_precision("float32")
    model, data, phases = make()
    generator = generator_for(make.__name__)
    data = data(generator)
    for variable in model.weights:
        variable.assign(random_weight(generator, variable))
    phase = phases[0]
    model.compile(
        optimizer=keras.optimizers.deserialize(dict(phase["optimizer"])), loss=phase["loss"], metrics=phase["metrics"]
    )
    return model, data, phase


def run_case(make, call, verbose, epochs=2, clock_step=0.25):
    model, data, phase = fresh(make)
    x, y = data["x"][0], data["y"][0]
    batch = phase["fit"]["batch_size"]
    validation = (data["validation"]["x"][0], data["validation"]["y"][0])
    progbar.time = Clock(clock_step)
    calls = {
        "fit": lambda: model.fit(
            x, y, batch_size=batch, epochs=epochs, shuffle=False, verbose=verbose, validation_data=validation
        ),
        "evaluate": lambda: model.evaluate(x, y, batch_size=batch, verbose=verbose),
        "predict": lambda: model.predict(x, batch_size=batch, verbose=verbose),
    }
    return {
        "name": f"{call}_{make.__name__}_verbose{verbose}" + (f"_epochs{epochs}" if call == "fit" else ""),
        "kind": call,
        "training": make.__name__,
        "verbose": verbose,
        "epochs": epochs if call == "fit" else None,
        "clock_step": clock_step,
        "output": printed(calls[call]),
    }


def main():
    cases = bars()
    mlp, conv = make_trainings.mlp_softmax_sgd, make_trainings.conv_pool_adam
    for verbose in [1, 2]:
        cases += [run_case(mlp, "fit", verbose, epochs) for epochs in [2, 1]]
        cases += [run_case(conv, "fit", verbose)]
        cases += [run_case(mlp, "evaluate", verbose), run_case(mlp, "predict", verbose)]
    cases += [run_case(mlp, "fit", 0)]
    save_json("fit_logs", cases)


if __name__ == "__main__":
    main()
