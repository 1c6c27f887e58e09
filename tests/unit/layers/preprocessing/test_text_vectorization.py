import numpy as np
import pytest

import kerasish
from kerasish import layers

# What is expected here is what Keras 3.15.1 computes with TensorFlow 2.21, which this layer of Keras needs.

DATA = ["foo bar", "bar baz", "baz bada boom"]


def _adapted(data=None, **arguments):
    layer = layers.TextVectorization(**arguments)
    layer.adapt(DATA if data is None else data)
    return layer


@pytest.mark.parametrize(
    ("arguments", "x", "expected"),
    [
        ({}, ["foo qux bar", "qux baz"], [[4, 1, 3], [1, 2, 0]]),
        ({}, [["foo qux bar"], ["qux baz"]], [[4, 1, 3], [1, 2, 0]]),
        ({}, [[["foo bar"]], [["foo x"]]], [[[4, 3]], [[4, 1]]]),
        ({}, "foo qux", [4, 1]),
        ({}, ["", ""], [[], []]),
        ({}, ["", "a"], [[0], [1]]),
        ({"output_sequence_length": 4}, ["foo qux bar", "qux baz"], [[4, 1, 3, 0], [1, 2, 0, 0]]),
        ({"output_sequence_length": 1}, ["foo qux bar", "qux baz"], [[4], [1]]),
        ({"output_sequence_length": 0}, ["foo bar baz"], [[]]),
        ({"ngrams": 2}, ["foo qux bar", "qux baz"], [[5, 1, 3, 1, 1], [1, 2, 1, 0, 0]]),
        ({"ngrams": (2,)}, ["foo qux bar", "qux baz"], [[1, 1], [1, 0]]),
        ({"ngrams": (1, 3)}, ["foo qux bar", "baz"], [[4, 1, 3, 1], [2, 0, 0, 0]]),
        ({"split": "character"}, ["fo O!", "B"], [[9, 4, 5, 4], [2, 0, 0, 0]]),
        ({"split": None}, ["foo bar", "foo"], [2, 1]),
        ({"split": None, "ngrams": 2, "output_sequence_length": 5}, [["foo", "bar", "z"]], [[1, 1, 1, 2, 1]]),
        ({"output_mode": "multi_hot"}, [["foo qux bar"], ["qux baz"]], [[1, 0, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0]]),
        ({"output_mode": "count"}, ["foo bar", "qux foo foo"], [[0, 0, 1, 1, 0, 0], [1, 0, 0, 2, 0, 0]]),
        ({"output_mode": "count"}, "foo foo", [0, 0, 0, 2, 0, 0]),
        ({"output_mode": "count"}, [""], [[0, 0, 0, 0, 0, 0]]),
        (
            {"output_mode": "one_hot", "max_tokens": 3},
            ["bar", "x baz"],
            [[[0, 0, 1], [0, 0, 0]], [[1, 0, 0], [0, 1, 0]]],
        ),
        ({"max_tokens": 4}, ["foo baz boom"], [[1, 2, 1]]),
    ],
)
def test_values_are_those_of_keras(arguments, x, expected):
    y = _adapted(**arguments)(x)
    assert y.tolist() == expected
    assert y.dtype == (np.int64 if arguments.get("output_mode", "int") == "int" else np.float32)


def test_weights_of_rare_words():
    layer = _adapted(["a b", "b c c"], output_mode="tf_idf", max_tokens=8, pad_to_max_tokens=True)
    assert layer.get_vocabulary() == ["[UNK]", "c", "b", "a"]
    expected = [[0, 0, 0.5108256, 0.6931472, 0, 0, 0, 0], [0.6323733, 0, 0.5108256, 0, 0, 0, 0, 0]]
    np.testing.assert_allclose(layer(["a b", "b d"]), expected, rtol=1e-6)
    given = layers.TextVectorization(vocabulary=["foo", "wind"], output_mode="tf_idf", idf_weights=[0.5, 0.25])
    assert given(["foo bar wind"]).tolist() == [[0.375, 0.5, 0.25]]


@pytest.mark.parametrize(
    ("arguments", "data", "words"),
    [
        ({}, DATA, ["baz", "bar", "foo", "boom", "bada"]),
        ({"ngrams": (2,)}, DATA, ["foo bar", "baz bada", "bar baz", "bada boom"]),
        ({"standardize": None}, ["Foo. BAR", "it's, a-b_c"], ["it's,", "a-b_c", "Foo.", "BAR"]),
        ({"standardize": "lower"}, ["Foo. BAR", "it's, a-b_c"], ["it's,", "foo.", "bar", "a-b_c"]),
        ({"standardize": "strip_punctuation"}, ["Foo. BAR", "it's, a-b_c"], ["its", "abc", "Foo", "BAR"]),
        ({}, ["ÉÀ\u00a0x\ty  z"], ["ÉÀ\xa0x", "z", "y"]),  # capitals and white space are those of ASCII
        ({}, ["a\u2003b\u3000c\x0bd\x1ce\x85f"], ["d\x1ce\x85f", "a\u2003b\u3000c"]),
        ({}, ["İSTANBUL ΑΣ ß"], ["ΑΣ", "İstanbul", "ß"]),
    ],
)
def test_vocabularies_are_those_of_keras(arguments, data, words):
    assert _adapted(data, **arguments).get_vocabulary() == ["", "[UNK]", *words]


