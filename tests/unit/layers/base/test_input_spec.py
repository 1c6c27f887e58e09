"""What a layer says of data that does not fit, and of an argument that it does not know."""

import numpy as np
import pytest

from kerasish import layers


@pytest.mark.parametrize(
    ("make", "shape", "said"),
    [
        (lambda: layers.Dense(2), (3, 28, 28), r"28 × 28 is 784: put layers\.Flatten\(\) in front of it"),
        (lambda: layers.Dense(2), (3, 5), "check the data's other axes"),
        (lambda: layers.Dense(2), (3, 28, 27), "check the data's other axes"),
        (lambda: layers.Dense(2), (784,), r"One axis is missing: .*\(x\[None\] is one sample"),
        (lambda: layers.Conv2D(2, 3), (3, 28, 28), r"One axis is missing: .*\(x\[\.\.\., None\] has one"),
    ],
)
def test_an_error_tells_what_helps(make, shape, said):
    layer = make()
    layer.build((None, 784) if isinstance(layer, layers.Dense) else (None, 28, 28, 1))
    with pytest.raises(ValueError, match=f"does not fit.*{said}"):
        layer(np.ones(shape, "float32"))


@pytest.mark.parametrize(
    ("layer", "mistyped", "meant"),
    [(layers.Dense, "activaton", "activation"), (layers.Dense, "nme", "name"), (layers.GRU, "dropouts", "dropout")],
)
def test_a_mistyped_argument_is_named_with_the_one_it_may_be(layer, mistyped, meant):
    with pytest.raises(ValueError, match=rf"\['{mistyped}'\].*Did you mean '{meant}'"):
        layer(3, **{mistyped: "a"})


def test_an_argument_like_no_other_comes_with_those_there_are():
    with pytest.raises(ValueError, match=r"Known names: 'activation', .*, ") as raised:
        layers.Dense(3, qqq=1)
    assert "kwargs" not in str(raised.value)
