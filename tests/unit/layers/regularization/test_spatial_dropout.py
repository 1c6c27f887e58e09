import numpy as np
import pytest

from kerasish import layers

CASES = [
    (layers.SpatialDropout1D, {}, (20, 5, 8), (1,)),
    (layers.SpatialDropout2D, {}, (20, 5, 4, 8), (1, 2)),
    (layers.SpatialDropout2D, {"data_format": "channels_first"}, (20, 8, 5, 4), (2, 3)),
    (layers.SpatialDropout3D, {}, (20, 3, 5, 4, 8), (1, 2, 3)),
    (layers.SpatialDropout3D, {"data_format": "channels_first"}, (20, 8, 3, 5, 4), (2, 3, 4)),
]


@pytest.mark.parametrize(("kind", "arguments", "shape", "places"), CASES)
def test_whole_channels_are_dropped(kind, arguments, shape, places):
    y = kind(0.5, seed=0, **arguments)(np.ones(shape, "float32"), training=True)
    assert np.array_equal(y.min(axis=places), y.max(axis=places))
    assert 0.3 < (y == 0).mean() < 0.7


@pytest.mark.parametrize(("kind", "arguments", "shape", "places"), CASES)
def test_the_rank_is_checked(kind, arguments, shape, places):
    with pytest.raises(ValueError, match="rank"):
        kind(0.5, **arguments)(np.ones(shape[1:], "float32"))


def test_the_data_format_is_checked():
    with pytest.raises(ValueError, match="data_format"):
        layers.SpatialDropout2D(0.5, "channels")
