"""`keras.preprocessing.text`: texts as numbers of words, as Keras 2 made them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text.

    Args:
        input_text: the text.
        filters: characters that separate words as `split` does.
        lower: whether words are written small.
        split: what stands between words.

    Example:
        >>> text_to_word_sequence("A cat, and a dog!")
        ['a', 'cat', 'and', 'a', 'dog']
    """
    text = input_text.lower() if lower else input_text
    for character in filters:
        text = text.replace(character, split)
    return [word for word in text.split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """For each word of a text a number from 1 to `n - 1`, the same for the same word; words may share one.

    Args:
        text: the text.
        n: one more than the largest number.
        hash_function: of a word a whole number; `"md5"` for the same numbers in every run, by default Python's `hash`.
        filters, lower, split: see `text_to_word_sequence`.
        analyzer: makes the words, in place of the three.

    Example:
        >>> hashing_trick("a cat a dog", 10, "md5")
        [2, 3, 2, 6]
    """
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    found = _md5 if hash_function == "md5" else hash if hash_function is None else hash_function
    assert callable(found)
    return [found(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode()).hexdigest(), 16)


def one_hot(
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """`hashing_trick` with Python's `hash`, whose numbers are others in every run of Python."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Numbers words by how often they come: 1 is the most frequent one.

    Args:
        num_words: the numbers used are below it; all, if None.
        filters, lower, split: see `text_to_word_sequence`.
        char_level: whether every character is a word; none is filtered then.
        oov_token: stands, as number 1, for words that were not seen.
        analyzer: makes the words of a text, in place of `filters`, `lower` and `split`.

    Example:
        >>> words = Tokenizer(oov_token="?")
        >>> words.fit_on_texts(["a cat and a dog", "a bird"])
        >>> words.texts_to_sequences(["a dog and a fish"])
        [[2, 5, 4, 2, 1]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Iterable[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise TypeError(f"Tokenizer does not know the argument(s) {sorted(kwargs)}")
        self.num_words = num_words
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.analyzer = analyzer
        self.word_counts: dict[str, int] = {}
        self.word_docs: dict[str, int] = {}
        self.index_docs: dict[int, int] = {}
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> list[str]:
        if self.char_level or isinstance(text, (list, tuple)):
            return [part.lower() for part in text] if self.lower else list(text)
        if self.analyzer is not None:
            return list(self.analyzer(text))
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts, and number them; it may be called again with more.

        Args:
            texts: strings, or lists of words.
        """
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            for word, count in Counter(words).items():
                self.word_counts[word] = self.word_counts.get(word, 0) + count
                self.word_docs[word] = self.word_docs.get(word, 0) + 1
        ordered = sorted(self.word_counts, key=lambda word: -self.word_counts[word])  # equal ones as they came
        known = ([] if self.oov_token is None else [self.oov_token]) + ordered
        self.word_index = {word: number for number, word in enumerate(dict.fromkeys(known), 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        self.index_docs = {self.word_index[word]: count for word, count in self.word_docs.items()}

    def fit_on_sequences(self, sequences: Iterable[Iterable[int]]) -> None:
        """Count in how many sequences each number is; `sequences_to_matrix` by `"tfidf"` needs it."""
        for sequence in sequences:
            self.document_count += 1
            for number in set(sequence):
                self.index_docs[number] = self.index_docs.get(number, 0) + 1

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """The numbers of the words of texts; words that are not numbered are left out, or have that of `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """As `texts_to_sequences`, one text after the other."""
        unknown = None if self.oov_token is None else self.word_index.get(self.oov_token)
        most = self.num_words or float("inf")
        for text in texts:
            numbers = (self.word_index.get(word) for word in self._words(text))
            used = (number if number is not None and number < most else unknown for number in numbers)
            yield [number for number in used if number is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The words of numbers, with spaces between them."""
        most = self.num_words or float("inf")
        unknown = self.oov_token
        made = []
        for sequence in sequences:
            words = (self.index_word.get(number) if number < most else unknown for number in sequence)
            made.append(" ".join(word for word in (unknown if w is None else w for w in words) if word is not None))
        return made

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """A row for each text, with a column for each number of a word; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Iterable[Iterable[int]], mode: str = "binary") -> np.ndarray:
        """A row for each sequence, with a column for each number.

        Args:
            sequences: lists of numbers.
            mode: what stands in a column: `"binary"` (whether the number is there), `"count"` (how often), `"freq"`
                (the share), `"tfidf"`: `(1 + log(count)) log(1 + n / (1 + d))` for `n` texts, of which `d` have it.

        Raises:
            ValueError: if nothing tells how many columns there are, or `mode` is none of the four.
        """
        if not self.num_words and not self.word_index:
            raise ValueError("Tokenizer needs num_words, or texts to count words in (fit_on_texts), for a matrix")
        if mode == "tfidf" and not self.document_count:
            raise ValueError('mode="tfidf" needs texts first: call fit_on_texts or fit_on_sequences')
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(f'mode is "binary", "count", "freq" or "tfidf"; received {mode!r}')
        width = self.num_words or len(self.word_index) + 1
        rows = [list(sequence) for sequence in sequences]
        made = np.zeros((len(rows), width))
        for row, sequence in zip(made, rows, strict=True):
            for number, count in Counter(n for n in sequence if n < width).items():
                row[number] = self._weight(mode, number, count, len(sequence))
        return made

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "tfidf":
            rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
            return (1 + np.log(count)) * rarity
        return {"binary": 1.0, "count": count, "freq": count / length}[mode]

    def get_config(self) -> dict[str, Any]:
        """All that the tokenizer knows; the counts as JSON texts."""
        plain = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        counted = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        config = {name: getattr(self, name) for name in plain}
        return {**config, **{name: json.dumps(getattr(self, name)) for name in counted}}

    def to_json(self, **kwargs: Any) -> str:
        """The tokenizer as a JSON text, for `tokenizer_from_json`."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `Tokenizer.to_json` wrote."""
    config = json.loads(json_string)["config"]
    counts = {name: json.loads(config.pop(name)) for name in ("word_counts", "word_docs", "word_index")}
    by_number = {name: json.loads(config.pop(name)) for name in ("index_docs", "index_word")}
    made = Tokenizer(**config)
    made.__dict__.update(counts)
    made.__dict__.update({name: {int(k): v for k, v in table.items()} for name, table in by_number.items()})
    return made
