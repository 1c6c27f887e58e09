import numpy as np
import pytest

from kerasish.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight


@pytest.mark.parametrize(
    "data, expected",
    [
        ("x", ("x", None, None)),
        (("x",), ("x", None, None)),
        (["x", "y"], ("x", "y", None)),
        (("x", "y", "w"), ("x", "y", "w")),
        (({"a": 1}, None), ({"a": 1}, None, None)),
    ],
)
def test_unpack(data, expected):
    assert unpack_x_y_sample_weight(data) == expected


@pytest.mark.parametrize("parts", [0, 4])
def test_unpack_refuses_other_numbers_of_parts(parts):
    with pytest.raises(ValueError, match=f"tuple of {parts} parts"):
        unpack_x_y_sample_weight(("x",) * parts)


def test_pack():
    x = np.ones(2)
    assert pack_x_y_sample_weight(x) is x
    assert pack_x_y_sample_weight(["a", "b"]) == (["a", "b"],)
    assert pack_x_y_sample_weight("x", "y") == ("x", "y")
    assert pack_x_y_sample_weight("x", "y", "w") == ("x", "y", "w")
    assert pack_x_y_sample_weight("x", sample_weight="w") == "x"
