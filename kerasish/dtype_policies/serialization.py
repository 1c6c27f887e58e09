"""Dtype policies as configs, and the policy that an argument means."""

from __future__ import annotations

from typing import Any

from kerasish.backend import config, dtypes
from kerasish.dtype_policies.dtype_policy import DTypePolicy, FloatDTypePolicy, dtype_policy
from kerasish.dtype_policies.quantized_policies import policy_named
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

# Class names that a config of a policy may have wherever it says they are from; "Policy" is Keras 2's.
_CLASSES = {"DTypePolicy": DTypePolicy, "FloatDTypePolicy": FloatDTypePolicy, "Policy": DTypePolicy}


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """The config of a policy."""
    return serialize_keras_object(dtype_policy)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> DTypePolicy:
    """The policy of a config.

    Args:
        config: what `serialize` returned, or Keras did.
        custom_objects: the caller's own classes by name.

    Raises:
        ValueError: if the config names no policy known here.
    """
    return deserialize_keras_object(config, custom_objects={**_CLASSES, **(custom_objects or {})})


def get(identifier: Any) -> DTypePolicy:
    """The policy that an argument means: a policy, its name, its config, a dtype, or None for the one in force.

    Raises:
        ValueError: if it means none.

    Example:
        >>> import kerasish as keras
        >>> keras.dtype_policies.get("mixed_bfloat16").compute_dtype
        'bfloat16'
    """
    if isinstance(identifier, DTypePolicy):
        return identifier
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, str):
        return policy_named(identifier)
    if isinstance(identifier, dict):
        return deserialize(identifier)
    try:
        return DTypePolicy(dtypes.standardize_dtype(identifier))
    except ValueError as error:
        raise ValueError(
            f"dtype must be the name of a dtype or of a policy, or a DTypePolicy; received {identifier!r}"
        ) from error


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the policy of layers that are given none.

    Args:
        policy: a policy or its name.

    Raises:
        ValueError: if it is neither.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_dtype_policy("mixed_float16")
        >>> keras.layers.Dense(2).compute_dtype
        'float16'
        >>> keras.config.set_dtype_policy("float32")
    """
    if not isinstance(policy, (str, DTypePolicy)):
        raise ValueError(f"policy must be a DTypePolicy or a name such as 'mixed_float16'; received {policy!r}")
    config.set_default_policy(get(policy))
