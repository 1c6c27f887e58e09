"""The base of `IntegerLookup` and `StringLookup`: tokens as numbers, and back."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, Unpack

import numpy as np

from kerasish.backend import budget, config
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import DTypeLike
from kerasish.layers.base.layer_options import BareOptions
from kerasish.layers.preprocessing import vocabulary_files
from kerasish.layers.preprocessing.adapting import batches_of, is_data
from kerasish.layers.preprocessing.data_layer import DataLayer
from kerasish.layers.preprocessing.encoding import DROPPED, check_dense, checked_mode, encode, encoded_shape
from kerasish.layers.preprocessing.hashing import checked_salt, hashed
from kerasish.layers.preprocessing.lookup_keys import as_whole_numbers
from kerasish.layers.preprocessing.vocabulary import TokenCounts, Vocabulary

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_FORMER_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


class LookupOptions(BareOptions, total=False):
    """What the config of a lookup names besides its arguments."""

    dtype: DTypeLike
    vocabulary_size: int | None
    has_input_vocabulary: bool


class IndexLookup(DataLayer):
    """Tokens as their numbers in a vocabulary.

    The numbers begin with those of the mask (0, in mode `"int"` if there is a mask) and of unknown tokens; those of
    the vocabulary follow. Subclasses say what tokens are.

    Args:
        max_tokens: the most tokens of a vocabulary that `adapt` makes, with the mask and the unknown ones.
        num_oov_indices: how many numbers unknown tokens have; with several, a hash decides which.
        mask_token: the token that stands for a missing one.
        oov_token: with `invert`, what stands for unknown numbers.
        vocabulary: the tokens, or the path of a text file with one a line; None where `adapt` finds them.
        idf_weights: in mode `"tf_idf"`, the weight of each token of `vocabulary`.
        invert: whether numbers become tokens.
        output_mode: `"int"` for numbers, `"one_hot"` for a row with a one for each element, `"multi_hot"`, `"count"`
            and `"tf_idf"` for one row for each sample.
        sparse: must be false.
        pad_to_max_tokens: whether rows have length `max_tokens`, however many tokens there are.
        oov_method: how whole numbers get one of several unknown ones: `"floormod"` or `"farmhash"`.
        name, salt: the layer's name; a secret for hashes.
        **kwargs: what older configurations have besides.

    Raises:
        ValueError: if arguments cannot be used, or do not go together.
    """

    vocabulary_dtype = "string"

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Unpack[LookupOptions],
    ) -> None:
        super().__init__(name=name)
        kind = type(self).__name__
        check_dense(kind, sparse=sparse)
        self.output_mode = checked_mode(_FORMER_MODES.get(output_mode, output_mode), _MODES, kind)
        _check_arguments(kind, self.output_mode, max_tokens, num_oov_indices, pad_to_max_tokens, invert, idf_weights)
        if invert and oov_token is None:
            raise ValueError(f"with invert=True {kind} needs an oov_token, which stands for unknown numbers")
        if oov_method not in ("floormod", "farmhash"):
            raise ValueError(f"the oov_method of {kind} is 'floormod' or 'farmhash'; received {oov_method!r}")
        if salt is not None and self.vocabulary_dtype != "string" and oov_method != "farmhash":
            raise ValueError(f"the salt of {kind} goes with oov_method='farmhash'; received {oov_method!r}")
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = self._checked_token(mask_token, "mask_token")
        self.oov_token = self._checked_token(oov_token, "oov_token")
        self.invert = bool(invert)
        self.sparse = False
        self.pad_to_max_tokens = bool(pad_to_max_tokens)
        self.oov_method = oov_method
        self.salt = checked_salt(salt, kind)
        size = _checked_size(kwargs.pop("vocabulary_size", None), kind)
        self._frozen_vocab_size = None if size == self._token_start_index() else size  # of no token yet
        self._has_input_vocabulary = bool(kwargs.pop("has_input_vocabulary", vocabulary is not None))
        kwargs.pop("trainable", None)
        kwargs.pop("dtype", None)
        if kwargs:
            raise ValueError(f"{kind} does not know the argument(s) {sorted(kwargs)}")
        self._set_up(vocabulary, idf_weights)

    def _set_up(self, vocabulary: Any, idf_weights: Any) -> None:
        is_file = isinstance(vocabulary, (str, os.PathLike))
        # Held by an array, as lists are searched for layers.
        self._input_vocabulary = None if vocabulary is None or is_file else self._as_tokens(vocabulary)
        self._input_idf_weights = None if idf_weights is None else np.asarray(idf_weights, np.float64)
        self._vocabulary: Vocabulary | None = None
        self._counts = TokenCounts()
        self.idf_weights: np.ndarray | None = None
        if self.output_mode == "tf_idf" and self._has_input_vocabulary and idf_weights is None:
            raise ValueError(f"in output_mode='tf_idf' a vocabulary goes with idf_weights; {self.name!r} received none")
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _as_tokens(self, values: Any) -> np.ndarray:
        """Tokens as an array of objects or whole numbers."""
        raise NotImplementedError(f"{type(self).__name__} does not define `_as_tokens`")

    def _checked_token(self, token: Any, argument: str) -> Any:
        """A mask or unknown token, of the kind of the others."""
        return token

    @property
    def compute_dtype(self) -> str:
        """The dtype of tokens."""
        return self.vocabulary_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of tokens."""
        return self.vocabulary_dtype

    @property
    def input_vocabulary(self) -> list[Any] | None:
        """The tokens that the layer was made with."""
        return None if self._input_vocabulary is None else self._input_vocabulary.tolist()

    @property
    def input_idf_weights(self) -> list[float] | None:
        """The weights that the layer was made with."""
        return None if self._input_idf_weights is None else self._input_idf_weights.tolist()

    # -- the vocabulary --------------------------------------------------------------------------------------

    def _oov_start_index(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def _token_start_index(self) -> int:
        return self._oov_start_index() + self.num_oov_indices

    def _special_tokens(self) -> list[Any]:
        return [self.mask_token] * self._oov_start_index() + [self.oov_token] * self.num_oov_indices

    def _begins_with_special(self, given: list[Any]) -> bool:
        count = self._token_start_index()  # a number that a file may say, of which there need not be as many
        return len(given) >= count and given[:count] == self._special_tokens()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens in the order of their numbers.

        Args:
            include_special_tokens: whether the mask and the unknown tokens come first, so that places are numbers.
        """
        tokens = [] if self._vocabulary is None else list(self._vocabulary.tokens)
        return self._special_tokens() + tokens if include_special_tokens else tokens

    def vocabulary_size(self) -> int:
        """How many numbers there are, with those of the mask and of unknown tokens."""
        return self._token_start_index() + (0 if self._vocabulary is None else len(self._vocabulary))

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replace the vocabulary.

        Args:
            vocabulary: the tokens, with or without the mask and the unknown ones in front; or the path of a text file
                with one token a line.
            idf_weights: in mode `"tf_idf"`, the weight of each.

        Raises:
            ValueError: if there is no token, one comes twice, a mask or unknown token comes late, there are more than
                `max_tokens`, or the weights do not go with them.
            RuntimeError: if rows would change their length.
        """
        if (idf_weights is None) == (self.output_mode == "tf_idf"):
            needs = "needs idf_weights" if idf_weights is None else "has no use for idf_weights"
            raise ValueError(f"output_mode={self.output_mode!r} of the layer {self.name!r} {needs}")
        if isinstance(vocabulary, (str, os.PathLike)):
            if self.output_mode == "tf_idf":
                raise ValueError("a vocabulary file holds no idf_weights; read it, and give both as lists")
            vocabulary = self._read_file(os.fspath(vocabulary))
        tokens = self._as_tokens(vocabulary)
        given = tokens.tolist()
        if tokens.ndim != 1 or not given:
            raise ValueError(
                f"the vocabulary of the layer {self.name!r} is a list of at least one token; received "
                f"{vocabulary!r:.80}"
            )
        weights = None if idf_weights is None else self._padded_weights(given, idf_weights)
        self._use(self._without_special(given))
        self.idf_weights = weights
        if self._input_vocabulary is not None:  # what the configuration holds is what is in use
            self._input_vocabulary = tokens
            self._input_idf_weights = None if idf_weights is None else np.asarray(idf_weights, np.float64)

    def _read_file(self, path: str) -> list[Any]:
        return vocabulary_files.read(path, f"the layer {self.name!r}")

    def _without_special(self, given: list[Any]) -> list[Any]:
        """The tokens, without the mask and the unknown ones if they come first."""
        tokens = given[self._token_start_index() :] if self._begins_with_special(given) else given
        twice = [token for token, count in Counter(tokens).items() if count > 1]
        if twice:
            raise ValueError(f"the vocabulary of the layer {self.name!r} has tokens more than once: {twice[:8]}")
        reserved = [self.mask_token, self.oov_token if self.invert else None]
        for token in reserved:
            if token is not None and token in tokens:
                raise ValueError(
                    f"the vocabulary of the layer {self.name!r} holds {token!r}, which stands for masked or unknown "
                    f"tokens, at place {given.index(token)}. Leave such tokens out, or begin with all of them: "
                    f"{self._special_tokens()!r:.200}."
                )
        return tokens

    def _use(self, tokens: list[Any]) -> None:
        """Take these as the vocabulary."""
        size = self._token_start_index() + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(
                f"the vocabulary of the layer {self.name!r} has {size} tokens, with masks and unknown ones; max_tokens "
                f"is {self.max_tokens}"
            )
        frozen = self._frozen_vocab_size
        if self._rows_have_its_length() and frozen is not None and frozen != size:
            raise RuntimeError(
                f"the layer {self.name!r} makes rows of length {frozen}, and layers after it count on that; it cannot "
                f"have a vocabulary of {size}. Give `max_tokens` and `pad_to_max_tokens=True` for rows of one length."
            )
        self._vocabulary = Vocabulary(tokens, self._token_start_index())
        self._frozen_vocab_size = size

    def _rows_have_its_length(self) -> bool:
        return self.output_mode != "int" and not self.pad_to_max_tokens

    def _depth(self) -> int | None:
        return self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size

    def _padded_weights(self, given: list[Any], idf_weights: Any) -> np.ndarray:
        """The weights of all numbers: unknown tokens have the mean weight, unused numbers none."""
        weights = np.asarray(idf_weights, config.floatx())
        if weights.shape != (len(given),):
            raise ValueError(
                f"idf_weights has shape {weights.shape}; the layer {self.name!r} needs one weight for each of the "
                f"{len(given)} tokens of the vocabulary"
            )
        front = 0 if self._begins_with_special(given) else self._token_start_index()
        return self._framed(weights, front)

    def _framed(self, weights: np.ndarray, front: int) -> np.ndarray:
        back = max(self.max_tokens - front - len(weights), 0) if self.pad_to_max_tokens and self.max_tokens else 0
        mean = weights.mean() if len(weights) else 0
        framed = np.pad(weights, (front, back), constant_values=(mean, 0))
        return framed.astype(config.floatx())

    # -- adapting --------------------------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Make the vocabulary: the tokens of the data, the most frequent first.

        Args:
            data: tokens in an array or in lists, or something that yields batches of them.
            steps: how many batches, if not all.

        Raises:
            ValueError: if the layer was given its vocabulary.
            RuntimeError: if rows would change their length.
        """
        self.reset_state()
        if is_data(data):
            tokens = self._as_tokens(data)
            self.update_state(tokens[:, None] if tokens.ndim == 1 else tokens)
        else:
            for batch in batches_of(data, type(self).__name__, steps):
                self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch, whose rows are documents; one row alone is one document."""
        tokens = np.atleast_1d(self._as_tokens(data))
        self._count(tokens.reshape(len(tokens) if tokens.ndim > 1 else 1, -1).tolist())

    def _count(self, documents: list[list[Any]]) -> None:
        if self._has_input_vocabulary:
            raise ValueError(f"the layer {self.name!r} was given its vocabulary, so it does not adapt to data")
        self._counts.add(documents)

    def finalize_state(self) -> None:
        """Make the vocabulary from the tokens counted so far."""
        if self._has_input_vocabulary or not len(self._counts):
            return
        most = None if self.max_tokens is None else self.max_tokens - self._token_start_index()
        tokens = self._counts.ranked((self.mask_token, self.oov_token), most)
        self._use(tokens)
        if self.output_mode == "tf_idf":
            weights = self._counts.inverse_document_frequency(tokens).astype(config.floatx())
            self.idf_weights = self._framed(weights, self._token_start_index())
        self.reset_state()

    def reset_state(self) -> None:
        """Forget the tokens counted so far."""
        self._counts = TokenCounts()

    # -- calling ---------------------------------------------------------------------------------------------

    def _of_data(self, inputs: Any) -> Any:
        """The numbers of tokens in the output mode; with `invert`, the tokens of numbers."""
        if self.invert:
            places = as_whole_numbers(inputs, f"the layer {self.name!r}")
            terms = self._known().terms(places, self.oov_token)
            return terms if self.mask_token is None else np.where(places == 0, self.mask_token, terms)
        return self.encoded(self.places(self._as_tokens(inputs)))

    def encoded(self, places: np.ndarray) -> np.ndarray:
        """Numbers of tokens in the output mode."""
        if self.output_mode == "int":
            return places
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        rows = encode(places, mode, self._depth() or 0, config.floatx())
        return rows if self.output_mode != "tf_idf" else rows * self._weights()

    def places(self, keys: np.ndarray) -> np.ndarray:
        """The numbers of tokens."""
        single = self.num_oov_indices == 1
        places = self._known().places(keys, self._oov_start_index() if single else -1)
        if self.mask_token is not None:
            places[keys == self.mask_token] = 0 if self.output_mode == "int" else DROPPED
        unknown = places < 0
        if not single and unknown.any():
            places[unknown] = self._oov_start_index() + self._bins(keys[unknown])
        return places

    def _bins(self, unknown: np.ndarray) -> np.ndarray:
        """Which of several numbers unknown tokens have."""
        if self.num_oov_indices == 0:
            raise ValueError(
                f"the layer {self.name!r} has num_oov_indices=0, so that every token must be in its vocabulary; these "
                f"are not: {np.unique(unknown)[:8].tolist()}. Give num_oov_indices=1 to let them pass as unknown."
            )
        if self.vocabulary_dtype != "string" and self.oov_method == "floormod":
            return np.mod(unknown, self.num_oov_indices)
        return hashed(unknown, self.num_oov_indices, self.salt)

    def _known(self) -> Vocabulary:
        if self._vocabulary is None:
            raise RuntimeError(
                f"the layer {self.name!r} has no vocabulary yet: call `adapt` on data, or give `vocabulary`"
            )
        return self._vocabulary

    def _weights(self) -> np.ndarray:
        if self.idf_weights is None:
            raise RuntimeError(f"the layer {self.name!r} has no idf_weights yet: call `adapt` on data, or give them")
        return self.idf_weights

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input in mode `"int"`; rows for elements or samples else."""
        return encoded_shape(input_shape, self.output_mode, self._depth())

    def compute_output_spec(self, inputs: Any) -> Any:
        """The shape and dtype of the output."""
        dtype = config.floatx() if self.output_mode != "int" else self.vocabulary_dtype if self.invert else "int64"
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    # -- files -----------------------------------------------------------------------------------------------

    def get_build_config(self) -> dict[str, Any]:
        """Nothing: the layer has no weights to make."""
        return {}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """There are no weights to make."""
        self.build(None)

    def save_own_variables(self, store: Any) -> None:
        """Write the weights of tokens, in mode `"tf_idf"`, under `"idf_weights"`."""
        if self.idf_weights is not None:
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store: Any) -> None:
        """Read the weights of tokens.

        Raises:
            ValueError: if there are not as many as numbers.
        """
        if self.output_mode != "tf_idf" or "idf_weights" not in store:
            return
        weights = np.asarray(store["idf_weights"])
        if weights.ndim != 1 or weights.dtype.kind != "f" or self._depth() not in (None, len(weights)):
            raise ValueError(
                f"the layer {self.name!r} needs {self._depth()} idf_weights; the file holds {weights.dtype} of shape "
                f"{weights.shape}"
            )
        self.idf_weights = weights.astype(config.floatx())

    def asset_files(self) -> dict[str, bytes]:
        """What is kept beside configuration and weights: the vocabulary, unless the configuration holds it."""
        if self._input_vocabulary is not None:
            return {}
        tokens = self.get_vocabulary()
        return {vocabulary_files.NAME: vocabulary_files.to_text(tokens, f"the layer {self.name!r}")}

    def set_asset_files(self, files: dict[str, bytes]) -> None:
        """Take up what `asset_files` gave.

        Raises:
            ValueError: if the vocabulary is missing or cannot be used.
        """
        if self._input_vocabulary is not None:
            return
        if vocabulary_files.NAME not in files:
            if self._vocabulary is None:
                raise ValueError(f"there is no {vocabulary_files.NAME} for the layer {self.name!r}")
            return
        lines = self._as_tokens(self._from_lines(vocabulary_files.from_text(files[vocabulary_files.NAME]))).tolist()
        tokens = self._without_special(lines)
        if tokens:
            self._use(tokens)

    def _from_lines(self, lines: list[str]) -> list[Any]:
        """Tokens from the lines of a file."""
        return lines

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary into a directory, unless the configuration holds it."""
        for name, content in self.asset_files().items():
            with open(os.path.join(dir_path, name), "wb") as file:
                file.write(content)

    def load_assets(self, dir_path: Any) -> None:
        """Read the vocabulary from a directory, unless the configuration holds it."""
        if self._input_vocabulary is None:
            with open(os.path.join(dir_path, vocabulary_files.NAME), "rb") as file:
                self.set_asset_files({vocabulary_files.NAME: file.read()})

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "idf_weights": self.input_idf_weights,
            "vocabulary": self.input_vocabulary,
            "vocabulary_size": self._frozen_vocab_size,
            "oov_method": self.oov_method,
            "salt": self.salt,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from the result of `get_config`.

        Raises:
            ValueError: if it names a vocabulary file.
        """
        vocabulary_files.refuse_path(config.get("vocabulary"), cls.__name__, from_config=True)
        return cls(**config)


def _check_arguments(
    kind: str, mode: str, max_tokens: Any, num_oov_indices: Any, pads: bool, invert: bool, idf_weights: Any
) -> None:
    if max_tokens is not None and max_tokens <= 1:
        raise ValueError(f"the max_tokens of {kind} must be greater than 1; received {max_tokens}")
    if pads and max_tokens is None:
        raise ValueError(f"pad_to_max_tokens of {kind} needs max_tokens, the length of the rows")
    if num_oov_indices < 0:
        raise ValueError(f"the num_oov_indices of {kind} must be at least 0; received {num_oov_indices}")
    budget.check(8 * num_oov_indices, f"num_oov_indices={num_oov_indices}")
    if invert and mode != "int":
        raise ValueError(f"with invert=True the output_mode of {kind} is 'int'; received {mode!r}")
    if idf_weights is not None and mode != "tf_idf":
        raise ValueError(f"idf_weights of {kind} go with output_mode='tf_idf'; received {mode!r}")


def _checked_size(size: Any, kind: str) -> int | None:
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
        raise ValueError(f"the vocabulary_size of {kind} is a whole number; received {size!r}")
    return size
