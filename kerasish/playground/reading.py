"""A script as settings: it is compared with what the page can show, statement by statement, and never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from kerasish.playground import catalogue, network
from kerasish.playground.literals import Names, Taken, UnknownPart, arguments, is_expression, is_same
from kerasish.playground.messages import Mark, Settings
from kerasish.playground.model_reading import ModelReader
from kerasish.playground.settings import SettingError, checked

_PLAIN = (
    "x, y = table[:, :2], table[:, 2:]",
    "x_train, x_test = x[:cut], x[cut:]",
    "y_train, y_test = y[:cut], y[cut:]",
    "model.summary()",
)
_MOST_MARKS = 100
_MOST_EPOCHS = 10**9
_SMALL_CUT = "min(max(round(SHARE * len(x)), 1), max(len(x) - 1, 1))"
_SHUFFLED = "table[np.random.default_rng(SEED).permutation(len(table))]"


@dataclass(frozen=True)
class Found:
    """What a script says.

    Attributes:
        settings: all settings, where nothing is wrong.
        marks: what is wrong, and where.
        weights: the weights that it sets, if it does.
        epochs: how many it trains, if it does.
    """

    settings: Settings | None
    marks: list[Mark]
    weights: list[np.ndarray] | None = None
    epochs: int = 0


def read(text: str, before: Settings) -> Found:
    """The settings that a script says, with those of `before` where it says nothing.

    Args:
        text: of the script; any text at all.
        before: settings that are kept where the script says nothing.

    Example:
        >>> from kerasish.playground.catalogue import DEFAULTS
        >>> read("model.compile(optimizer='adam', loss='mse')", DEFAULTS).settings["optimizer"]
        'adam'
        >>> read("import os", DEFAULTS).marks[0]["line"]
        1
    """
    lines = text.splitlines() or [""]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        reader = _Reader(lines)
        return reader.read(tree, before)
    except SyntaxError as error:
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        return Found(None, [_mark(line, column, line, column + 1, f"this is not Python: {error.msg}")])
    except (RecursionError, MemoryError):
        return Found(None, [_mark(1, 0, 1, 1, "the script cannot be read: its parts are nested too deeply")])
    except ValueError as error:  # a character that no source may hold
        return Found(None, [_mark(1, 0, 1, 1, f"the script cannot be read: {error}")])


def _mark(line: int, column: int, end_line: int, end_column: int, message: str) -> Mark:
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column, "message": message}


class _Reader:
    """The settings found so far, and where each of them stands."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.names = Names()
        self.taken = Taken()
        self.marks: list[Mark] = []
        self.weights: list[np.ndarray] | None = None
        self.weights_place: ast.AST | None = None
        self.epochs = 0
        self.model = ModelReader(self.names, self.taken)

    def read(self, tree: ast.Module, before: Settings) -> Found:
        for statement in tree.body:
            if len(self.marks) >= _MOST_MARKS:
                return Found(None, self.marks)
            self._guarded(partial(self._statement, statement))
        if not self.marks:  # what is left out above would be missed below
            self._guarded(lambda: self.model.finish(before))
        if self.marks:
            return Found(None, self.marks)
        try:
            settings = checked(self.taken.given, before)
        except SettingError as error:
            self._add(self.taken.place_of(error.setting), str(error))
            return Found(None, self.marks)
        self._guarded(lambda: self._check_weights(settings))
        return Found(None if self.marks else settings, self.marks, self.weights, self.epochs)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do it, and mark what it does not know."""
        try:
            work()
        except UnknownPart as unknown:
            self._add(unknown.node, str(unknown))

    def _add(self, node: ast.AST, message: str) -> None:
        line, end = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        columns = (
            self._column(line, getattr(node, "col_offset", 0)),
            self._column(end, getattr(node, "end_col_offset", 1)),
        )
        self.marks.append(_mark(line, columns[0], end, columns[1], message))

    def _column(self, line: int, offset: int) -> int:
        """Characters, where Python counts bytes."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return len(text.encode()[:offset].decode(errors="ignore"))

    # -- statements ----------------------------------------------------------------------------------------------

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self.names.take_import(node)
        elif any(is_same(node, plain) for plain in _PLAIN):
            return
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assignment(node, node.targets[0], node.value)
        elif isinstance(node, ast.Expr):
            self._expression(node.value)
        else:
            raise UnknownPart(node, "the page cannot show this statement; run the script itself for it")

    def _assignment(self, node: ast.Assign, target: ast.expr, value: ast.expr) -> None:
        function = self.names.dotted(value.func) if isinstance(value, ast.Call) else ""
        if isinstance(value, ast.Call) and function.startswith("kerasish_datasets.playground."):
            self._data(value, function.rpartition(".")[2], target)
        elif isinstance(target, ast.Name) and isinstance(value, ast.Call) and self._made(target.id, value, function):
            return
        elif isinstance(target, ast.Name) and target.id == "table" and isinstance(value, ast.Subscript):
            self._shuffled(value)
        elif isinstance(target, ast.Name) and isinstance(value, (ast.Constant, ast.UnaryOp, ast.List, ast.Tuple)):
            self.names.keep(target.id, self.names.literal(value))
        else:
            raise UnknownPart(node, "the page cannot show this assignment; run the script itself for it")

    def _made(self, target: str, call: ast.Call, function: str) -> bool:
        """Read an assignment of a call that the page knows; whether it is one."""
        if function in ("keras.Sequential", "keras.models.Sequential"):
            self.model.sequential(call, target)
        elif function == "model.fit":
            self._fit(call)
        elif target == "table" and isinstance(call.func, ast.Attribute) and call.func.attr == "reshape":
            self._table(call, call.func.value)
        elif target == "x" and function == "np.stack":
            self._features(call)
        elif target == "y" and function == "keras.utils.to_categorical":
            self.model.rows(call)
        elif target == "cut":
            self._cut(call)
        else:
            return False
        return True

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            return
        function = self.names.dotted(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and function == "print" and len(node.args) == 1 and not node.keywords:
            if isinstance(node.args[0], ast.Constant):
                return
            node = node.args[0]
            function = self.names.dotted(node.func) if isinstance(node, ast.Call) else ""
        known: dict[str, Callable[[ast.Call], None]] = {
            "model.add": self.model.add,
            "model.compile": self.model.compile,
            "model.fit": self._fit,
            "model.set_weights": self._set_weights,
            "model.evaluate": self._evaluate,
            "keras.utils.set_random_seed": self._seed,
        }
        if not isinstance(node, ast.Call) or function not in known:
            raise UnknownPart(node, "the page cannot show this; run the script itself for it")
        known[function](node)

    # -- data ----------------------------------------------------------------------------------------------------

    def _data(self, call: ast.Call, name: str, target: ast.expr) -> None:
        if ast.unparse(target).strip("()") != "x, y":
            raise UnknownPart(target, "the points are called x and y on the page: x, y = playground...")
        if name not in (*catalogue.CLASSIFICATION, *catalogue.REGRESSION):
            sets = [*catalogue.CLASSIFICATION, *catalogue.REGRESSION]
            raise UnknownPart(call, f"there is no data set {name!r}; there are {sets}")
        given = arguments(call, ("n", "noise", "seed"), ("classes",) if name in catalogue.MANY_CLASSES else ())
        self.taken.take("data", name, call)
        self.taken.take("problem", "regression" if name in catalogue.REGRESSION else "classification", call)
        if name in catalogue.CLASSIFICATION:
            self.taken.take("classes", 2, call)
        settings = {"n": "samples", "noise": "noise", "seed": "data_seed", "classes": "classes"}
        defaults: dict[str, Any] = {"n": 200, "noise": 0.1}
        for key, setting in settings.items():
            if key in given:
                self.taken.take(setting, self.names.literal(given[key]), given[key])
            elif key in defaults:
                self.taken.take(setting, defaults[key], call)

    def _table(self, call: ast.Call, made: ast.expr) -> None:
        known = isinstance(made, ast.Call) and self.names.dotted(made.func) == "np.array"
        if not known or not isinstance(made, ast.Call) or [self.names.literal(a) for a in call.args] != [-1, 3]:
            raise UnknownPart(
                call, 'own points are written as np.array([[x1, x2, label], ...], "float32").reshape(-1, 3)'
            )
        given = arguments(made, ("object", "dtype"))
        self._plain(given, "dtype")
        if "object" in given:
            self.taken.take("points", self.names.literal(given["object"]), given["object"])
            self.taken.take("data", "own", call)

    def _shuffled(self, value: ast.Subscript) -> None:
        seeds = [node.args[0] for node in ast.walk(value.slice) if isinstance(node, ast.Call) and node.args]
        for seed in seeds:
            if isinstance(seed, ast.Constant) and is_expression(value, _SHUFFLED.replace("SEED", repr(seed.value))):
                self.taken.take("data_seed", seed.value, seed)
                return
        raise UnknownPart(value, f"the page shuffles own points by {_SHUFFLED}")

    def _features(self, call: ast.Call) -> None:
        given = arguments(call, ("arrays", "axis"))
        columns = given.get("arrays")
        if not isinstance(columns, (ast.List, ast.Tuple)) or self.names.literal(given.get("axis", call)) != 1:
            raise UnknownPart(call, "features are written as np.stack([x[:, 0], x[:, 1], ...], axis=1)")
        found = []
        for column in columns.elts:
            name = next((name for name, text in catalogue.FEATURES.items() if is_expression(column, text)), None)
            if name is None:
                raise UnknownPart(column, f"the page has these features: {', '.join(catalogue.FEATURES.values())}")
            found.append(name)
        if found != [name for name in catalogue.FEATURES if name in found]:
            raise UnknownPart(
                columns, f"the page has each feature once, in this order: {', '.join(catalogue.FEATURES)}"
            )
        self.taken.take("features", found, call)

    def _cut(self, call: ast.Call) -> None:
        for node in ast.walk(call):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Constant):
                share = repr(node.left.value)
                known = (f"round({share} * len(x))", f"int({share} * len(x))", _SMALL_CUT.replace("SHARE", share))
                if any(is_expression(call, text) for text in known):
                    self.taken.take("train_share", node.left.value, node.left)
                    return
        raise UnknownPart(call, "the share that is trained on is written as round(0.5 * len(x))")

    # -- training ------------------------------------------------------------------------------------------------

    def _seed(self, call: ast.Call) -> None:
        given = arguments(call, ("seed",))
        if "seed" in given:
            self.taken.take("seed", self.names.literal(given["seed"]), given["seed"])

    def _fit(self, call: ast.Call) -> None:
        given = arguments(call, ("x", "y", "batch_size", "epochs"), ("verbose", "shuffle", "validation_data"))
        for name, wanted in {"x": "x_train", "y": "y_train", "validation_data": "(x_test, y_test)"}.items():
            if name in given and not is_expression(given[name], wanted):
                raise UnknownPart(given[name], f"the page trains on x_train and y_train; {wanted} is expected here")
        shuffle = given.get("shuffle")
        if shuffle is None or self.names.literal(shuffle) is not False:
            raise UnknownPart(
                shuffle or call, "the page goes through the points in their order, which is random: shuffle=False"
            )
        self._plain(given, "verbose")
        self.epochs = self.names.literal(given["epochs"]) if "epochs" in given else 1
        if not isinstance(self.epochs, int) or not 0 <= self.epochs <= _MOST_EPOCHS:
            raise UnknownPart(given["epochs"], f"epochs: must be a whole number from 0 to {_MOST_EPOCHS}")
        size = given.get("batch_size")
        self.taken.take("batch_size", 32 if size is None else self.names.literal(size), size or call)

    def _evaluate(self, call: ast.Call) -> None:
        given = arguments(call, ("x", "y"), ("verbose", "batch_size", "return_dict"))
        for name in ("x", "y"):
            if name in given and not any(is_expression(given[name], f"{name}_{part}") for part in ("test", "train")):
                raise UnknownPart(given[name], f"{name}_test or {name}_train is expected here")
        self._plain(given, "verbose", "batch_size", "return_dict")

    def _plain(self, given: dict[str, ast.expr], *names: str) -> None:
        """See that arguments which change nothing that is drawn are plain values."""
        for name in names:
            if name in given:
                self.names.literal(given[name])

    def _set_weights(self, call: ast.Call) -> None:
        given = arguments(call, ("weights",)).get("weights")
        if not isinstance(given, ast.List):
            raise UnknownPart(call, 'weights are written as model.set_weights([np.array([...], "float32"), ...])')
        found = []
        for item in given.elts:
            if not isinstance(item, ast.Call) or self.names.dotted(item.func) != "np.array" or not item.args:
                raise UnknownPart(item, 'each array of weights is written as np.array([...], "float32")')
            array = arguments(item, ("object", "dtype"))
            self._plain(array, "dtype")
            try:
                found.append(np.array(self.names.literal(array["object"]), "float32"))
            except (ValueError, TypeError):
                raise UnknownPart(item, "an array of weights is rows of numbers, all of one length") from None
        self.weights, self.weights_place = found, call

    def _check_weights(self, settings: Settings) -> None:
        if self.weights is None or self.weights_place is None:
            return
        wanted, found = network.weight_shapes(settings), [array.shape for array in self.weights]
        if wanted != found:
            raise UnknownPart(
                self.weights_place,
                f"the weights of this network have the shapes {wanted}, these have {found}; without this statement the "
                "network begins with weights of its own",
            )
