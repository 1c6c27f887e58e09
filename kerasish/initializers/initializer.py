"""The base of initializers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from kerasish.backend.typing import DTypeLike


class Initializer:
    """A recipe for the first value of a variable: called with a shape and a dtype, it returns an array.

    Subclasses define `__call__(self, shape, dtype=None)`, and `get_config` where their constructor has arguments.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Ramp(keras.initializers.Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return np.linspace(0, 1, int(np.prod(shape))).reshape(shape).astype(dtype or "float32")
        >>> Ramp()((3,))
        array([0. , 0.5, 1. ], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        """The first value.

        Args:
            shape: the sizes.
            dtype: a dtype; None is `floatx()`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `__call__(self, shape, dtype=None)`")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this initializer anew."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """An initializer from the result of `get_config`."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})  # Keras 2 wrote a dtype

    def clone(self) -> Self:
        """Another initializer with the same arguments; without a seed, it draws one of its own."""
        return type(self).from_config(self.get_config())
