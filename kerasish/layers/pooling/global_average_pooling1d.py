"""The mean of every channel of sequences."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.operators import not_equal
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.pooling.base_global_pooling import BaseGlobalAveragePooling
from kerasish.ops.elementwise import where
from kerasish.ops.means import narrowed, widened


class GlobalAveragePooling1D(BaseGlobalAveragePooling):
    """The mean of every channel of a sequence, over the steps that a mask leaves.

    `y[c] = Σ mask[i] x[i, c] / Σ mask[i]`; where a mask leaves no step, the mean is NaN.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axis stays, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, channels)`, mask `(batch, steps)`, output `(batch, channels)`, or
    `(batch, 1, channels)` with `keepdims`; with the channels second if `data_format` says so. The mask of `Embedding`
    and `Masking` comes by itself, and ends here.

    Raises:
        ValueError: if the inputs have another rank, or the mask does not fit them.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.array([[[1.0, 2.0], [3.0, 1.0]]], "float32")
        >>> keras.layers.GlobalAveragePooling1D()(x)
        array([[2. , 1.5]], dtype=float32)
        >>> keras.layers.GlobalAveragePooling1D()(x, mask=np.array([[True, False]]))
        array([[1., 2.]], dtype=float32)

    Source: Lin et al., Network in network (2013), https://arxiv.org/abs/1312.4400
    """

    rank = 1
    only_passes_masks = True

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The mean of every channel, over the steps where the mask is true."""
        if mask is None:
            return super().call(inputs)
        (axis,) = self._axes
        counted = self._counted(mask, np.shape(inputs))
        x, kind = widened(inputs)
        total = np.sum(where(counted, x, 0), axis=axis, keepdims=self.keepdims)
        count = np.sum(counted, axis=axis, keepdims=self.keepdims, dtype=x.dtype)
        with np.errstate(invalid="ignore"):
            return narrowed(total / count, kind)

    def _counted(self, mask: Any, shape: tuple[int, ...]) -> Any:
        """Where a step counts, with an axis for the channels."""
        mask = not_equal(mask if hasattr(mask, "shape") else np.asarray(mask), 0)
        (steps,) = self._sizes(shape)
        found = np.shape(mask)
        if len(found) != 2 or found[0] not in (1, shape[0]) or found[1] not in (1, steps):
            raise ValueError(
                f"the layer {self.name!r} needs a mask of shape (batch, steps), {(shape[0], steps)} for inputs of "
                f"shape {tuple(shape)} with data_format={self.data_format!r}; received one of shape {tuple(found)}"
            )
        return np.expand_dims(mask, 1 if self._channels_first else 2)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: there are no steps left that a mask could tell of."""
        return None
