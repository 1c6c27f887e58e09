"""What `keras.preprocessing.sequence` had in Keras 2 beside `pad_sequences`."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from kerasish.utils.py_dataset import PyDataset


def make_sampling_table(size: int, sampling_factor: float = 1e-05) -> np.ndarray:
    """How likely each word of a ranking is kept, when frequencies follow Zipf's law.

    The inverse frequency of the word of rank `r` is about `i = r (log r + γ) + 1/2 - 1 / (12 r)`, and the word is kept
    with the probability `min(1, √(s i))` for the sampling factor `s`.

    Args:
        size: how many words; the first is no word and counts as rank 1.
        sampling_factor: how strongly frequent words are left out.

    Source: Mikolov et al., Distributed Representations of Words and Phrases (2013), section 2.3.
    """
    rank = np.arange(size)
    rank[0] = 1
    inverse = rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank)
    return np.minimum(1.0, np.sqrt(sampling_factor * inverse))


def skipgrams(
    sequence: Any,
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[Any], list[Any]]:
    """Pairs of words: neighbours of a sequence, labelled 1, and pairs by chance, labelled 0.

    Args:
        sequence: numbers of words; 0 is no word.
        vocabulary_size: one more than the largest number.
        window_size: how far neighbours stand from each other at most.
        negative_samples: pairs by chance for each pair of neighbours.
        shuffle: whether the pairs are mixed.
        categorical: whether labels are `[0, 1]` and `[1, 0]`.
        sampling_table: for each word, how likely it is kept; see `make_sampling_table`.
        seed: makes chance repeatable.

    Returns:
        The pairs, and their labels.

    Example:
        >>> couples, labels = skipgrams([1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
        >>> couples
        [[1, 2], [2, 1], [2, 3], [3, 2]]
    """
    draw = random.Random(seed if seed is not None else random.randint(0, 10_000_000))
    couples: list[Any] = []
    for place, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < draw.random()):
            continue
        around = range(max(0, place - window_size), min(len(sequence), place + window_size + 1))
        couples += [[word, sequence[other]] for other in around if other != place and sequence[other]]
    near, far = ([0, 1], [1, 0]) if categorical else (1, 0)
    labels: list[Any] = [near] * len(couples)
    words = [couple[0] for couple in couples]
    draw.shuffle(words)
    count = int(len(labels) * negative_samples)
    couples += [[words[i % len(words)], draw.randint(1, vocabulary_size - 1)] for i in range(count)]
    labels += [far] * count
    if shuffle:
        order = list(range(len(couples)))
        draw.shuffle(order)
        couples, labels = [couples[i] for i in order], [labels[i] for i in order]
    return couples, labels


class TimeseriesGenerator(PyDataset):
    """Batches of windows of a series, each with the target of the step after it.

    Args:
        data: the series, a row for each step.
        targets: a target for each step.
        length: steps in a window, before they are thinned out.
        sampling_rate: every how many steps of a window are taken.
        stride: steps from one window to the next.
        start_index, end_index: the steps that are used, the last included.
        shuffle: whether windows are drawn by chance.
        reverse: whether the steps of a window are turned around.
        batch_size: windows a batch.

    Raises:
        ValueError: if there are not as many targets as steps, or no window fits.

    Example:
        >>> pairs = TimeseriesGenerator(np.arange(6), np.arange(6) * 10, length=2, batch_size=3)
        >>> x, y = pairs[0]
        >>> x.tolist(), y.tolist()
        ([[0, 1], [1, 2], [2, 3]], [20, 30, 40])
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ) -> None:
        super().__init__()
        if len(data) != len(targets):
            raise ValueError(
                f"TimeseriesGenerator needs a target for each step; received {len(data)} and {len(targets)}"
            )
        self.data, self.targets = np.asarray(data), np.asarray(targets)
        self.length, self.sampling_rate, self.stride, self.batch_size = length, sampling_rate, stride, batch_size
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse = shuffle, reverse
        if self.start_index > self.end_index:
            raise ValueError(
                f"no window of length={length} fits between start_index={start_index} and end_index={self.end_index}"
            )

    def __len__(self) -> int:
        return (self.end_index - self.start_index + self.batch_size * self.stride) // (self.batch_size * self.stride)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if self.shuffle:
            ends = np.random.randint(self.start_index, self.end_index + 1, self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * index
            ends = np.arange(first, min(first + self.batch_size * self.stride, self.end_index + 1), self.stride)
        x = np.array([self.data[end - self.length : end : self.sampling_rate] for end in ends])
        return (x[:, ::-1] if self.reverse else x), self.targets[ends]

    def get_config(self) -> dict[str, Any]:
        """The settings, and the series as JSON texts."""
        names = ("length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse", "batch_size")
        series = {name: json.dumps(getattr(self, name).tolist()) for name in ("data", "targets")}
        return {**series, **{name: getattr(self, name) for name in names}}
