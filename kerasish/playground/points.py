"""The points of the plane that a network of the playground learns from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasish.playground import catalogue
from kerasish.playground.messages import HALF_WIDTH, Settings
from kerasish.playground.settings import SettingError
from kerasish_datasets import playground

_FORMULAS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "x1": lambda x: x[:, 0],
    "x2": lambda x: x[:, 1],
    "x1^2": lambda x: x[:, 0] ** 2,
    "x2^2": lambda x: x[:, 1] ** 2,
    "x1*x2": lambda x: x[:, 0] * x[:, 1],
    "sin(x1)": lambda x: np.sin(x[:, 0]),
    "sin(x2)": lambda x: np.sin(x[:, 1]),
}


@dataclass(frozen=True)
class Points:
    """Points and what is wanted at each, for training and for testing.

    Attributes:
        train_x, test_x: the two coordinates, of shape `(n, 2)`.
        train_y, test_y: the label, or the value, of shape `(n, 1)`.
    """

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


def features(x: np.ndarray, names: list[str]) -> np.ndarray:
    """What the network is given of points: a column for each feature, `float32`."""
    return np.stack([_FORMULAS[name](x) for name in names], axis=1)


def draw(settings: Settings) -> Points:
    """The points of these settings; the same ones for the same settings."""
    if settings["data"] == "own":
        x, y = _own(settings)
    else:
        make = getattr(playground, settings["data"])
        many = (
            {} if settings["classes"] == 2 or settings["problem"] == "regression" else {"classes": settings["classes"]}
        )
        x, y = make(n=settings["samples"], noise=settings["noise"], seed=settings["data_seed"], **many)
    cut = train_count(len(x), settings["train_share"])
    return Points(x[:cut], y[:cut], x[cut:], y[cut:])


def train_count(count: int, share: float) -> int:
    """How many of the points are trained on: at least one, and not all where there are two."""
    return min(max(round(share * count), 1), max(count - 1, 1))


def _own(settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """The user's points in a random order, for tables are often sorted by their labels."""
    table = np.array(settings["points"], "float32").reshape(-1, 3)
    table = table[np.random.default_rng(settings["data_seed"]).permutation(len(table))]
    return table[:, :2], table[:, 2:]


def grid(resolution: int) -> np.ndarray:
    """The centres of the cells of the plane, row by row from the top, of shape `(resolution * resolution, 2)`."""
    centres = (np.arange(resolution, dtype="float32") + 0.5) * (2 * HALF_WIDTH / resolution) - HALF_WIDTH
    across, down = np.meshgrid(centres, centres[::-1])
    return np.stack([across.ravel(), down.ravel()], axis=1).astype("float32")


def read_csv(text: str, problem: str) -> dict[str, Any]:
    """A table of two columns and a label as settings: `data`, `points` and, for a classification, `classes`.

    Columns are divided by commas, semicolons, tabs or spaces; a line of names above is passed over. Labels of a
    classification may be words: they are numbered in the order of the alphabet.

    Raises:
        SettingError: if a line is not two numbers and a label, with its number.
    """
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    rows = [(i, _cells(line)) for i, line in lines]
    if rows and not all(_is_number(cell) for cell in rows[0][1][:2]):
        rows = rows[1:]  # the names of the columns
    most = int(catalogue.LIMITS["points"][1])
    if not rows or len(rows) > most:
        raise SettingError(
            "points", f"a table has from 1 to {most} lines of two numbers and a label; found {len(rows)}"
        )
    for i, cells in rows:
        if len(cells) != 3 or not all(_is_number(cell) for cell in cells[:2]):
            raise SettingError(
                "points", f"line {i}: two numbers and a label were expected; found {', '.join(cells)!r:.60}"
            )
    labels = [cells[2] for _, cells in rows]
    if problem == "regression":
        for (i, _), label in zip(rows, labels, strict=True):
            if not _is_number(label):
                raise SettingError(
                    "points", f"line {i}: a regression needs a number as third column; found {label!r:.40}"
                )
        values, classes = [float(label) for label in labels], {}
    else:
        names = sorted(set(labels), key=lambda name: (float(name), "") if _is_number(name) else (float("inf"), name))
        if len(names) > catalogue.LIMITS["classes"][1]:
            raise SettingError(
                "classes",
                f"the third column has {len(names)} labels, and {catalogue.LIMITS['classes'][1]} can be shown",
            )
        values, classes = [float(names.index(label)) for label in labels], {"classes": max(2, len(names))}
    points = [[float(a), float(b), value] for (_, (a, b, _)), value in zip(rows, values, strict=True)]
    return {"data": "own", "problem": problem, "points": points, **classes}


def _cells(line: str) -> list[str]:
    mark = next((mark for mark in ";\t," if mark in line), None)
    return [cell.strip().strip("\"'") for cell in line.split(mark)]


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
