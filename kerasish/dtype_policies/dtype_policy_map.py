"""Policies for the layers of a model by their paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from kerasish.dtype_policies.dtype_policy import DTypePolicy
from kerasish.dtype_policies.serialization import get
from kerasish.saving.serialization import deserialize_keras_object, is_reading_a_config, serialize_keras_object

# What a pattern of a file may be made of: letters, and a few times any letters. Others may take ages to match.
_HARMLESS = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[./]|\.[*+]?)*")
_MOST_REPEATS = 3


class DTypePolicyMap(DTypePolicy, MutableMapping):  # type: ignore[type-arg]
    """A policy for each layer by its path, such as `"model/dense"`; a layer looks its own up.

    A key may be a pattern that a path must match as a whole. It is changed like a dict, but a key is set only once.

    Args:
        default_policy: the policy of layers without a key; by default the policy in force.
        policy_map: paths or patterns, and policies.

    Raises:
        ValueError: if the default is a map; in a look-up, if several patterns match a path.
        TypeError: if `policy_map` is no dict.

    Example:
        >>> import kerasish as keras
        >>> policies = keras.dtype_policies.DTypePolicyMap("float32")
        >>> policies["encoder/.*"] = "mixed_bfloat16"
        >>> policies["encoder/dense"].name, policies["top"].name
        ('mixed_bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ValueError("the default of a DTypePolicyMap is a policy for one layer, not another map")
        if policy_map is not None and not isinstance(policy_map, dict):
            raise TypeError(f"policy_map must be a dict of paths and policies; received {policy_map!r}")
        self._given = default_policy
        self._default_policy = get(default_policy)
        self._policies: dict[str, DTypePolicy] = {}
        self._policies.update({key: get(policy) for key, policy in (policy_map or {}).items()})

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of layers without a key."""
        return self._default_policy

    @property
    def name(self) -> str:
        """The name of the default, marked as that of a map."""
        return f"map_{self._default_policy.name}"

    @property
    def compute_dtype(self) -> str:
        """The dtype in which layers without a key compute."""
        return self._default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables of layers without a key."""
        return self._default_policy.variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """How layers without a key are quantized."""
        return self._default_policy.quantization_mode

    def at(self, path: str) -> DTypePolicy:
        """The policy for the layer of this path."""
        return self[path]

    def put(self, path: str, policy: DTypePolicy) -> DTypePolicy:
        """The map itself, with another policy for the layer of this path."""
        self._policies[path] = policy
        return self

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policies:
            return self._policies[key]
        found = [pattern for pattern in self._policies if re.fullmatch(pattern, key)]
        if len(found) > 1:
            raise ValueError(f"the path {key!r} matches several patterns of the DTypePolicyMap: {found}")
        return self._policies[found[0]] if found else self._default_policy

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self._policies:
            raise ValueError(f"the DTypePolicyMap has a policy for {key!r} already: {self._policies[key]}")
        self._policies[key] = get(policy)

    def __delitem__(self, key: str) -> None:
        del self._policies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policies

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DTypePolicyMap):
            return False
        return self._default_policy == other._default_policy and self._policies == other._policies

    __hash__ = object.__hash__

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this map anew."""
        return {"default_policy": self._given, "policy_map": serialize_keras_object(self._policies)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A map from the result of `get_config`."""
        policies = deserialize_keras_object(config["policy_map"], custom_objects=custom_objects)
        if is_reading_a_config():
            _check_patterns(policies)
        default = deserialize_keras_object(config["default_policy"], custom_objects=custom_objects)
        return cls(default, policies)

    def __repr__(self) -> str:
        pairs = {key: policy.name for key, policy in self._policies.items()}
        return f"<DTypePolicyMap default_policy={self._default_policy.name}, mapping={pairs}>"


def _check_patterns(policies: Any) -> None:
    """Refuse what a stranger may have chosen to keep a process busy.

    Raises:
        ValueError: naming the pattern.
    """
    for key in policies if isinstance(policies, dict) else ():
        if not _HARMLESS.fullmatch(key) or key.count("*") + key.count("+") > _MOST_REPEATS:
            raise ValueError(
                f"the pattern {key!r:.100} of a DTypePolicyMap is not read from a config, because some patterns take "
                f"ages to match: in a file they are made of letters, '.' and at most {_MOST_REPEATS} '.*'"
            )
