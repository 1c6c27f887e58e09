"""The largest number of every channel of sequences."""

from __future__ import annotations

from kerasish.layers.pooling.base_global_pooling import BaseGlobalMaxPooling


class GlobalMaxPooling1D(BaseGlobalMaxPooling):
    """The largest number of every channel of a sequence.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axis stays, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, channels)`, or `(batch, 1, channels)` with `keepdims`;
    with the channels second if `data_format` says so.

    Several equal largest numbers share the gradient.

    Raises:
        ValueError: if the inputs have another rank, or a spatial axis of size 0.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GlobalMaxPooling1D()(np.array([[[1.0, 2.0], [3.0, 1.0]]], "float32"))
        array([[3., 2.]], dtype=float32)

    Source: Collobert et al., Natural language processing (almost) from scratch (2011), https://arxiv.org/abs/1103.0398
    """

    rank = 1
