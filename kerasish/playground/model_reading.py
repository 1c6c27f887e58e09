"""The network and its compilation, as a script writes them, as settings."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from kerasish.playground import catalogue, network
from kerasish.playground.literals import Names, Taken, UnknownPart, arguments
from kerasish.playground.messages import Settings

_SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "kld": "kl_divergence", "logcosh": "log_cosh"}
_DENSE = ("units", "activation")
_DENSE_MORE = ("kernel_initializer", "kernel_regularizer")


@dataclass
class _Dense:
    """A dense layer as the script writes it."""

    node: ast.Call
    units: Any
    activation: str
    initializer: str
    penalty: tuple[str, Any]

    def style(self) -> tuple[str, tuple[str, Any]]:
        """What all dense layers of the page have alike."""
        return self.initializer, self.penalty


class ModelReader:
    """Reads `Sequential`, its layers, and `compile`.

    Args:
        names: of the script.
        taken: the settings that are found, and where each stands.
    """

    def __init__(self, names: Names, taken: Taken) -> None:
        self.names = names
        self.taken = taken
        self.layers: list[tuple[dict[str, Any] | _Dense, ast.AST]] = []
        self.width: tuple[Any, ast.AST] | None = None
        self.counted_rows: tuple[Any, ast.AST] | None = None
        self.begun: ast.AST | None = None
        self.loss: tuple[str, ast.AST] | None = None
        self.judges = False

    # -- layers --------------------------------------------------------------------------------------------------

    def sequential(self, call: ast.Call, target: str) -> None:
        """Read `model = keras.Sequential([...])`."""
        if target != "model":
            raise UnknownPart(call, "the network is called model on the page: model = keras.Sequential(...)")
        given = self._arguments(call, ("layers",))
        self.begun, self.layers, self.width = call, [], None
        layers = given.get("layers")
        if layers is None:
            return
        if not isinstance(layers, (ast.List, ast.Tuple)):
            raise UnknownPart(layers, "the layers are written as a list: keras.Sequential([...])")
        for layer in layers.elts:
            self._layer(layer)

    def add(self, call: ast.Call) -> None:
        """Read `model.add(...)`."""
        given = arguments(call, ("layer",))
        if "layer" in given:
            self._layer(given["layer"])

    def _layer(self, node: ast.expr) -> None:
        name = self.names.dotted(node.func) if isinstance(node, ast.Call) else ""
        kind = name.removeprefix("keras.layers.").removeprefix("keras.")
        if not isinstance(node, ast.Call) or kind not in _READERS or not name.startswith("keras."):
            raise UnknownPart(node, f"the page has the layers {', '.join(_READERS)}")
        _READERS[kind](self, node)

    def _input(self, call: ast.Call) -> None:
        shape = self.names.literal(arguments(call, ("shape",)).get("shape", call))
        if not isinstance(shape, list) or len(shape) != 1:
            raise UnknownPart(call, "the input is one row of features: keras.Input((2,))")
        self.width = shape[0], call

    def _dense(self, call: ast.Call) -> None:
        given = self._arguments(call, _DENSE, _DENSE_MORE)
        if "units" not in given:
            raise UnknownPart(call, "a dense layer needs its number of units: keras.layers.Dense(4)")
        initializer = given.get("kernel_initializer")
        regularizer = given.get("kernel_regularizer")
        self.layers.append(
            (
                _Dense(
                    call,
                    self.names.literal(given["units"]),
                    self._named(given.get("activation"), "linear", "keras.activations."),
                    self._named(initializer, "glorot_uniform", "keras.initializers.", catalogue.INITIALIZERS),
                    ("none", None) if regularizer is None else self._penalty(regularizer),
                ),
                call,
            )
        )

    def _dropout(self, call: ast.Call) -> None:
        given = self._arguments(call, ("rate",))
        if "rate" not in given:
            raise UnknownPart(call, "dropout needs its rate: keras.layers.Dropout(0.2)")
        self.layers.append(({"kind": "dropout", "rate": self.names.literal(given["rate"])}, call))

    def _batch_normalization(self, call: ast.Call) -> None:
        self._arguments(call, ())
        self.layers.append(({"kind": "batch_normalization"}, call))

    def _activation(self, call: ast.Call) -> None:
        given = self._arguments(call, ("activation",))
        last = self.layers[-1][0] if self.layers else None
        if not isinstance(last, _Dense) or last.activation != "linear":
            raise UnknownPart(call, "on the page an activation belongs to the dense layer before it")
        last.activation = self._named(given.get("activation"), "linear", "keras.activations.")

    def _arguments(
        self, call: ast.Call, positional: tuple[str, ...], known: tuple[str, ...] = ()
    ) -> dict[str, ast.expr]:
        """Those of a layer, whose name may be given and is not shown."""
        given = arguments(call, positional, (*known, "name"))
        if "name" in given:
            self.names.literal(given.pop("name"))
        return given

    def _named(self, node: ast.expr | None, default: str, home: str, known: tuple[str, ...] = ()) -> Any:
        """A name given as text, as a function, or as a call without arguments."""
        if node is None:
            return default
        inner = node.func if isinstance(node, ast.Call) and not node.args and not node.keywords else node
        name = self.names.dotted(inner)
        if name.startswith(home):
            written = name.removeprefix(home)
        else:
            value = self.names.literal(node)
            if value is None:
                return default
            if not isinstance(value, str):
                raise UnknownPart(node, f"a name is expected here, such as {default!r}")
            written = value
        plain = _plain(written)
        return next((name for name in known if _plain(name) == plain), _SHORT.get(written, written))

    def _penalty(self, node: ast.expr) -> tuple[str, Any]:
        """A regularizer as its name and rate."""
        if isinstance(node, ast.Constant) and node.value is None:
            return "none", None
        if isinstance(node, ast.Constant) and node.value in ("l1", "l2"):
            return str(node.value), 0.01
        name = self.names.dotted(node.func) if isinstance(node, ast.Call) else ""
        kind = _plain(name.removeprefix("keras.regularizers."))
        if (
            not isinstance(node, ast.Call)
            or not name.startswith("keras.regularizers.")
            or kind not in ("l1", "l2", "l1l2")
        ):
            raise UnknownPart(node, "the page has the regularizers keras.regularizers.L1, L2 and L1L2")
        if kind != "l1l2":
            given = arguments(node, (kind,))
            return kind, self.names.literal(given[kind]) if kind in given else 0.01
        given = arguments(node, ("l1", "l2"))
        rates = [self.names.literal(given[key]) if key in given else 0.0 for key in ("l1", "l2")]
        if rates[0] != rates[1]:
            raise UnknownPart(node, "the page has one rate of regularization: l1 and l2 must be the same")
        return "l1_l2", rates[0]

    # -- compile -------------------------------------------------------------------------------------------------

    def compile(self, call: ast.Call) -> None:
        """Read `model.compile(...)`."""
        given = arguments(call, ("optimizer", "loss"), ("metrics",))
        if "optimizer" in given:
            self._optimizer(given["optimizer"])
        if "loss" in given:
            known = tuple(dict.fromkeys(name for names in catalogue.LOSSES.values() for name in names))
            self.loss = self._named(given["loss"], "", "keras.losses.", known), given["loss"]
        if "metrics" in given:
            self._metrics(given["metrics"])

    def _metrics(self, node: ast.expr) -> None:
        """See that metrics are names, or the library's own with plain arguments; the page shows the accuracy."""
        if not isinstance(node, (ast.List, ast.Tuple)):
            raise UnknownPart(node, 'metrics are a list: metrics=["accuracy"]')
        for item in node.elts:
            parts: list[ast.expr] = [item]
            if isinstance(item, ast.Call) and self.names.dotted(item.func).startswith("keras.metrics."):
                parts = [*item.args, *(keyword.value for keyword in item.keywords)]
            for part in parts:
                self.names.literal(part)
        self.judges = True

    def _optimizer(self, node: ast.expr) -> None:
        classes = {written: name for name, written in catalogue.OPTIMIZERS.items()}
        options: dict[str, ast.expr] = {}
        if isinstance(node, ast.Call):
            written = self.names.dotted(node.func).removeprefix("keras.optimizers.")
            if written not in classes:
                raise UnknownPart(node, f"the page has the optimizers {', '.join(classes)}")
            name = classes[written]
            options = arguments(node, ("learning_rate",), tuple(catalogue.optimizer_arguments(name)))
        else:
            name = _plain(str(self.names.literal(node)))
        self.taken.take("optimizer", name, node)
        if name not in catalogue.OPTIMIZERS:
            return  # the check of the setting says it
        values = {key: self.names.literal(option) for key, option in options.items()}
        rate, momentum = catalogue.optimizer_defaults(name)
        self.taken.take("learning_rate", values.pop("learning_rate", rate), options.get("learning_rate", node))
        if momentum is not None:
            self.taken.take("momentum", values.pop("momentum", momentum), options.get("momentum", node))
        self.taken.take("optimizer_options", values, node)
        for key, option in options.items():
            self.taken.places[f"optimizer_options.{key}"] = option

    # -- together ------------------------------------------------------------------------------------------------

    def rows(self, call: ast.Call) -> None:
        """Read `y = keras.utils.to_categorical(y, classes)`."""
        given = arguments(call, ("x", "num_classes"))
        self.counted_rows = self.names.literal(given.get("num_classes", call)), call

    def finish(self, before: Settings) -> None:
        """Make settings of what has been read; those of `before` say what the script leaves open.

        Raises:
            UnknownPart: where two parts do not go together, or the page cannot show them together.
        """
        self._problem(before)
        if self.begun is not None:
            self._network(before)
        if self.loss is not None:
            name, node = self.loss
            self.taken.take(
                "loss", "auto" if name == network.loss_name(self._with(before, loss="auto")) else name, node
            )
            self._check_rows(before)

    def _with(self, before: Settings, **others: Any) -> Settings:
        """The settings so far, unchecked, to ask what follows from them."""
        made: dict[str, Any] = {**before, **self.taken.given, **others}
        return cast(Settings, made)

    def _problem(self, before: Settings) -> None:
        data = self.taken.places.get("data")
        if data is None:
            return
        if "features" not in self.taken.given:
            self.taken.take("features", ["x1", "x2"], data)
        if self.taken.given["data"] == "own":
            is_value = self.loss is not None and self.loss[0] in catalogue.LOSSES["regression"] and not self.judges
            self.taken.take("problem", "regression" if is_value else "classification", data)

    def _network(self, before: Settings) -> None:
        assert self.begun is not None
        if not self.layers or not isinstance(self.layers[-1][0], _Dense):
            place = self.layers[-1][1] if self.layers else self.begun
            raise UnknownPart(place, "the last layer is the output: keras.layers.Dense(1, activation=...)")
        output = self.layers[-1][0]
        self._check_width(before)
        hidden = []
        for i, (layer, node) in enumerate(self.layers[:-1]):
            if isinstance(layer, _Dense) and layer.style() != output.style():
                raise UnknownPart(
                    node, "on the page all dense layers, the output too, have the same initializer and regularizer"
                )
            self.taken.places[f"layers[{i}]"] = node
            is_dense = isinstance(layer, _Dense)
            hidden.append(
                {"kind": "dense", "units": layer.units, "activation": layer.activation} if is_dense else layer  # type: ignore[union-attr]
            )
        self.taken.take("layers", hidden, self.begun)
        self.taken.take("initializer", output.initializer, output.node)
        self.taken.take("regularization", output.penalty[0], output.node)
        if output.penalty[1] is not None:
            self.taken.take("regularization_rate", output.penalty[1], output.node)
        self._output(output, before)

    def _check_width(self, before: Settings) -> None:
        width = len(self._with(before)["features"])
        if self.width is not None and self.width[0] != width:
            raise UnknownPart(self.width[1], f"there are {width} features: keras.Input(({width},))")

    def _output(self, output: _Dense, before: Settings) -> None:
        so_far = self._with(before)
        if so_far["problem"] == "regression":
            if output.units != 1:
                raise UnknownPart(output.node, "a regression has one output: keras.layers.Dense(1)")
        elif output.units == 2:
            raise UnknownPart(output.node, 'two classes have one output: keras.layers.Dense(1, activation="sigmoid")')
        else:
            classes = 2 if output.units == 1 else output.units
            drawn = self.taken.given.get("classes")
            if "classes" in self.taken.given and drawn != classes and so_far["data"] != "own":
                wanted = 1 if drawn == 2 else drawn
                raise UnknownPart(output.node, f"the data has {drawn} classes: keras.layers.Dense({wanted}, ...)")
            self.taken.take("classes", classes, output.node)
        loss = before["loss"] if self.loss is None else self.loss[0]
        expected = network.output_activation(self._with(before, output_activation="auto", loss=loss))
        activation = "auto" if output.activation == expected else output.activation
        self.taken.take("output_activation", activation, output.node)

    def _check_rows(self, before: Settings) -> None:
        """Labels must come to the loss as it reads them."""
        assert self.loss is not None
        settings = self._with(before)
        needed = network.needs_rows(settings)
        if self.counted_rows is not None and not needed:
            raise UnknownPart(self.counted_rows[1], f"the loss {self.loss[0]!r} reads labels as they are")
        if self.counted_rows is not None and self.counted_rows[0] != settings["classes"]:
            raise UnknownPart(self.counted_rows[1], f"there are {settings['classes']} classes")
        if needed and self.counted_rows is None and "data" in self.taken.given:
            line = f"y = keras.utils.to_categorical(y, {settings['classes']})"
            raise UnknownPart(self.loss[1], f"the loss {self.loss[0]!r} reads rows of zeros and a one: {line}")


_READERS: dict[str, Callable[[ModelReader, ast.Call], None]] = {
    "Input": ModelReader._input,
    "Dense": ModelReader._dense,
    "Dropout": ModelReader._dropout,
    "BatchNormalization": ModelReader._batch_normalization,
    "Activation": ModelReader._activation,
}


def _plain(name: str) -> str:
    """A name without what tells a class from a function."""
    return name.replace("_", "").lower()
