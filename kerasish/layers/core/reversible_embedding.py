"""An embedding that also goes the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.masks import with_mask
from kerasish.backend.operators import cast_to, matmul
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.core.embedding import Embedding
from kerasish.ops.elementwise import tanh


class ReversibleEmbedding(Embedding):
    """Turns whole numbers into vectors, and, with `reverse=True`, vectors into a logit for each of the numbers.

    Args:
        input_dim: the number of rows: one more than the largest index.
        output_dim: the length of the vectors.
        tie_weights: whether the way back is by the same table; else it has one of its own.
        embeddings_initializer: the first values of the tables.
        embeddings_regularizer: a penalty on the table, added to the loss.
        embeddings_constraint: a projection of the table after each update.
        mask_zero: whether the index 0 is padding, which layers behind should ignore.
        reverse_dtype: the dtype that the way back is computed in; that of the layer by default.
        logit_soft_cap: a bound of the logits: `cap · tanh(logits / cap)`.
        **kwargs: `weights` of `Embedding`; `name`, `dtype`, `trainable` of `Layer`.

    Shapes: indices `(batch, ...)` to vectors `(batch, ..., output_dim)`; back from these to `(batch, ..., input_dim)`.

    Raises:
        ValueError: if a size is not a positive whole number.
        IndexError: in a call, if an index has no row.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.ReversibleEmbedding(1000, 64)
        >>> layer(layer(np.array([[3, 1, 4]])), reverse=True).shape
        (1, 3, 1000)

    Source: Press and Wolf, Using the output embedding to improve language models (2016), arXiv:1608.05859
    """

    tie_weights: Any
    _tables: tuple[str, ...] = ("embeddings", "reverse_embeddings")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        object.__setattr__(self, "_tables", ("embeddings",) if tie_weights else type(self)._tables)
        object.__setattr__(self, "tie_weights", tie_weights)  # the base may build at once
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap

    _quantizes_inputs = ("int8", "int4")

    def build(self, input_shape: Any = None) -> None:
        """Make the table, and the one for the way back, if it has its own."""
        super().build(input_shape)
        if not self.tie_weights and self.quantization_mode is None:
            self.reverse_embeddings = self.add_weight(
                name="reverse_embeddings",
                shape=(self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
            )

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        """The rows of these indices; or the logits of these vectors."""
        if reverse:
            return self._logits(inputs)
        rows = super().call(inputs)
        if self.mask_zero:
            rows = with_mask(rows, np.not_equal(inputs, 0))
        return rows

    def _logits(self, vectors: Any) -> Any:
        self._check_length(vectors)
        kernel = np.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        if self.reverse_dtype is not None:
            vectors, kernel = (cast_to(x, dtype=str(self.reverse_dtype)) for x in (vectors, kernel))
        return self._capped(matmul(vectors, kernel))

    def _check_length(self, vectors: Any) -> None:
        if vectors.shape[-1] != self.output_dim:
            raise ValueError(
                f"the layer {self.name!r} turns vectors of length {self.output_dim} back; received shape "
                f"{tuple(vectors.shape)}"
            )

    def _capped(self, logits: Any) -> Any:
        cap = self.logit_soft_cap
        return logits if cap is None else tanh(logits / cap) * cap

    def _layouts(self, shape: tuple[int, ...]) -> dict[str, Any]:
        found = super()._layouts(shape)
        if not self.tie_weights:
            found["reverse_embeddings"] = self._in_bits.Layout(
                shape[::-1], summed=(0,), scale_shape=shape[:1], halved=0, zero_dtype=self.variable_dtype
            )
        return found

    def _call_in_bits(self, inputs: Any, reverse: bool = False) -> Any:
        if not reverse:
            rows = super()._call_in_bits(inputs)
            return with_mask(rows, np.not_equal(inputs, 0)) if self.mask_zero else rows
        self._check_length(inputs)
        table = "embeddings" if self.tie_weights else "reverse_embeddings"
        return self._capped(self._in_bits.weighted(self, inputs, table, self._in_bits.Contraction(summed=1)))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: vectors of indices get their mask in the call, and logits have none."""
        return None

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> Any:
        """The shape of the vectors; or that of the logits."""
        return (*input_shape[:-1], self.input_dim) if reverse else (*input_shape, self.output_dim)

    def compute_output_spec(self, inputs: Any, reverse: bool = False) -> Any:
        """The same, with the dtype."""
        return KerasTensor(self.compute_output_shape(inputs.shape, reverse), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tie_weights": self.tie_weights,
            "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }
