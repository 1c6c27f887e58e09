import pytest

from kerasish import layers


def test_the_older_name_of_the_slope():
    assert layers.LeakyReLU(alpha=0.2).get_config()["negative_slope"] == 0.2


@pytest.mark.parametrize("slope", [-0.1, None])
def test_the_slope_is_not_negative(slope):
    with pytest.raises(ValueError, match="negative_slope"):
        layers.LeakyReLU(slope)
