"""Complex numbers: their parts. They have no gradients; on real tensors these functions let gradients through."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import to_array, to_float, unary
from kerasish.backend.primitive import primitive, underivable
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import TensorLike
from kerasish.ops.specs import elementwise, float_kind, kind_of, same, shape_of


def _part_kind(x: Any) -> str:
    """The dtype of the parts of complex numbers; real numbers keep theirs."""
    return {"complex64": "float32", "complex128": "float64"}.get(kind_of(x), kind_of(x))


real = primitive(
    "real", lambda x: np.real(to_array(x)), lambda g, y, x: g, numpy=np.real, shape=same(_part_kind),
    arguments=("x",), doc="The real part.",
)  # fmt: skip
imag = primitive(
    "imag", lambda x: np.imag(to_array(x)), numpy=np.imag, shape=same(_part_kind), arguments=("x",),
    doc="The imaginary part: 0 of real numbers.",
)  # fmt: skip
conjugate = unary(
    "conjugate",
    lambda x: np.conjugate(x) if x.dtype.kind == "c" else x,
    lambda g, y, x: g,
    numpy=np.conjugate,
    doc="With the imaginary part negated.",
)
conj = conjugate
angle = primitive(
    "angle",
    lambda x: np.angle(to_float(to_array(x))),
    numpy=np.angle,
    shape=lambda x: KerasTensor(shape_of(x), _part_kind(x) if "complex" in kind_of(x) else float_kind(x)),
    arguments=("x",),
    doc="The angle in radians from the positive real axis.",
)

_polar = primitive(
    "polar",
    lambda size, angle: to_float(to_array(size)) * np.exp(1j * to_float(to_array(angle))),
    underivable("polar"),
    underivable("polar"),
    shape=elementwise(lambda size, angle: dtypes.result_type(float_kind(size, angle), "complex64")),
)
view_as_real = primitive(
    "view_as_real",
    lambda x: np.stack([np.real(x), np.imag(x)], axis=-1),
    lambda g, y, x: g[..., 0],
    shape=lambda x: KerasTensor((*shape_of(x), 2), _part_kind(x)),
    arguments=("x",),
    doc="The real and the imaginary part along a new last axis.",
)
_view_as_complex = primitive(
    "view_as_complex",
    lambda x: x[..., 0] + 1j * x[..., 1],
    underivable("view_as_complex"),
    shape=lambda x: KerasTensor(shape_of(x)[:-1], dtypes.result_type(float_kind(x), "complex64")),
)


def polar(abs_: Any, angle: Any) -> Any:
    """The complex numbers of these sizes and angles in radians: `abs · exp(i · angle)`."""
    return _polar(abs_, angle)


def view_as_complex(x: TensorLike) -> Any:
    """The complex numbers whose real and imaginary parts lie along the last axis, of size two."""
    x = x if hasattr(x, "shape") else to_array(x)
    if not x.shape or x.shape[-1] not in (2, None):
        raise ValueError(f"view_as_complex needs a last axis of size 2; received shape {x.shape}")
    return _view_as_complex(x)
