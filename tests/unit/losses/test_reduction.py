import numpy as np
import pytest

from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable
from kerasish.losses.reduction import (
    align,
    apply_mask,
    compute_dtype,
    plain,
    reduce_weighted_values,
    squeeze_or_expand_to_same_rank,
    standardize_reduction,
    structure_as_dtype,
)


def test_an_unknown_reduction_is_named():
    with pytest.raises(ValueError, match="average"):
        standardize_reduction("average")


@pytest.mark.parametrize(
    ("dtype", "name"),
    [(None, "float32"), ("float16", "float16"), (np.float64, "float64"), ("mixed_float16", "float16")],
)
def test_compute_dtype(dtype, name):
    assert compute_dtype(dtype) == name


def test_compute_dtype_of_a_policy():
    class Policy:
        compute_dtype = "float16"

    assert compute_dtype(Policy()) == "float16"


def test_nested_lists_of_numbers_are_one_array_and_structures_of_arrays_stay():
    assert structure_as_dtype([[1, 2], [3, 4]], np.dtype("float32")).shape == (2, 2)
    found = structure_as_dtype({"a": np.ones(2), "b": [np.zeros(3)]}, np.dtype("float32"))
    assert found["a"].dtype == "float32" and found["b"][0].shape == (3,)


@pytest.mark.parametrize(
    ("first", "second", "ranks"),
    [((4,), (4, 1), (2, 2)), ((4, 1), (4,), (2, 2)), ((4, 3, 1), (4, 3), (2, 2)), ((4,), (4, 3), (1, 2))],
)
def test_ranks(first, second, ranks):
    found = squeeze_or_expand_to_same_rank(np.ones(first), np.ones(second))
    assert tuple(x.ndim for x in found) == ranks


def test_a_vector_is_squeezed_to_where_columns_are_not_wanted():
    _, weights = squeeze_or_expand_to_same_rank(np.ones(4), np.ones((4, 1)), expand_rank_1=False)
    assert weights.shape == (4,)


@pytest.mark.parametrize(
    ("target", "output", "hint"),
    [
        ((3, 1), (3, 2), "one unit"),
        ((3,), (3, 2), "sparse_categorical_crossentropy"),
        ((4, 2), (3, 2), "as many targets"),
        ((3, 5), (3, 2), "shape of the targets"),
    ],
)
def test_shapes_that_differ_are_named(target, output, hint):
    with pytest.raises(ValueError, match=hint) as caught:
        align(np.ones(target), np.ones(output))
    assert str(target) in str(caught.value) and str(output) in str(caught.value)


def test_a_scalar_target_stands_for_all():
    y_true, y_pred = align(1.0, np.zeros((2, 3), "float32"))
    assert y_true.dtype == "float32" and y_pred.shape == (2, 3)


def test_integers_become_floats():
    y_true, y_pred = align([1, 2], [1, 3])
    assert y_true.dtype == y_pred.dtype == "float32"


def test_plain_cuts_from_the_tape():
    variable = Variable([1.0, 2.0])
    with GradientTape():
        doubled = variable * 2
        assert type(plain(doubled)) is np.ndarray and type(plain(variable)) is np.ndarray
    assert plain([1.0]).dtype == "float32"


VALUES = np.array([1.0, 2.0, 3.0, 4.0], "float32")
MASK = np.array([True, False, True, False])


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [("sum_over_batch_size", 2.0), ("mean", 2.0), ("sum", 4.0), ("mean_with_sample_weight", 2.0)],
)
def test_masked_values_do_not_count(reduction, expected):
    assert reduce_weighted_values(VALUES, mask=MASK, reduction=reduction) == expected


def test_masked_values_are_zero_where_nothing_is_reduced():
    found = reduce_weighted_values(VALUES, mask=MASK, reduction="none")
    np.testing.assert_array_equal(found, [1, 0, 3, 0])


def test_a_mask_that_hides_all_gives_zero():
    assert reduce_weighted_values(VALUES, mask=np.zeros(4, bool)) == 0.0


def test_weights_and_mask_together():
    weights = np.array([2.0, 5.0, 1.0, 7.0])
    assert reduce_weighted_values(VALUES, weights, MASK, "sum") == 5.0
    assert reduce_weighted_values(VALUES, weights, MASK, "mean_with_sample_weight") == np.float32(5 / 3)
    assert apply_mask(None, None, "float32", "sum") is None


def test_a_weight_of_a_sample_is_that_of_all_its_steps():
    values = np.arange(6.0, dtype="float32").reshape(2, 3)
    assert reduce_weighted_values(values, np.array([1.0, 2.0]), reduction="sum") == 3 + 24
    masked = reduce_weighted_values(values, np.array([1.0, 2.0]), np.ones((2, 3), bool), "sum")
    assert masked == 3 + 24


def test_weights_of_zero_give_zero_not_nan():
    assert reduce_weighted_values(VALUES, np.zeros(4), reduction="mean_with_sample_weight") == 0.0


def test_an_empty_batch_gives_zero_or_stays_empty():
    assert reduce_weighted_values(np.zeros((0, 3), "float32")) == 0.0
    assert reduce_weighted_values(np.zeros((0,), "float32")).shape == (0,)


def test_weights_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"sample_weight has shape \(3,\).*\(4,\)"):
        reduce_weighted_values(VALUES, np.ones(3))


def test_a_loss_of_the_whole_batch_counts_for_each_weight():
    weights = np.array([1.0, 0.0, 3.0, 2.0], "float32")
    value = np.array(0.5, "float32")
    assert reduce_weighted_values(value, weights) == np.float32(0.75)
    assert reduce_weighted_values(value, weights, reduction="sum") == np.float32(3.0)
    assert reduce_weighted_values(value, weights, reduction="mean_with_sample_weight") == np.float32(0.5)
    np.testing.assert_array_equal(reduce_weighted_values(value, weights, reduction="none"), weights / 2)


def test_a_mask_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"the prediction's mask has shape \(2, 3\) but the losses have shape \(2,\)"):
        reduce_weighted_values(np.ones(2, "float32"), mask=np.ones((2, 3), "bool"))
