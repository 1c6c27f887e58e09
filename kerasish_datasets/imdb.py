"""IMDB: 50,000 film reviews as lists of word numbers, each praise (1) or blame (0)."""

from typing import Any

import numpy as np

from kerasish_datasets._local import Array, find, read_arrays, read_words, shuffled
from kerasish_datasets._texts import as_objects, limited, shorter, started

__all__ = ["get_word_index", "load_data"]
__dir__ = __all__.copy  # what completion shows


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Load the reviews from `~/.keras/datasets/imdb.npz`, with the members `x_train`, `y_train`, `x_test`, `y_test`.

    A word's number is its rank by how often it occurs, plus `index_from`.

    Args:
        path: the file's name in that directory.
        num_words: only word numbers below this are kept; all by default.
        skip_top: only word numbers from this on are kept.
        maxlen: only reviews of fewer words are kept.
        seed: the order in which the reviews are shuffled.
        start_char: the number that begins every review; None for none.
        oov_char: the number in place of words that are not kept; None leaves them out.
        index_from: how far word numbers are moved up.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: x an array of lists, y the labels.

    Raises:
        FileNotFoundError: if the file is not there; nothing is downloaded.
        ValueError: if the file is damaged, or no review is shorter than `maxlen`.
    """
    if kwargs:
        raise TypeError(f"imdb.load_data does not know the argument(s) {sorted(kwargs)}")
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = read_arrays(find(path, contents="the reviews as lists of word numbers, and their labels"), names)
    random = np.random.RandomState(seed)
    parts = [shuffled(random, *arrays[:2]), shuffled(random, *arrays[2:])]
    kept = [shorter(started(x, start_char, index_from), y, maxlen) for x, y in parts]
    (x_train, y_train), (x_test, y_test) = kept
    texts = limited(x_train + x_test, num_words, skip_top, oov_char)
    cut = len(x_train)
    return (as_objects(texts[:cut]), y_train), (as_objects(texts[cut:]), y_test)


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The rank of each word, from `~/.keras/datasets/imdb_word_index.json`; in reviews it is moved up by `index_from`.

    Raises:
        FileNotFoundError: if the file is not there; nothing is downloaded.
    """
    return read_words(find(path, contents="a JSON object from words to ranks"))
