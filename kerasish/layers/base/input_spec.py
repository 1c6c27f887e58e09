"""What a layer asks of its inputs, and the error when they do not fit."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend import dtypes, nest
from kerasish.backend.typing import DTypeLike, Shape


class InputSpec:
    """The rank, dtype and sizes that one input of a layer must have.

    Args:
        dtype: the expected dtype's name; None for any.
        shape: the expected shape, `None` where any size will do.
        ndim, max_ndim, min_ndim: bounds on the rank.
        axes: sizes by axis, such as `{-1: 784}`.
        allow_last_axis_squeeze: whether a last axis of size one may be missing or too many.
        name: the key of the input when inputs come as a dict.
        optional: whether the input may be None.
    """

    def __init__(
        self,
        dtype: DTypeLike = None,
        shape: Shape | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else dtypes.standardize_dtype(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional
        rank_limit = self.ndim if self.ndim is not None else max_ndim
        if self.axes and rank_limit is not None and max(self.axes) >= rank_limit:
            raise ValueError(f"axis {max(self.axes)} does not exist in a rank of at most {rank_limit}")

    def fits(self, shape: tuple[int | None, ...]) -> bool:
        """Whether an input of this shape is accepted."""
        return self.misfit(shape) is None

    def misfit(self, shape: tuple[int | None, ...]) -> str | None:
        """What was expected, in words, if `shape` does not fit."""
        rank = len(shape)
        if self.ndim is not None and rank != self.ndim and not self._squeezable(shape):
            return f"an input of rank {self.ndim}" + (f", shape {self.shape}" if self.shape else "")
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"an input of rank {self.min_ndim} or more"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"an input of rank {self.max_ndim} or less"
        for axis, size in self.axes.items():
            if size is not None and -rank <= axis < rank and shape[axis] not in (size, None):
                return f"size {size} along axis {axis}"
        if self.shape is not None and rank == len(self.shape):
            for wanted, got in zip(self.shape, shape, strict=True):
                if wanted is not None and got is not None and wanted != got:
                    return f"shape {self.shape}"
        return None

    def _squeezable(self, shape: tuple[int | None, ...]) -> bool:
        if not self.allow_last_axis_squeeze or self.shape is None or not self.shape:
            return False
        longer = len(shape) == len(self.shape) + 1 and shape[-1] == 1
        return longer or (len(shape) == len(self.shape) - 1 and self.shape[-1] == 1)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this spec anew."""
        keys = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        return {key: getattr(self, key) for key in keys}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """A spec from the result of `get_config`."""
        return cls(**config)

    def __repr__(self) -> str:
        given = {key: value for key, value in self.get_config().items() if value not in (None, {})}
        return f"InputSpec({', '.join(f'{key}={value}' for key, value in given.items())})"


def assert_input_compatibility(input_spec: Any, inputs: Any, layer_name: str) -> None:
    """Raise ValueError unless `inputs` fit a layer's spec (one, a list, or a dict of them).

    Raises:
        ValueError: naming the layer, the input, what was expected and what came.
    """
    if not input_spec:
        return
    specs = nest.flatten(input_spec)
    if isinstance(inputs, dict) and all(spec is None or spec.name for spec in specs):
        leaves = [inputs.get(spec.name) for spec in specs]
    else:
        leaves = nest.flatten(inputs)
    if len(leaves) != len(specs):
        raise ValueError(f"the layer {layer_name!r} takes {len(specs)} input(s); received {len(leaves)}")
    if nest.is_nested(inputs) and not nest.is_nested(input_spec):
        raise ValueError(
            f"the layer {layer_name!r} takes one tensor; received a {type(inputs).__name__} that holds one. Pass what "
            "is in it."
        )
    for i, (spec, leaf) in enumerate(zip(specs, leaves, strict=True)):
        if spec is None or leaf is None:
            if spec is not None and not spec.optional:
                raise ValueError(f"input {i} of the layer {layer_name!r} is None, and it is not optional")
            continue
        if not hasattr(leaf, "shape"):
            raise ValueError(f"the layer {layer_name!r} takes tensors; received {leaf!r:.60} ({type(leaf).__name__})")
        expected = spec.misfit(tuple(leaf.shape))
        if expected is not None:
            which = f"input {i} of the layer" if len(specs) > 1 else "the input of the layer"
            raise ValueError(
                f"{which} {layer_name!r} does not fit: expected {expected}, received shape {tuple(leaf.shape)}. "
                f"{_remedy(spec, tuple(leaf.shape))}"
            )
        if spec.dtype is not None and str(leaf.dtype) != spec.dtype:
            raise ValueError(f"the layer {layer_name!r} expected dtype {spec.dtype}; received {leaf.dtype}")


def _remedy(spec: InputSpec, shape: tuple[int | None, ...]) -> str:
    """What is likely to help where data does not fit."""
    inner = [size for size in shape[1:] if size is not None]
    if spec.axes and len(inner) == len(shape) - 1 > 1 and spec.axes.get(-1) == math.prod(inner):
        product = " × ".join(map(str, inner))
        return f"{product} is {math.prod(inner)}: put layers.Flatten() in front of it, or reshape the data."
    if len(shape) + 1 in (spec.ndim, spec.min_ndim):
        return (
            "One axis is missing: that of the samples, which comes first (x[None] is one sample), or that of the "
            "channels or features, which comes last (x[..., None] has one)."
        )
    channels = spec.axes.get(len(shape) - 1, spec.axes.get(-1))
    if len(shape) > 3 and channels is not None and shape[1] == channels:
        return "The channels come last here: np.moveaxis(x, 1, -1) puts them there."
    if len(shape) > 3 and shape[-1] is not None and spec.axes.get(1) == shape[-1]:
        return "The channels come first here: np.moveaxis(x, -1, 1) puts them there."
    return "The first axis counts the samples; check the data's other axes against the shape the model was built with."
