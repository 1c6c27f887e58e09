"""What a run of a step's code hands out."""

from typing import NamedTuple

import numpy as np

from kerasish.backend.tensor import Tensor
from kerasish.trainers.steps.run import untraced


class Pair(NamedTuple):
    first: object
    second: object


def test_predictions_of_any_structure_are_cut_from_the_tape():
    x = np.arange(3.0)
    structure = {"b": [Tensor(x), (Tensor(x),)], "a": Pair(Tensor(x), None)}
    found = untraced(structure)
    assert list(found) == ["b", "a"] and type(found["a"]) is Pair and found["a"].second is None
    leaves = [found["b"][0], found["b"][1][0], found["a"].first]
    assert all(isinstance(leaf, np.ndarray) for leaf in leaves) and not any(type(leaf) is Tensor for leaf in leaves)
