"""Data that goes on where another process was."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.trainers.data.epochs import Epochs
from kerasish.trainers.data.making import make_data


def rows(epochs):
    """The batches of an epoch as lists of numbers."""
    return [batch[0][:, 0].tolist() for batch in epochs]


def made(kind, steps=None):
    keras.utils.set_random_seed(0)  # as the callback restores it, for an order that is still to be drawn
    x = np.arange(10.0).reshape(10, 1)
    if kind in ("generator", "short"):
        times = 9 if kind == "generator" else 1
        return Epochs(make_data((x[2 * i : 2 * i + 2],) for i in list(range(5)) * times), steps)
    epochs = Epochs(make_data(x, batch_size=2, shuffle=True), steps)
    epochs.remember_order()
    return epochs


@pytest.mark.filterwarnings("ignore:the input ran out")
@pytest.mark.parametrize(("kind", "steps"), [("arrays", None), ("arrays", 2), ("arrays", 5), ("generator", 4),
                                               ("short", 2), ("short", 4), ("short", None)])  # fmt: skip
@pytest.mark.parametrize("begun", [0, 1])
@pytest.mark.parametrize("whole", [0, 1, 2])
def test_the_rest_is_the_same(kind, steps, begun, whole):
    first = made(kind, steps)
    with_pass = rows(first) if whole else None
    if whole == 2:
        rows(first)
    batches = iter(first)
    for _ in range(begun):
        next(batches)
    place = first.position(begun)
    expected = [batch[0][:, 0].tolist() for batch in batches] + rows(first)
    second = made(kind, steps)
    last = second.resume(*place, begun)
    found = rows(second) + rows(second)
    assert found == expected
    assert (last is None) == (place[1] == 0)
    assert with_pass is None or len(with_pass) == (steps or 5)


def test_an_order_that_was_not_drawn_yet():
    assert made("arrays").position(0) == (None, 0)
