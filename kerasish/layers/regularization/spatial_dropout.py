"""Dropout of whole feature maps."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.backend.typing import DTypeLike
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import BareOptions
from kerasish.layers.regularization.dropout import Dropout


class SpatialDropout(Dropout):
    """In training, drops whole channels: each is 0 at all places, or `1 / (1 - rate)` times itself at all places.

    Neighbouring values of a feature map are alike, so that dropping single ones would hide nothing.
    """

    rank: int
    data_format = "channels_last"

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: DTypeLike = None,
                 **kwargs: Unpack[BareOptions]) -> None:  # fmt: skip
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        ones = (1,) * self.rank
        return (shape[0], *ones, shape[-1]) if self.data_format == "channels_last" else (*shape[:2], *ones)

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype}


class SpatialDropout1D(SpatialDropout):
    """In training, drops whole features of a sequence, the same at all steps.

    Args:
        rate: the share of features that is dropped, from 0 to 1.
        seed: a whole number, for the same masks in every run.
        name, dtype: those of `Layer`.

    Shapes: inputs and output `(batch, steps, features)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> y = keras.layers.SpatialDropout1D(0.5, seed=0)(np.ones((1, 3, 8), "float32"), training=True)
        >>> bool((y == y[:, :1]).all())
        True

    Source: Tompson et al., 2014, https://arxiv.org/abs/1411.4280
    """

    rank = 1


class _WithDataFormat(SpatialDropout):
    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
        **kwargs: Unpack[BareOptions],
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.data_format = standardize_data_format(data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class SpatialDropout2D(_WithDataFormat):
    """In training, drops whole feature maps of an image.

    Args:
        rate: the share of maps that is dropped, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        seed: a whole number, for the same masks in every run.
        name, dtype: those of `Layer`.

    Shapes: inputs and output `(batch, height, width, channels)`, or with the channels second.

    Source: Tompson et al., 2014, https://arxiv.org/abs/1411.4280
    """

    rank = 2


class SpatialDropout3D(_WithDataFormat):
    """In training, drops whole feature maps of a volume.

    Args:
        rate: the share of maps that is dropped, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        seed: a whole number, for the same masks in every run.
        name, dtype: those of `Layer`.

    Shapes: inputs and output `(batch, depth, height, width, channels)`, or with the channels second.

    Source: Tompson et al., 2014, https://arxiv.org/abs/1411.4280
    """

    rank = 3
