"""Random numbers, which a seed repeats: the stand-in's own, not TensorFlow's bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops, random
from kerasish.backend import random as seeds
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arguments import sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.types import float32, int64

_LARGEST_SEED = 2**32
_generators: dict[int, random.SeedGenerator] = {}
_state: dict[str, int] = {"global": 0}


def set_seed(seed: int) -> None:
    """Begin again: what is drawn from here on is what was drawn after the same seed before."""
    _generators.clear()
    _state["global"] = int(seed)
    seeds.set_library_seed(int(seed))


class Fixed:
    """A seed of a stateless function: what it draws never changes."""

    def __init__(self, seed: Any) -> None:
        self.number = fixed_key(seed)


def key(seed: Any) -> Any:
    """The source of draws with a seed of their own: each call goes on where the last one of the same seed stopped."""
    if seed is None:
        return None
    if isinstance(seed, Fixed):
        return seed.number
    number = int(seed)
    if number not in _generators:
        _generators[number] = random.SeedGenerator((number * 0x9E3779B1 + _state["global"]) % _LARGEST_SEED)
    return _generators[number]


def fixed_key(seed: Any) -> int:
    """One whole number for the pair of numbers that TensorFlow's stateless functions take: the same draws always."""
    first, *rest = np.ravel(np.asarray(seed)).tolist()
    for number in rest:
        first = first * 0x9E3779B1 + number
    return int(first) % 2**31


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Any:
    return random.normal(_sizes(shape), mean, stddev, dtype, key(seed))


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Any:
    return random.truncated_normal(_sizes(shape), mean, stddev, dtype, key(seed))


def uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Any:
    return _uniform(shape, minval, maxval, dtype, key(seed))


def _uniform(shape: Any, minval: Any, maxval: Any, dtype: Any, source: Any) -> Any:
    if str(dtype) in ("int32", "int64"):
        if maxval is None:
            raise ValueError("random.uniform of whole numbers needs maxval")
        return random.randint(_sizes(shape), int(minval), int(maxval), dtype, source)
    return random.uniform(_sizes(shape), minval, 1.0 if maxval is None else maxval, dtype, source)


def _sizes(shape: Any) -> tuple[int, ...]:
    given = sizes(shape)
    return (given,) if isinstance(given, int) else tuple(given)


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    return random.shuffle(tensor(value), 0, key(seed))


def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None) -> Any:
    return random.categorical(tensor(logits), int(num_samples), dtype or int64, key(seed))


def gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Any:
    alphas = np.asarray(alpha)
    drawn = random.gamma((*_sizes(shape), *alphas.shape), alphas, dtype, key(seed))
    return drawn if beta is None else ops.divide(drawn, beta)


def crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    return _cropped(value, size, key(seed))


def _cropped(value: Any, size: Any, source: Any) -> Any:
    wanted, value = sizes(size), tensor(value)
    given = value.shape
    if any(n > m for n, m in zip(wanted, given, strict=True)):
        raise ValueError(f"random crop: the size {tuple(wanted)} is more than the shape {tuple(given)}")
    room = np.array([m - n + 1 for n, m in zip(wanted, given, strict=True)])
    first = np.asarray(random.randint((len(room),), 0, 2**31 - 1, "int32", source)) % room
    return value[tuple(slice(int(a), int(a) + n) for a, n in zip(first, wanted, strict=True))]


def poisson(shape: Any, lam: Any, dtype: Any = float32, seed: Any = None, name: str | None = None) -> Any:
    rates = np.asarray(lam)
    source = seeds.generator(key(seed))
    return eager(source.poisson(rates, (*_sizes(shape), *rates.shape)).astype(str(dtype)))


def stateless_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: Any = None, alg: Any = None
) -> Any:
    return random.normal(_sizes(shape), mean, stddev, dtype, fixed_key(seed))


def stateless_truncated_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: Any = None, alg: Any = None
) -> Any:
    return random.truncated_normal(_sizes(shape), mean, stddev, dtype, fixed_key(seed))


def stateless_uniform(
    shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, name: Any = None, alg: Any = None
) -> Any:
    return _uniform(shape, minval, maxval, dtype, fixed_key(seed))


def stateless_categorical(logits: Any, num_samples: Any, seed: Any, dtype: Any = int64, name: str | None = None) -> Any:
    return random.categorical(tensor(logits), int(num_samples), dtype, fixed_key(seed))


def stateless_shuffle(value: Any, seed: Any, alg: Any = None, name: str | None = None) -> Any:
    return random.shuffle(tensor(value), 0, fixed_key(seed))


def stateless_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Any:
    return _cropped(value, size, fixed_key(seed))


def split(seed: Any, num: int = 2, alg: Any = None) -> Any:
    """New seeds of one seed, a row each."""
    return eager(seeds.generator(fixed_key(seed)).integers(0, 2**31, (int(num), 2)).astype("int32"))


def fold_in(seed: Any, data: Any, alg: Any = None) -> Any:
    """A new seed of a seed and a number."""
    return split([fixed_key(seed), int(data)], 1)[0]


class Generator:
    """A source of random numbers by itself: `tf.random.Generator.from_seed(1)`."""

    def __init__(self, seed: Any = None) -> None:
        self._seeds = random.SeedGenerator(None if seed is None else int(seed))

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """One whose numbers a seed repeats."""
        return cls(seed)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """One that begins anywhere."""
        return cls()

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: Any = None) -> Any:
        """Numbers around a mean."""
        return random.normal(_sizes(shape), mean, stddev, dtype, self._seeds)

    def uniform(self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, name: Any = None) -> Any:
        """Numbers between two bounds."""
        return _uniform(shape, minval, maxval, dtype, self._seeds)

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: Any = None
    ) -> Any:
        """Numbers around a mean, none farther away than two deviations."""
        return random.truncated_normal(_sizes(shape), mean, stddev, dtype, self._seeds)

    def make_seeds(self, count: int = 1) -> Any:
        """Seeds for the stateless functions, a column each."""
        return random.randint((2, int(count)), 0, 2**31 - 1, "int64", self._seeds)

    def split(self, count: int = 1) -> list[Generator]:
        """Generators of their own."""
        return [Generator(int(number)) for number in np.asarray(self.make_seeds(count))[0]]

    def reset_from_seed(self, seed: Any) -> None:
        """Begin again with a seed."""
        self._seeds = random.SeedGenerator(int(seed))


_global: list[Generator] = []


def get_global_generator() -> Generator:
    if not _global:
        _global.append(Generator())
    return _global[0]


def set_global_generator(generator: Generator) -> None:
    _global[:] = [generator]
