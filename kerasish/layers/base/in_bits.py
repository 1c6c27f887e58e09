"""Layers with their weights in few bits: how they become so, and what they compute then.

Loaded when the first layer is quantized. What differs from layer to layer they declare (see `compact.Compact`); the
numbers are those of `quantizers.stored`, the products those of `quantizers.product`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish import dtype_policies, quantizers
from kerasish.backend.array import eager
from kerasish.backend.operators import add
from kerasish.backend.variable import Variable
from kerasish.dtype_policies.quantized_policies import Int4DTypePolicy
from kerasish.layers.base import in_float8
from kerasish.ops.contraction import einsum
from kerasish.ops.fused import dense
from kerasish.quantizers.product import product, rows
from kerasish.quantizers.quantization_configs import QuantizationConfig, resolved
from kerasish.quantizers.quantizer import AbsMaxQuantizer
from kerasish.quantizers.stored import Layout, Stored
from kerasish.saving.names import is_of_the_library
from kerasish.saving.serialization import serialize_keras_object as serialized

__all__ = [
    "Contraction",
    "Layout",
    "build",
    "config_of",
    "follow",
    "is_in_bits",
    "merged",
    "quantize",
    "rows_of",
    "serialized",
    "sums",
    "weighted",
    "whole",
]


class Contraction(NamedTuple):
    """What a layer sums over.

    Attributes:
        summed: how many axes, the last of the inputs and the first of the weight, where it is a product of matrices; 0
            if it is not.
        equation: says it otherwise.
        axes: the axes of the inputs that are summed, then.
    """

    summed: int
    equation: str = ""
    axes: tuple[int, ...] = (-1,)

    def of(self, inputs: Any, weight: Any) -> Any:
        """The sums of inputs and a weight of real numbers."""
        return dense(inputs, weight, summed=self.summed) if self.summed else einsum(self.equation, inputs, weight)


def config_of(config: dict[str, Any]) -> Any:
    """The `QuantizationConfig` of a layer's config."""
    return quantizers.deserialize(config)


# -- becoming so -----------------------------------------------------------------------------------------------------


def quantize(layer: Any, mode: Any, config: Any, type_check: bool) -> None:
    """Keep the weights of a layer in few bits from now on."""
    config = resolved(mode, config)
    mode = config.mode
    if not layer.built:
        raise ValueError(f"the layer {layer.name!r} has no weights to quantize yet: build it, or call it on data first")
    if is_in_bits(layer):
        raise ValueError(f"the layer {layer.name!r} is quantized already: its policy is {layer.dtype_policy.name!r}")
    if type_check and not is_of_the_library(type(layer)):
        raise NotImplementedError(
            f"{type(layer).__name__} is a layer of yours: quantized, it would not call its `call` any more. If that is "
            "no harm, say type_check=False"
        )
    check_mode(layer, mode)
    source = layer._policy.name
    if mode == "int8" and layer.compute_dtype == "float16":
        raise ValueError(
            f"the layer {layer.name!r} computes in float16, in which sums of int8 products overflow; make it with "
            "dtype='mixed_bfloat16' or 'float32'"
        )
    if mode == "float8":
        in_float8.build(layer)
    else:
        _change(layer, mode, config)
    layer.quantization_config = config
    name = f"int4/{_block_of(layer, config) or -1}" if mode == "int4" else mode
    if layer.quantization_mode is None:
        layer.dtype_policy = dtype_policies.get(f"{name}_from_{source}")
    _take_over(layer)


def follow(layer: Any) -> None:
    """Quantize a layer as its policy, which was just set, says."""
    policy = layer._policy
    size = getattr(policy, "block_size", None)
    mode = policy.quantization_mode
    quantize(layer, mode, quantizers.Int4QuantizationConfig(block_size=size) if mode == "int4" else None, True)


def is_in_bits(layer: Any) -> bool:
    """Whether a layer is quantized, whatever its policy says."""
    return "_kept" in layer.__dict__ or "inputs_amax_history" in layer.__dict__


def check_mode(layer: Any, mode: str) -> None:
    """Refuse a way of being quantized that is not for this layer.

    Raises:
        NotImplementedError: saying why.
    """
    if mode in ("gptq", "awq"):
        raise NotImplementedError(
            f"the layer {layer.name!r} is to be quantized by {mode.upper()}, which looks at data to choose how each "
            "weight is rounded, and is left out here. Use 'int4' or 'int8', which need no data"
        )
    if mode not in layer._modes:
        raise NotImplementedError(
            f"{type(layer).__name__} {layer.name!r} is quantized to {layer._modes}, not to {mode}"
        )


