"""Whole numbers as their places in a vocabulary."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.layers.preprocessing.index_lookup import IndexLookup, LookupOptions
from kerasish.layers.preprocessing.lookup_keys import as_whole_numbers


class IntegerLookup(IndexLookup):
    """The place of each whole number in a vocabulary, or a row for it; with `invert`, the number of each place.

    For numbers that are names, such as product codes. Unknown ones have place 0; those of the vocabulary count from 1.

    Args:
        max_tokens: the most numbers of a vocabulary that `adapt` makes, with the mask and the unknown ones.
        num_oov_indices: how many places unknown numbers have: with several, `oov_method` decides which; with none, an
            unknown number is an error.
        mask_token: the number that stands for a missing one; it leaves no trace in rows.
        oov_token: with `invert`, what stands for unknown places.
        vocabulary: the numbers, or the path of a text file with one a line; None where `adapt` finds them.
        vocabulary_dtype: must be `"int64"`.
        idf_weights: in mode `"tf_idf"`, the weight of each number of `vocabulary`.
        invert: whether places become numbers.
        output_mode: `"int"` for places, `"one_hot"` for a row with a one for each element, in place of a last axis of
            size 1; `"multi_hot"`, `"count"` and `"tf_idf"` for one row for each sample.
        sparse: must be false.
        pad_to_max_tokens: whether rows have length `max_tokens`, however many numbers there are.
        oov_method: which of several places an unknown number has: `"floormod"`, the rest of a division, or
            `"farmhash"`, which mixes well.
        salt: with `"farmhash"`, a whole number, or two, as a secret for the hash.
        name: the layer's name.
        **kwargs: what older configurations have besides.

    Shapes: `(samples, ...)` to the same in mode `"int"`; `(samples, elements)` to `(samples, places)`, or
    `(samples, elements, places)` for one-hot rows.

    Raises:
        ValueError: if arguments cannot be used, or do not go together.
        TypeError: when called on something else than whole numbers.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.IntegerLookup(vocabulary=[12, 36, 1138])
        >>> layer(np.array([[12, 1138], [42, 36]]))
        array([[1, 3],
               [0, 2]])
    """

    vocabulary_dtype = "int64"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Unpack[LookupOptions],
    ) -> None:
        if vocabulary_dtype != "int64":
            raise ValueError(f"the vocabulary_dtype of IntegerLookup is 'int64'; received {vocabulary_dtype!r}")
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens,
            oov_method=oov_method,
            salt=salt,
            name=name,
            **kwargs,
        )

    def _as_tokens(self, values: Any) -> np.ndarray:
        return as_whole_numbers(values, f"the layer {self.name!r}")

    def _checked_token(self, token: Any, argument: str) -> Any:
        if token is not None and (isinstance(token, bool) or not isinstance(token, (int, np.integer))):
            raise TypeError(f"the {argument} of IntegerLookup is a whole number; received {token!r}")
        return None if token is None else int(token)

    def _from_lines(self, lines: list[str]) -> list[int]:
        return [int(line) for line in lines if line]

    def _read_file(self, path: str) -> list[int]:
        return self._from_lines(super()._read_file(path))

    def _of_data(self, inputs: Any) -> Any:
        """The places of numbers in the output mode; with `invert`, the numbers of places."""
        found = super()._of_data(inputs)
        return found.astype(np.int64) if self.invert else found

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "vocabulary_dtype": self.vocabulary_dtype}
