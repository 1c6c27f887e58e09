"""Which Keras a file is from, and what it holds of a layer."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish.saving.guards import safe_h5

Config = dict[str, Any]


class Stored(NamedTuple):
    """An array of a file under the name that it has there."""

    name: str
    array: np.ndarray


class Origin(NamedTuple):
    """The Keras that wrote a file.

    Attributes:
        version: 1, 2 or 3; files of weights by Keras 1 do not say it.
        backend: such as `"theano"`; empty where the file does not say it, as those of Keras 1 do not.
    """

    version: int
    backend: str


def origin_of(file: Any, weights: Any) -> Origin:
    """The origin of a file, by its attributes or those of the group of its weights."""

    def told(name: str) -> str:
        return safe_h5.text_attribute(weights, name, "") or safe_h5.text_attribute(file, name, "")

    first = told("keras_version").partition(".")[0]
    return Origin(int(first) if first in ("2", "3") else 1, told("backend"))
