"""What a layer has of its dtype policy: the dtypes of weights and computation, and how weights are quantized."""

from __future__ import annotations

from typing import Any

from kerasish import dtype_policies
from kerasish.backend import dtypes, names


class FollowingPolicy:
    """The dtypes of a layer. A policy may be a map of several layers' by their paths; a layer looks up its own once."""

    name: str
    built: bool
    _policy: Any

    @property
    def path(self) -> str:
        """The layer's name with the names of what it was built in, joined by `/`."""
        return self.__dict__.get("_path") or self.name

    def _find_path(self) -> None:
        """Note the path when the weights are made, which have it in their names."""
        inside = names.is_innermost_scope(self.name)
        object.__setattr__(self, "_path", names.path_of(self.name).removesuffix(f"/{self.name}" if inside else ""))
        self._take_policy()

    @property
    def dtype_policy(self) -> Any:
        """The dtypes of weights and computation; setting it after the weights are made changes the computation."""
        return self._given_policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        given = dtype_policies.get(policy)
        before = self.__dict__.get("_given_policy")
        self._given_policy = given if before is None else before.put(self.path, given)
        self._take_policy()

    def quantize(self, mode: Any = None, config: Any = None, *, type_check: bool = True) -> None:
        """Keep the weights in few bits from now on; only layers that define it can.

        Raises:
            NotImplementedError: naming the layer.
        """
        raise NotImplementedError(f"{type(self).__name__} {self.name!r} is a layer that cannot be quantized")

    def _take_policy(self) -> None:
        """Follow what the policy says for this layer."""
        self._policy = self._given_policy.at(self.path)
        self._compute_kind = dtypes.numpy_dtype(self._policy.compute_dtype)

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self._policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation, to which float inputs are cast."""
        return self._policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that inputs are cast to."""
        return self.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """How the weights are quantized: `"int8"`, `"int4"`, `"float8"`; None if they are not."""
        return self._policy.quantization_mode
