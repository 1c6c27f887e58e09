"""Attention by sums of queries and keys."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import multiply
from kerasish.layers.attention.attention import Attention
from kerasish.ops.elementwise import tanh


class AdditiveAttention(Attention):
    """For each query a mean of the values, weighted by how well their keys match: `softmax(Σ v · tanh(q + k)) V`.

    Args:
        use_scale: whether there is a `v`, a factor for each number of a query that is learned; else it is 1.
        dropout: the share of the probabilities that is dropped in training.
        **kwargs: `seed`; `name`, `dtype`, `trainable` of `Layer`.

    Shapes: those of `Attention`, with queries, keys and values of one size.

    Raises:
        ValueError: if inputs or masks are not lists of two or three.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> query, value = np.ones((2, 3, 4), "float32"), np.ones((2, 5, 4), "float32")
        >>> keras.layers.AdditiveAttention()([query, value]).shape
        (2, 3, 4)

    Source: Bahdanau et al., Neural machine translation by jointly learning to align and translate (2014),
    arXiv:1409.0473
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make the factors that are learned."""
        self._check(input_shape)
        self.scale = self._factor("scale", (input_shape[0][-1],), "glorot_uniform") if self.use_scale else None

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        sums = tanh(np.expand_dims(query, -2) + np.expand_dims(key, -3))
        return np.sum(sums if self.scale is None else multiply(sums, self.scale), axis=-1)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["score_mode"]
        return config
