"""Attention by products of queries and keys."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import matmul, multiply
from kerasish.backend.random import SeedGenerator
from kerasish.backend.symbolic import KerasTensor
from kerasish.layers.attention.attention_masks import as_booleans, both, within_reach
from kerasish.layers.base.layer import Layer
from kerasish.layers.regularization.dropout_masks import checked_rate, checked_seed
from kerasish.ops.attention import attention
from kerasish.ops.attention_rules import Rule
from kerasish.ops.elementwise import tanh, where
from kerasish.ops.nn import softmax
from kerasish.ops.noise import Dropping, dropout_mask, noisy

_CAUSAL = (None, 0)
# What is taken from the score of a key that is not seen.
_HIDING = {"float16": 65504.0}


class Attention(Layer):
    """For each query a mean of the values, weighted by how well their keys match: `softmax(Q Kᵀ) V`.

    Args:
        use_scale: whether the products are multiplied by a number that is learned.
        score_mode: `"dot"`: a key matches by its product with the query; `"concat"`: by `w Σ tanh(q + k)`, with a `w`
            that is learned.
        dropout: the share of the probabilities that is dropped in training.
        seed: of the dropout.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs are the list of query `(batch, T, size)`, value `(batch, S, values)` and key `(batch, S, size)`,
    which is the value by default. Output `(batch, T, values)`; with `return_attention_scores=True` the pair of it and
    the probabilities `(batch, T, S)`. `mask` is the list of masks of the query `(batch, T)`, outside of which the
    output is 0, and of the value `(batch, S)`, outside of which no query sees; either may be None. With
    `use_causal_mask` no query sees ahead.

    Raises:
        ValueError: if an argument is out of its range, or inputs or masks are not lists of two or three.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> query, value = np.ones((2, 3, 4), "float32"), np.ones((2, 5, 4), "float32")
        >>> keras.layers.Attention()([query, value]).shape
        (2, 3, 4)

    Source: Luong et al., Effective approaches to attention-based neural machine translation (2015), arXiv:1508.04025
    """

    only_passes_masks = True

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        kind = type(self).__name__
        if score_mode not in ("dot", "concat"):
            raise ValueError(f"{kind} needs 'dot' or 'concat' as score_mode; received score_mode={score_mode!r}")
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = checked_rate(dropout, kind)
        self.seed = checked_seed(seed, kind)
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        """Make the factors that are learned."""
        self._check(input_shape)
        self.scale = self._factor("scale", ()) if self.use_scale else None
        self.concat_score_weight = self._factor("concat_score_weight", ()) if self.score_mode == "concat" else None

    def _factor(self, name: str, shape: tuple[int, ...], initializer: str = "ones") -> Any:
        return self.add_weight(name=name, shape=shape, initializer=initializer)

    def _check(self, inputs: Any, mask: Any = None) -> None:
        """Raise ValueError unless inputs, or their shapes, and masks are lists of two or three."""
        if not isinstance(inputs, list) or not 2 <= len(inputs) <= 3:
            told = f"{len(inputs)} of them" if isinstance(inputs, list) else type(inputs).__name__
            told = "a list in which one is None" if inputs is None else told  # such a list has no shapes
            raise ValueError(
                f"the layer {self.name!r} takes a list, [query, value] or [query, value, key]; received {told}"
            )
        if mask is not None and (not isinstance(mask, list) or not 2 <= len(mask) <= 3):
            told = f"{len(mask)} of them" if isinstance(mask, list) else type(mask).__name__
            raise ValueError(
                f"the layer {self.name!r} takes a list of masks, [query_mask, value_mask], of which each may be None; "
                f"received {told}"
            )

    def _check_shapes(self, inputs: list[Any], mask: list[Any]) -> None:
        """Raise ValueError, naming the layer, if shapes do not belong together."""
        query, value, key = (np.shape(x) for x in (*inputs[:2], inputs[2] if len(inputs) > 2 else inputs[1]))
        fits = len(query) == len(value) == len(key) >= 2 and query[:-2] == value[:-2] == key[:-2]
        if not fits or query[-1] != key[-1] or value[-2] != key[-2]:
            raise ValueError(
                f"the layer {self.name!r} takes query (batch, T, size), value (batch, S, values) and key (batch, S, "
                f"size); received query {query}, value {value}, key {key}"
            )
        for name, part, steps in (("query", mask[0], query), ("value", mask[1], value)):
            if part is not None and np.shape(part) != steps[:-1]:
                raise ValueError(
                    f"the layer {self.name!r} takes a mask of the {name} of shape {steps[:-1]}; received "
                    f"{np.shape(part)}"
                )

    # -- calling ---------------------------------------------------------------------------------------------

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """What each query finds among the values; see the class."""
        self._check(inputs, mask)
        masks = [as_booleans(part) for part in mask or [None, None]]
        try:
            found, scores = self._attend(inputs, masks[1], training, return_attention_scores, use_causal_mask)
            if masks[0] is not None:
                found = multiply(found, np.expand_dims(masks[0], -1))
        except ValueError:
            self._check_shapes(inputs, masks)
            raise
        return (found, scores) if return_attention_scores else found

    def _attend(self, inputs: list[Any], mask: Any, training: bool, openly: bool, causal: bool) -> Any:
        query, value, key = inputs[0], inputs[1], inputs[-1]
        replaced = any(
            getattr(type(self), name) is not getattr(Attention, name) for name in ("_calculate_scores", "_apply_scores")
        )
        if openly or replaced or self.score_mode != "dot" or np.ndim(query) != 3:
            scores = self._calculate_scores(query, key)
            return self._apply_scores(scores, value, self._calculate_score_mask(scores, mask, causal), training)
        query = query if self.scale is None else multiply(query, self.scale)
        rule = Rule(1.0, _CAUSAL if causal and mask is None else (None, None), dropping=self._dropping(training))
        bias = None
        if mask is not None:
            seen = self._calculate_score_mask(np.empty((np.shape(query)[1], np.shape(key)[1])), mask, causal)
            bias = np.expand_dims(self._hiding(seen, query.dtype), 1)
        query, key, value = (np.expand_dims(x, 2) for x in (query, key, value))  # of one head
        return np.squeeze(attention(query, key, value, rule, bias), 2), None

    def _dropping(self, training: bool) -> Dropping | None:
        return Dropping(self.seed_generator, self.dropout) if training and self.dropout > 0 else None

    def _hiding(self, seen: Any, dtype: Any) -> Any:
        """What is added to scores so that keys that are not seen do not count, `(batch, T or 1, S)`."""
        seen = np.expand_dims(seen, -2) if seen.ndim == 2 else seen
        kind = np.dtype(dtype).type
        return where(seen, kind(0), kind(-_HIDING.get(str(dtype), 1e9)))

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        """How well each key matches each query, `(batch, T, S)`."""
        if self.score_mode == "dot":
            scores = matmul(query, np.swapaxes(key, -1, -2))
            return scores if self.scale is None else multiply(scores, self.scale)
        sums = np.expand_dims(query, -2) + np.expand_dims(key, -3)
        sums = sums if self.scale is None else multiply(sums, self.scale)
        return multiply(np.sum(tanh(sums), axis=-1), self.concat_score_weight)

    def _calculate_score_mask(self, scores: Any, v_mask: Any, use_causal_mask: bool) -> Any:
        """Which key counts, by the value's mask and the order; None if all do."""
        if not use_causal_mask:
            return v_mask
        near = within_reach(scores.shape[-2], scores.shape[-1], _CAUSAL)
        return both(None if v_mask is None else np.expand_dims(v_mask, -2), near)

    def _apply_scores(self, scores: Any, value: Any, scores_mask: Any = None, training: bool = False) -> Any:
        """The values' mean for each query, and the probabilities."""
        if scores_mask is not None:
            scores = scores + self._hiding(scores_mask, scores.dtype)
        weights = softmax(scores)
        dropping = self._dropping(training)
        if dropping is not None:
            weights = noisy(weights, lambda shape, dtype: (dropout_mask(*dropping, shape, dtype), None), dropping)
        return matmul(weights, value), weights

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the query."""
        self._check(inputs, mask)
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the query, with the size of a value."""
        return (*input_shape[0][:-1], input_shape[1][-1])

    def compute_output_spec(
        self,
        inputs: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """The shape of what is found, and that of the scores, if they are returned."""
        self._check(inputs, mask)
        shapes = [x.shape for x in inputs]
        found = KerasTensor(self.compute_output_shape(shapes), self.compute_dtype)
        if not return_attention_scores:
            return found
        return found, KerasTensor((*shapes[0][:-1], shapes[-1][-2]), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }
