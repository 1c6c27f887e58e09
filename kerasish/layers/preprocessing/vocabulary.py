"""Known tokens and their numbers, and how a vocabulary is made from data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import repeat
from typing import Any

import numpy as np


class Vocabulary:
    """Tokens, numbered from `start` on.

    Args:
        tokens: strings or whole numbers, each once.
        start: the number of the first.

    Attributes:
        tokens: the tokens in order.
    """

    def __init__(self, tokens: list[Any], start: int) -> None:
        self.tokens = tokens
        self.start = start
        self._places = {token: start + i for i, token in enumerate(tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def places(self, keys: np.ndarray, missing: int) -> np.ndarray:
        """The number of each key; `missing` for those that are no token."""
        flat = keys.reshape(-1).tolist()
        return np.fromiter(map(self._places.get, flat, repeat(missing)), np.int64, len(flat)).reshape(keys.shape)

    def terms(self, places: np.ndarray, missing: Any) -> np.ndarray:
        """The token of each number, as objects; `missing` where there is none."""
        table = np.array([*self.tokens, missing], dtype=object)
        inside = (places >= self.start) & (places < self.start + len(self.tokens))
        return np.asarray(table[np.where(inside, places - self.start, len(self.tokens))], dtype=object)


class TokenCounts:
    """How often each token was seen, and in how many documents."""

    def __init__(self) -> None:
        self._seen: Counter[Any] = Counter()
        self._documents: Counter[Any] = Counter()
        self.num_documents = 0

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, documents: Iterable[list[Any]]) -> None:
        """Take documents into account, each a list of tokens."""
        for tokens in documents:
            self._seen.update(tokens)
            self._documents.update(set(tokens))
            self.num_documents += 1

    def ranked(self, leave_out: tuple[Any, ...], most: int | None) -> list[Any]:
        """The tokens, the most frequent first; of equally frequent ones the greatest first."""
        counted = [(count, token) for token, count in self._seen.items() if token not in leave_out]
        return [token for _, token in sorted(counted, reverse=True)][:most]

    def inverse_document_frequency(self, tokens: list[Any]) -> np.ndarray:
        """`log(1 + documents / (1 + documents with the token))` for each token."""
        having = np.array([self._documents[token] for token in tokens], np.float64)
        return np.log(1 + self.num_documents / (1 + having))
