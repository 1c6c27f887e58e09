"""Numbers of categories as rows of zeros and ones."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.preprocessing.data_layer import DataLayer
from kerasish.layers.preprocessing.encoding import check_dense, checked_mode, encode, encoded_shape
from kerasish.layers.preprocessing.lookup_keys import as_whole_numbers


def _encoded_forward(indices: Any, *, owner: str, mode: str, depth: int, dtype: str) -> Any:
    return encode(as_whole_numbers(indices, owner), mode, depth, dtype)


def _encoded_spec(indices: Any, *, owner: str, mode: str, depth: int, dtype: str) -> KerasTensor:
    return KerasTensor(encoded_shape(indices.shape, mode, depth), dtype)


# In a step that is written down, the indices are looked at each time, as they are outside.
_encoded = primitive("category_encoding", _encoded_forward, shape=_encoded_spec)


class CategoryEncoding(DataLayer):
    """Whole numbers from 0 to `num_tokens - 1` as rows of zeros and ones.

    Args:
        num_tokens: how many categories there are.
        output_mode: `"one_hot"` for a row with a one for each element, in place of a last axis of size 1;
            `"multi_hot"` for one row for each sample, with a one for every category in it; `"count"` for how often
            each is in it.
        sparse: must be false.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments:
        inputs: whole numbers; others than those of a category leave no trace.
        count_weights: for `"count"`, what each element counts, in the shape of the inputs.

    Shapes: `(samples, elements)` to `(samples, num_tokens)`; to `(samples, elements, num_tokens)` in mode `"one_hot"`.

    Raises:
        ValueError: if `num_tokens` is missing or less than 1, or the mode is unknown.

    Example:
        >>> import kerasish as keras
        >>> keras.layers.CategoryEncoding(4)([[0, 1], [3, 3]])
        array([[1., 1., 0., 0.],
               [0., 0., 0., 1.]], dtype=float32)
        >>> keras.layers.CategoryEncoding(4, output_mode="count")([[0, 1], [3, 3]])
        array([[1., 1., 0., 0.],
               [0., 0., 0., 2.]], dtype=float32)
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        check_dense("CategoryEncoding", sparse=sparse)
        mode = "multi_hot" if output_mode == "binary" else output_mode  # its former name
        self.output_mode = checked_mode(mode, ("one_hot", "multi_hot", "count"), "CategoryEncoding")
        if num_tokens is None:
            raise ValueError(
                "CategoryEncoding needs num_tokens, the number of categories; where it is not known beforehand, use "
                "IntegerLookup"
            )
        if num_tokens < 1:
            raise ValueError(f"num_tokens must be at least 1; received {num_tokens}")
        self.num_tokens = num_tokens
        self.sparse = False

    def _as_data(self, value: Any) -> Any:
        return as_whole_numbers(value, f"the layer {self.name!r}")

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """The rows."""
        if count_weights is not None:
            if self.output_mode != "count":
                raise ValueError(
                    f"count_weights goes with output_mode='count'; the layer {self.name!r} has {self.output_mode!r}"
                )
            count_weights = np.asarray(count_weights, dtypes.numpy_dtype(self.compute_dtype))
        rows: dict[str, Any] = {"mode": self.output_mode, "depth": self.num_tokens, "dtype": self.compute_dtype}
        if isinstance(inputs, Tensor) and count_weights is None:
            return _encoded(inputs, owner=f"the layer {self.name!r}", **rows)
        return encode(self._as_data(inputs), **rows, weights=count_weights)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the rows."""
        return encoded_shape(input_shape, self.output_mode, self.num_tokens)

    def compute_output_spec(self, inputs: Any, count_weights: Any = None) -> Any:
        """The shape and dtype of the rows."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}
