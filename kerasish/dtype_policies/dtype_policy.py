"""Dtype policies: one dtype to compute in, one to keep variables in."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend.operators import cast_to
from kerasish.backend.tensor import Traceable

# Half precision is fast but coarse: small updates vanish in it, so mixed policies keep variables in float32.
_MIXED = {"mixed_float16": ("float16", "float32"), "mixed_bfloat16": ("bfloat16", "float32")}


class DTypePolicy:
    """The dtype that a layer computes in and the dtype of its variables.

    A plain policy has the name of a dtype and uses it for both. A mixed policy computes in half precision and keeps
    variables in `float32`, so that small updates are not rounded away.

    Args:
        name: a dtype's name, `"mixed_float16"` or `"mixed_bfloat16"`; by default the name of the policy in force.

    Raises:
        TypeError: if `name` is not a string.
        ValueError: if `name` names no policy.

    Example:
        >>> import kerasish as keras
        >>> policy = keras.DTypePolicy("mixed_float16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('float16', 'float32')

    Source: Micikevicius et al., 2018, Mixed precision training, https://arxiv.org/abs/1710.03740
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = dtype_policy().name
        self._name = name
        self._compute_dtype, self._variable_dtype = _dtypes_of(name)

    @property
    def name(self) -> str:
        """The policy's name."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype that floats are cast to before the layer computes, and of what it returns."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the layer's variables."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """How weights are quantized: None, they are not."""
        return None

    def at(self, path: str) -> DTypePolicy:
        """The policy for the layer of this path: itself, unless it is a map of several."""
        return self

    def put(self, path: str, policy: DTypePolicy) -> DTypePolicy:
        """What stands in the place of this policy where the layer of this path gets another one."""
        return policy

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """An input in the dtype that a layer wants.

        Args:
            x: an array, a tensor or anything that becomes one; other objects are returned as they are.
            autocast: whether floats of another precision are cast.
            dtype: the dtype wanted.
        """
        if not isinstance(x, Traceable):
            if not hasattr(x, "__array__"):
                return x
            x = np.asarray(x)
        wanted = dtypes.standardize_dtype(dtype)
        found = dtypes.standardize_dtype(x.dtype)
        if autocast and "float" in found and found != wanted:
            return cast_to(x, dtype=wanted)
        return x

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this policy anew."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """A policy from the result of `get_config`."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and _plain_type(self) is _plain_type(other) and self.name == other.name

    def __hash__(self) -> int:
        return hash((_plain_type(self), self.name))

    def __repr__(self) -> str:
        return f'<{_plain_type(self).__name__} "{self.name}">'


class FloatDTypePolicy(DTypePolicy):
    """The former name of `DTypePolicy`, equal to it in every way."""


def _plain_type(policy: DTypePolicy) -> type[DTypePolicy]:
    return DTypePolicy if type(policy) is FloatDTypePolicy else type(policy)


def _dtypes_of(name: str) -> tuple[str, str]:
    """The compute and the variable dtype of a policy's name."""
    if not isinstance(name, str):
        raise TypeError(f"a dtype policy's name is a string such as 'mixed_float16'; received {name!r}")
    if name in _MIXED:
        return _MIXED[name]
    if "_from_" in name:
        raise ValueError(f"{name!r} is a policy of quantized weights: use keras.dtype_policies.get({name!r})")
    try:
        dtype = dtypes.standardize_dtype(name)
    except ValueError as error:
        raise ValueError(
            f"unknown dtype policy {name!r}; expected 'mixed_float16', 'mixed_bfloat16' or the name of a dtype such "
            "as 'float32'"
        ) from error
    return dtype, dtype


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none: the one set, or else `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.config.dtype_policy()
        <DTypePolicy "float32">
    """
    return config.default_policy() or DTypePolicy(config.floatx())
