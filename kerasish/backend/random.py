"""Seeded random numbers: the same seed gives the same bits, in every run.

A draw is a function of a key (seed, count) alone: the count goes up by one with each draw of a `SeedGenerator`,
so its state is two integers, small enough to be saved with a model.
"""

from __future__ import annotations

import random as _python_random
from typing import Any

import numpy as np

from kerasish.backend import names
from kerasish.backend.tensor import recording
from kerasish.backend.trace import drawn
from kerasish.backend.variable import Variable

_GLOBAL_SEED: int | None = None
_seeds: _python_random.Random | None = None  # where default seeds are drawn, if not from Python's generator
_MASK = 0xFFFFFFFF


def make_default_seed() -> int:
    """A seed for what was given none, drawn from Python's generator (which `set_random_seed` seeds)."""
    return (_seeds or _python_random).randint(1, int(1e9))


class SeedGenerator:
    """A source of seeds, each used for one draw.

    Args:
        seed: a whole number; None draws one.
        name: the name of the state.

    Attributes:
        state: a variable of two unsigned integers, the seed and the count of draws.

    Example:
        >>> import kerasish as keras
        >>> seeds = keras.random.SeedGenerator(seed=7)
        >>> keras.random.uniform((2,), seed=seeds).shape
        (2,)
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise ValueError(f"SeedGenerator does not know the argument(s) {sorted(kwargs)}")
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer))):
            raise ValueError(f"SeedGenerator needs a whole number as seed; received seed={seed!r}")
        self.name = name or names.auto_name("seed_generator")
        self._initial_seed = seed
        number = make_default_seed() if seed is None else int(seed)
        with names.name_scope(self.name):
            self.state = Variable(
                np.array([number & _MASK, number >> 32 & _MASK], "uint32"), trainable=False, name="seed_generator_state"
            )

    @property
    def seed(self) -> int | None:
        """The seed given at the start."""
        return self._initial_seed

    def next(self, ordered: bool = True) -> np.ndarray:
        """The next key, two unsigned integers; never the same one twice."""
        return drawn(self.advance)

    def advance(self) -> np.ndarray:
        """The next key for an operation that draws when it runs."""
        if recording.scope is not None:
            recording.scope.hold(self.state)
        value = self.state._value
        key = value.copy()
        if recording.trace is not None:
            recording.trace.before.setdefault(id(self.state), (self.state, key))
        value[1] = (int(value[1]) + 1) & _MASK
        return key

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this generator anew."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A generator from the result of `get_config`."""
        return cls(**config)


_global_generator: SeedGenerator | None = None


def global_seed_generator() -> SeedGenerator:
    """The generator behind draws that were given no seed."""
    global _global_generator
    if _global_generator is None:
        _global_generator = SeedGenerator(_GLOBAL_SEED, name="global_seed_generator")
    return _global_generator


def reset_global_generator() -> None:
    """Forget the generator of unseeded draws and its seed; the next draw makes another."""
    global _GLOBAL_SEED, _global_generator
    _GLOBAL_SEED = _global_generator = None


def set_random_seed(seed: int) -> None:
    """Seed Python's, NumPy's and this library's random numbers, so that a program repeats itself.

    Args:
        seed: a whole number of at least 0.
    """
    global _GLOBAL_SEED, _global_generator, _seeds
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed <= _MASK:
        raise ValueError(f"set_random_seed needs a whole number from 0 to {_MASK}; received seed={seed!r}")
    _GLOBAL_SEED = int(seed)
    _python_random.seed(_GLOBAL_SEED)
    np.random.seed(_GLOBAL_SEED)
    _global_generator = _seeds = None


def set_library_seed(seed: int) -> None:
    """Seed this library's random numbers, those of its initializers too, and leave Python's and NumPy's alone."""
    global _GLOBAL_SEED, _global_generator, _seeds
    _GLOBAL_SEED = seed & _MASK
    _global_generator = None
    _seeds = _python_random.Random(seed)


def process_state() -> dict[str, Any]:
    """Everything that unseeded draws of this process depend on: the library's, Python's and NumPy's, ready for JSON."""
    made = _global_generator
    return {
        "seed": _GLOBAL_SEED,
        "key": None if made is None else made.state._value.tolist(),
        "python": _python_random.getstate(),
        "numpy": plain_state(np.random.get_state(legacy=False)),
    }


def set_process_state(state: dict[str, Any]) -> None:
    """Let this process draw what the one that returned `process_state` would have drawn next."""
    global _GLOBAL_SEED, _global_generator
    _GLOBAL_SEED = state["seed"]
    if state["key"] is None:
        _global_generator = None
    else:
        _global_generator = SeedGenerator(0, name="global_seed_generator")
        _global_generator.state.assign(state["key"])
    version, words, gauss = state["python"]
    _python_random.setstate((version, tuple(words), gauss))
    np.random.set_state(state["numpy"])


def plain_state(state: Any) -> Any:
    """The state of a NumPy generator with lists in the place of arrays, which NumPy takes back as well."""
    if isinstance(state, dict):
        return {key: plain_state(value) for key, value in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state


def draw_key(seed: Any) -> Any:
    """The key of one draw from what a user gives as `seed`: None, a number, or a SeedGenerator."""
    if seed is None:
        return global_seed_generator().advance()
    if isinstance(seed, SeedGenerator):
        return seed.advance()
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return np.array([seed & _MASK, seed >> 32 & _MASK], "uint32")
    key = np.asarray(seed)
    if key.shape == (2,) and key.dtype.kind in "iu":
        return key.astype("uint32")
    raise ValueError(f"seed must be None, a whole number or a SeedGenerator; received {seed!r}")


def generator(seed: Any = None) -> np.random.Generator:
    """A NumPy generator whose stream is a function of `draw_key(seed)` alone."""
    key = draw_key(seed)
    return np.random.Generator(np.random.SFC64(_Spread(int(key[0]), int(key[1]))))  # type: ignore[arg-type]


class _Spread(np.random.bit_generator.ISeedSequence):
    """Starting states for SFC64 from a key, by splitmix64: far cheaper than NumPy's SeedSequence, and as well mixed."""

    def __init__(self, seed: int, count: int) -> None:
        self.state = (seed << 32 | count) & 0xFFFFFFFFFFFFFFFF

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        words = []
        for _ in range(n_words if np.dtype(dtype).itemsize == 8 else (n_words + 1) // 2):
            self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
            z = self.state
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
            z = (z ^ z >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
            words.append(z ^ z >> 31)
        return np.array(words, np.uint64).view(dtype)[:n_words]
