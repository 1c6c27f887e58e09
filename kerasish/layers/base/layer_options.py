"""The keyword arguments that layers hand on to `Layer`, for their signatures: what is not among them is a mistake."""

from __future__ import annotations

from typing import TypedDict

from kerasish.backend.typing import DTypeLike, RegularizerLike, Shape


class BareOptions(TypedDict, total=False):
    """What a layer hands on that names its `name`, `dtype` and `activity_regularizer` itself."""

    trainable: bool
    autocast: bool
    input_shape: Shape


class NamedOptions(BareOptions, total=False):
    """What a layer hands on that names its `activity_regularizer` and its `input_dim` itself."""

    dtype: DTypeLike
    name: str | None


class CommonOptions(NamedOptions, total=False):
    """What a layer hands on that names its `activity_regularizer` itself."""

    input_dim: int


class LayerOptions(CommonOptions, total=False):
    """What all other layers hand on; `Layer` says what it means."""

    activity_regularizer: RegularizerLike
