"""Layers whose weights become few bits, or get factors, while they are in use."""

import copy
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras

RNG = np.random.default_rng(0)


def _model() -> keras.Sequential:
    return keras.Sequential([keras.layers.Input((30,)), keras.layers.Dense(40, "relu"), keras.layers.Dense(3)])


def test_a_model_that_has_predicted_predicts_with_few_bits_from_then_on():
    model, x = _model(), RNG.normal(size=(8, 30)).astype("float32")
    before, _ = (model.predict(x, verbose=0) for _ in range(2))
    model.quantize("int8", filters=[f"^{model.layers[1].name}$"])
    assert [layer.quantization_mode for layer in model.layers] == [None, "int8"]
    model.quantize("int8", filters=lambda layer: layer.quantization_mode is None)
    after = [model.predict(x, verbose=0) for _ in range(2)]
    assert np.array_equal(*after) and 0 < np.abs(after[0] - before).max() < 0.1
    assert np.allclose(model(x), after[0], atol=1e-6)
    assert np.allclose(model(x[:1]), after[0][:1], atol=1e-6)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), keras.models.clone_model(model)):
        other.set_weights(model.get_weights())
        assert np.array_equal(other.predict(x, verbose=0), after[0])


def test_memory():
    """What is held is a fourth, or an eighth; and no call makes the whole kernel real numbers."""
    x = np.ones((4, 2000), "float32")
    held = {}
    for mode in (None, "int8", "int4"):
        model = keras.Sequential([keras.layers.Input((2000,)), keras.layers.Dense(2000, use_bias=False)])
        if mode:
            model.quantize(mode)
        held[mode] = sum(w.numpy().nbytes for w in model.weights)
        model.predict(x, verbose=0)
        tracemalloc.start()
        model.predict(x, verbose=0)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < held[None] / 2
    assert held["int8"] < held[None] * 0.26 and held["int4"] < held[None] * 0.15


def test_a_layer_that_is_not_asked_pays_nothing():
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    assert "call" not in layer.__dict__ and type(layer.__dict__["kernel"]) is keras.Variable
    assert layer._kernel is layer.kernel
    layer.quantize("int8")
    assert layer.__dict__["call"].__func__ is keras.layers.Dense._call_in_bits


@pytest.mark.parametrize("recorded", [True, False])
def test_factors_learn_and_the_weight_stays(recorded):
    x = RNG.normal(size=(64, 30)).astype("float32")
    y = x[:, :3] * 2
    model = _model()
    model.compile("adam", "mse", jit_compile=recorded)
    model.fit(x, y, epochs=2, verbose=0)
    before = model.predict(x, verbose=0)
    kernels = [layer.kernel.numpy() for layer in model.layers]
    for layer in model.layers:
        layer.enable_lora(2)
    assert np.allclose(model.predict(x, verbose=0), before, atol=1e-6)
    assert [v.name for v in model.layers[0].trainable_weights] == ["bias", "lora_kernel_a", "lora_kernel_b"]
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=recorded)
    losses = model.fit(x, y, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0] and (model.why_not_recorded() is None) == recorded
    for layer, kernel in zip(model.layers, kernels, strict=True):
        assert np.array_equal(layer._kernel.numpy(), kernel) and not np.array_equal(layer.kernel, kernel)


def test_a_file_holds_the_sum_and_leaves_the_factors_zero(tmp_path: Path):
    x = np.ones((2, 5, 4), "float32")
    layers = [keras.layers.Conv1D(3, 2, groups=1), keras.layers.EinsumDense("abc,cd->abd", (None, 2))]
    model = keras.Sequential([keras.layers.Input((5, 4)), *layers])
    for layer in layers:
        layer.enable_lora(2, lora_alpha=3, b_initializer="ones")
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    assert np.allclose(loaded.predict(x, verbose=0), expected, atol=1e-5)
    assert loaded.layers[0].lora_rank == 2 and loaded.layers[0].lora_alpha == 3
    assert not loaded.layers[0].lora_kernel_a.numpy().any() and loaded.layers[0].kernel_initializer is not None
    plain = keras.Sequential([keras.layers.Input((5, 4)), keras.layers.Conv1D(3, 2), layers[1].from_config(
        {**layers[1].get_config(), "lora_rank": None, "lora_alpha": None})])  # fmt: skip
    model.save_weights(tmp_path / "m.weights.h5")
    plain.load_weights(tmp_path / "m.weights.h5")
    assert np.allclose(plain.predict(x, verbose=0), expected, atol=1e-5)


