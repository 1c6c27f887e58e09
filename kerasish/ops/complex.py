"""Complex numbers: their parts. They have no gradients; on real tensors these functions let gradients through."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import to_array, to_float, unary
from kerasish.backend.primitive import primitive, underivable
from kerasish.backend.typing import TensorLike

real = unary("real", np.real, lambda g, y, x: g, numpy=np.real, doc="The real part.")
imag = unary("imag", np.imag, numpy=np.imag, doc="The imaginary part: 0 of real numbers.")
conjugate = unary(
    "conjugate",
    lambda x: np.conjugate(x) if x.dtype.kind == "c" else x,
    lambda g, y, x: g,
    numpy=np.conjugate,
    doc="With the imaginary part negated.",
)
conj = conjugate
angle = unary(
    "angle", lambda x: np.angle(to_float(x)), numpy=np.angle, doc="The angle in radians from the positive real axis."
)

_polar = primitive(
    "polar",
    lambda size, angle: to_float(to_array(size)) * np.exp(1j * to_float(to_array(angle))),
    underivable("polar"),
    underivable("polar"),
)
view_as_real = primitive(
    "view_as_real",
    lambda x: np.stack([np.real(x), np.imag(x)], axis=-1),
    lambda g, y, x: g[..., 0],
    arguments=("x",),
    doc="The real and the imaginary part along a new last axis.",
)
_view_as_complex = primitive("view_as_complex", lambda x: x[..., 0] + 1j * x[..., 1], underivable("view_as_complex"))


def polar(abs_: Any, angle: Any) -> Any:
    """The complex numbers of these sizes and angles in radians: `abs · exp(i · angle)`."""
    return _polar(abs_, angle)


def view_as_complex(x: TensorLike) -> Any:
    """The complex numbers whose real and imaginary parts lie along the last axis, of size two."""
    x = x if hasattr(x, "shape") else to_array(x)
    if not x.shape or x.shape[-1] != 2:
        raise ValueError(f"view_as_complex needs a last axis of size 2; received shape {x.shape}")
    return _view_as_complex(x)
