"""The activation of a layer: whether its operation computes it along, and the shape that it gives."""

from __future__ import annotations

from typing import Any

from kerasish import activations
from kerasish.activations.serialization import is_known
from kerasish.backend.symbolic import KerasTensor, infer_spec
from kerasish.backend.typing import ActivationLike
from kerasish.layers.base.layer import Layer
from kerasish.ops.fused import FUSED_ACTIVATIONS


class ActivatedLayer(Layer):
    """A layer with an `activation`: `_fused` names the one that its operation computes along, `_after` is another."""

    _fused: str | None
    _after: Any

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "activation":  # also when it is exchanged for another later on
            self._fused, self._after = split_activation(value)


def split_activation(activation: ActivationLike) -> tuple[str | None, Any]:
    """An activation as the name of a fused one, or as a function to call afterwards."""
    if activation is activations.linear or activation is None:
        return None, None
    for name in FUSED_ACTIVATIONS:
        if activation is getattr(activations, name):
            return name, None
    return None, activation


def shape_after(activation: Any, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The shape of `activation(x)` for an `x` of this shape, None where a size is unknown.

    An activation may say it with a method `compute_output_shape`; this library's others keep the shape. A function of
    somebody else's is tried on arrays of ones, and where it takes none of them believed to keep the shape, as Keras
    believes of all.
    """
    if activation is None:
        return shape
    if hasattr(activation, "compute_output_shape"):
        return tuple(activation.compute_output_shape(shape))
    if is_known(activation):
        return shape
    try:
        found = infer_spec(activation, KerasTensor(shape))
    except Exception:  # whatever a user's function raises; its call will tell
        return shape
    return found.shape if isinstance(found, KerasTensor) else shape
