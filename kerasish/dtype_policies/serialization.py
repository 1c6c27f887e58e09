"""Dtype policies as configs, and the policy that an argument means."""

from __future__ import annotations

from typing import Any

from kerasish.backend import dtypes
from kerasish.dtype_policies.dtype_policy import DTypePolicy, FloatDTypePolicy, dtype_policy
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

# Every class name that a config of a policy may have; "Policy" is Keras 2's.
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
        return DTypePolicy(identifier)
    if isinstance(identifier, dict):
        return deserialize(identifier)
    try:
        return DTypePolicy(dtypes.standardize_dtype(identifier))
    except ValueError as error:
        raise ValueError(
            f"dtype must be the name of a dtype or of a policy, or a DTypePolicy; received {identifier!r}"
        ) from error
