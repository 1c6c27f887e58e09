"""A vector for each word of a vocabulary."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

import numpy as np

from kerasish import constraints, initializers, regularizers
from kerasish.backend.operators import cast_to, plain_index
from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers.base.compact import Compact
from kerasish.layers.base.layer_options import NamedOptions
from kerasish.ops.elementwise import maximum, where
from kerasish.ops.indexing import take
from kerasish.ops.ranks import joined, rows_here, summed


class _Options(NamedOptions, total=False):
    activity_regularizer: RegularizerLike
    input_length: int | None  # of former versions


class Embedding(Compact):
    """Turns whole numbers into vectors: a table with a row for each, learned by training.

    Args:
        input_dim: the number of rows: one more than the largest index.
        output_dim: the length of the vectors.
        embeddings_initializer: the first values of the table.
        embeddings_regularizer: a penalty on the table, added to the loss.
        embeddings_constraint: a projection of the table after each update.
        mask_zero: whether the index 0 is padding, which layers behind should ignore.
        weights: the first table itself, of shape `(input_dim, output_dim)`.
        lora_rank, lora_alpha: train two factors of this width in the table's place, see `enable_lora`.
        quantization_config: how the layer is quantized, if its policy says that it is.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, ...)`, output `(batch, ..., output_dim)`.

    Raises:
        ValueError: if a size is not a positive whole number, or `weights` has another shape.
        IndexError: in a call, if an index has no row.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Embedding(1000, 64)(np.array([[3, 1, 4]])).shape
        (1, 3, 64)
    """

    _main = "embeddings"
    _tables: tuple[str, ...] = ("embeddings",)
    _others = ()
    _modes = ("int8", "int4")
    cuts: ClassVar[dict[str, tuple[int, ...]]] = {"embeddings": (0, 1)}

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Unpack[_Options],
    ) -> None:
        kwargs.pop("input_length", None)  # of Keras 1 and 2, where it changed nothing but a shape
        super().__init__(**kwargs)
        self.input_dim = _positive(input_dim, "input_dim", self.name)
        self.output_dim = _positive(output_dim, "output_dim", self.name)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.autocast = False
        self._set_compact(lora_rank, lora_alpha, quantization_config)
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, (list, tuple)) else [weights])

    def build(self, input_shape: Any = None) -> None:
        """Make the table."""
        if not self._builds_in_bits((self.input_dim, self.output_dim)):
            self.embeddings = self.add_weight(
                name="embeddings",
                shape=(self.input_dim, self.output_dim),
                initializer=self.embeddings_initializer,
                regularizer=self.embeddings_regularizer,
                constraint=self.embeddings_constraint,
            )
        self._adapt()

    def call(self, inputs: Any) -> Any:
        """The rows of these indices."""
        if inputs.dtype.kind not in "iu":
            inputs = cast_to(inputs, dtype="int32")
        try:
            rows = take(self.embeddings, inputs, axis=0)
        except IndexError as error:
            raise self._no_such_row(inputs) from error
        return rows if rows.dtype == self._compute_kind else rows.astype(self.compute_dtype)

    def _call_in_pieces(self, inputs: Any) -> Any:
        """The same with a table that is cut over processes: by columns, or by rows, of which each process has some."""
        if inputs.dtype.kind not in "iu":
            inputs = cast_to(inputs, dtype="int32")
        ranks, table = self.embeddings.piece.ranks, self.embeddings.local()
        try:
            if self.embeddings.piece.axis == 1:
                rows = joined(take(table, inputs, axis=0), ranks=ranks)
            else:
                own = rows_here(inputs, ranks=ranks, size=self.input_dim // ranks.count)
                found = take(table, maximum(own, 0), axis=0)
                rows = summed(where(np.expand_dims(own >= 0, -1), found, 0), ranks=ranks)
        except IndexError as error:
            raise self._no_such_row(inputs) from error
        return rows if rows.dtype == self._compute_kind else rows.astype(self.compute_dtype)

    def _no_such_row(self, inputs: Any) -> IndexError:
        indices = plain_index(inputs)
        return IndexError(
            f"the layer {self.name!r} has rows for the indices from 0 to {self.input_dim - 1}; received indices "
            f"from {indices.min()} to {indices.max()}. Make it with a larger input_dim, or check the data"
        )

    def _layouts(self, shape: tuple[int, ...]) -> dict[str, Any]:
        return {"embeddings": self._in_bits.Layout(shape, summed=(1,), scale_shape=shape[:1], turned=True)}

    def _call_in_bits(self, inputs: Any) -> Any:
        if inputs.dtype.kind not in "iu":
            inputs = cast_to(inputs, dtype="int32")
        try:
            rows = self._in_bits.rows_of(self, inputs)
        except IndexError as error:
            raise self._no_such_row(inputs) from error
        if self.lora_enabled:
            rows = rows + self._product_of_factors(take(self._factors[0], inputs, axis=0))
        return rows if rows.dtype == self._compute_kind else rows.astype(self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where the index is not 0, if 0 is padding."""
        return np.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_spec(self, inputs: Any) -> Any:
        """The shape and dtype of the vectors."""
        return super().compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The shape of the indices, and the length of the vectors."""
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
            **self._compact_config(),
        }


def _positive(value: Any, name: str, layer: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise ValueError(f"the layer {layer!r} needs a positive whole number as {name}; received {name}={value!r}")
    return int(value)
