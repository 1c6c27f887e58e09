"""Attention whose queries share the heads of keys and values."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.attention.headed_attention import HeadedAttention, inverse_root
from kerasish.ops.shape import repeat


class GroupedQueryAttention(HeadedAttention):
    """Attention with several heads of queries for each head of keys and values, which saves the latter.

    With as many heads of each it is `MultiHeadAttention`, with one head of keys and values multi-query attention.

    Args:
        head_dim: the size of each head.
        num_query_heads: how many heads the queries have.
        num_key_value_heads: how many heads keys and values have; it divides the queries'.
        dropout: the share of the probabilities that is dropped in training.
        use_bias: whether the projections have biases.
        sliding_window: a query sees the keys that are less than so many places away; None for all.
        flash_attention: True asks for scores in blocks, which is how they are computed anyway, and refuses what needs
            all of them.
        kernel_initializer, bias_initializer: the first values of the projections' weights.
        kernel_regularizer, bias_regularizer: penalties on them, added to the loss.
        activity_regularizer: a penalty on the output of each projection, and on the layer's.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        use_gate: whether what the heads find is multiplied by a sigmoid of a projection of the query
            (Qiu et al., 2025, arXiv:2505.06708).
        seed: of the dropout.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: query `(batch, T, features)`, value and key `(batch, S, features)`; `key` is `value` by default. Output
    like the query; with `return_attention_scores=True` the pair of it and the probabilities `(batch, heads, T, S)`.
    Masks are those of `MultiHeadAttention`.

    Raises:
        ValueError: if the heads do not divide, another argument is out of its range, or shapes do not belong together.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
        >>> x = np.ones((4, 5, 8), "float32")
        >>> layer(x, x).shape
        (4, 5, 8)

    Source: Ainslie et al., GQA: training generalized multi-query transformer models (2023), arXiv:2305.13245
    """

    public_name = "GroupQueryAttention"

    _return_attention_scores: Any

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout, use_bias, sliding_window, flash_attention, kernel_initializer, bias_initializer,
            kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, use_gate,
            seed, **kwargs,
        )  # fmt: skip
        self.activity_regularizer = self._activity_regularizer
        self.head_dim = self._positive(head_dim, "head_dim")
        self.num_query_heads = self._positive(num_query_heads, "num_query_heads")
        self.num_key_value_heads = self._positive(num_key_value_heads, "num_key_value_heads")
        if self.num_query_heads % self.num_key_value_heads:
            raise ValueError(
                f"GroupQueryAttention needs heads of keys and values that divide those of queries; received "
                f"num_query_heads={num_query_heads}, num_key_value_heads={num_key_value_heads}"
            )

    @property
    def num_repeats(self) -> int:
        """How many heads of queries share one of keys and values."""
        return self.num_query_heads // self.num_key_value_heads

    @property
    def _heads(self) -> int:
        return self.num_query_heads

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        """Make the projections for inputs of these shapes."""
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        self.feature_dim = query_shape[-1]
        self._query_dense = self._into_heads("query", query_shape, self.num_query_heads)
        self._key_dense = self._into_heads("key", key_shape, self.num_key_value_heads)
        if self._use_gate:
            self._gate_dense = self._into_heads("gate", query_shape, self.num_query_heads, "sigmoid")
        self._value_dense = self._into_heads("value", value_shape, self.num_key_value_heads)
        self._add_parts(1)
        heads = (None, None, self.num_query_heads, self.head_dim)
        self._output_dense = self._projection("attention_output", "bquh,uhm->bqm", (None, self.feature_dim), "m", heads)

    def _into_heads(self, name: str, shape: Any, heads: int, activation: str | None = None) -> Any:
        return self._projection(name, "bqm,muh->bquh", (None, heads, self.head_dim), "uh", shape, activation)

    def _check_shapes(self, query: Any, value: Any, key: Any) -> None:
        super()._check_shapes(query, value, key)
        if len(query) != 3 or len(value) != 3:
            raise ValueError(
                f"the layer {self.name!r} takes query, value and key of shape (batch, length, features); received "
                f"query {tuple(query)}, value {tuple(value)}, key {tuple(key)}"
            )

    def _attend(self, query: Any, value: Any, key: Any, mask: Any, openly: bool, training: Any, causal: bool) -> Any:
        queries, keys, values = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        object.__setattr__(self, "_return_attention_scores", openly)  # no argument of what subclasses replace
        if type(self)._compute_attention is GroupedQueryAttention._compute_attention:
            return self._compute_attention(queries, keys, values, mask, training, causal)
        mask = self._seen(query, value, mask, causal)
        return self._compute_attention(queries, *self._repeated(keys, values), mask, training)

    def _repeated(self, key: Any, value: Any) -> tuple[Any, Any]:
        """Keys and values with a head for each of the queries'."""
        return repeat(key, self.num_repeats, axis=2), repeat(value, self.num_repeats, axis=2)

    def _compute_attention(
        self,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> tuple[Any, Any]:
        """What each head finds, and the scores if they are to be returned; a subclass may find it in another way.

        Args:
            query, key, value: the projected ones, `(batch, length, heads, size)`; in a subclass keys and values have
                been repeated for the queries' heads.
            attention_mask: `(batch, T, S)`; in a subclass every mask there is.
            training: whether probabilities are dropped.
            use_causal_mask: whether queries do not see ahead; never True in a subclass, where the mask says it.
        """
        scale = inverse_root(self.head_dim)
        if not self._return_attention_scores:
            return self._within_blocks(query, key, value, scale, attention_mask, use_causal_mask, training), None
        mask = self._seen(query, value, attention_mask, use_causal_mask)
        if np.shape(key)[2] != np.shape(query)[2]:
            key, value = self._repeated(key, value)
        return self._with_scores(query, key, value, scale, mask, training)

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:
        """The shape of the query."""
        self._check_shapes(query_shape, value_shape, value_shape if key_shape is None else key_shape)
        return tuple(query_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
        }
