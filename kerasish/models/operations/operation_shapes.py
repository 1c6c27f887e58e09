"""What a plain operation of a config returns, told by a rule: nothing that a config names is computed to find it.

The shape comes from a table, and the dtype is that which the operation gives for
arrays of a single element. An operation without a rule cannot be named in a config.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend import budget, dtypes, nest
from kerasish.backend.sizes import is_shape
from kerasish.backend.symbolic import KerasTensor, infer_spec
from kerasish.models.operations import product_rules, shape_rules, signal_rules

RULES = {**shape_rules.RULES, **product_rules.RULES, **signal_rules.RULES}

# Their results are windows on their inputs, so that making them of one number, shown many times, costs nothing.
_VIEWS = frozenset(
    ("diagonal", "expand_dims", "flip", "fliplr", "flipud", "get_item", "moveaxis", "rot90", "squeeze", "swapaxes")
) | {"transpose"}

# Operations on pictures: each has its rule beside its primitives, which symbolic tensors ask.
OF_PICTURES = frozenset(
    [
        *("affine_transform", "crop_images", "elastic_transform", "fold", "gaussian_blur", "hsv_to_rgb"),
        *("map_coordinates", "pad_images", "perspective_transform", "resize", "rgb_to_grayscale", "rgb_to_hsv"),
        *("scale_and_translate", "sobel_edges", "ssim", "unfold"),
    ]
)
# The longest side of a picture, a window or a margin in a config, and the most that several may have together: what
# they are multiplied by (kernels, weights of a resizing) is made when the rule is asked.
_LONGEST_SIDE, _LARGEST_AREA = 2**14, 2**24

_FRAME = {"sequence_length": 1, "sequence_stride": 1, "fft_length": 1}
_STILL = {"strides": 1, "padding": "valid", "dilation_rate": 1}
# The settings under which an operation takes arrays of one element, and what else it needs to know the dtype.
_UNIT: dict[str, dict[str, Any]] = {
    "argpartition": {"kth": 0},
    "array_split": {"indices_or_sections": 1},
    "average_pool": {"pool_size": 1, "strides": 1},
    "conv": _STILL,
    "conv_transpose": {**_STILL, "output_padding": None},
    "ctc_decode": {"beam_width": 1, "top_paths": 1, "mask_index": 0},
    "ctc_loss": {"mask_index": 0},
    "depthwise_conv": _STILL,
    "diag": {"k": 0},
    "diagflat": {"k": 0},
    "diff": {"n": 1},
    "dsplit": {"indices_or_sections": 1},
    "extract_sequences": {"sequence_length": 1, "sequence_stride": 1},
    "hsplit": {"indices_or_sections": 1},
    "in_top_k": {"k": 1},
    "irfft": {"fft_length": 1},
    "istft": {**_FRAME, "length": None, "window": None},
    "max_pool": {"pool_size": 1, "strides": 1},
    "multi_hot": {"num_classes": 1},
    "one_hot": {"num_classes": 1},
    "pad": {"pad_width": 0},
    "repeat": {"repeats": 1},
    "rfft": {"fft_length": 1},
    "segment_max": {"num_segments": 1},
    "segment_min": {"num_segments": 1},
    "segment_prod": {"num_segments": 1},
    "segment_sum": {"num_segments": 1},
    "separable_conv": _STILL,
    "stft": {**_FRAME, "window": None},
    "split": {"indices_or_sections": 1},
    "tile": {"repeats": 1},
    "top_k": {"k": 1},
    "unstack": {"num": 1},
    "vsplit": {"indices_or_sections": 1},
}
# The size of all axes where one is too few.
_SIZES = {"cross": 3, "glu": 2, "view_as_complex": 2}
_LARGEST_SAMPLE = 2**16


def has_rule(name: str) -> bool:
    """Whether an operation's shape can be told without computing it."""
    return name in RULES or name in _VIEWS or name in OF_PICTURES


