import numpy as np
import pytest

from kerasish import initializers
from kerasish.backend.random import SeedGenerator, set_random_seed

RANDOM = [
    "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "Orthogonal",
    "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling",
]  # fmt: skip


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_repeats_itself(name):
    cls = getattr(initializers, name)
    made = cls(seed=5)
    first = made((6, 4))
    assert first.shape == (6, 4) and first.dtype == "float32"
    assert np.array_equal(first, made((6, 4))) and np.array_equal(first, cls(seed=5)((6, 4)))
    assert not np.array_equal(first, cls(seed=6)((6, 4)))


@pytest.mark.parametrize("name", RANDOM)
def test_set_random_seed_settles_what_has_no_seed(name):
    cls = getattr(initializers, name)
    set_random_seed(11)
    first, second = cls()((3, 3)), cls()((3, 3))
    set_random_seed(11)
    assert np.array_equal(cls()((3, 3)), first) and np.array_equal(cls()((3, 3)), second)
    assert not np.array_equal(first, second)


def test_an_unseeded_initializer_returns_the_same_values_each_time():
    made = initializers.RandomUniform()
    assert np.array_equal(made((4,)), made((4,)))


def test_a_seed_generator_gives_new_values_each_time():
    made = initializers.RandomNormal(seed=SeedGenerator(1))
    assert not np.array_equal(made((4,)), made((4,)))


def test_numpy_and_bool_seeds_are_numbers():
    expected = initializers.RandomNormal(seed=1)((3,))
    assert np.array_equal(initializers.RandomNormal(seed=np.int64(1))((3,)), expected)
    assert np.array_equal(initializers.RandomNormal(seed=True)((3,)), expected)


@pytest.mark.parametrize("seed", [1.5, "1", [1]])
def test_other_seeds_are_refused(seed):
    with pytest.raises(ValueError, match="seed must be None, a whole number or a SeedGenerator"):
        initializers.RandomNormal(seed=seed)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (2, 3, 4), (3, 3, 2, 30)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_orthogonal_vectors_have_the_length_of_the_gain(shape, dtype):
    made = initializers.Orthogonal(gain=2.0, seed=1)(shape, dtype)
    assert made.shape == shape and made.dtype == dtype
    matrix = made.astype("float64").reshape(-1, shape[-1])
    small = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    assert np.allclose(small @ small.T, 4 * np.eye(len(small)), atol=2e-2 if dtype == "float16" else 1e-5)


def test_orthogonal_prefers_no_sign():
    traces = [np.trace(initializers.Orthogonal(seed=i)((2, 2))) for i in range(200)]
    assert abs(np.mean(traces)) < 0.3


def test_orthogonal_is_for_matrices():
    with pytest.raises(ValueError, match=r"shape=\(3,\)"):
        initializers.Orthogonal()((3,))
