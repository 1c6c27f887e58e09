import pytest

from kerasish import layers
from kerasish.layers.reshaping.rearranging import pairs_of, positive, spatial_axes, tuple_of


def test_one_number_for_all():
    assert tuple_of(2, 3, "size", "L", 1) == (2, 2, 2)
    assert pairs_of(1, 2, "padding", "L") == ((1, 1), (1, 1))
    assert pairs_of((1, 2), 2, "padding", "L") == ((1, 1), (2, 2))
    assert pairs_of(((1, 2), 3), 2, "padding", "L") == ((1, 2), (3, 3))


@pytest.mark.parametrize("wrong", [(1, 2), (0, 1, 1), "abc", 1.5, None, (1, 1, 2.5)])
def test_tuples_of_sizes(wrong):
    with pytest.raises(ValueError, match="L needs as size a whole number of at least 1, or a tuple of 3"):
        tuple_of(wrong, 3, "size", "L", 1)


@pytest.mark.parametrize("wrong", [(1, 2, 3), (1, -1), ((1, 2, 3), 1), "ab", 1.5])
def test_pairs(wrong):
    with pytest.raises(ValueError, match="L needs as padding"):
        pairs_of(wrong, 2, "padding", "L")


def test_positive_numbers():
    assert positive(3, "n", "L") == 3
    for wrong, error in ((0, ValueError), (1.0, TypeError), (True, TypeError)):
        with pytest.raises(error, match=f"n={wrong}"):
            positive(wrong, "n", "L")


def test_axes():
    assert spatial_axes(2, "channels_last") == (1, 2)
    assert spatial_axes(2, "channels_first") == (2, 3)


@pytest.mark.parametrize("kind", [layers.Cropping2D, layers.ZeroPadding2D, layers.UpSampling2D, layers.Cropping3D])
def test_the_rank_and_the_data_format_are_checked(kind):
    with pytest.raises(ValueError, match="data_format"):
        kind(1, data_format="channels")
    with pytest.raises(ValueError, match="rank"):
        kind(1)([[1.0]])


@pytest.mark.parametrize("kind", [layers.Cropping1D, layers.UpSampling1D])
def test_a_layer_without_a_data_format_takes_none(kind):
    with pytest.raises(ValueError, match="does not know the argument"):
        kind(data_format="channels_first")
