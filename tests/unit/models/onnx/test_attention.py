"""What onnxruntime computes of attention layers, with the masks and settings of a call, is what they predict."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
L = keras.layers
RNG = np.random.default_rng(0)
ROWS, KEYS, SIZE = 3, 5, 4
MASK = np.array([[True, False, True, True, False]])
PAIRS = RNG.random((1, ROWS, KEYS)) < 0.6


def check(model: Any, inputs: list[np.ndarray], path: Path) -> None:
    for variable in model.trainable_variables:
        variable.assign(RNG.uniform(-0.8, 0.8, variable.shape))
    model.export(path, format="onnx")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for n in (4, 1):
        data = [x[:n] for x in inputs]
        ours = model.predict(data if len(data) > 1 else data[0], verbose=0)
        theirs = session.run(None, {given.name: x for given, x in zip(session.get_inputs(), data, strict=True)})
        for a, b in zip(ours if isinstance(ours, (list, tuple)) else [ours], theirs, strict=True):
            np.testing.assert_allclose(b, a, atol=1e-5, rtol=1e-5)


def numbers(*shape: int) -> np.ndarray:
    return RNG.standard_normal((4, *shape)).astype("float32")


HEADED = [
    (lambda: L.MultiHeadAttention(2, 3), {}),
    (lambda: L.MultiHeadAttention(2, 3, value_dim=5, output_shape=(2, 3), use_gate=True), {"use_causal_mask": True}),
    (lambda: L.MultiHeadAttention(2, 3, use_bias=False, sliding_window=2), {"return_attention_scores": True}),
    (lambda: L.MultiHeadAttention(2, 3, dropout=0.2), {"value_mask": MASK, "attention_mask": PAIRS}),
    (lambda: L.MultiHeadAttention(2, 3), {"value_mask": MASK, "attention_mask": PAIRS[:, None]}),
    (lambda: L.GroupQueryAttention(3, 4, 2, use_gate=True), {"use_causal_mask": True}),
    (lambda: L.GroupQueryAttention(3, 4, 1), {"key_mask": MASK, "return_attention_scores": True}),
]


@pytest.mark.parametrize("lengths", [(ROWS, KEYS), (None, None)])
@pytest.mark.parametrize(("make", "call"), HEADED)
def test_several_heads(make: Any, call: dict[str, Any], lengths: Any, tmp_path: Path) -> None:
    query, value, key = keras.Input((lengths[0], SIZE)), keras.Input((lengths[1], SIZE)), keras.Input((lengths[1], 6))
    outputs = make()(query, value, key, **call)
    model = keras.Model([query, value, key], outputs)
    check(model, [numbers(ROWS, SIZE), numbers(KEYS, SIZE), numbers(KEYS, 6)], tmp_path / "model.onnx")


@pytest.mark.parametrize("axes", [None, (2,)])
def test_other_axes(axes: Any, tmp_path: Path) -> None:
    x = keras.Input((3, 2, SIZE))
    model = keras.Model(x, L.MultiHeadAttention(2, 3, attention_axes=axes)(x, x))
    check(model, [numbers(3, 2, SIZE)], tmp_path / "model.onnx")


def test_masks_that_are_inputs(tmp_path: Path) -> None:
    query, value = keras.Input((ROWS, SIZE)), keras.Input((KEYS, SIZE))
    rows, pairs = keras.Input((KEYS,), dtype="bool"), keras.Input((ROWS, KEYS), dtype="bool")
    found = L.MultiHeadAttention(2, 3)(query, value, value_mask=rows, attention_mask=pairs, use_causal_mask=True)
    model = keras.Model([query, value, rows, pairs], found)
    masks = [RNG.random((4, KEYS)) < 0.7, RNG.random((4, ROWS, KEYS)) < 0.7]
    check(model, [numbers(ROWS, SIZE), numbers(KEYS, SIZE), *masks], tmp_path / "model.onnx")


@pytest.mark.parametrize(
    ("make", "call"),
    [
        (L.Attention, {}),
        (lambda: L.Attention(use_scale=True), {"use_causal_mask": True, "return_attention_scores": True}),
        (lambda: L.Attention(use_scale=True, score_mode="concat"), {"mask": [None, MASK]}),
        (L.AdditiveAttention, {"mask": [np.array([[True, False, True]]), MASK], "use_causal_mask": True}),
        (lambda: L.AdditiveAttention(use_scale=False), {"return_attention_scores": True}),
    ],
)
def test_without_heads(make: Any, call: dict[str, Any], tmp_path: Path) -> None:
    query, value = keras.Input((ROWS, SIZE)), keras.Input((KEYS, SIZE))
    model = keras.Model([query, value], make()([query, value], **call))
    check(model, [numbers(ROWS, SIZE), numbers(KEYS, SIZE)], tmp_path / "model.onnx")


@pytest.mark.parametrize("options", [{}, {"tie_weights": False, "logit_soft_cap": 2.0}])
def test_an_embedding_and_its_way_back(options: Any, tmp_path: Path) -> None:
    words = keras.Input((3,), dtype="int32")
    embedding = L.ReversibleEmbedding(6, SIZE, **options)
    model = keras.Model(words, embedding(embedding(words), reverse=True))
    check(model, [RNG.integers(0, 6, (4, 3)).astype("int32")], tmp_path / "model.onnx")


def test_a_transformer(tmp_path: Path) -> None:
    words = keras.Input((6,), dtype="int32")
    x = L.Embedding(9, 8)(words)
    x = L.LayerNormalization()(x + L.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True))
    x = L.LayerNormalization()(x + L.Dense(8)(L.Dense(16, "gelu")(x)))
    model = keras.Model(words, L.Dense(2, "softmax")(L.GlobalAveragePooling1D()(x)))
    check(model, [RNG.integers(0, 9, (4, 6)).astype("int32")], tmp_path / "model.onnx")


def test_masks_that_travel_are_refused_where_they_are_made(tmp_path: Path) -> None:
    words = keras.Input((6,), dtype="int32")
    x = L.Embedding(9, 8, mask_zero=True, name="words")(words)
    model = keras.Model(words, L.MultiHeadAttention(2, 4)(x, x))
    with pytest.raises(ValueError, match=r"'words' .* mask"):
        model.export(tmp_path / "model.onnx", format="onnx")
