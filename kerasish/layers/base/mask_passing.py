"""How masks travel with the data: into a layer's `mask` argument, and on to what it returns."""

from __future__ import annotations

from typing import Any

from kerasish.backend import nest
from kerasish.backend.callers import warn
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.symbolic import KerasTensor, infer_spec
from kerasish.layers.base.call_signature import CallSignature


def masks_of(structure: Any) -> Any:
    """The mask of each tensor of a structure, None where there is none."""
    return nest.map_structure(get_mask, structure)


def mask_arguments(signature: CallSignature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The masks that a call's tensors bring along, under the names of the arguments that take them.

    A layer called on one tensor argument takes its mask as `mask`; one called on several takes that of `query` as
    `query_mask`. What the caller gave is left alone.
    """
    if not signature.mask_names:
        return {}
    given = {**dict(zip(signature.names, args, strict=False)), **kwargs}
    tensors = {name: given[name] for name in signature.tensor_names if name in given and _has_tensor(given[name])}
    found = {}
    for name, value in tensors.items():
        target = "mask" if len(tensors) == 1 and "mask" in signature.mask_names else f"{name}_mask"
        if target in signature.mask_names and given.get(target) is None:
            masks = masks_of(value)
            if any(mask is not None for mask in nest.iterate(masks)):
                found[target] = masks
    return found


def _has_tensor(value: Any) -> bool:
    return any(hasattr(leaf, "shape") for leaf in nest.iterate(value))


def pass_on(layer: Any, inputs: Any, previous: Any, outputs: Any) -> Any:
    """Give a layer's outputs their masks.

    Args:
        layer: the layer.
        inputs: what it was called with.
        previous: the masks of that.
        outputs: what it returned.

    Returns:
        The outputs with their masks.
    """
    masked = any(mask is not None for mask in nest.iterate(previous))
    if not layer.supports_masking:
        if masked and not layer.is_trainer:
            _warn(layer)
        return outputs
    if not masked and not makes_masks(layer):
        return outputs
    if all(get_mask(leaf) is not None for leaf in nest.iterate(outputs)):
        return outputs
    masks = iter(nest.flatten(_computed(layer, inputs, previous)))
    # A layer that returns more than it has masks for, such as attention with its scores, gives them to the first ones.
    parts = []
    for leaf in nest.flatten(outputs):
        mask = next(masks, None)
        parts.append(leaf if mask is None or get_mask(leaf) is not None else with_mask(leaf, mask))
    return nest.pack_sequence_as(outputs, parts)


def makes_masks(layer: Any) -> bool:
    """Whether a layer has its own way with masks, and so must be asked even where none came in."""
    return layer.supports_masking and not layer.only_passes_masks and _overrides(type(layer))


def _overrides(cls: type) -> bool:
    return not getattr(cls.compute_mask, "_passes_on", False)  # type: ignore[attr-defined]


def _computed(layer: Any, inputs: Any, previous: Any) -> Any:
    if not any(isinstance(leaf, KerasTensor) for leaf in nest.iterate(inputs)):
        return layer.compute_mask(inputs, previous)
    if not _overrides(type(layer)):
        return previous
    return infer_spec(layer.compute_mask, inputs, previous)


def _warn(layer: Any) -> None:
    warn(
        f"the layer {layer.name!r} ({type(layer).__name__}) was called on data with a mask and does not support "
        "masking: the layers behind it will not see the mask. Set `self.supports_masking = True` in its `__init__` if "
        "the mask fits its output as well, or give it a `compute_mask(inputs, mask)`.",
    )
