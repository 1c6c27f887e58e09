"""Layers as ONNX operators: one function for each, in a table by the name of the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import config, nest
from kerasish.models.onnx import recurrent, windows
from kerasish.models.onnx.writer import Value, Writer, refuse, softmax
from kerasish.saving.names import is_own

Rule = Callable[[Writer, Any, list[Value]], Any]


def write(writer: Writer, layer: Any, inputs: list[Value]) -> Any:
    """The nodes of a layer at inference; returns the name of its output, or a list of several.

    Raises:
        ValueError: if the layer, or its setting, has no counterpart; the layer is named.
    """
    kind = type(layer).__name__
    rule = RULES.get(kind) if is_own(type(layer), "keras.layers") else None
    if rule is None:
        raise ValueError(
            f"the layer {layer.name!r} ({kind}) cannot be exported to ONNX; those that can are "
            f"{', '.join(sorted(RULES))}"
        )
    if getattr(layer, "compute_dtype", "float32") != "float32":
        refuse(layer, f"it computes in {layer.compute_dtype}; only float32 is written")
    if kind not in _OF_ANY_DTYPE:
        inputs = [writer.cast(x, "float32") for x in inputs]
    return rule(writer, layer, inputs)


def dtype_of(layer: Any, given: str) -> str:
    """The dtype in the graph of what `write` makes of an input of a dtype."""
    kind = type(layer).__name__
    if kind in _AROUND:
        return dtype_of(layer.layer, given)
    if kind == "Discretization":
        return "int64"
    return given if kind in _OF_ANY_DTYPE - _OF_WHOLE_NUMBERS else "float32"


def _as_it_is(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return inputs[0].name


def _dense(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return _activated(w, layer, w.node("MatMul", inputs[0].name, w.weight(layer.kernel)), inputs[0])


def _einsum_dense(w: Writer, layer: Any, inputs: list[Value]) -> str:
    y = w.node("Einsum", inputs[0].name, w.weight(layer.kernel), equation=layer.equation)
    return _activated(w, layer, y, inputs[0])


def _activated(w: Writer, layer: Any, y: str, x: Value) -> str:
    """Plus the bias, through the activation."""
    if layer.bias is not None:
        y = w.node("Add", y, w.weight(layer.bias))
    return y if layer.activation is None else w.activation(layer.activation, Value(y, x.shape), layer.name)


def _embedding(w: Writer, layer: Any, inputs: list[Value]) -> str:
    from onnx import TensorProto

    if layer.mask_zero:
        refuse(layer, "mask_zero=True makes a mask, which ONNX has no notion of")
    rows = w.node("Cast", inputs[0].name, to=TensorProto.INT64)
    return w.node("Gather", w.weight(layer.embeddings), rows, axis=0)


def _activation(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return w.activation(layer.activation, inputs[0], layer.name)


def _relu(w: Writer, layer: Any, inputs: list[Value]) -> str:
    x = inputs[0].name
    if layer.threshold or layer.negative_slope:
        threshold = w.constant(layer.threshold)
        below = w.node("Mul", w.node("Sub", x, threshold), w.constant(layer.negative_slope))
        y = w.node("Where", w.node("Greater", x, threshold), x, below)
    else:
        y = w.node("Relu", x)
    return y if layer.max_value is None else w.node("Min", y, w.constant(layer.max_value))


def _leaky_relu(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return w.node("LeakyRelu", inputs[0].name, alpha=float(layer.negative_slope))


def _prelu(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return w.node("PRelu", inputs[0].name, w.weight(layer.alpha))


def _elu(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return w.node("Elu", inputs[0].name, alpha=float(layer.alpha))


def _softmax(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return softmax(w, inputs[0].name, layer.axis)


# -- shapes --------------------------------------------------------------------------------------------------


def _reshape(w: Writer, layer: Any, inputs: list[Value]) -> str:
    """To the layer's output shape, the number of samples (0) staying as it is and one size (-1) being found."""
    shape = layer.compute_output_shape(inputs[0].shape)
    if sum(n is None for n in shape[1:]) > 1:
        refuse(layer, f"its output shape {shape} has several unknown sizes")
    return w.node("Reshape", inputs[0].name, w.integers([0, *(-1 if n is None else n for n in shape[1:])]))


