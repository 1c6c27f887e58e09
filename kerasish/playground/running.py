"""The model of a script: it is run as `python -m kerasish` runs it, and watched."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, cast

import numpy as np

from kerasish import aliases
from kerasish._worker import prepare_workers
from kerasish.playground import catalogue
from kerasish.playground.messages import Settings
from kerasish.playground.points import Points
from kerasish.playground.subject import Brought
from kerasish.trainers.compiling.compiled import Compiled
from kerasish.trainers.trainer import Trainer


class NothingToShow(Exception):
    """A script has no model that the page can draw, as a sentence."""


@dataclass
class _Seen:
    """What a script has compiled and fitted."""

    compiled: Any = None
    fits: dict[int, tuple[Any, dict[str, Any]]] = field(default_factory=dict)


def model_of(path: str, arguments: list[str]) -> Brought:
    """Run a script, and return its last compiled model with the data of its last fit.

    Args:
        path: of the script.
        arguments: its own.

    Raises:
        NothingToShow: if the script fails or ends in another way than well, or has no model of two inputs.
    """
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise NothingToShow(f"can't open file {path!r}: {error.strerror}") from None
    with _watching() as seen:
        _run(path, source, arguments)
    if not seen.fits:
        raise NothingToShow(f"{path} has no model that was trained: the page shows the data of the last fit")
    last = seen.fits.get(id(seen.compiled)) or next(reversed(seen.fits.values()))
    return _brought(path, source.decode("utf-8", "replace"), *last)


def _run(path: str, source: bytes, arguments: list[str]) -> None:
    aliases.install()
    prepare_workers()
    sys.argv[:] = [path, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    module = ModuleType("__main__")
    module.__dict__.update(__file__=os.path.abspath(path), __builtins__=__builtins__)
    sys.modules["__main__"] = module  # and there it stays: the model may ask for names of the script
    try:
        exec(compile(source, os.path.abspath(path), "exec"), module.__dict__)
    except SystemExit as end:
        if end.code not in (None, 0):
            raise NothingToShow(f"{path} ended with {end.code!r}") from None
    except Exception as error:
        trace = error.__traceback__
        sys.excepthook(type(error), error, None if trace is None else trace.tb_next)
        raise NothingToShow(f"{path} failed, so that there is no model to show") from None


@contextmanager
def _watching() -> Iterator[_Seen]:
    """A block in which every `compile` and `fit` is noted."""
    seen = _Seen()
    compile_model, fit = Compiled.compile, Trainer.fit

    @functools.wraps(compile_model)
    def noted_compile(model: Any, *args: Any, **kwargs: Any) -> Any:
        seen.compiled = model
        return compile_model(model, *args, **kwargs)

    @functools.wraps(fit)
    def noted_fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        names = ("x", "y", "batch_size")
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        seen.fits.pop(id(model), None)  # the last one is the last of the dict
        seen.fits[id(model)] = model, given
        return fit(model, *args, **kwargs)

    _put(Compiled, "compile", noted_compile)
    _put(Trainer, "fit", noted_fit)
    try:
        yield seen
    finally:
        _put(Compiled, "compile", compile_model)
        _put(Trainer, "fit", fit)


def _put(owner: type, name: str, function: Callable[..., Any]) -> None:
    setattr(owner, name, function)


def _brought(path: str, source: str, model: Any, given: dict[str, Any]) -> Brought:
    x, y = _rows(given.get("x")), _rows(given.get("y"))
    if x is None or y is None or x.shape[1] != 2 or len(x) != len(y) or not np.isfinite(x).all():
        shape = getattr(given.get("x"), "shape", None)
        found = type(given.get("x")).__name__ if shape is None else f"an array of shape {tuple(shape)}"
        raise NothingToShow(
            f"the model {model.name!r} of {path} was trained on {found}; the page draws models of two inputs, which "
            "learn from an array of two columns with a target for each row"
        )
    labels, settings, rows = _problem(path, model, y)
    settings["batch_size"] = int(given.get("batch_size") or 32)
    settings["learning_rate"] = float(str(np.float32(model.optimizer.learning_rate)))  # 0.1, not 0.10000000149
    test_x, test_y = _test(given, labels.dtype, rows)
    points = Points(x.astype("float32"), labels, test_x, test_y)
    return Brought(model, points, rows, settings, source, path)


def _rows(values: Any) -> np.ndarray | None:
    """An array of rows of numbers; None for anything else."""
    try:
        array = np.asarray(values, dtype="float32") if values is not None else None
    except (TypeError, ValueError):
        return None
    if array is None or array.ndim not in (1, 2) or not array.size:
        return None
    return array.reshape(len(array), -1)


def _problem(path: str, model: Any, y: np.ndarray) -> tuple[np.ndarray, Settings, bool]:
    """Labels or values to be drawn, the settings that tell what they are, and whether targets are rows."""
    settings: dict[str, Any] = {**catalogue.DEFAULTS, "data": "script", "layers": [], "momentum": 0.0}
    outputs = int(np.ravel(model.predict(np.zeros((1, 2), "float32"), verbose=0)).size)
    is_rows = y.shape[1] > 1
    if is_rows:
        if not (np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()):
            raise NothingToShow(
                f"the targets of {path} are rows other than of zeros and a one, which the page cannot draw"
            )
        labels = y.argmax(axis=1).astype("float32")[:, None]
    else:
        labels = y
    is_whole = bool(np.isin(labels, range(max(outputs, 2))).all())
    settings["problem"] = "classification" if is_rows or is_whole else "regression"
    settings["classes"] = max(2, outputs)
    loss = getattr(model.loss, "name", model.loss)
    if loss in catalogue.losses_for(settings["problem"], settings["classes"]):
        settings["loss"] = loss
    return labels, cast(Settings, settings), is_rows


def _test(given: dict[str, Any], dtype: Any, is_rows: bool) -> tuple[np.ndarray, np.ndarray]:
    """The validation data, where it is of the same kind; otherwise none."""
    data = given.get("validation_data")
    if isinstance(data, (tuple, list)) and len(data) >= 2:
        x, y = _rows(data[0]), _rows(data[1])
        if x is not None and y is not None and x.shape[1] == 2 and len(x) == len(y) and is_rows == (y.shape[1] > 1):
            return x, y.argmax(axis=1).astype(dtype)[:, None] if is_rows else y
    return np.zeros((0, 2), "float32"), np.zeros((0, 1), "float32")
