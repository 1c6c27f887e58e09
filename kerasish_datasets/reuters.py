"""Reuters: 11,228 news of 1987 as lists of word numbers, on 46 topics."""

import numpy as np

from kerasish_datasets._local import Array, check_share, find, read_arrays, read_words, shuffled
from kerasish_datasets._texts import as_objects, limited, shorter, started

__all__ = ["get_label_names", "get_word_index", "load_data"]
__dir__ = __all__.copy  # what completion shows

_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Load the news from `~/.keras/datasets/reuters.npz`, with the members `x` and `y`.

    A word's number is its rank by how often it occurs, plus `index_from`.

    Args:
        path: the file's name in that directory.
        num_words: only word numbers below this are kept; all by default.
        skip_top: only word numbers from this on are kept.
        maxlen: only news of fewer words are kept.
        test_split: the share of news set aside to test with.
        seed: the order in which the news are shuffled first.
        start_char: the number that begins every text; None for none.
        oov_char: the number in place of words that are not kept; None leaves them out.
        index_from: how far word numbers are moved up.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: x an array of lists, y the numbers of the topics.

    Raises:
        FileNotFoundError: if the file is not there; nothing is downloaded.
        ValueError: if the file is damaged, or no text is shorter than `maxlen`.
    """
    check_share(test_split)
    arrays = read_arrays(find(path, contents="the news as lists of word numbers, and their topics"), ("x", "y"))
    x, y = shuffled(np.random.RandomState(seed), *arrays)
    texts, labels = shorter(started(x, start_char, index_from), y, maxlen)
    texts = limited(texts, num_words, skip_top, oov_char)
    cut = int(len(texts) * (1 - test_split))
    return (as_objects(texts[:cut]), labels[:cut].copy()), (as_objects(texts[cut:]), labels[cut:].copy())


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The rank of each word, from `~/.keras/datasets/reuters_word_index.json`.

    Raises:
        FileNotFoundError: if the file is not there; nothing is downloaded.
    """
    return read_words(find(path, contents="a JSON object from words to ranks"))


def get_label_names() -> tuple[str, ...]:
    """The names of the 46 topics, in the order of their numbers."""
    return tuple(_TOPICS.split())