def _flatten(w: Writer, layer: Any, inputs: list[Value]) -> str:
    x = inputs[0]
    if layer.data_format == "channels_first" and x.rank > 2:
        y = w.transpose(x.name, [0, *range(2, x.rank), 1])
        x = Value(y, (x.shape[0], *x.shape[2:], x.shape[1]), x.dtype)
    return _reshape(w, layer, [x])


def _permute(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return w.transpose(inputs[0].name, [0, *layer.dims])


def _repeat_vector(w: Writer, layer: Any, inputs: list[Value]) -> str:
    row = w.node("Unsqueeze", inputs[0].name, w.integers([1]))
    return w.node("Tile", row, w.integers([1, layer.n, 1]))


def _zero_padding(w: Writer, layer: Any, inputs: list[Value]) -> str:
    around = dict(zip(layer.axes, layer.margins, strict=True))
    befores, afters = zip(*(around.get(axis, (0, 0)) for axis in range(inputs[0].rank)), strict=True)
    return w.node("Pad", inputs[0].name, w.integers([*befores, *afters]))


def _cropping(w: Writer, layer: Any, inputs: list[Value]) -> str:
    starts = [before for before, _ in layer.margins]
    ends = [-after if after else 2**31 - 1 for _, after in layer.margins]
    return w.node("Slice", inputs[0].name, w.integers(starts), w.integers(ends), w.integers(layer.axes))


def _up_sampling(w: Writer, layer: Any, inputs: list[Value]) -> str:
    interpolation = getattr(layer, "interpolation", "nearest")
    if interpolation not in ("nearest", "bilinear"):
        refuse(layer, f"interpolation={interpolation!r}; only 'nearest' and 'bilinear' are written")
    scales = [1.0] * inputs[0].rank
    for axis, factor in zip(layer.axes, layer.factors, strict=True):
        scales[axis] = factor
    if interpolation == "bilinear":
        settings = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    else:
        settings = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return w.node("Resize", inputs[0].name, "", w.constant(scales), **settings)


# -- several inputs ------------------------------------------------------------------------------------------


def _merge(kind: str) -> Rule:
    def rule(w: Writer, layer: Any, inputs: list[Value]) -> str:
        if len({x.rank for x in inputs}) > 1:
            refuse(layer, f"its inputs have the shapes {[x.shape for x in inputs]}, of different numbers of axes")
        y = inputs[0].name
        for x in inputs[1:]:
            y = w.node(kind, y, x.name)
        if type(layer).__name__ == "Average":
            y = w.node("Div", y, w.constant(len(inputs)))
        return y

    return rule


def _concatenate(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return w.node("Concat", *(x.name for x in inputs), axis=layer.axis)


def _dot(w: Writer, layer: Any, inputs: list[Value]) -> str:
    """The product of each sample's two tensors, summed along an axis of each, as an einsum."""
    axes = (layer.axes, layer.axes) if isinstance(layer.axes, int) else layer.axes
    letters = [["a", *"bcdefgh"[: inputs[0].rank - 1]], ["a", *"ijklmno"[: inputs[1].rank - 1]]]
    names = [x.name for x in inputs]
    for i, axis in enumerate(axes):
        letters[i][axis] = "z"
        if layer.normalize:
            square = w.node("ReduceSumSquare", names[i], w.integers([axis]))
            root = w.node("Sqrt", w.node("Max", square, w.constant(1e-12)))
            names[i] = w.node("Div", names[i], root)
    kept = [letter for side in letters for letter in side[1:] if letter != "z"]
    terms = ",".join("".join(side) for side in letters)
    y = w.node("Einsum", *names, equation=f"{terms}->a{''.join(kept)}")
    return y if kept else w.node("Unsqueeze", y, w.integers([1]))


# -- encoding ------------------------------------------------------------------------------------------------


def _discretization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    """The number of boundaries that are not above a value."""
    from onnx import TensorProto

    if layer.output_mode != "int":
        refuse(layer, f"output_mode={layer.output_mode!r}; only 'int' is written")
    column = w.node("Unsqueeze", inputs[0].name, w.integers([-1]))
    is_passed = w.node("GreaterOrEqual", column, w.constant(layer.bin_boundaries))
    return w.node("ReduceSum", w.node("Cast", is_passed, to=TensorProto.INT64), w.integers([-1]), keepdims=0)


def _category_encoding(w: Writer, layer: Any, inputs: list[Value]) -> str:
    from onnx import TensorProto

    if layer.output_mode not in ("count", "multi_hot") or inputs[0].rank != 2:
        refuse(layer, f"output_mode={layer.output_mode!r} of inputs of shape {inputs[0].shape}")
    numbers = w.node("Cast", inputs[0].name, to=TensorProto.INT64)
    hot = w.node("OneHot", numbers, w.constant(layer.num_tokens, "int64"), w.constant([0, 1]), axis=-1)
    return w.node("ReduceSum" if layer.output_mode == "count" else "ReduceMax", hot, w.integers([1]), keepdims=0)


# -- around another layer ------------------------------------------------------------------------------------


def _spectral_normalization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return write(w, layer.layer, inputs)  # the kernel was divided by its norm when it was trained


def _time_distributed(w: Writer, layer: Any, inputs: list[Value]) -> str:
    """Steps as samples, through the layer, and back."""
    shape = inputs[0].shape
    if layer.layer.is_trainer:
        refuse(layer, "it holds a model; only one layer is written")
    inner = (None, *shape[2:])
    out = tuple(layer.layer.compute_output_shape(inner))
    if None in shape[1:] or None in out[1:]:
        refuse(layer, f"its input shape {shape} has unknown sizes")
    rows = Value(w.node("Reshape", inputs[0].name, w.integers([-1, *shape[2:]])), inner, inputs[0].dtype)
    return w.node("Reshape", write(w, layer.layer, [rows]), w.integers([-1, shape[1], *out[1:]]))


# -- normalization -------------------------------------------------------------------------------------------


def _batch_normalization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    mean, variance = (v.numpy().astype("float64") for v in (layer.moving_mean, layer.moving_variance))
    factor = 1 / np.sqrt(variance + layer.epsilon)
    if layer.gamma is not None:
        factor = factor * layer.gamma.numpy()
    shift = -mean * factor
    if layer.beta is not None:
        shift = shift + layer.beta.numpy()
    beside = [1] * inputs[0].rank
    beside[layer.axis] = -1
    y = w.node("Mul", inputs[0].name, w.constant(factor.reshape(beside)))
    return w.node("Add", y, w.constant(shift.reshape(beside)))


def _layer_normalization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    if layer.rms_scaling:
        refuse(layer, "rms_scaling=True; use RMSNormalization")
    axes, beside = _normalized(layer, inputs[0])
    return _scaled(w, layer, _standardized(w, inputs[0].name, axes, layer.epsilon), beside)


def _normalized(layer: Any, x: Value) -> tuple[list[int], list[int | None]]:
    """The axes that a layer normalizes along, and the shape in which its weights stand beside its data."""
    axes = sorted(a % x.rank for a in nest.listed(layer.axis))
    return axes, [n if a in axes else 1 for a, n in enumerate(x.shape)]


def _standardized(w: Writer, x: str, axes: list[int], epsilon: float) -> str:
    """Zero mean and unit variance along axes."""
    places = w.integers(axes)
    centred = w.node("Sub", x, w.node("ReduceMean", x, places))
    variance = w.node("ReduceMean", w.node("Mul", centred, centred), places)
    return w.node("Div", centred, w.node("Sqrt", w.node("Add", variance, w.constant(epsilon))))


def _scaled(w: Writer, layer: Any, y: str, beside: Any) -> str:
    """Times gamma, plus beta, each in a shape that stands beside the data's."""
    if layer.gamma is not None:
        y = w.node("Mul", y, w.constant(layer.gamma.numpy().reshape(beside)))
    return y if layer.beta is None else w.node("Add", y, w.constant(layer.beta.numpy().reshape(beside)))


def _group_normalization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    shape, ((axis,), beside) = inputs[0].shape, _normalized(layer, inputs[0])
    if sum(n is None for n in shape[1:]) > 1:
        refuse(layer, f"its input shape {shape} has several unknown sizes")
    sizes = [0, *(-1 if n is None else n for n in shape[1:])]
    inner = [*sizes[:axis], layer.groups, int(shape[axis] or 0) // layer.groups, *sizes[axis + 1 :]]
    others = [a for a in range(1, len(inner)) if a != axis]
    y = w.node("Reshape", inputs[0].name, w.integers(inner))
    y = w.node("Reshape", _standardized(w, y, others, layer.epsilon), w.integers(sizes))
    return _scaled(w, layer, y, beside)


def _rms_normalization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    x, (axes, beside) = inputs[0].name, _normalized(layer, inputs[0])
    square = w.node("ReduceMean", w.node("Mul", x, x), w.integers(axes))
    y = w.node("Div", x, w.node("Sqrt", w.node("Add", square, w.constant(layer.epsilon))))
    return w.node("Mul", y, w.constant(layer.scale.numpy().reshape(beside)))


def _unit_normalization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    x, axes = inputs[0].name, w.integers(nest.listed(layer.axis))
    return w.node("Div", x, w.node("Max", w.node("ReduceL2", x, axes), w.constant(1e-12)))


def _rescaling(w: Writer, layer: Any, inputs: list[Value]) -> str:
    return w.node("Add", w.node("Mul", inputs[0].name, w.constant(layer._scales())), w.constant(layer.offset))


def _normalization(w: Writer, layer: Any, inputs: list[Value]) -> str:
    mean, variance = (np.asarray(part, "float64") for part in (layer.mean, layer.variance))
    deviation = w.constant(np.maximum(np.sqrt(variance), config.epsilon()))
    if layer.invert:
        return w.node("Add", w.constant(mean), w.node("Mul", inputs[0].name, deviation))
    return w.node("Div", w.node("Sub", inputs[0].name, w.constant(mean)), deviation)


_KEPT = frozenset(
    {
        "ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "Identity",
        "InputLayer", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
    }
)  # fmt: skip
_AROUND = frozenset({"SpectralNormalization", "TimeDistributed"})
_OF_WHOLE_NUMBERS = frozenset({"CategoryEncoding", "Embedding"})
_REARRANGING = frozenset({"Flatten", "Permute", "RepeatVector", "Reshape"})
# The others are given float32.
_OF_ANY_DTYPE = _KEPT | _AROUND | _OF_WHOLE_NUMBERS | _REARRANGING

RULES: dict[str, Rule] = {
    **windows.RULES,
    **recurrent.RULES,
    "Activation": _activation,
    "Add": _merge("Add"),
    "Average": _merge("Add"),
    "BatchNormalization": _batch_normalization,
    "Concatenate": _concatenate,
    "CategoryEncoding": _category_encoding,
    "Dense": _dense,
    "Discretization": _discretization,
    "Dot": _dot,
    "ELU": _elu,
    "EinsumDense": _einsum_dense,
    "Embedding": _embedding,
    "Flatten": _flatten,
    "GroupNormalization": _group_normalization,
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": _leaky_relu,
    "Maximum": _merge("Max"),
    "Minimum": _merge("Min"),
    "Multiply": _merge("Mul"),
    "Normalization": _normalization,
    "PReLU": _prelu,
    "Permute": _permute,
    "RMSNormalization": _rms_normalization,
    "ReLU": _relu,
    "RepeatVector": _repeat_vector,
    "Rescaling": _rescaling,
    "ReversibleEmbedding": _embedding,
    "Reshape": _reshape,
    "Softmax": _softmax,
    "SpectralNormalization": _spectral_normalization,
    "Subtract": _merge("Sub"),
    "TimeDistributed": _time_distributed,
    "UnitNormalization": _unit_normalization,
    **dict.fromkeys(("Cropping1D", "Cropping2D", "Cropping3D"), _cropping),
    **dict.fromkeys(("UpSampling1D", "UpSampling2D", "UpSampling3D"), _up_sampling),
    **dict.fromkeys(("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"), _zero_padding),
    **dict.fromkeys(_KEPT, _as_it_is),
}
