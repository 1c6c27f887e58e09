"""From text to a trained model, as a user would write it, beside Keras on the same numbers and weights.

Keras needs TensorFlow for `TextVectorization` and `timeseries_dataset_from_array`; it gets what they make here.
"""

from typing import Any

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

TEXTS = [
    "the film was good",
    "the film was not good, not at all",
    "good",
    "a bad film",
    "not a bad film",
    "bad bad bad",
]
Y = np.array([[1.0], [0.0], [1.0], [0.0], [1.0], [0.0]], "float32")
WORDS = 12
# float32 rounding in sums of a few dozen numbers, over four steps that each begin where the last one ended
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras's weights are zeros until they are set: it would compile the draw of each shape."""
    for name in ("GlorotUniform", "Orthogonal", "RandomUniform"):
        kind = getattr(keras.initializers, name)
        monkeypatch.setattr(kind, "__call__", lambda _, shape, dtype=None: np.zeros(shape, "float32"))


def vectorizer(**options: Any) -> Any:
    layer = kerasish.layers.TextVectorization(max_tokens=WORDS, **options)
    layer.adapt(TEXTS)
    return layer


def reader(k: Any, words: Any) -> Any:
    """Every way to read that a user would try, side by side, on one embedding whose zeros count for none of them."""
    layers = k.layers
    x = layers.Embedding(WORDS, 4, mask_zero=True, name="embedding")(words)
    looked = layers.MultiHeadAttention(2, 2, name="look")(x, x)
    read = [
        layers.SimpleRNN(3, name="simple")(x),
        layers.LSTM(3, name="lstm")(x),
        layers.GRU(3, name="gru", go_backwards=True)(x),
        layers.Bidirectional(layers.LSTM(2), name="both")(x),
        layers.LSTM(2, name="top")(layers.GRU(3, return_sequences=True, name="below")(x)),
        layers.GlobalAveragePooling1D(name="mean")(x),
        layers.GlobalAveragePooling1D(name="mean_of_looks")(looked),
    ]
    return layers.Dense(1, "sigmoid", name="judge")(layers.Concatenate()(read))


def compiled(k: Any, model: Any) -> Any:
    model.compile(k.optimizers.SGD(0.5), "binary_crossentropy")
    return model


def assert_same(ours: Any, theirs: Any) -> None:
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(a, b.value, err_msg=b.path, **CLOSE)


def test_text_inside_and_outside_of_the_model() -> None:
    words = vectorizer()
    inside, outside = kerasish.Input((), dtype="string"), kerasish.Input((None,), dtype="int64")
    of_text = compiled(kerasish, kerasish.Model(inside, reader(kerasish, words(inside))))
    of_numbers = compiled(kerasish, kerasish.Model(outside, reader(kerasish, outside)))
    numbers = keras.Input((None,), dtype="int64")
    theirs = compiled(keras, keras.Model(numbers, reader(keras, numbers)))
    for model in (of_text, theirs):
        model.set_weights(of_numbers.get_weights())
    x, texts = words(TEXTS), np.array(TEXTS, object)
    fit = {"batch_size": 6, "epochs": 4, "shuffle": False, "verbose": 0}
    expected = theirs.fit(np.asarray(x), Y, **fit).history["loss"]
    np.testing.assert_allclose(of_numbers.fit(x, Y, **fit).history["loss"], expected, **CLOSE)
    np.testing.assert_allclose(of_text.fit(texts, Y, **fit).history["loss"], expected, **CLOSE)
    assert of_numbers.why_not_recorded() is None and "text" in of_text.why_not_recorded()
    assert_same(of_numbers, theirs)
    assert_same(of_text, theirs)
    # Alone or beside longer ones, a text is judged in the same way: what fills it up does not count.
    judged = theirs.predict(np.asarray(x), batch_size=6, verbose=0)
    np.testing.assert_allclose(of_text.predict(texts, verbose=0), judged, **CLOSE)
    for text, share in zip(TEXTS, judged, strict=True):
        np.testing.assert_allclose(of_text.predict(np.array([text], object), verbose=0)[0], share, **CLOSE)
        np.testing.assert_allclose(of_numbers.predict(words([text]), verbose=0)[0], share, **CLOSE)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding": "post", "truncating": "post", "maxlen": 2},
        {"maxlen": 4, "value": 9},
        {"dtype": "float32", "value": 0.5, "truncating": "post", "maxlen": 2},
    ],
)
def test_padded_sequences(options: dict[str, Any]) -> None:
    sequences = [[1, 2, 3], [4], [5, 6, 7, 8, 9], []]
    ours, theirs = (k.utils.pad_sequences(sequences, **options) for k in (kerasish, keras))
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


