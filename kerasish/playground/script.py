"""Settings as a Keras script: what it trains predicts what the page shows, to the bit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.playground import catalogue, network
from kerasish.playground.messages import Settings
from kerasish.playground.settings import optimizer_kwargs


def write(settings: Settings, epoch: int = 0, weights: list[np.ndarray] | None = None) -> str:
    """The script that makes the network of these settings.

    Args:
        settings: of the network and its data.
        epoch: how many epochs it trains.
        weights: in place of training, where those of the network are not what the settings alone lead to.
    """
    parts = [_head(settings), _points(settings), _model(settings)]
    if weights is not None:
        parts.append(_weights(weights, epoch))
    arguments = f"x_train, y_train, batch_size={settings['batch_size']}, epochs={0 if weights is not None else epoch}"
    parts.append(f"model.fit({arguments}, shuffle=False)\n")
    if settings["data"] != "own" or len(settings["points"]) > 1:
        parts.append("print(model.evaluate(x_test, y_test))\n")
    return "\n".join(parts)


def _head(settings: Settings) -> str:
    own = "" if settings["data"] == "own" else "from kerasish_datasets import playground\n"
    return f"import numpy as np\n\nimport kerasish as keras  # or: import keras\n{own}"


def _points(settings: Settings) -> str:
    lines = ["# Points of the plane, and what is wanted at each of them."]
    cut = f"cut = round({settings['train_share']!r} * len(x))"
    if settings["data"] == "own":
        rows = ", ".join(str([float(number) for number in point]) for point in settings["points"])
        lines += [
            f'table = np.array([{rows}], "float32").reshape(-1, 3)',
            f"table = table[np.random.default_rng({settings['data_seed']}).permutation(len(table))]",
            "x, y = table[:, :2], table[:, 2:]",
        ]
        cut = f"cut = min(max(round({settings['train_share']!r} * len(x)), 1), max(len(x) - 1, 1))"
    else:
        many = "" if network.output_count(settings) == 1 else f", classes={settings['classes']}"
        lines.append(
            f"x, y = playground.{settings['data']}"
            f"(n={settings['samples']}, noise={settings['noise']!r}, seed={settings['data_seed']}{many})"
        )
    if settings["features"] != ["x1", "x2"]:
        lines.append(f"x = np.stack([{', '.join(catalogue.FEATURES[name] for name in settings['features'])}], axis=1)")
    if network.needs_rows(settings):
        lines.append(f"y = keras.utils.to_categorical(y, {settings['classes']})")
    return "\n".join([*lines, cut, "x_train, x_test = x[:cut], x[cut:]", "y_train, y_test = y[:cut], y[cut:]", ""])


def _model(settings: Settings) -> str:
    lines = [f"keras.utils.set_random_seed({settings['seed']})", "model = keras.Sequential(", "    ["]
    lines.append(f"        keras.Input(({len(settings['features'])},)),")
    for layer in settings["layers"]:
        if layer["kind"] == "dropout":
            lines.append(f"        keras.layers.Dropout({layer['rate']!r}),")
        elif layer["kind"] == "batch_normalization":
            lines.append("        keras.layers.BatchNormalization(),")
        else:
            lines.append(f"        {_dense(settings, layer['units'], layer['activation'])},")
    lines.append(f"        {_dense(settings, network.output_count(settings), network.output_activation(settings))},")
    arguments = ", ".join(f"{name}={value!r}" for name, value in optimizer_kwargs(settings).items())
    compiled = [
        f"optimizer=keras.optimizers.{catalogue.OPTIMIZERS[settings['optimizer']]}({arguments})",
        f'loss="{network.loss_name(settings)}"',
        *_metrics(settings),
    ]
    return "\n".join([*lines, "    ]", ")", "model.compile(", *(f"    {line}," for line in compiled), ")", ""])


def _metrics(settings: Settings) -> list[str]:
    if settings["problem"] == "regression":
        return []
    if network.loss_name(settings) in catalogue.HINGES:
        return ["metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)]"]
    return ['metrics=["accuracy"]']


def _dense(settings: Settings, units: int, activation: str) -> str:
    parts = [str(units)]
    if activation != "linear":
        parts.append(f'activation="{activation}"')
    if settings["initializer"] != "glorot_uniform":
        parts.append(f'kernel_initializer="{settings["initializer"]}"')
    written, rate = catalogue.REGULARIZATIONS[settings["regularization"]], settings["regularization_rate"]
    if written:
        arguments = f"l1={rate!r}, l2={rate!r}" if written == "L1L2" else repr(rate)
        parts.append(f"kernel_regularizer=keras.regularizers.{written}({arguments})")
    return f"keras.layers.Dense({', '.join(parts)})"


def _weights(weights: list[np.ndarray], epoch: int) -> str:
    rows = "".join(f'        np.array({_numbers(array.tolist())}, "float32"),\n' for array in weights)
    head = f"# After {epoch} epochs, in which settings or weights were changed by hand."
    return f"{head}\nmodel.set_weights(\n    [\n{rows}    ]\n)\n"


def _numbers(value: Any) -> str:
    """Nested lists of numbers as Python reads them; each is the float32 that it was."""
    if isinstance(value, list):
        return f"[{', '.join(_numbers(item) for item in value)}]"
    if math.isfinite(value):
        return repr(float(str(np.float32(value))))
    return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
