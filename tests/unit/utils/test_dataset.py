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
    with pytest.raises(TypeError, match="not known"):
        len(numbers().repeat())
    assert numbers().repeat().cardinality() == -2 and numbers().cardinality() == 5
    assert numbers().prefetch(1).cardinality() == 5


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