def test_a_float8_layer_rounds_and_keeps_what_it_has_seen():
    layer = keras.layers.Dense(2, dtype=keras.dtype_policies.QuantizedFloat8DTypePolicy("float8", "float32", 3))
    model = keras.Sequential([keras.layers.Input((4,)), layer])
    model.compile(keras.optimizers.SGD(0.0, global_clipnorm=1.0, gradient_accumulation_steps=2), "mse")
    x = np.array([[1.0, 2.0, -6.0, 3.0]], "float32")
    for size in (1, 2, 3, 4):
        model.train_on_batch(size * x, np.zeros((1, 2)))
    assert layer.inputs_amax_history.numpy().tolist() == [24.0, 12.0, 18.0]
    assert np.isclose(layer.inputs_scale.numpy(), 18 / 448)
    history = layer.inputs_amax_history.numpy()
    model.predict(9 * x, verbose=0)
    assert np.array_equal(layer.inputs_amax_history.numpy(), history)


@pytest.mark.parametrize(
    ("act", "kind", "told"),
    [
        (lambda layer: keras.layers.Dense(2).quantize("int8"), ValueError, "no weights to quantize yet"),
        (lambda layer: layer.quantize("int8") or layer.quantize("int4"), ValueError, "quantized already"),
        (lambda layer: layer.quantize(config=keras.quantizers.GPTQConfig(None, None)), NotImplementedError, "GPTQ"),
        (lambda layer: layer.enable_lora(2) or layer.enable_lora(2), ValueError, "has factors already"),
        (lambda layer: keras.layers.Dense(2).enable_lora(2), ValueError, "no weights to adapt yet"),
        (lambda layer: keras.layers.LayerNormalization().quantize("int8"), NotImplementedError, "LayerNormalization"),
    ],
)
def test_what_cannot_be(act, kind, told):
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(kind, match=told):
        act(layer)


def test_what_cannot_be_in_other_layers(tmp_path: Path):
    class Mine(keras.layers.Dense):
        pass

    mine = Mine(2)
    mine.build((None, 3))
    with pytest.raises(NotImplementedError, match="type_check=False"):
        mine.quantize("int8")
    mine.quantize("int8", type_check=False)
    half = keras.layers.Dense(2, dtype="float16")
    half.build((None, 3))
    with pytest.raises(ValueError, match="overflow"):
        half.quantize("int8")
    held = keras.layers.Dense(2, kernel_constraint="non_neg")
    held.build((None, 3))
    with pytest.raises(ValueError, match="constraint"):
        held.enable_lora(1)
    sums = keras.layers.EinsumDense("abc,cd->abd", (None, 2))
    sums.build((None, 2, 3))
    sums.quantize("int8")
    with pytest.raises(ValueError, match="summed over 3 numbers; received inputs of shape"):
        sums(np.ones((1, 2, 4), "float32"))
    table = keras.layers.Embedding(3, 2)
    table.build()
    with pytest.raises(NotImplementedError, match=r"'int8', 'int4'.*not to float8"):
        table.quantize("float8")
    table.quantize("int8")
    with pytest.raises(IndexError, match="from 0 to 2"):
        table(np.array([3]))
    model = _model()
    with pytest.raises(ValueError, match="filters must be"):
        model.quantize("int8", filters=3)
    with pytest.raises(NotImplementedError, match="AWQ"):
        model.quantize(config=keras.quantizers.AWQConfig(None, None))
    model.quantize("int8")
    with pytest.raises(ValueError, match="few bits"):
        model.export(tmp_path / "m.onnx", format="onnx")
    conv = keras.Sequential([keras.layers.Input((4, 3)), keras.layers.Conv1D(2, 2)])
    with pytest.warns(UserWarning, match="Conv1D.*stays as it is"):
        conv.quantize("int8")


def test_a_policy_that_is_not_for_a_layer_is_passed_over(tmp_path: Path):
    model = keras.Sequential([keras.layers.Input((4, 3)), keras.layers.Conv1D(2, 2, dtype="int8_from_float32")])
    for _ in range(2):
        model.save(tmp_path / "m.keras")
        loaded = keras.saving.load_model(tmp_path / "m.keras")
        x = np.ones((1, 4, 3), "float32")
        assert np.allclose(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
        if not model.layers[0].lora_enabled:
            model.layers[0].enable_lora(1, b_initializer="ones")


def test_a_policy_that_is_set_quantizes():
    layer = keras.layers.Dense(2)
    layer.build((None, 6))
    layer.dtype_policy = "int4/2_from_float32"
    assert layer.kernel_scale.shape == (3, 2) and layer.kernel.dtype == "int8"
    layer = keras.layers.Dense(2)
    layer.build((None, 6))
    layer.dtype_policy = "mixed_bfloat16"
    assert layer(np.ones((1, 6), "float32")).dtype == "bfloat16"
