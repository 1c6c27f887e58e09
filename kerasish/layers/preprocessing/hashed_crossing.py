"""Two or more features taken together, as the number of a bin."""

from __future__ import annotations

from functools import reduce
from typing import Any, Unpack

import numpy as np

from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import DTypeLike
from kerasish.layers.base.layer_options import BareOptions
from kerasish.layers.preprocessing.data_layer import DataLayer
from kerasish.layers.preprocessing.encoding import check_dense, checked_mode, encode, encoded_shape
from kerasish.layers.preprocessing.lookup_keys import as_keys
from kerasish.layers.preprocessing.string_hashes import fingerprint64, joined

_SEED = np.uint64(0xDECAFCAFFE)


class HashedCrossing(DataLayer):
    """`hash(features together) % num_bins`: a number for each combination of the values of two or more features.

    Where the effect of one feature depends on another, a linear model can learn it from the combination.

    Args:
        num_bins: how many bins there are.
        output_mode: `"int"` for the bins, `"one_hot"` for rows with a one.
        sparse: must be false.
        name, dtype: as in `Layer`; `dtype` is `"int64"` in mode `"int"` by default.
        **kwargs: ignored.

    Shapes: two or more inputs of one shape, `()`, `(samples,)` or `(samples, 1)`, strings or whole numbers; the output
    has that shape, or `(samples, num_bins)`.

    Raises:
        ValueError: if there is no bin, or the inputs do not go together.
        TypeError: when called on something else than strings and whole numbers.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.HashedCrossing(num_bins=5)
        >>> layer((np.array(["A", "B", "A"]), np.array([101, 101, 102])))
        array([1, 4, 3])
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: DTypeLike = None,
        **kwargs: Unpack[BareOptions],
    ) -> None:
        if output_mode == "int" and dtype is None:
            dtype = "int64"
        super().__init__(name=name, dtype=dtype)
        check_dense("HashedCrossing", sparse=sparse)
        self.output_mode = checked_mode(output_mode, ("int", "one_hot"), "HashedCrossing")
        if num_bins is None or num_bins <= 0:
            raise ValueError(f"HashedCrossing needs a number of bins of at least 1; received num_bins={num_bins}")
        self.num_bins = num_bins
        self.sparse = False

    def _as_data(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or len(value) < 2:
            raise ValueError(
                f"the layer {self.name!r} takes a list of two or more inputs; received {_described(value)}"
            )
        owner = f"the layer {self.name!r}"
        return [as_keys(part, owner) for part in value]

    def call(self, inputs: Any) -> Any:
        """The bins, in the output mode."""
        keys = self._as_data(inputs)
        self._check(keys)
        words = [_words(k.reshape(-1)) for k in keys]
        bins = reduce(joined, words, np.full(keys[0].size, _SEED)) % np.uint64(self.num_bins)
        bins = bins.astype(np.int64).reshape(keys[0].shape)
        return encode(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def _check(self, keys: list[np.ndarray]) -> None:
        shapes = [k.shape for k in keys]
        if any(shape != shapes[0] for shape in shapes) or len(shapes[0]) > 2 or shapes[0][1:] not in ((), (1,)):
            raise ValueError(
                f"the inputs of the layer {self.name!r} have one shape, (), (samples,) or (samples, 1); received "
                f"{shapes}"
            )
        if any(k.dtype.kind == "f" for k in keys):
            raise TypeError(
                f"the layer {self.name!r} works with strings and whole numbers; received {[str(k.dtype) for k in keys]}"
            )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of one input, or of rows.

        Raises:
            ValueError: if there are not two or more shapes that are equal.
        """
        if len(input_shape) < 2 or not all(isinstance(shape, (tuple, list)) for shape in input_shape):
            raise ValueError(f"the layer {self.name!r} takes two or more inputs; received shapes {input_shape}")
        first = tuple(input_shape[0])
        if any(tuple(shape[1:]) != first[1:] for shape in input_shape):
            raise ValueError(f"the inputs of the layer {self.name!r} have one shape; received {input_shape}")
        return encoded_shape(first, self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        """The shape and dtype of the output."""
        return KerasTensor(self.compute_output_shape([x.shape for x in inputs]), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype,
        }


def _words(keys: np.ndarray) -> np.ndarray:
    """Strings by their hash, whole numbers as they are."""
    return fingerprint64(keys) if keys.dtype.kind == "O" else keys.astype(np.int64).view(np.uint64)


def _described(value: Any) -> str:
    return f"one of shape {value.shape}" if hasattr(value, "shape") else f"{value!r:.60}"
