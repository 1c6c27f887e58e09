"""What the attention layers with several heads have in common: projections in and out, and masks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish import constraints, initializers, regularizers
from kerasish.backend import config
from kerasish.backend.operators import multiply
from kerasish.backend.sizes import whole
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.activations.softmax import Softmax
from kerasish.layers.attention import attention_masks
from kerasish.layers.base.inner_building import build_within
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.einsum_dense import EinsumDense
from kerasish.layers.regularization.dropout import Dropout
from kerasish.layers.regularization.dropout_masks import checked_rate, checked_seed
from kerasish.ops.attention import attention
from kerasish.ops.attention_rules import Rule
from kerasish.ops.contraction import einsum
from kerasish.ops.noise import Dropping

_RULES = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}


class HeadedAttention(Layer):
    """Queries, keys and values are projected into heads, each head attends by itself, and what they find is projected.

    A subclass makes the projections in `build`, and says with `_heads` how many heads the queries have.

    Args:
        dropout: the share of the probabilities that is dropped in training.
        use_bias: whether the projections have biases.
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

    Raises:
        ValueError: if an argument is out of its range.
    """

    _query_dense: Any
    _key_dense: Any
    _value_dense: Any
    _gate_dense: Any
    _output_dense: Any

    def __init__(
        self,
        dropout: float,
        use_bias: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        kernel_initializer: InitializerLike,
        bias_initializer: InitializerLike,
        kernel_regularizer: RegularizerLike,
        bias_regularizer: RegularizerLike,
        activity_regularizer: RegularizerLike,
        kernel_constraint: ConstraintLike,
        bias_constraint: ConstraintLike,
        use_gate: bool,
        seed: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self._dropout = checked_rate(dropout, type(self).__name__)
        self.seed = checked_seed(seed, type(self).__name__)
        self._use_bias = use_bias
        self._use_gate = use_gate
        self._sliding_window = None if sliding_window is None else self._positive(sliding_window, "sliding_window")
        self._flash_attention = flash_attention or config.is_flash_attention_enabled()
        self._kernel_initializer = initializers.get(kernel_initializer)
        self._bias_initializer = initializers.get(bias_initializer)
        self._kernel_regularizer = regularizers.get(kernel_regularizer)
        self._bias_regularizer = regularizers.get(bias_regularizer)
        self._activity_regularizer = regularizers.get(activity_regularizer)
        self._kernel_constraint = constraints.get(kernel_constraint)
        self._bias_constraint = constraints.get(bias_constraint)
        if self._flash_attention and dropout > 0:
            raise ValueError(
                f"{type(self).__name__}: flash_attention=True does not go with dropout; received dropout={dropout!r}"
            )

    def _positive(self, value: Any, name: str) -> int:
        if not whole(value) or value < 1:
            raise ValueError(
                f"{type(self).__name__} needs a positive whole number as {name}; received {name}={value!r}"
            )
        return int(value)

    @property
    def dropout(self) -> float:
        """The share of the probabilities that is dropped in training."""
        return self._dropout

    @property
    def use_bias(self) -> bool:
        """Whether the projections have biases."""
        return self._use_bias

    @property
    def _heads(self) -> int:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        rules = {
            f"{role}_{rule}": module.serialize(getattr(self, f"_{role}_{rule}"))
            for role in ("kernel", "bias")
            for rule, module in _RULES.items()
        }
        return {
            **super().get_config(),
            "dropout": self.dropout,
            "use_bias": self._use_bias,
            "use_gate": self._use_gate,
            "sliding_window": self._sliding_window,
            **rules,
            "activity_regularizer": regularizers.serialize(self._activity_regularizer),
            "seed": self.seed,
        }

    # -- building --------------------------------------------------------------------------------------------

    def _projection(
        self, name: str, equation: str, sizes: Any, bias_axes: str, shape: Any, activation: str | None = None
    ) -> EinsumDense:
        """A projection for inputs of this shape, with its weights."""
        made = EinsumDense(
            equation,
            sizes,
            activation=activation,
            bias_axes=bias_axes if self._use_bias else None,
            kernel_initializer=_like(self._kernel_initializer),
            bias_initializer=_like(self._bias_initializer),
            kernel_regularizer=self._kernel_regularizer,
            bias_regularizer=self._bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self._kernel_constraint,
            bias_constraint=self._bias_constraint,
            name=name,
            dtype=self.dtype_policy,
        )
        made.supports_masking = True
        build_within(self, made, shape)
        return made

    def _add_parts(self, axes: int) -> None:
        """Make the layers without weights: the softmax over so many axes, and the dropout."""
        self._softmax = Softmax(axis=-1 if axes == 1 else tuple(range(-axes, 0)), dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self._dropout, seed=self.seed, dtype=self.dtype_policy)

    def _check_shapes(self, query: Any, value: Any, key: Any) -> None:
        """Raise ValueError, naming the layer, unless the three have axes in common where they must."""
        told = f"received query {tuple(query)}, value {tuple(value)}, key {tuple(key)}"
        if min(len(query), len(value), len(key)) < 3:
            raise ValueError(
                f"the layer {self.name!r} takes query, value and key of shape (batch, length, features), with 3 axes "
                f"or more; {told}"
            )
        if tuple(value[1:-1]) != tuple(key[1:-1]):
            raise ValueError(
                f"the layer {self.name!r} needs one value for each key: their shapes may differ in the last size only; "
                f"{told}"
            )
        if None not in (query[0], value[0], key[0]) and not query[0] == value[0] == key[0]:
            raise ValueError(f"the layer {self.name!r} needs query, value and key of one batch; {told}")

    def _check_features(self, query: Any, value: Any, key: Any) -> None:
        """Raise ValueError, naming the layer, unless features are as many as when it was built."""
        projections = (("query", self._query_dense), ("value", self._value_dense), ("key", self._key_dense))
        for (name, projection), shape in zip(projections, (query, value, key), strict=True):
            if shape[-1] != projection.kernel.shape[0]:
                raise ValueError(
                    f"the layer {self.name!r} was built for a {name} of {projection.kernel.shape[0]} features; "
                    f"received {name} of shape {tuple(shape)}"
                )

    # -- calling ---------------------------------------------------------------------------------------------

    def __call__(self, query: Any, value: Any = None, *args: Any, **kwargs: Any) -> Any:
        if value is None:
            raise TypeError(
                f"the layer {self.name!r} ({type(self).__name__}) takes a query and a value, layer(query, value); the "
                "value is missing or None. For a sequence that looks at itself: layer(x, x)."
            )
        return super().__call__(query, value, *args, **kwargs)

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """What each query finds among the values; see the class."""
        key = value if key is None else key
        if self._flash_attention and return_attention_scores:
            raise ValueError(
                f"the layer {self.name!r} was made with flash_attention=True, which does not go with "
                "return_attention_scores=True"
            )
        try:
            mask = attention_masks.combined(query_mask, value_mask, key_mask, attention_mask)
            found, scores = self._attend(query, value, key, mask, return_attention_scores, training, use_causal_mask)
        except ValueError:
            query_shape, value_shape = np.shape(query), np.shape(value)
            self._check_shapes(query_shape, value_shape, np.shape(key))
            self._check_features(query_shape, value_shape, np.shape(key))
            rows, columns = query_shape[:-1], value_shape[:-1]
            self._check_mask("query_mask", query_mask, rows)
            self._check_mask("value_mask", value_mask, columns)
            self._check_mask("key_mask", key_mask, columns)
            self._check_mask("attention_mask", attention_mask, (*rows, *columns[1:]))
            raise
        if self._use_gate:
            found = multiply(found, self._gate_dense(query))
        found = self._output_dense(found)
        return (found, scores) if return_attention_scores else found

    def _attend(self, query: Any, value: Any, key: Any, mask: Any, openly: bool, training: Any, causal: bool) -> Any:
        raise NotImplementedError

    def _check_mask(self, name: str, mask: Any, sizes: tuple[int, ...]) -> None:
        """Raise ValueError, naming the layer, if a mask does not fit. One of pairs may have an axis for the heads."""
        shape = () if mask is None else tuple(np.shape(mask))
        full = (sizes[0], self._heads, *sizes[1:]) if len(shape) > len(sizes) else sizes
        if len(shape) > len(full) or any(n not in (1, m) for n, m in zip(shape[::-1], full[::-1], strict=False)):
            raise ValueError(
                f"the layer {self.name!r} takes as {name} a shape that broadcasts with {full}; received shape {shape}"
            )

    def _seen(self, query: Any, value: Any, mask: Any, causal: bool) -> Any:
        """One mask of all that hides a key from a query: the mask given, the order, and the window."""
        reach = attention_masks.reach_of(causal, self._sliding_window)
        return attention_masks.both(mask, attention_masks.within_reach(query.shape[1], value.shape[1], reach))

    def _within_blocks(
        self, query: Any, key: Any, value: Any, scale: float, mask: Any, causal: bool, training: bool | None
    ) -> Any:
        """Attention in one go. With dropout, a query that sees nothing gets 0, as where there are scores to return."""
        drops = self.dropout > 0
        dropping = Dropping(self._dropout_layer.seed_generator, self.dropout) if drops and training else None
        reach = attention_masks.reach_of(causal, self._sliding_window)
        rule = Rule(scale, reach, zero_if_blind=drops, dropping=dropping)
        return attention(query, key, value, rule, mask=attention_masks.beside_scores(mask, 4))

    def _with_scores(
        self,
        query: Any,
        key: Any,
        value: Any,
        scale: float,
        mask: Any,
        training: bool | None,
        axes: tuple[int, ...] = (1,),
    ) -> tuple[Any, Any]:
        """Attention with all scores, over any axes: what is found, and the probabilities before dropout."""
        queries, keys, made = letters(np.ndim(query), axes)
        scores = einsum(f"{queries},{keys}->{made}", multiply(query, np.asarray(scale, query.dtype)), key)
        scores = self._softmax(scores, mask=attention_masks.beside_scores(mask, np.ndim(scores), len(axes)))
        left = self._dropout_layer(scores, training=training) if self.dropout > 0 else scores
        return einsum(f"{made},{keys}->{queries}", left, value), scores

    def compute_output_spec(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """The shape of what is found, and that of the scores, if they are returned."""
        shape = self.compute_output_shape(query.shape, value.shape, None if key is None else key.shape)
        found = KerasTensor(shape, self.compute_dtype)
        if not return_attention_scores:
            return found
        return found, KerasTensor(self._scores_shape(query.shape, value.shape), self.compute_dtype)

    def _scores_shape(self, query: Any, value: Any) -> tuple[int | None, ...]:
        return (query[0], self._heads, query[1], value[1])


def _like(initializer: Any) -> Any:
    """Another initializer of the kind, which draws other numbers unless it has a seed."""
    return (
        type(initializer).from_config(initializer.get_config()) if hasattr(initializer, "get_config") else initializer
    )


def letters(rank: int, axes: tuple[int, ...]) -> tuple[str, str, str]:
    """The axes of queries, of keys and values, and of scores, as letters; the last of each is the features'.

    Scores have the axes that are not attended over, the heads' last among them, then the queries', then the keys'.
    """
    queries = "abcdefghijklm"[:rank]
    keys = "".join(letter.upper() if i in axes else letter for i, letter in enumerate(queries))
    others = "".join(letter for i, letter in enumerate(queries[:-1]) if i not in axes)
    return queries, keys, others + "".join(queries[a] for a in axes) + "".join(keys[a] for a in axes)


def inverse_root(size: int) -> float:
    """`1 / √size`, by which products of vectors of this size are scaled."""
    return 1 / math.sqrt(size)
