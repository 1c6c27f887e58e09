import numpy as np
import pytest

import kerasish as keras
from kerasish.utils.dataset import Dataset


def values(dataset):
    return [np.asarray(sample).tolist() for sample in dataset]


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [
        ((0.8, None), (8, 2)),
        ((None, 0.3), (7, 3)),
        ((6, None), (6, 4)),
        ((None, 1), (9, 1)),
        ((0.5, 0.2), (5, 2)),
        ((3, 3), (3, 3)),
        ((0.75, None), (8, 2)),
        ((np.float32(0.5), None), (5, 5)),
        ((2, 0.5), (2, 5)),
    ],
)
def test_sizes(sizes, lengths):
    left, right = keras.utils.split_dataset(np.arange(10), *sizes)
    assert (len(left), len(right)) == lengths
    assert values(left) == list(range(lengths[0]))
    assert values(right) == list(range(10 - lengths[1], 10))


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ((None, None), ValueError, "neither"),
        ((0, None), ValueError, "left_size"),
        ((10, None), ValueError, "left_size"),
        ((None, 1.0), ValueError, "right_size"),
        ((-0.5, None), ValueError, "left_size"),
        ((0.8, 0.3), ValueError, "more than 1"),
        ((8, 3), ValueError, "more than the 10 samples"),
        ((0.01, None), ValueError, "leave the left part empty"),
        (("0.8", None), TypeError, "int or a float"),
        ((True, None), TypeError, "int or a float"),
    ],
)
def test_sizes_that_do_not_fit(sizes, error, message):
    with pytest.raises(error, match=message):
        keras.utils.split_dataset(np.arange(10), *sizes)


def test_structures():
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10)
    for given in ((x, y), [x, y]):
        left, right = keras.utils.split_dataset(given, 0.8)
        sample, label = next(iter(right))
        assert sample.tolist() == [16, 17] and label == 8
        batch, labels = next(iter(left.batch(3)))
        assert batch.shape == (3, 2) and labels.tolist() == [0, 1, 2]
    _, right = keras.utils.split_dataset({"a": x, "b": y}, 0.8)
    assert next(iter(right))["b"] == 8
    with pytest.raises(ValueError, match="one length"):
        keras.utils.split_dataset((x, y[:4]), 0.5)
    with pytest.raises(ValueError, match="empty list"):
        keras.utils.split_dataset([], 0.5)
    for bad in (3, [1, 2]):
        with pytest.raises(TypeError, match="split_dataset"):
            keras.utils.split_dataset(bad, 0.5)


def test_a_shuffle_is_a_partition():
    left, right = keras.utils.split_dataset(np.arange(50), 0.6, shuffle=True, seed=1)
    assert sorted(values(left) + values(right)) == list(range(50))
    assert values(left) != list(range(30))
    again, _ = keras.utils.split_dataset(np.arange(50), 0.6, shuffle=True, seed=1)
    assert values(left) == values(again) == values(left)


def test_data_sets():
    class Torchlike:
        def __len__(self):
            return 5

        def __getitem__(self, index):
            return [np.full(2, index), index]

    left, right = keras.utils.split_dataset(Torchlike(), 3)
    assert [int(label) for _, label in left] == [0, 1, 2] and len(right) == 2
    batched = Dataset(lambda: range(10), 10).batch(4)
    left, right = keras.utils.split_dataset(batched, 0.5)
    assert values(left) == [[0, 1, 2, 3], [4]] and values(right) == [[5, 6, 7, 8], [9]]


def test_both_parts_train_and_test():
    x = np.random.default_rng(0).random((40, 3))
    left, right = keras.utils.split_dataset((x, x.sum(axis=1)), 0.75)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(left.shuffle(30).batch(8), validation_data=right.batch(8), epochs=2, verbose=0)
    assert len(history.history["val_loss"]) == 2
