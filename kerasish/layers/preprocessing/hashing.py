"""Strings and numbers as numbers of bins, without a vocabulary."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend import config
from kerasish.backend.symbolic import KerasTensor
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.preprocessing.data_layer import DataLayer
from kerasish.layers.preprocessing.encoding import check_dense, checked_mode, encode, encoded_shape
from kerasish.layers.preprocessing.lookup_keys import as_keys
from kerasish.layers.preprocessing.string_hashes import fingerprint64, siphash64


class Hashing(DataLayer):
    """`hash(input) % num_bins`: a number for each string or whole number, with no vocabulary to keep.

    Different inputs may share a bin. The hashes are those of Keras, so that a model goes on with the bins it was
    trained with.

    Args:
        num_bins: how many bins there are.
        mask_value: the input that stands for a missing one; it has bin 0 for itself, and the others share the rest.
        salt: a whole number, or two, for bins that nobody can foretell who does not know them: SipHash-2-4 in place of
            FarmHash.
        output_mode: `"int"` for the bins, `"one_hot"` for a row with a one for each element, in place of a last axis
            of size 1; `"multi_hot"` and `"count"` for one row for each sample.
        sparse: must be false.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`; `dtype` is `"int64"` in mode `"int"`, `floatx()` else.

    Shapes: `(samples, ...)` to the same in mode `"int"`; `(samples, elements)` to `(samples, num_bins)`, or
    `(samples, elements, num_bins)` for one-hot rows.

    Raises:
        ValueError: if there is no bin, or an argument cannot be used.
        TypeError: when called on something else than strings and numbers.

    Example:
        >>> import kerasish as keras
        >>> keras.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"]])
        array([[1],
               [0],
               [1]])

    Source: Weinberger et al., 2009, Feature hashing for large scale multitask learning
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else config.floatx()
        super().__init__(**kwargs)
        check_dense("Hashing", sparse=sparse)
        if num_bins is None or num_bins <= 0:
            raise ValueError(f"Hashing needs a number of bins of at least 1; received num_bins={num_bins}")
        self.output_mode = checked_mode(output_mode, ("int", "one_hot", "multi_hot", "count"), "Hashing")
        if output_mode == "int" and self.dtype_policy.name not in ("int32", "int64"):
            raise ValueError(
                f"in output_mode='int' the dtype of Hashing is 'int32' or 'int64'; received dtype={kwargs['dtype']!r}"
            )
        self.num_bins = num_bins
        self.mask_value = mask_value
        self.salt = checked_salt(salt, "Hashing")
        self.sparse = False

    def _of_data(self, inputs: Any) -> Any:
        """The bins, in the output mode."""
        return encode(self._bins(self._as_data(inputs)), self.output_mode, self.num_bins, self.compute_dtype)

    def _bins(self, keys: np.ndarray) -> np.ndarray:
        masks = self.mask_value is not None and self.num_bins > 1
        bins = hashed(keys, self.num_bins - masks, self.salt)
        return np.where(keys == self.mask_value, 0, bins + 1) if masks else bins

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input in mode `"int"`; rows for elements or samples else."""
        return encoded_shape(input_shape, self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        """The shape and dtype of the output."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": self.salt,
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


def hashed(keys: np.ndarray, count: int, salt: list[int] | None) -> np.ndarray:
    """A number from 0 to `count - 1` for each string, or for what each number is written as; floats lose fractions."""
    if keys.dtype.kind == "b":
        keys = np.where(keys, "true", "false").astype(object)
    elif keys.dtype.kind != "O":
        keys = as_keys(keys.astype(np.int64).astype(np.str_), "hashed")
    words = fingerprint64(keys) if salt is None else siphash64(keys, (salt[0], salt[1]))
    return (words % np.uint64(count)).astype(np.int64)


def checked_salt(salt: Any, owner: str) -> list[int] | None:
    """A salt as two whole numbers.

    Raises:
        ValueError: if it is something else than one, two, or None.
    """
    if salt is None:
        return None
    pair = list(salt) if isinstance(salt, (tuple, list)) else [salt, salt]
    if len(pair) != 2 or not all(isinstance(part, (int, np.integer)) and not isinstance(part, bool) for part in pair):
        raise ValueError(f"the salt of {owner} is a whole number or two of them; received salt={salt!r}")
    return [int(part) for part in pair]
