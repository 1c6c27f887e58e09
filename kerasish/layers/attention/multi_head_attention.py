"""Attention with several heads."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.sizes import whole
from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.attention.headed_attention import HeadedAttention, inverse_root
from kerasish.layers.core.einsum_dense import EinsumDense


class MultiHeadAttention(HeadedAttention):
    """For each query a mean of the values, weighted by how well their keys match: by each head in its own way.

    With a projection of its own for each of them, head `h` finds
    `softmax(Q_h K_hᵀ / √key_dim) V_h`; what all heads find is projected to the output. The scores are computed in
    blocks that stay in cache, unless they are returned or attend over several axes.

    Args:
        num_heads: how many heads there are.
        key_dim: the size of each head's queries and keys.
        value_dim: the size of its values; `key_dim` by default.
        dropout: the share of the probabilities that is dropped in training.
        use_bias: whether the projections have biases.
        output_shape: the sizes of an output; that of a query by default.
        attention_axes: the axes that are attended over; by default all between the batch and the features.
        sliding_window: a query sees the keys that are less than so many places away; None for all.
        flash_attention: True asks for scores in blocks, which is how they are computed anyway, and refuses what needs
            all of them.
        kernel_initializer, bias_initializer: the first values of the projections' weights.
        kernel_regularizer, bias_regularizer: penalties on them, added to the loss.
        activity_regularizer: a penalty on the output of each projection.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        use_gate: whether what the heads find is multiplied by a sigmoid of a projection of the query
            (Qiu et al., 2025, arXiv:2505.06708).
        seed: of the dropout.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: query `(batch, T, features)`, value and key `(batch, S, features)`; `key` is `value` by default. Output
    `(batch, T, *output_shape)`; with `return_attention_scores=True` the pair of it and the probabilities
    `(batch, heads, T, S)`. `query_mask` is `(batch, T)`, `value_mask` and `key_mask` `(batch, S)`, `attention_mask`
    `(batch, T, S)` with an axis for the heads or without; all of them, with `use_causal_mask`, hold at once. The masks
    that travel with query, value and key are taken where none is given. A query that sees nothing gets the mean of all
    values, and 0 with dropout or returned scores.

    Raises:
        ValueError: if an argument is out of its range, or shapes do not belong together.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=3)
        >>> x = np.ones((4, 5, 8), "float32")
        >>> y, scores = layer(x, x, return_attention_scores=True, use_causal_mask=True)
        >>> y.shape, scores.shape
        ((4, 5, 8), (4, 2, 5, 5))

    Source: Vaswani et al., Attention is all you need (2017), arXiv:1706.03762
    """

    # In files the projections stand under these names.
    leads_to = ("key_dense", "output_dense", "query_dense", "value_dense")

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
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
        self._num_heads = self._positive(num_heads, "num_heads")
        self._key_dim = self._positive(key_dim, "key_dim")
        self._value_dim = self._key_dim if value_dim is None else self._positive(value_dim, "value_dim")
        self._output_sizes = _sizes(output_shape, "output_shape", least=1) or None
        self._attention_axes = _sizes(attention_axes, "attention_axes")

    @property
    def num_heads(self) -> int:
        """How many heads there are."""
        return self._num_heads

    @property
    def key_dim(self) -> int:
        """The size of each head's queries and keys."""
        return self._key_dim

    @property
    def value_dim(self) -> int:
        """The size of each head's values."""
        return self._value_dim

    @property
    def attention_axes(self) -> tuple[int, ...] | None:
        """The axes that are attended over; None before it is built, if all of them are."""
        return self._attention_axes

    @property
    def query_dense(self) -> EinsumDense:
        """The projection of queries."""
        return self._query_dense

    @property
    def key_dense(self) -> EinsumDense:
        """The projection of keys."""
        return self._key_dense

    @property
    def value_dense(self) -> EinsumDense:
        """The projection of values."""
        return self._value_dense

    @property
    def output_dense(self) -> EinsumDense:
        """The projection of what the heads find."""
        return self._output_dense

    @property
    def _heads(self) -> int:
        return self._num_heads

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        """Make the projections for inputs of these shapes."""
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        self._query_dense = self._into_heads("query", query_shape, self._key_dim)
        self._key_dense = self._into_heads("key", key_shape, self._key_dim)
        if self._use_gate:
            self._gate_dense = self._into_heads("gate", query_shape, self._value_dim, "sigmoid")
        self._value_dense = self._into_heads("value", value_shape, self._value_dim)
        self._attention_axes = self._axes(len(query_shape))
        self._add_parts(len(self._attention_axes))
        sizes = self._output_sizes or (query_shape[-1],)
        rows, free = "abcdefghijkl"[: len(query_shape) - 1], "uvwxyz"[: len(sizes)]
        heads = (*query_shape[:-1], self._num_heads, self._value_dim)
        equation = f"{rows}pq,pq{free}->{rows}{free}"
        self._output_dense = self._projection(
            "attention_output", equation, (*[None] * (len(rows) - 1), *sizes), free, heads
        )

    def _into_heads(self, name: str, shape: Any, size: int, activation: str | None = None) -> EinsumDense:
        rows = "abcdefghijkl"[: len(shape) - 1]
        sizes = (*[None] * (len(rows) - 1), self._num_heads, size)
        return self._projection(name, f"{rows}p,pqr->{rows}qr", sizes, "qr", shape, activation)

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes that are attended over, from the front, of inputs with so many axes."""
        if self._attention_axes is None:
            return tuple(range(1, rank - 1))
        axes = tuple(a if a >= 0 else rank + a for a in self._attention_axes)
        if any(not 0 < a < rank - 1 for a in axes) or len(set(axes)) < len(axes):
            raise ValueError(
                f"the layer {self.name!r} attends over axes between the batch and the features of inputs with {rank} "
                f"axes, each once; received attention_axes={self._attention_axes}"
            )
        return axes

    def _attend(self, query: Any, value: Any, key: Any, mask: Any, openly: bool, training: Any, causal: bool) -> Any:
        queries, keys, values = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        if type(self)._compute_attention is MultiHeadAttention._compute_attention:
            return self._compute_attention(queries, keys, values, mask, training, openly, causal)
        mask = self._seen(query, value, mask, causal)
        return self._compute_attention(queries, keys, values, mask, training, openly)

    def _compute_attention(
        self,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> tuple[Any, Any]:
        """What each head finds, and the scores if they are to be returned; a subclass may find it in another way.

        Args:
            query, key, value: the projected ones, `(batch, length, heads, size)`.
            attention_mask: `(batch, T, S)`; in a subclass every mask there is.
            training: whether probabilities are dropped.
            return_attention_scores: whether the scores are wanted.
            use_causal_mask: whether queries do not see ahead; never True in a subclass, where the mask says it.
        """
        scale = inverse_root(self._key_dim)
        if np.ndim(query) == 4 and not return_attention_scores:
            return self._within_blocks(query, key, value, scale, attention_mask, use_causal_mask, training), None
        axes = self._attention_axes
        assert axes is not None
        mask = self._seen(query, value, attention_mask, use_causal_mask)
        return self._with_scores(query, key, value, scale, mask, training, axes)

    def _scores_shape(self, query: Any, value: Any) -> tuple[int | None, ...]:
        axes = self._axes(len(query))
        others = [query[a] for a in range(len(query) - 1) if a not in axes]
        return (*others, self._num_heads, *(query[a] for a in axes), *(value[a] for a in axes))

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:
        """The query's shape with the sizes of an output at its end."""
        self._check_shapes(query_shape, value_shape, value_shape if key_shape is None else key_shape)
        return (*query_shape[:-1], *(self._output_sizes or query_shape[-1:]))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self._num_heads,
            "key_dim": self._key_dim,
            "value_dim": self._value_dim,
            "output_shape": self._output_sizes,
            "attention_axes": self._attention_axes,
        }


def _sizes(value: Any, name: str, least: int | None = None) -> tuple[int, ...] | None:
    """A number, or several, as a tuple; None as it is."""
    if value is None:
        return None
    numbers = (value,) if whole(value) else value
    if not isinstance(numbers, (list, tuple)) or not all(whole(n) and (least is None or n >= least) for n in numbers):
        raise ValueError(
            f"MultiHeadAttention needs as {name} a whole number or several in a tuple; received {name}={value!r}"
        )
    return tuple(int(n) for n in numbers)
