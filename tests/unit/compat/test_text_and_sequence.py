"""Texts and sequences as Keras 2 had them; the expected values are those of Keras 2.13."""

import numpy as np
import pytest

from kerasish.compat.sequence import TimeseriesGenerator, make_sampling_table, skipgrams
from kerasish.compat.text import Tokenizer, hashing_trick, one_hot, text_to_word_sequence, tokenizer_from_json

TEXTS = ["The cat sat, on the mat!", "the dog ate the cat's homework"]


def test_words():
    assert text_to_word_sequence("A b\tc\nd  e!") == ["a", "b", "c", "d", "e"]
    assert text_to_word_sequence("a-B,c", filters=",", lower=False, split="-") == ["a", "B", "c"]
    assert hashing_trick(TEXTS[0], 20, "md5") == [17, 4, 13, 16, 17, 9]
    assert one_hot("a b a", 9) == [hash(w) % 8 + 1 for w in "aba"]


def test_tokens():
    words = Tokenizer(num_words=4, oov_token="?")
    words.fit_on_texts(TEXTS)
    assert words.word_index["the"] == 2 and words.index_word[1] == "?" and words.document_count == 2
    assert words.texts_to_sequences(["the cat unseen"]) == [[2, 3, 1]]
    assert words.sequences_to_texts([[2, 3, 9]]) == ["the cat ?"]
    again = tokenizer_from_json(words.to_json())
    assert again.__dict__ == words.__dict__
    letters = Tokenizer(char_level=True)
    letters.fit_on_texts(["ab,b"])
    assert letters.word_index == {"b": 1, "a": 2, ",": 3}
    plain = Tokenizer()
    plain.fit_on_texts([["A", "b"], ["b", "C"]])
    assert plain.texts_to_sequences([["a", "c", "b", "d"]]) == [[2, 3, 1]]


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        ("binary", [0, 1, 1, 0]),
        ("count", [0, 2, 1, 0]),
        ("freq", [0, 2 / 3, 1 / 3, 0]),
        ("tfidf", [0, (1 + np.log(2)) * np.log(1 + 2 / 3), np.log(2), 0]),
    ],
)
def test_matrices(mode, row):
    words = Tokenizer()
    words.fit_on_texts(["a b", "a c"])
    np.testing.assert_allclose(words.texts_to_matrix(["a b a"], mode)[0], row)
    with pytest.raises(ValueError, match='mode is "binary"'):
        words.texts_to_matrix(["a"], "other")
    with pytest.raises(ValueError, match="needs num_words"):
        Tokenizer().texts_to_matrix(["a"])


def test_pairs():
    table = make_sampling_table(6)
    np.testing.assert_allclose(table, [0.0031522, 0.0031522, 0.005476, 0.0074156, 0.0091282, 0.0106843], atol=1e-7)
    couples, labels = skipgrams([1, 2, 0, 3, 4, 5], 6, window_size=1, shuffle=False, negative_samples=2.0, seed=1)
    assert couples[:6] == [[1, 2], [2, 1], [3, 4], [4, 3], [4, 5], [5, 4]]
    assert labels == [1] * 6 + [0] * 12 and all(1 <= b < 6 for _, b in couples)
    assert (couples, labels) == skipgrams([1, 2, 0, 3, 4, 5], 6, 1, 2.0, False, seed=1)
    assert skipgrams([1, 2], 3, sampling_table=[0, 0, 0]) == ([], [])
    mixed, answers = skipgrams([1, 2], 3, categorical=True, seed=2)
    assert sorted(map(tuple, answers)) == [(0, 1)] * 2 + [(1, 0)] * 2 and [1, 2] in mixed


def test_windows():
    data, targets = np.arange(30).reshape(15, 2), np.arange(15) * 10
    windows = TimeseriesGenerator(data, targets, 5, sampling_rate=2, stride=3, batch_size=2)
    assert len(windows) == 2
    x, y = windows[1]
    assert x[0].tolist() == [[12, 13], [16, 17], [20, 21]] and y.tolist() == [110, 140]
    turned = TimeseriesGenerator(data, targets, 3, start_index=2, end_index=9, reverse=True, batch_size=3)
    assert turned[0][0][0, :, 0].tolist() == [8, 6, 4] and turned[1][1].tolist() == [80, 90]
    mixed = TimeseriesGenerator(data, targets, 2, shuffle=True, batch_size=4)
    x, y = mixed[0]
    np.testing.assert_array_equal(x[:, -1, 0] * 5 + 10, y)
    with pytest.raises(ValueError, match="no window of length=20"):
        TimeseriesGenerator(data, targets, 20)
    with pytest.raises(ValueError, match="received 15 and 3"):
        TimeseriesGenerator(data, targets[:3], 2)