def short_reader(k: Any) -> Any:
    layers = k.layers
    read = [layers.Embedding(WORDS, 4, mask_zero=True), layers.Bidirectional(layers.GRU(3)), layers.Dense(1, "sigmoid")]
    return compiled(k, k.Sequential([k.Input((None,), dtype="int32"), *read]))


def batches() -> list[tuple[np.ndarray, np.ndarray]]:
    """Batches of unequal lengths, filled up only as far as their own longest."""
    sequences = [[[1, 2, 3], [4]], [[5, 6, 7, 8, 9], [3, 2]], [[7, 1], [2, 5, 6]], [[8], [1, 2, 3, 4, 5]]]
    return [(kerasish.utils.pad_sequences(s, padding="post"), Y[i : i + 2]) for i, s in enumerate(sequences)]


def test_batches_of_unequal_lengths() -> None:
    def generated() -> Any:
        while True:
            yield from batches()

    class Batches(kerasish.utils.PyDataset):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, i: int) -> Any:
            return batches()[i]

    theirs = short_reader(keras)
    by_generator, by_data_set, by_hand = (short_reader(kerasish) for _ in range(3))
    for model in (theirs, by_generator, by_data_set):
        model.set_weights(by_hand.get_weights())
    run = {"epochs": 3, "verbose": 0}
    expected = theirs.fit(generated(), steps_per_epoch=4, **run).history["loss"]
    losses = by_generator.fit(generated(), steps_per_epoch=4, **run).history["loss"]
    np.testing.assert_allclose(losses, expected, **CLOSE)
    np.testing.assert_allclose(by_data_set.fit(Batches(), shuffle=False, **run).history["loss"], expected, **CLOSE)
    for _ in range(3):
        for x, y in batches():
            by_hand.train_on_batch(x, y)
    for model in (by_generator, by_data_set, by_hand):
        assert model.why_not_recorded() is None
        assert_same(model, theirs)
    expected = np.concatenate([theirs.predict_on_batch(x) for x, _ in batches()[:2]])
    found = by_generator.predict((x for x, _ in batches()[:2]), verbose=0)
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_windows_of_a_series() -> None:
    series = np.sin(np.arange(30, dtype="float32") / 3)[:, None]
    windows = kerasish.utils.timeseries_dataset_from_array(
        series[:-1], series[6:], sequence_length=6, sampling_rate=1, sequence_stride=2, batch_size=6
    )
    x, y = (np.concatenate(parts) for parts in zip(*windows, strict=True))
    np.testing.assert_array_equal(x[1, :, 0], series[2:8, 0])
    np.testing.assert_array_equal(y[1], series[8])
    models = []
    for k in (kerasish, keras):
        layers = [k.layers.LSTM(4, return_sequences=True), k.layers.SimpleRNN(3), k.layers.Dense(1)]
        models.append(k.Sequential([k.Input((6, 1)), *layers]))
        models[-1].compile(k.optimizers.SGD(0.1), "mse")
    ours, theirs = models
    theirs.set_weights(ours.get_weights())
    found = ours.fit(windows, epochs=3, shuffle=False, verbose=0).history["loss"]
    expected = theirs.fit(x, y, batch_size=6, epochs=3, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(found, expected, **CLOSE)
    assert_same(ours, theirs)
