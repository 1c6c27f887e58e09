"""Layers that multiply floats with eight bits: rounded as they would be there, with scales that follow the numbers.

The scales, and the largest numbers of the last steps, are trained variables of which the "gradient" is the new value:
an optimizer puts it in their place (`overwrite_with_gradient`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import add
from kerasish.backend.primitive import primitive
from kerasish.dtype_policies.quantized_policies import QuantizedFloat8DTypePolicy
from kerasish.quantizers.float8 import (
    FORMATS,
    compute_float8_amax_history,
    compute_float8_scale,
    quantize_and_dequantize,
    rounded,
)

_FORWARD, _BACKWARD = "float8_e4m3fn", "float8_e5m2"


def build(layer: Any) -> None:
    """Make the scales and the memories of inputs, kernel, and the outputs' gradient."""
    length = getattr(layer._policy, "amax_history_length", QuantizedFloat8DTypePolicy.default_amax_history_length)
    for role in ("inputs", "kernel", "outputs_grad"):
        for part, shape, start in (("scale", (), "ones"), ("amax_history", (length,), "zeros")):
            made = layer.add_further(
                f"{role}_{part}",
                shape=shape,
                initializer=start,
                dtype="float32",
                autocast=False,
                overwrite_with_gradient=True,
            )
            setattr(layer, f"{role}_{part}", made)


def sums(layer: Any, inputs: Any, contraction: Any, training: bool | None) -> Any:
    """What a layer with a kernel returns: the sums, the bias, the activation."""
    if layer.lora_enabled:
        raise NotImplementedError(f"the layer {layer.name!r} has factors (LoRA), which float8 does not go with")
    inputs = _round_forward(inputs, layer.inputs_scale, layer.inputs_amax_history, training=bool(training))
    kernel = _round_forward(layer._variable, layer.kernel_scale, layer.kernel_amax_history, training=bool(training))
    y = contraction.of(inputs, kernel)
    y = _round_backward(y, layer.outputs_grad_scale, layer.outputs_grad_amax_history)
    if layer.bias is not None:
        # a bias has the precision of bfloat16, in which such a product would be added up
        y = add(y, rounded(layer.bias, fraction=7, least=-126) if layer.compute_dtype == "float32" else layer.bias)
    return layer.activation(y)


def _news(x: Any, scale: Any, history: Any, kind: str) -> tuple[Any, Any]:
    """The scale and the memory that the next step finds."""
    return (
        compute_float8_scale(np.max(history), scale, np.float32(FORMATS[kind].largest)),
        compute_float8_amax_history(x, history),
    )


def _forward(x: Any, scale: Any, history: Any, *, training: bool) -> np.ndarray:
    return np.asarray(quantize_and_dequantize(x, scale, _FORWARD, x.dtype))


def _vjp(i: int, g: Any, y: Any, x: Any, scale: Any, history: Any, *, training: bool) -> Any:
    if i == 0:
        return g
    return _news(x, scale, history, _FORWARD)[i - 1] if training else None


# Rounds on the way there; the gradient passes as it is.
_round_forward = primitive("round_inputs_to_float8", _forward, variadic=_vjp)


def _gradient_vjp(i: int, g: Any, y: Any, x: Any, scale: Any, history: Any) -> Any:
    if i == 0:
        return quantize_and_dequantize(g, scale, _BACKWARD, g.dtype)
    return _news(g, scale, history, _BACKWARD)[i - 1]


# Rounds the gradient on the way back.
_round_backward = primitive("round_gradient_to_float8", lambda x, scale, history: x, variadic=_gradient_vjp, view=True)
