"""Texts as numbers of words, or rows for them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Unpack

import numpy as np

from kerasish.backend import budget, config
from kerasish.backend.symbolic import KerasTensor
from kerasish.layers.preprocessing import vocabulary_files
from kerasish.layers.preprocessing.adapting import batches_of, is_data
from kerasish.layers.preprocessing.data_layer import DataLayer
from kerasish.layers.preprocessing.encoding import DROPPED, check_dense, encoded_shape
from kerasish.layers.preprocessing.index_lookup import LookupOptions
from kerasish.layers.preprocessing.lookup_keys import as_strings, checked_encoding
from kerasish.layers.preprocessing.string_lookup import StringLookup
from kerasish.layers.preprocessing.text import SPLIT, STANDARDIZE, padded, standardized, with_ngrams
from kerasish.saving.serialization import deserialize_keras_object


class TextVectorization(DataLayer):
    """Texts as the numbers of their words, for an `Embedding`, or as rows with a place for each word.

    A text is put into one form, split into words, the words perhaps joined into n-grams, and these looked up in a
    vocabulary that is given or made by `adapt`. In mode `"int"` 0 fills up short texts, 1 stands for unknown words,
    and the vocabulary counts from 2; in the other modes unknown words have place 0.

    Args:
        max_tokens: the most words of a vocabulary that `adapt` makes, with what fills up and the unknown one.
        standardize: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"`, None, or a function of an array
            of strings.
        split: `"whitespace"`, `"character"`, None where texts are words already, or a function of an array of strings
            that returns a list of words for each.
        ngrams: None, the greatest number of neighbouring words to join, or a tuple of such numbers.
        output_mode: `"int"`; `"multi_hot"`, with a one for every word of the text; `"count"` for how often it is
            there; `"tf_idf"` for that times the weight of rare words.
        output_sequence_length: in mode `"int"`, the length to which texts are cut or filled up; by default that of
            the longest.
        pad_to_max_tokens: whether rows have length `max_tokens`, however many words there are.
        vocabulary: the words, or the path of a text file with one a line.
        idf_weights: in mode `"tf_idf"`, the weight of each word of `vocabulary`.
        sparse, ragged: must be false.
        encoding: how bytes stand for text.
        name: the layer's name.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Shapes: `(samples,)` or `(samples, 1)` to `(samples, words)` in mode `"int"`, to `(samples, vocabulary)` in the
    others.

    Raises:
        ValueError: if an argument cannot be used, or a text does not stand alone in the last axis.
        TypeError: when called on something else than strings.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["foo bar", "bar baz", "baz bada boom"])
        >>> layer(["foo qux bar", "qux baz"])
        array([[4, 1, 3, 0],
               [1, 2, 0, 0]])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Unpack[LookupOptions],
    ) -> None:
        has_vocabulary = kwargs.pop("has_input_vocabulary", vocabulary is not None)
        vocabulary_size = kwargs.pop("vocabulary_size", None)
        super().__init__(name=name, **kwargs)
        check_dense("TextVectorization", sparse=sparse, ragged=ragged)
        _check_choice("standardize", standardize, STANDARDIZE)
        _check_choice("split", split, SPLIT)
        self._standardize = standardize
        self._split = split
        self._ngrams_arg = ngrams
        self._ngrams = _widths(ngrams)
        self._encoding = checked_encoding(encoding, "TextVectorization")
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=output_mode,
            has_input_vocabulary=has_vocabulary,
            encoding=encoding,
            vocabulary_size=vocabulary_size,
        )
        self._output_mode = self._lookup_layer.output_mode
        self._output_sequence_length = _checked_length(output_sequence_length, self._output_mode)

    @property
    def compute_dtype(self) -> str:
        """The dtype of texts."""
        return "string"

    @property
    def variable_dtype(self) -> str:
        """The dtype of texts."""
        return "string"

    # -- from texts to tokens --------------------------------------------------------------------------------

    def _as_data(self, value: Any) -> Any:
        return as_strings(value, f"the layer {self.name!r}", self._encoding)

    def _tokens(self, inputs: Any) -> tuple[tuple[int, ...], list[list[str]]]:
        """The tokens of each text, and the shape in which the texts lie."""
        texts = self._as_data(inputs)
        if callable(self._standardize):
            texts = self._as_data(self._standardize(texts.astype(np.str_)))
        elif self._standardize is not None:
            texts = standardized(texts, self._standardize)
        shape, rows = self._split_up(texts)
        if self._ngrams is not None:
            rows = [with_ngrams(row, self._ngrams) for row in rows]
        return shape, rows

    def _split_up(self, texts: np.ndarray) -> tuple[tuple[int, ...], list[list[str]]]:
        if self._split is None:
            texts = np.atleast_1d(texts)
            return texts.shape[:-1], texts.reshape(-1, texts.shape[-1]).tolist()
        if texts.ndim > 1:
            if texts.shape[-1] != 1:
                raise ValueError(
                    f"the layer {self.name!r} splits texts of shape (samples,) or (samples, 1); received shape "
                    f"{texts.shape}. Give split=None where words are split already."
                )
            texts = texts[..., 0]
        flat = texts.reshape(-1)
        if callable(self._split):
            rows = [list(map(str, row)) for row in self._split(flat.astype(np.str_))]
            if len(rows) != len(flat):
                raise ValueError(
                    f"the split function of the layer {self.name!r} returned {len(rows)} lists for {len(flat)} texts"
                )
        else:
            split = SPLIT[self._split]
            rows = [split(text) for text in flat.tolist()]
        return texts.shape, rows

    # -- the vocabulary --------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Make the vocabulary: the words of the texts, the most frequent first.

        Args:
            data: texts in an array or a list, or something that yields batches of them.
            batch_size: accepted for compatibility.
            steps: how many batches, if not all.

        Raises:
            ValueError: if the layer was given its vocabulary.
        """
        self.reset_state()
        if is_data(data):
            texts = self._as_data(data)
            self.update_state(texts[:, None] if texts.ndim == 1 else texts)
        else:
            for batch in batches_of(data, "TextVectorization", steps):
                self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the words of a batch of texts."""
        self._lookup_layer._count(self._tokens(data)[1])

    def finalize_state(self) -> None:
        """Make the vocabulary from the words counted so far."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forget the words counted so far."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words in the order of their numbers.

        Args:
            include_special_tokens: whether what fills up and the unknown word come first, so that places are numbers.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are, with that which fills up and that of unknown words."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replace the vocabulary; see `StringLookup.set_vocabulary`."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights=idf_weights)

    # -- calling ---------------------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Nothing depends on the shape of the texts."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The numbers of the words, or rows for the texts."""
        shape, rows = self._tokens(inputs)
        lookup, ends = self._lookup_layer, np.cumsum([0, *map(len, rows)])
        places = lookup.places(np.array([token for row in rows for token in row], dtype=object))
        parts = [places[start:end] for start, end in pairwise(ends)]
        if self._output_mode == "int":
            table = padded(parts, self._output_sequence_length, 0)
            return table.reshape(*shape, table.shape[1])
        table = padded(parts, None, DROPPED)
        table = table.reshape(*shape, table.shape[1])
        return lookup.encoded(table[..., None] if self._output_mode == "one_hot" else table)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The texts' shape with an axis of words, or of the vocabulary."""
        shape = tuple(input_shape)
        words = None
        if self._split is None:
            words = shape[-1] if shape and self._ngrams is None else None
            shape = shape[:-1]
        elif len(shape) > 1:
            shape = shape[:-1]
        if self._output_mode == "int":
            return (*shape, words if self._output_sequence_length is None else self._output_sequence_length)
        if self._output_mode == "one_hot":
            return (*shape, words, self._lookup_layer._depth())
        return encoded_shape((*shape, words), self._output_mode, self._lookup_layer._depth())

    def compute_output_spec(self, inputs: Any) -> Any:
        """The shape and dtype of the output."""
        dtype = "int64" if self._output_mode == "int" else config.floatx()
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    # -- files -----------------------------------------------------------------------------------------------

    def save_own_variables(self, store: Any) -> None:
        """Write the weights of words, in mode `"tf_idf"`."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """Read the weights of words."""
        self._lookup_layer.load_own_variables(store)

    def asset_files(self) -> dict[str, bytes]:
        """What is kept beside configuration and weights: the vocabulary, unless the configuration holds it."""
        return self._lookup_layer.asset_files()

    def set_asset_files(self, files: dict[str, bytes]) -> None:
        """Take up what `asset_files` gave."""
        self._lookup_layer.set_asset_files(files)

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary into a directory, unless the configuration holds it."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: Any) -> None:
        """Read the vocabulary from a directory, unless the configuration holds it."""
        self._lookup_layer.load_assets(dir_path)

    def get_config(self) -> dict[str, Any]:
        lookup = self._lookup_layer
        return {
            **super().get_config(),
            "max_tokens": lookup.max_tokens,
            "standardize": self._standardize,
            "split": self._split,
            "ngrams": self._ngrams_arg,
            "output_mode": self._output_mode,
            "output_sequence_length": self._output_sequence_length,
            "pad_to_max_tokens": lookup.pad_to_max_tokens,
            "sparse": False,
            "ragged": False,
            "vocabulary": lookup.input_vocabulary,
            "idf_weights": lookup.input_idf_weights,
            "encoding": self._encoding,
            "vocabulary_size": self.vocabulary_size(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from the result of `get_config`.

        Raises:
            ValueError: if it names a vocabulary file, or a function that is not known here.
        """
        vocabulary_files.refuse_path(config.get("vocabulary"), cls.__name__, from_config=True)
        config = dict(config)
        for key in ("standardize", "split"):
            if isinstance(config.get(key), dict):
                config[key] = deserialize_keras_object(config[key])
        if isinstance(config.get("ngrams"), list):
            config["ngrams"] = tuple(config["ngrams"])
        return cls(**config)


def _check_choice(argument: str, value: Any, known: dict[str, Any]) -> None:
    if value is not None and not callable(value) and (not isinstance(value, str) or value not in known):
        raise ValueError(
            f"{argument} of TextVectorization is {', '.join(map(repr, known))}, None or a function; received {value!r}"
        )


def _widths(ngrams: Any) -> tuple[int, ...] | None:
    if ngrams is None:
        return None
    if isinstance(ngrams, int):
        budget.check(64 * ngrams, f"ngrams={ngrams}")  # Python's numbers, before they are made
    widths = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) else ngrams
    if not isinstance(widths, tuple) or not widths or not all(isinstance(n, int) and n > 0 for n in widths):
        raise ValueError(
            f"ngrams of TextVectorization is None, a number of at least 1 or a tuple of such; received {ngrams!r}"
        )
    return widths


def _checked_length(length: Any, mode: str) -> int | None:
    if length is None:
        return None
    if mode != "int":
        raise ValueError(f"output_sequence_length goes with output_mode='int'; received {length!r} with {mode!r}")
    if isinstance(length, bool) or not isinstance(length, int) or length < 0:
        raise ValueError(f"output_sequence_length is None or a number of at least 0; received {length!r}")
    return length