def spec(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The symbolic result of an operation.

    Args:
        operation: has `function_name`, its name in `keras.ops`; `settings`, its other arguments; `defaults`, those
            that are not said; and `apply`, which takes arrays, also by name, and settings.
        args, kwargs: its inputs.

    Raises:
        ValueError: if the inputs and settings do not fit.
    """
    name = operation.function_name
    try:
        _refuse_texts((args, kwargs, *(value for value in operation.settings.values() if nest.is_nested(value))))
        if name in _VIEWS:
            _refuse_copies(name, args, kwargs)
            with budget.unlimited():
                return infer_spec(lambda *a, **k: operation.apply(a, k, operation.settings), *args, **kwargs)
        if name in OF_PICTURES:
            _refuse_huge(operation.settings)
            return operation.apply(args, kwargs, operation.settings)
        settings = {**operation.defaults, **operation.settings, "from": _dtype(args[0])}
        shapes = RULES[name]([_shape(x) for x in (*args, *kwargs.values())], settings)
        return _typed(shapes, _dtypes(operation, args, kwargs))
    except (TypeError, ArithmeticError, LookupError, AttributeError) as error:
        given = nest.map_structure(_shape, [*args, *kwargs.values()])
        raise ValueError(
            f"the operation {operation.name!r} ({name}) does not fit the shapes {given!r:.400} with "
            f"{operation.settings!r:.400}: {error!s:.400}"
        ) from error


def _refuse_texts(structure: Any) -> None:
    """NumPy would make each text in a list as long as the longest; no operation takes any."""
    if any(isinstance(leaf, str) for leaf in nest.iterate(structure)):
        raise TypeError("texts among the numbers")


def _refuse_huge(settings: dict[str, Any]) -> None:
    """Settings of pictures that no picture has."""
    for name, value in settings.items():
        sizes = [abs(n) for n in nest.iterate(value) if isinstance(n, (int, float)) and not isinstance(n, bool)]
        if any(n >= _LONGEST_SIDE for n in sizes) or math.prod(max(n, 1) for n in sizes) > _LARGEST_AREA:
            raise ArithmeticError(f"{name}={value!r:.100} asks for too large a picture")


def _refuse_copies(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """What is no window on one tensor is a copy: a list of tensors, and a list, truth or tensor as index."""
    if not args or not isinstance(args[0], KerasTensor):
        raise TypeError("the first input is not a tensor")
    keys = [k for part in (*args[1:], *kwargs.values()) for k in nest.listed(part)]
    if name == "get_item" and any(isinstance(k, (bool, list, KerasTensor, np.ndarray)) for k in keys):
        raise TypeError("lists, truths and tensors as indices; use `take`")


def _shape(x: Any) -> Any:
    """The shape of an input; of a list of tensors, their shapes; None for what is not there."""
    if x is None:
        return None
    if isinstance(x, (list, tuple)) and any(hasattr(leaf, "shape") for leaf in nest.iterate(x)):
        return [_shape(part) for part in x]
    return tuple(np.shape(x))


def _dtype(x: Any) -> str:
    leaf = next(nest.iterate(x))
    return leaf.dtype if isinstance(leaf, KerasTensor) else np.asarray(leaf).dtype.name


def _dtypes(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What the operation gives for arrays of one element, whose dtypes are those that it gives for any."""
    name = operation.function_name
    if name in ("slice", "slice_update"):  # they take as many indices as there are axes
        return np.zeros((), dtypes.numpy_dtype(dtypes.result_type(*(_dtype(x) for x in (args[0], *args[2:])))))
    settings = {**operation.settings, **_UNIT.get(name, {})}
    if "shape" in settings:
        settings["shape"] = [1] * len(settings["shape"])
    if name == "reshape":
        settings["newshape"] = [-1]
    samples = [_sample(x, _SIZES.get(name, 1)) for x in args]
    with np.errstate(all="ignore"):
        return operation.apply(samples, {key: _sample(x, 1) for key, x in kwargs.items()}, settings)


def _sample(x: Any, size: int) -> Any:
    """One number, or a few, of the kind of an input: ones, and zeros where they may be indices."""
    if isinstance(x, (list, tuple)):
        if any(hasattr(leaf, "shape") for leaf in nest.iterate(x)):
            return [_sample(part, size) for part in x]
        return [_sample(x[0], size)] * size if len(x) else []
    if not isinstance(x, (KerasTensor, np.ndarray)):
        return x
    if size ** len(x.shape) > _LARGEST_SAMPLE:
        raise TypeError(f"{len(x.shape)} dimensions")
    kind = dtypes.numpy_dtype(x.dtype) if isinstance(x, KerasTensor) else x.dtype
    return np.full((size,) * len(x.shape), kind.kind not in "iu", kind)


def _typed(shapes: Any, made: Any) -> Any:
    """Symbolic tensors of these shapes, with the dtypes, and in the structure, of what was made."""
    if isinstance(shapes, tuple) and is_shape(shapes):
        return KerasTensor(shapes, _dtype(np.asarray(nest.flatten(made)[0])))
    kinds = [_dtype(np.asarray(leaf)) for leaf in nest.flatten(made)]
    kinds = kinds if len(kinds) == len(shapes) else kinds[:1] * len(shapes)
    specs = [KerasTensor(shape, kind) for shape, kind in zip(shapes, kinds, strict=True)]
    return nest.rebuild(made, specs) if isinstance(made, tuple) else specs
