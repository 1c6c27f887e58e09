import numpy as np
import pytest

from kerasish.layers.regularization.dropout_masks import checked_noise_shape, sizes_of
from kerasish.ops.noise import dropout_mask, random_keep


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.25, 0.5, 0.9, 0.999])
def test_the_share_that_is_dropped(rate):
    n = 1_000_000
    dropped = n - random_keep(7, rate, (1000, 1000)).sum()
    assert abs(dropped - n * rate) < 5 * np.sqrt(n * rate * (1 - rate))


def test_draws_depend_on_the_seed_alone():
    assert np.array_equal(random_keep(7, 0.3, (50,)), random_keep(7, 0.3, (50,)))
    assert not np.array_equal(random_keep(7, 0.3, (50,)), random_keep(8, 0.3, (50,)))


def test_neighbours_are_independent():
    keep = random_keep(1, 0.5, (400_000,)).astype(float) - 0.5
    for lag in (1, 2, 3, 4, 8):
        assert abs(np.mean(keep[lag:] * keep[:-lag])) < 0.25 * 5 / np.sqrt(len(keep))


def test_masks_have_mean_one():
    mask = dropout_mask(3, 0.2, (100, 100), np.dtype("float32"))
    assert mask.dtype == np.float32
    assert set(np.unique(mask)) == {np.float32(0), np.float32(1.25)}


def test_everything_and_nothing():
    assert not dropout_mask(3, 1, (4,), "float32").any()
    assert random_keep(3, 0.0, (100,)).all()
    assert random_keep(3, 0.5, (0, 4)).shape == (0, 4)


def test_noise_shapes():
    assert sizes_of(None, (2, 3), "d") == (2, 3)
    assert sizes_of((None, 1), (2, 3), "d") == (2, 1)
    assert sizes_of((3,), (2, 3), "d") == (1, 3)
    for wrong in ((2, 2), (None,), (1, 2, 3)):
        with pytest.raises(ValueError, match="does not broadcast"):
            sizes_of(wrong, (2, 3), "d")
    for wrong in (3, (0,), (1.5,), "ab"):
        with pytest.raises(ValueError, match="noise_shape"):
            checked_noise_shape(wrong, "Dropout")
