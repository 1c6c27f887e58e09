"""Strings as their numbers in a vocabulary."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.layers.preprocessing import vocabulary_files
from kerasish.layers.preprocessing.index_lookup import IndexLookup, LookupOptions
from kerasish.layers.preprocessing.lookup_keys import as_strings, checked_encoding


class StringLookup(IndexLookup):
    """The number of each string in a vocabulary, or a row for it; with `invert`, the string of each number.

    Unknown strings have number 0; those of the vocabulary count from 1. With a `mask_token`, in mode `"int"`, that has
    0 and the others come one later.

    Args:
        max_tokens: the most tokens of a vocabulary that `adapt` makes, with the mask and the unknown ones.
        num_oov_indices: how many numbers unknown strings have: with several, a hash decides which; with none, an
            unknown string is an error.
        mask_token: the string that stands for a missing one; it leaves no trace in rows.
        oov_token: with `invert`, what stands for unknown numbers.
        vocabulary: the strings, or the path of a text file with one a line; None where `adapt` finds them.
        idf_weights: in mode `"tf_idf"`, the weight of each string of `vocabulary`.
        invert: whether numbers become strings.
        output_mode: `"int"` for numbers, `"one_hot"` for a row with a one for each element, in place of a last axis
            of size 1; `"multi_hot"` for one row for each sample, with a one for every string in it; `"count"` for how
            often each is in it; `"tf_idf"` for that times the weights.
        pad_to_max_tokens: whether rows have length `max_tokens`, however many strings there are.
        sparse: must be false.
        encoding: how bytes stand for text.
        name: the layer's name.
        salt: a whole number, or two, as a secret for the hash of unknown strings.
        **kwargs: what older configurations have besides.

    Shapes: `(samples, ...)` to the same in mode `"int"`; `(samples, elements)` to `(samples, numbers)`, or
    `(samples, elements, numbers)` for one-hot rows.

    Raises:
        ValueError: if arguments cannot be used, or do not go together.
        TypeError: when called on something else than strings.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.StringLookup(vocabulary=["a", "b", "c"])
        >>> layer(np.array([["a", "c"], ["d", "b"]]))
        array([[1, 3],
               [0, 2]])
        >>> layer = keras.layers.StringLookup()
        >>> layer.adapt([["a", "b"], ["b", "c"]])
        >>> layer.get_vocabulary()
        ['[UNK]', 'b', 'c', 'a']
    """

    encoding: str

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Unpack[LookupOptions],
    ) -> None:
        # Before the base is set up, which reads the vocabulary with it.
        object.__setattr__(self, "encoding", checked_encoding(encoding, "StringLookup"))
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            name=name,
            salt=salt,
            **kwargs,
        )

    def _as_tokens(self, values: Any) -> np.ndarray:
        return as_strings(values, f"the layer {self.name!r}", self.encoding)

    def _checked_token(self, token: Any, argument: str) -> Any:
        if token is not None and not isinstance(token, str):
            raise TypeError(f"the {argument} of StringLookup is a string; received {token!r}")
        return token

    def _read_file(self, path: str) -> list[str]:
        return vocabulary_files.read(path, f"the layer {self.name!r}", self.encoding)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "encoding": self.encoding}
