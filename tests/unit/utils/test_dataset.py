import numpy as np
import pytest

from kerasish.utils.dataset import Dataset


def numbers(count=5):
    return Dataset(lambda: range(count), count)


def lists(dataset):
    return [np.asarray(element).tolist() for element in dataset]


def test_batches_of_structures():
    pairs = Dataset(lambda: ((np.full(2, n), {"a": n}) for n in range(5)), 5)
    batches = list(pairs.batch(2))
    assert len(batches) == len(pairs.batch(2)) == 3
    x, y = batches[0]
    assert x.tolist() == [[0, 0], [1, 1]] and y["a"].tolist() == [0, 1]
    assert len(batches[2][0]) == 1
    short = pairs.batch(2, drop_remainder=True)
    assert len(short) == len(list(short)) == 2
    assert [y["a"] for _, y in pairs.batch(2).unbatch()] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="at least 1"):
        pairs.batch(0)


def test_iterates_again_and_again():
    made = numbers().map(lambda n: n * n).take(3)
    assert lists(made) == lists(made) == [0, 1, 4]
    assert list(made.as_numpy_iterator()) == [0, 1, 4]


def test_map_gives_the_parts_of_a_tuple():
    pairs = Dataset(lambda: [(1, 2), (3, 4)], 2)
    assert list(pairs.map(lambda a, b: a + b)) == [3, 7]


def test_parts_and_repetitions():
    assert lists(numbers().take(2)) == [0, 1] and len(numbers().take(9)) == 5
    assert len(numbers().take(-1)) == 5
    assert lists(numbers().skip(3)) == [3, 4] and len(numbers().skip(9)) == 0
    assert lists(numbers(2).repeat(2)) == [0, 1, 0, 1] and len(numbers(2).repeat(2)) == 4
    assert lists(numbers(2).repeat().take(5)) == [0, 1, 0, 1, 0]
    with pytest.raises(TypeError, match="no end"):
        len(numbers().repeat())
    with pytest.raises(TypeError, match="not known"):
        len(numbers().filter(bool))
    endless = numbers().repeat()
    assert endless.cardinality() == endless.map(abs).skip(3).batch(2).cardinality() == -1
    assert numbers().cardinality() == len(endless.take(5)) == 5
    assert numbers().filter(bool).take(2).cardinality() == -2
    assert lists(numbers().skip(-1)) == []
    assert numbers().prefetch(1).cardinality() == 5


def test_joined_counted_and_chosen():
    both = numbers(2).concatenate(numbers(3))
    assert lists(both) == [0, 1, 0, 1, 2] and len(both) == 5
    assert numbers().repeat().concatenate(numbers()).cardinality() == -1
    assert numbers().concatenate(numbers().filter(bool)).cardinality() == -2
    assert list(numbers(2).enumerate(7)) == [(7, 0), (8, 1)]
    assert lists(numbers().filter(lambda n: n % 2)) == [1, 3]
    pairs = Dataset(lambda: [(1, 2), (3, 2)], 2)
    assert list(pairs.filter(lambda a, b: a > b)) == [(3, 2)]


def test_batches_of_different_sizes():
    sizes = Dataset(lambda: [(np.ones((2, 1)), 5), (np.ones((3, 2)), 6), (np.ones((1, 1)), 7)], 3)
    x, y = next(iter(sizes.padded_batch(2, padding_value=-1)))
    assert x.shape == (2, 3, 2) and y.tolist() == [5, 6]
    assert x[0].tolist() == [[1, -1], [1, -1], [-1, -1]]
    ragged = list(sizes.ragged_batch(2))
    assert [part.shape for part in ragged[0][0]] == [(2, 1), (3, 2)] and len(ragged) == 2
    words = next(iter(Dataset(lambda: ["a", "longer"], 2).batch(2)))
    assert words.dtype == object and words.tolist() == ["a", "longer"]


def test_shuffle():
    mixed = numbers(50).shuffle(10, seed=3)
    first, second = list(mixed), list(mixed)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second and first[0] < 10
    assert list(numbers(50).shuffle(10, seed=3)) == first
    fixed = numbers(50).shuffle(50, seed=3, reshuffle_each_iteration=False)
    assert list(fixed) == list(fixed)
    assert list(numbers(3).shuffle(1)) == [0, 1, 2]


def test_cache_makes_elements_once():
    made = []
    kept = numbers(3).map(lambda n: made.append(n) or n).cache()
    next(iter(kept))
    assert lists(kept) == lists(kept) == [0, 1, 2]
    assert made == [0, 0, 1, 2]
    with pytest.raises(ValueError, match="filename"):
        kept.cache("file")