def test_batches():
    layer = _adapted(iter([DATA, DATA[:2]]))
    assert layer.get_vocabulary() == ["", "[UNK]", "bar", "baz", "foo", "boom", "bada"]
    first = layers.TextVectorization()
    first.adapt(iter([DATA, DATA[:2]]), steps=1)
    assert first.get_vocabulary() == _adapted().get_vocabulary()


def test_functions_of_the_callers():
    layer = _adapted(["a-b", "c"], standardize=np.char.upper, split=lambda texts: [text.split("-") for text in texts])
    assert layer.get_vocabulary() == ["", "[UNK]", "C", "B", "A"]
    assert layer(np.array([["a-c-x"]])).tolist() == [[4, 2, 1]]
    with pytest.raises(ValueError, match="returned 1 lists for 2 texts"):
        layers.TextVectorization(vocabulary=["a"], split=lambda texts: [["a"]])(["a", "b"])


@kerasish.saving.register_keras_serializable("texts")
def shout(texts):
    return np.char.upper(texts)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"vocabulary": ["a", "b"], "ngrams": (1, 2), "output_sequence_length": 3},
        {"vocabulary": ["a", "b"], "output_mode": "tf_idf", "idf_weights": [1.0, 2.0], "split": None},
        {"max_tokens": 10, "output_mode": "count", "pad_to_max_tokens": True, "standardize": None},
    ],
)
def test_config(arguments):
    layer = layers.TextVectorization(**arguments)
    config = layer.get_config()
    assert set(config) == {
        "name", "trainable", "dtype", "max_tokens", "standardize", "split", "ngrams", "output_mode",
        "output_sequence_length", "pad_to_max_tokens", "sparse", "ragged", "vocabulary", "idf_weights", "encoding",
        "vocabulary_size",
    }  # fmt: skip
    assert layers.TextVectorization.from_config(config).get_config() == config
    again = layers.deserialize(layers.serialize(layer))
    assert again.get_config() == config
    if not arguments.get("vocabulary"):
        again.adapt(DATA)  # a size of no words yet binds nobody


def test_a_registered_function_is_found_again():
    again = layers.deserialize(layers.serialize(layers.TextVectorization(standardize=shout)))
    assert again.get_config()["standardize"] is shout


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("mode", ["int", "multi_hot", "one_hot"])
def test_symbolic_shapes_are_those_of_values(shape, mode):
    layer = layers.TextVectorization(vocabulary=["a", "b"], output_mode=mode)
    symbol = layer(kerasish.Input(shape, dtype="string"))
    y = layer(np.full((2, *shape), "a b a"))
    assert len(symbol.shape) == y.ndim
    assert all(n in (None, m) for n, m in zip(symbol.shape, y.shape, strict=True))
    assert symbol.dtype == y.dtype.name


def test_a_model_learns_from_texts():
    texts = np.array(["good film", "bad film", "good good", "bad bad"])
    y = np.array([1.0, 0.0, 1.0, 0.0])
    vectorize = layers.TextVectorization(output_sequence_length=3)
    vectorize.adapt(texts)
    model = kerasish.Sequential(
        [
            kerasish.Input((1,), dtype="string"),
            vectorize,
            layers.Embedding(10, 4),
            layers.Flatten(),
            layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(kerasish.optimizers.Adam(0.1), "binary_crossentropy")
    model.fit(texts[:, None], y, epochs=30, verbose=0)
    assert (model.predict(texts[:, None], verbose=0)[:, 0] > 0.5).tolist() == [True, False, True, False]
    assert model.evaluate(texts[:, None], y, verbose=0) < 0.3


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: _adapted()([["foo", "bar"]]), ValueError, "Give split=None"),
        (lambda: _adapted()([1]), TypeError, "works with strings"),
        (lambda: _adapted([1]), TypeError, "works with strings"),
        (lambda: layers.TextVectorization()(["a"]), RuntimeError, "no vocabulary yet"),
        (lambda: _adapted(vocabulary=["a"]), ValueError, "does not adapt"),
        (lambda: layers.TextVectorization(max_tokens=1), ValueError, "greater than 1"),
        (lambda: layers.TextVectorization(standardize="x"), ValueError, "standardize"),
        (lambda: layers.TextVectorization(split="x"), ValueError, "split"),
        (lambda: layers.TextVectorization(ngrams="x"), ValueError, "ngrams"),
        (lambda: layers.TextVectorization(ngrams=0), ValueError, "ngrams"),
        (lambda: layers.TextVectorization(ngrams=[2]), ValueError, "ngrams"),
        (lambda: layers.TextVectorization(output_sequence_length="x"), ValueError, "output_sequence_length"),
        (lambda: layers.TextVectorization(output_mode="count", output_sequence_length=2), ValueError, "goes with"),
        (lambda: layers.TextVectorization(ragged=True), ValueError, "ragged"),
        (lambda: layers.TextVectorization(sparse=True), ValueError, "sparse"),
        (lambda: layers.TextVectorization(output_mode="x"), ValueError, "output modes"),
        (lambda: layers.TextVectorization(something=1), ValueError, "something"),
    ],
)
def test_mistakes_are_told(call, error, message):
    with pytest.raises(error, match=message):
        call()