def _change(layer: Any, mode: str, config: Any) -> None:
    """Put whole numbers in the place of the weights."""
    main = layer._stored(layer._main)
    block = _block_of(layer, config) if mode == "int4" else 0
    encoded = {}
    for name, layout in layer._layouts(main.shape).items():
        stored = Stored(layout, _BITS[mode], block)
        encoded[name] = stored.encode(layer._stored(name).numpy(), config.weight_quantizer)
        delattr(layer, name if name in layer.__dict__ else f"_{name}")
    _make_variables(layer, mode, main.shape, config)
    for name, parts in encoded.items():
        for end, value in parts.items():
            layer._stored(name + end).assign(value)


_BITS = {"int8": 8, "int4": 4}


def _block_of(layer: Any, config: Any) -> int:
    """How many rows share a scale; 0 if all do."""
    size = getattr(config, "block_size", None)
    if config is None and isinstance(layer._policy, Int4DTypePolicy):
        size = layer._policy.block_size
    return 0 if size in (None, -1) else int(size)


def build(layer: Any, shape: tuple[int, ...]) -> bool:
    """Make what a layer with a quantized policy has in the place of its weight; whether it needs the weight no more."""
    mode = layer.quantization_mode
    check_mode(layer, mode)
    if mode == "float8":
        in_float8.build(layer)
    else:
        _make_variables(layer, mode, shape, layer.quantization_config)
    _take_over(layer)
    return mode != "float8"


def _make_variables(layer: Any, mode: str, shape: tuple[int, ...], config: QuantizationConfig | None) -> None:
    block = _block_of(layer, config) if mode == "int4" else 0
    kept = {name: Stored(layout, _BITS[mode], block) for name, layout in layer._layouts(shape).items()}
    for name, stored in kept.items():
        for end, (sizes, dtype) in stored.variables().items():
            start = "ones" if end == "_scale" else "zeros"
            made = _fixed(layer, name + end, sizes, start, dtype)
            setattr(layer, name + end if end else f"_{name}", made)
        if block and "g_idx" not in layer.__dict__:
            layer.g_idx = _fixed(layer, "g_idx", (stored.layout.rows,), "zeros", "float32")
            layer.g_idx.assign(stored.groups())
    object.__setattr__(layer, "_kept", kept)
    default = AbsMaxQuantizer() if mode in layer._quantizes_inputs else None
    layer.inputs_quantizer = default if config is None else config.activation_quantizer


def _fixed(layer: Any, name: str, sizes: tuple[int, ...], start: str, dtype: str | None) -> Variable:
    # read as they are: half precision does not tell the blocks from one another
    return layer.add_further(name, shape=sizes, initializer=start, dtype=dtype, trainable=False, autocast=False)


def _take_over(layer: Any) -> None:
    """Let the computation in few bits stand in the place of `call`, for which a layer that is not pays nothing."""
    object.__setattr__(layer, "call", layer._call_in_bits)


# -- the weight as it is ---------------------------------------------------------------------------------------------


def _parts(layer: Any, name: str) -> list[Variable]:
    """What is kept of a weight: whole numbers, scales, and where there are blocks zeros and the block of each row."""
    found = [layer._stored(name + end) for end in ("", "_scale", "_zero")]
    return [part for part in (*found, layer._stored("g_idx")) if part is not None]


def whole(layer: Any, name: str) -> np.ndarray:
    """The whole numbers of a weight, in its shape."""
    return eager(layer._kept[name].whole(layer._stored(name).numpy()))


def merged(layer: Any) -> dict[int, np.ndarray]:
    """What a file holds for the variables of the main weight: those of the sum with the factors."""
    name = layer._main
    stored: Stored = layer._kept[name]
    weight = stored.decode(*(part.numpy() for part in _parts(layer, name)))
    encoded = stored.encode(weight + np.asarray(layer._product_of_factors()))
    return {id(layer._stored(name + end)): value for end, value in encoded.items()}


# -- computing -------------------------------------------------------------------------------------------------------


def sums(layer: Any, inputs: Any, contraction: Contraction, training: bool | None) -> Any:
    """What a layer with a kernel returns: the sums, the bias, the activation."""
    if layer.quantization_mode == "float8":
        return in_float8.sums(layer, inputs, contraction, training)
    y = weighted(layer, inputs, layer._main, contraction)
    if layer.lora_enabled:
        if contraction.summed:
            more = layer._product_of_factors(contraction.of(inputs, layer._factors[0]))
        else:
            more = contraction.of(inputs, layer._product_of_factors())
        y = add(y, more).astype(layer.compute_dtype)
    if layer.bias is not None:
        y = add(y, layer.bias)
    return layer.activation(y)


def weighted(layer: Any, inputs: Any, name: str, contraction: Contraction) -> Any:
    """The sums of inputs and a weight in few bits."""
    return product(
        inputs,
        *_parts(layer, name),
        stored=layer._kept[name],
        quantizer=layer.inputs_quantizer,
        **contraction._asdict(),
    )


def rows_of(layer: Any, places: Any) -> Any:
    """The vectors of an embedding at these places."""
    name = layer._main
    return rows(places, *_parts(layer, name), stored=layer._kept[name], kind=layer.compute_dtype)
