import numpy as np
import pytest

from kerasish.backend.config import set_floatx
from kerasish.initializers import Constant, Identity, Ones, Zeros


@pytest.mark.parametrize(("cls", "value"), [(Zeros, 0), (Ones, 1), (Constant, 0)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "bool"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 4)])
def test_one_value_everywhere(cls, value, dtype, shape):
    made = cls()(shape, dtype=dtype)
    assert made.shape == shape and made.dtype == dtype and np.all(made == value)


def test_the_default_dtype_is_floatx():
    set_floatx("float64")
    try:
        assert Zeros()((1,)).dtype == Constant(1)((1,)).dtype == Identity()((1, 1)).dtype == "float64"
    finally:
        set_floatx("float32")


def test_a_constant_array_broadcasts_and_survives_its_config():
    row = Constant(np.array([1.0, 2.0], "float32"))
    twin = row.clone()
    assert row((3, 2)).tolist() == twin((3, 2)).tolist() == [[1, 2]] * 3
    with pytest.raises(ValueError):
        row((3, 3))


def test_a_constant_can_be_written_to():
    made = Constant(2.0)((3,))
    made[0] = 5
    assert made.tolist() == [5, 2, 2]


def test_identity_has_its_gain_on_the_diagonal_and_in_its_config():
    made = Identity(gain=3.0)
    assert made((2, 3), "int32").tolist() == [[3, 0, 0], [0, 3, 0]]
    assert made.clone()((1, 1)) == 3


def test_identity_is_for_matrices():
    with pytest.raises(ValueError, match=r"shape=\(2, 2, 2\)"):
        Identity()((2, 2, 2))
