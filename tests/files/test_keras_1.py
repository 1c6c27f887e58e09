"""Models and weights in the layouts of Keras 1 open, and predict what Keras 1 computed."""

import importlib.util
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.saving.legacy import rules
from kerasish.saving.legacy.origin import Origin


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("keras_1", Path(__file__).parent / "keras_1.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault("keras_1", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


old = _load()
RNG = np.random.default_rng(5)


def _normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("f4")


def _agree(ours: np.ndarray, theirs: np.ndarray) -> bool:
    # Sums of fewer than 100 numbers of size about 1, in float32.
    return ours.shape == theirs.shape and np.allclose(ours, theirs, atol=100 * 2e-7 * max(1, np.abs(theirs).max()))


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


# -- convolutions --------------------------------------------------------------------------------------------

X = _normal(3, 2, 9, 8)
CONV = {"nb_filter": 3, "nb_row": 3, "nb_col": 2, "border_mode": "valid", "subsample": [1, 2], "dim_ordering": "th"}


def _pictures(path: Path, backend: str) -> tuple[Path, np.ndarray]:
    """A small network on pictures with the channels first, and what it predicts."""
    kernel = old.arrays("c", (3, 2, 3, 2), (3,))
    norm = old.arrays("n", (3,), (3,), (3,), (3,), labels="gamma beta running_mean running_std")
    norm["n_running_std"] = np.abs(norm["n_running_std"])
    dense = old.arrays("d", (3 * 8 * 6, 2), (2,))
    layers = [
        old.weighted("Convolution2D", "c", [None, 2, 9, 8], **{**CONV, "activation": "relu"}),
        old.layer("ZeroPadding2D", "z", padding=[1, 1]),
        old.layer("BatchNormalization", "n", epsilon=0.01, mode=0, axis=1, momentum=0.9, gamma_regularizer=None),
        old.layer("MaxPooling2D", "m", pool_size=[2, 2], strides=[2, 2], border_mode="valid", dim_ordering="th"),
        old.layer("UpSampling2D", "u", size=[2, 2]),
        old.layer("SpatialDropout2D", "s", p=0.5),
        old.layer("Flatten", "f"),
        old.weighted("Dense", "d", output_dim=2, input_dim=None),
    ]
    weights = {"c": kernel, "z": {}, "n": norm, "m": {}, "u": {}, "s": {}, "f": {}, "d": dense}
    y = _relu(old.convolved(X, *kernel.values(), (1, 2), backend == "theano"))
    y = old.normalized(np.pad(y, ((0, 0), (0, 0), (1, 1), (1, 1))), norm, 1, 0.01)
    y = y[:, :, :8, :6].reshape(3, 3, 4, 2, 3, 2).max(axis=(3, 5)).repeat(2, 2).repeat(2, 3)
    y = y.reshape(3, -1) @ dense["d_W"] + dense["d_b"]
    return old.model_file(path, layers, weights, backend=backend), y


@pytest.mark.parametrize("backend", ["theano", "tensorflow"])
def test_pictures_with_the_channels_first(backend: str, tmp_path: Path) -> None:
    path, expected = _pictures(tmp_path / "old.h5", backend)
    model = keras.saving.load_model(path)
    assert model.layers[0].data_format == model.layers[1].data_format == model.layers[4].data_format == "channels_first"
    assert _agree(model.predict(X, verbose=0), expected)
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(X, expected, verbose=0).history["loss"]).all()
    model.save(tmp_path / "new.keras")
    again = keras.saving.load_model(tmp_path / "new.keras")
    assert np.array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_file_that_does_not_say_who_computed_is_taken_as_tensorflows_with_a_warning(tmp_path: Path) -> None:
    path, expected = _pictures(tmp_path / "old.h5", "")
    with pytest.warns(UserWarning, match=r"If it was Theano, tell the file.*attrs\['backend'\] = b'theano'"):
        model = keras.saving.load_model(path)
    assert _agree(model.predict(X, verbose=0), expected)


@pytest.mark.parametrize("backend", ["theano", "tensorflow"])
@pytest.mark.parametrize(
    ("kind", "order", "settings", "shape", "inputs", "stored"),
    [
        ("Convolution1D", "tf", {"filter_length": 3, "subsample_length": 2}, (5, 4, 3), (9, 4), "llc"),
        ("Convolution1D", "th", {"filter_length": 3, "subsample_length": 2}, (5, 4, 3), (9, 4), "old"),
        ("Convolution2D", "tf", {"nb_row": 3, "nb_col": 2, "subsample": [1, 1]}, (3, 3, 3, 2), (5, 4, 3), "last"),
        ("Convolution2D", "th", {"nb_row": 3, "nb_col": 3, "subsample": [2, 1]}, (3, 3, 3, 3), (3, 7, 5), "first"),
        ("Convolution3D", "th", {"subsample": [1, 1, 1]}, (2, 3, 2, 1, 3), (3, 4, 3, 4), "first"),
        ("Convolution3D", "tf", {"subsample": [1, 1, 1]}, (2, 3, 2, 1, 3), (4, 3, 4, 3), "last"),
    ],
)
def test_kernels_of_every_rank_and_order(
    kind: str, order: str, settings: Any, shape: Any, inputs: Any, stored: str, backend: str, tmp_path: Path
) -> None:
    kernel, bias = _normal(*shape), _normal(shape[0])
    first = order == "th" and kind != "Convolution1D"
    x = _normal(2, *inputs)
    steps = settings.get("subsample") or [settings["subsample_length"]]
    expected = old.convolved(x if first else np.moveaxis(x, -1, 1), kernel, bias, steps, backend == "theano")
    expected = expected if first else np.moveaxis(expected, 1, -1)
    if "3D" in kind:
        settings = {**settings, **dict(zip(("kernel_dim1", "kernel_dim2", "kernel_dim3"), shape[2:], strict=True))}
    kept = {
        "first": lambda k: k,
        "last": lambda k: np.moveaxis(k, (0, 1), (-1, -2)),
        "llc": lambda k: np.moveaxis(k, (0, 1), (-1, -2))[:, None],
        "old": lambda k: k[..., None],
    }[stored](kernel)
    where = {} if kind == "Convolution1D" else {"dim_ordering": order}
    config = old.weighted(kind, "c", [None, *inputs], nb_filter=shape[0], border_mode="valid", **settings, **where)
    path = old.model_file(tmp_path / "a.h5", [config], {"c": {"c_W": kept, "c_b": bias}}, backend=backend)
    assert _agree(keras.saving.load_model(path).predict(x, verbose=0), expected)


@pytest.mark.parametrize("backend", ["theano", "tensorflow"])
@pytest.mark.parametrize("order", ["th", "tf"])
@pytest.mark.parametrize("more", [0, 1])
def test_transposed_convolution_has_the_size_that_it_was_told(
    more: int, order: str, backend: str, tmp_path: Path
) -> None:
    kernel, bias = _normal(4, 2, 3, 2), _normal(4)
    x = _normal(2, 2, 3, 4)
    y = old.deconvolved(x, kernel, bias, (2, 2), backend == "theano")
    y = np.concatenate([y, np.broadcast_to(bias[:, None, None], (*y.shape[:2], more, y.shape[3]))], axis=2)
    shape = list(y.shape) if order == "th" else [2, *y.shape[2:], 4]
    config = old.weighted(
        "Deconvolution2D", "c", [None, 2, 3, 4] if order == "th" else [None, 3, 4, 2], nb_filter=4, nb_row=3, nb_col=2,
        border_mode="valid", subsample=[2, 2], dim_ordering=order, output_shape=shape,
    )  # fmt: skip
    stored = kernel if order == "th" else np.moveaxis(kernel, (0, 1), (-1, -2))
    path = old.model_file(tmp_path / "a.h5", [config], {"c": {"c_W": stored, "c_b": bias}}, backend=backend)
    ours = keras.saving.load_model(path).predict(x if order == "th" else np.moveaxis(x, 1, -1), verbose=0)
    assert _agree(ours, y if order == "th" else np.moveaxis(y, 1, -1))


def test_separable_convolution(tmp_path: Path) -> None:
    depthwise, pointwise, bias = _normal(2, 3, 2, 2), _normal(4, 6, 1, 1), _normal(4)
    x = _normal(2, 3, 5, 4)
    parts = [old.convolved(x[:, i : i + 1], depthwise[:, i : i + 1], np.zeros(2), (1, 1)) for i in range(3)]
    expected = old.convolved(np.concatenate(parts, axis=1), pointwise, bias, (1, 1))
    config = old.weighted(
        "SeparableConvolution2D", "c", [None, 3, 5, 4], nb_filter=4, nb_row=2, nb_col=2, border_mode="valid",
        subsample=[1, 1], dim_ordering="th", depth_multiplier=2, depthwise_regularizer=None, pointwise_constraint=None,
    )  # fmt: skip
    weights = {"c_depthwise_kernel": depthwise, "c_pointwise_kernel": pointwise, "c_b": bias}
    path = old.model_file(tmp_path / "a.h5", [config], {"c": weights}, backend="tensorflow")
    assert _agree(keras.saving.load_model(path).predict(x, verbose=0), expected)


def test_dilation_and_padding(tmp_path: Path) -> None:
    config = [
        old.weighted(
            "AtrousConvolution2D", "a", [None, 2, 9, 8], **{**CONV, "subsample": [1, 1]}, atrous_rate=[2, 2],
            W_constraint={"name": "MaxNorm", "m": 2, "axis": [1, 2, 3]},
        ),
        old.layer("ZeroPadding2D", "p", padding=[1, 0, 2, 1]),
        old.layer("Cropping2D", "q", cropping=[[0, 1], [1, 1]]),
        old.layer("AveragePooling2D", "v", pool_size=[2, 1], strides=[2, 1], border_mode="same", dim_ordering="th"),
        old.layer("GlobalAveragePooling2D", "g", dim_ordering="th"),
    ]  # fmt: skip
    kernel = old.arrays("a", (3, 2, 3, 2), (3,))
    path = old.model_file(tmp_path / "a.h5", config, {"a": kernel}, backend="tensorflow")
    model = keras.saving.load_model(path)
    assert model.layers[0].kernel_constraint.axis == [2, 0, 1] and model.layers[0].kernel_constraint.max_value == 2
    wide = np.zeros((3, 2, 5, 3), "f4")
    wide[:, :, ::2, ::2] = kernel["a_W"]
    y = old.convolved(X, wide, kernel["a_b"], (1, 1))
    y = np.pad(y, ((0, 0), (0, 0), (1, 0), (2, 1)))[:, :, :-1, 1:-1]
    pooled = [y[:, :, i : i + 2].mean(axis=2) for i in range(0, y.shape[2], 2)]
    assert _agree(model.predict(X, verbose=0), np.stack(pooled, axis=2).mean(axis=(2, 3)))


def test_sequences(tmp_path: Path) -> None:
    kernel = old.arrays("c", (3, 1, 4, 5), (5,))
    layers = [
        old.weighted("AtrousConvolution1D", "c", [None, 12, 4], nb_filter=5, filter_length=3, border_mode="valid",
                     subsample_length=1, atrous_rate=1, input_dim=4, input_length=12),
        old.layer("UpSampling1D", "u", length=2),
        old.layer("MaxPooling1D", "m", stride=2, pool_length=3, border_mode="valid"),
        old.layer("AveragePooling1D", "a", stride=3, pool_length=3, border_mode="valid"),
        old.layer("SpatialDropout1D", "s", p=0.1),
        old.layer("GlobalMaxPooling1D", "g"),
    ]  # fmt: skip
    path = old.model_file(tmp_path / "a.h5", layers, {"c": kernel}, backend="tensorflow")
    x = _normal(2, 12, 4)
    y = old.convolved(np.moveaxis(x, -1, 1), np.moveaxis(kernel["c_W"][:, 0], 0, -1).swapaxes(0, 1), kernel["c_b"], [1])
    y = y.repeat(2, axis=2)
    y = np.stack([y[..., i : i + 3].max(-1) for i in range(0, 18, 2)], -1)
    y = np.stack([y[..., i : i + 3].mean(-1) for i in range(0, 9, 3)], -1).max(-1)
    kept = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")  # of which Keras 1 knew nothing in sequences
    try:
        assert _agree(keras.saving.load_model(path).predict(x, verbose=0), y)
    finally:
        keras.config.set_image_data_format(kept)


# -- weights alone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("backend", ["theano", "tensorflow"])
def test_weights_go_into_a_model_of_today(backend: str, by_name: bool, tmp_path: Path) -> None:
    conv, dense = old.arrays("c", (3, 2, 3, 2), (3,)), old.arrays("d", (3 * 7 * 7, 2), (2,))
    path = old.weights_file(tmp_path / "a.h5", {"c": conv, "f": {}, "d": dense}, backend)
    model = keras.Sequential(
        [
            keras.Input((2, 9, 8)),
            keras.layers.Conv2D(3, (3, 2), data_format="channels_first", name="c"),
            keras.layers.Flatten(data_format="channels_last"),
            keras.layers.Dense(2, name="d"),
        ]
    )
    model.load_weights(path, by_name=by_name)
    y = old.convolved(X, *conv.values(), (1, 1), backend == "theano").reshape(3, -1) @ dense["d_W"] + dense["d_b"]
    assert _agree(model.predict(X, verbose=0), y)


def test_kernels_with_the_channels_first_for_a_layer_with_the_channels_last(tmp_path: Path) -> None:
    conv = old.arrays("c", (3, 2, 3, 2), (3,))
    path = old.weights_file(tmp_path / "a.h5", {"c": conv}, "tensorflow")
    model = keras.Sequential([keras.Input((9, 8, 2)), keras.layers.Conv2D(3, (3, 2), data_format="channels_last")])
    with pytest.warns(UserWarning, match="channels first, and the layer .* last"):
        model.load_weights(path)
    y = old.convolved(X, *conv.values(), (1, 1))
    assert _agree(model.predict(np.moveaxis(X, 1, -1), verbose=0), np.moveaxis(y, 1, -1))


@pytest.mark.parametrize("version", ["1", "2"])
def test_theano_flipped_in_the_files_of_keras_2_too(version: str, tmp_path: Path) -> None:
    kernel, bias = _normal(3, 2, 3, 2), _normal(3)
    order = kernel if version == "1" else np.moveaxis(kernel, (0, 1), (-1, -2))
    path = old.weights_file(tmp_path / "a.h5", {"c": {"c/kernel": order, "c/bias": bias}}, "theano")
    with old.h5py.File(path, "a") as file:
        file.attrs["keras_version"] = f"{version}.0.8".encode()
    x = keras.Input((2, 9, 8))
    inner = keras.Sequential([keras.layers.Conv2D(3, (3, 2), data_format="channels_first", name="inner")], name="c")
    model = keras.Model(x, keras.layers.Activation("linear")(inner(x)))
    model.load_weights(path)
    assert _agree(model.predict(X, verbose=0), old.convolved(X, kernel, bias, (1, 1), True))


# -- other layers --------------------------------------------------------------------------------------------

V = _normal(4, 5)


def _dense_model(path: Path, config: Any, weights: Any, x: np.ndarray = V) -> np.ndarray:
    """What a model of one layer predicts, as it is, and saved anew."""
    model = keras.saving.load_model(old.model_file(path, [config], {config["config"]["name"]: weights}))
    y = model.predict(x, verbose=0)
    for ending in (".keras", ".new.h5"):
        model.save(path.with_suffix(ending))
        assert np.array_equal(keras.saving.load_model(path.with_suffix(ending)).predict(x, verbose=0), y)
    model.compile("sgd", "mse")
    before = [w.copy() for w in model.get_weights()]
    model.fit(x, y + 1, verbose=0)
    assert any(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    return y


def test_maxout(tmp_path: Path) -> None:
    weights = old.arrays("m", (3, 5, 2), (3, 2))
    config = old.weighted("MaxoutDense", "m", [None, 5], output_dim=2, nb_feature=3, input_dim=5)
    del config["config"]["activation"]
    expected = (np.einsum("bi,kio->kbo", V, weights["m_W"]) + weights["m_b"][:, None]).max(0)
    assert _agree(_dense_model(tmp_path / "a.h5", config, weights), expected)


@pytest.mark.parametrize("labels", ["W W_carry b b_carry", "W b W_carry b_carry"])
def test_highway_of_both_orders(labels: str, tmp_path: Path) -> None:
    shapes = [(5, 5) if "W" in label else (5,) for label in labels.split()]
    weights = old.arrays("h", *shapes, labels=labels)
    config = old.weighted("Highway", "h", [None, 5], activation="tanh", transform_bias=-2, input_dim=5)
    gate = 1 / (1 + np.exp(-(V @ weights["h_W_carry"] + weights["h_b_carry"])))
    expected = gate * np.tanh(V @ weights["h_W"] + weights["h_b"]) + (1 - gate) * V
    assert _agree(_dense_model(tmp_path / "a.h5", config, weights), expected)


@pytest.mark.parametrize("mode", [1, 2])
def test_batch_normalization_of_other_modes(mode: int, tmp_path: Path) -> None:
    weights = old.arrays("n", (5,), (5,), (5,), (5,), labels="gamma beta running_mean running_std")
    config = old.layer("BatchNormalization", "n", [None, 5], epsilon=0.1, mode=mode, axis=-1, momentum=0.99)
    axis = -1 if mode == 1 else 0
    length = np.sqrt(V.var(axis, keepdims=True) + 0.1) + (0.1 if mode == 1 else 0)
    expected = (V - V.mean(axis, keepdims=True)) / length * weights["n_gamma"] + weights["n_beta"]
    assert _agree(_dense_model(tmp_path / "a.h5", config, weights), expected)


def test_activations_with_weights(tmp_path: Path) -> None:
    soft = old.arrays("p", (5,), (5,), labels="alphas betas")
    config = old.layer("ParametricSoftplus", "p", [None, 5], alpha_init=0.2, beta_init=5.0)
    expected = soft["p_alphas"] * np.log1p(np.exp(soft["p_betas"] * V))
    assert _agree(_dense_model(tmp_path / "a.h5", config, soft), expected)
    lines = old.arrays("s", (5,), (5,), (5,), (5,), labels="t_left a_left t_right a_right")
    starts = {"t_left_init": "zero", "a_left_init": "glorot_uniform", "t_right_init": "glorot_uniform"}
    left, low, width, high = lines.values()
    right = left + np.abs(width)
    expected = np.where(left > V, left + low * (V - left), np.where(right < V, right + high * (V - right), V))
    config = old.layer("SReLU", "s", [None, 5], **starts, a_right_init="one")
    assert _agree(_dense_model(tmp_path / "b.h5", config, lines), expected)
    pictures = _normal(2, 3, 4, 5)
    slopes = {"r_alphas": _normal(1, 1, 5)}  # shared axes were not written down
    config = old.layer("PReLU", "r", [None, 3, 4, 5], init="zero")
    ours = _dense_model(tmp_path / "c.h5", config, slopes, pictures)
    assert _agree(ours, np.where(pictures < 0, slopes["r_alphas"] * pictures, pictures))


def test_embedding_and_noise(tmp_path: Path) -> None:
    table = old.arrays("e", (7, 3))
    layers = [
        old.layer("Embedding", "e", [None, 4], input_dim=7, output_dim=3, init="uniform", input_length=4,
                  mask_zero=False, activity_regularizer=None, W_regularizer={"name": "L1L2Regularizer", "l1": 0.0,
                  "l2": 0.5}, W_constraint={"name": "NonNeg"}, dropout=0.2),
        old.layer("GaussianNoise", "g", sigma=0.25),
        old.layer("GaussianDropout", "d", p=0.5),
        old.weighted("TimeDistributedDense", "t", output_dim=2, input_dim=3, input_length=4),
    ]  # fmt: skip
    dense = old.arrays("t", (3, 2), (2,))
    path = old.model_file(tmp_path / "a.h5", layers, {"e": table, "g": {}, "d": {}, "t": dense})
    with pytest.warns(UserWarning, match=r"'e' dropped words in training \(dropout=0.2\)"):
        model = keras.saving.load_model(path)
    first = model.layers[0]
    assert first.embeddings_regularizer.l2 == 0.5 and type(first.embeddings_constraint).__name__ == "NonNeg"
    assert model.layers[1].stddev == 0.25 and model.layers[2].rate == 0.5
    words = np.array([[0, 6, 1, 3]])
    assert _agree(model.predict(words, verbose=0), table["e_W"][words] @ dense["t_W"] + dense["t_b"])


def test_an_embedding_without_dropout_does_not_warn(tmp_path: Path) -> None:
    config = old.layer("Embedding", "e", [None, 4], input_dim=7, output_dim=3, init="uniform", dropout=0.0)
    path = old.model_file(tmp_path / "a.h5", [config], {"e": old.arrays("e", (7, 3))})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keras.saving.load_model(path)


# -- merging -------------------------------------------------------------------------------------------------

_RAW = {"mode_type": "raw", "concat_axis": -1, "dot_axes": [1, 1], "output_shape": None, "output_shape_type": "raw"}
_RAW |= {"output_mask": None, "output_mask_type": "raw", "arguments": {}}
A, B = _normal(4, 5), _normal(4, 5)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("sum", A + B),
        ("mul", A * B),
        ("ave", (A + B) / 2),
        ("max", np.maximum(A, B)),
        ("concat", np.concatenate([A, B], -1)),
        ("dot", (A * B).sum(-1, keepdims=True)),
        ("cos", ((A * B).sum(-1) / np.sqrt((A * A).sum(-1) * (B * B).sum(-1)))[:, None]),
    ],
)
def test_merging_in_a_graph(mode: str, expected: np.ndarray, tmp_path: Path) -> None:
    inputs = [old.layer("InputLayer", n, [None, 5], sparse=False) | {"name": n, "inbound_nodes": []} for n in "ab"]
    node = [[["a", 0, 0], ["b", 0, 0]]]
    merge = old.layer("Merge", "m", mode=mode, **_RAW) | {"name": "m", "inbound_nodes": node}
    config = {"name": "model_1", "layers": [*inputs, merge], "input_layers": [["a", 0, 0], ["b", 0, 0]]}
    config["output_layers"] = [["m", 0, 0]]
    model = keras.saving.load_model(old.model_file(tmp_path / "a.h5", config, {}, kind="Model"))
    assert _agree(model.predict([A, B], verbose=0), expected)
    model.save(tmp_path / "b.keras")
    assert _agree(keras.saving.load_model(tmp_path / "b.keras").predict([A, B], verbose=0), expected)


@pytest.mark.parametrize("bare", [False, True])
def test_a_sequential_that_begins_with_branches(bare: bool, tmp_path: Path) -> None:
    weights = {n: old.arrays(n, (5, 3), (3,)) for n in ("left", "right")}
    weights |= {
        "middle": old.arrays("middle", (5, 6), (6,)),
        "m1": {},
        "m2": {},
        "end": old.arrays("end", (12, 2), (2,)),
    }
    left = {"class_name": "Sequential", "config": [old.weighted("Dense", "left", [None, 5], output_dim=3)]}
    right = {"class_name": "Sequential", "config": [old.weighted("Dense", "right", [None, 5], output_dim=3)]}
    pair = {
        "class_name": "Sequential",
        "config": [old.layer("Merge", "m1", mode="concat", layers=[left, right], **_RAW)],
    }
    last = old.weighted("Dense", "middle", [None, 5], output_dim=6)
    middle = last if bare else {"class_name": "Sequential", "config": [last]}
    layers = [
        old.layer("Merge", "m2", mode="concat", layers=[pair, middle], **_RAW),
        old.weighted("Dense", "end", output_dim=2),
    ]
    model = keras.saving.load_model(old.model_file(tmp_path / "a.h5", layers, weights))
    c = _normal(4, 5)
    parts = [(x, weights[n]) for x, n in ((A, "left"), (B, "right"), (c, "middle"))]
    joined = np.concatenate([x @ w[f"{n}_W"] + w[f"{n}_b"] for (x, w), n in zip(parts, weights, strict=False)], -1)
    expected = joined @ weights["end"]["end_W"] + weights["end"]["end_b"]
    assert _agree(model.predict([A, B, c], verbose=0), expected)


def test_a_merge_by_a_function_takes_one_by_the_layers_name(tmp_path: Path) -> None:
    inputs = [old.layer("InputLayer", n, [None, 5], sparse=False) | {"name": n, "inbound_nodes": []} for n in "ab"]
    settings = {**_RAW, "mode_type": "lambda", "output_shape": [5]}
    code = ["some code", None, None]
    merge = old.layer("Merge", "merge_1", mode=code, **settings)
    merge |= {"name": "merge_1", "inbound_nodes": [[["a", 0, 0], ["b", 0, 0]]]}
    config = {"name": "model_1", "layers": [*inputs, merge], "input_layers": [["a", 0, 0], ["b", 0, 0]]}
    config["output_layers"] = [["merge_1", 0, 0]]
    path = old.model_file(tmp_path / "a.h5", config, {}, kind="Model")
    with pytest.raises(ValueError, match=r'custom_objects=\{"merge_1": function\}'):
        keras.saving.load_model(path)
    model = keras.saving.load_model(path, custom_objects={"merge_1": lambda parts: parts[0] - 2 * parts[1]})
    assert _agree(model.predict([A, B], verbose=0), A - 2 * B)


# -- the table of rules --------------------------------------------------------------------------------------


def test_convolutions_within_other_layers(tmp_path: Path) -> None:
    kernel = old.arrays("c", (3, 2, 3, 2), (3,))
    inner = old.weighted("Convolution2D", "c", **{**CONV, "subsample": [1, 1]})
    config = old.layer("TimeDistributed", "t", [None, 4, 2, 9, 8], layer=inner)
    path = old.model_file(tmp_path / "a.h5", [config], {"t": kernel}, backend="theano")
    x = _normal(2, 4, 2, 9, 8)
    y = old.convolved(x.reshape(8, 2, 9, 8), *kernel.values(), (1, 1), True)
    assert _agree(keras.saving.load_model(path).predict(x, verbose=0), y.reshape(2, 4, *y.shape[1:]))


def test_a_rule_may_read_other_arrays_than_the_layer_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def restore(layer: Any, stored: Any, origin: Any) -> list[np.ndarray]:
        assert isinstance(layer, keras.layers.Dense) and origin == Origin(1, "")
        return [np.concatenate([stored[0].array, stored[1].array]), stored[2].array]

    rule = rules.Rule(renamed={"width": "units"}, pieces=lambda layer, origin: 3, restore=restore)
    monkeypatch.setitem(rules.RULES, "Dense", rule)
    parts = old.arrays("d", (2, 3), (3, 3), (3,), labels="upper lower b")
    norm = old.arrays("n", (3,), (3,), (3,), (3,), labels="gamma beta running_mean running_std")
    norm["n_running_std"] = np.abs(norm["n_running_std"])
    last = old.arrays("e", (1, 2), (2, 2), (2,), labels="upper lower b")
    inner = [
        old.weighted("Dense", "d", [None, 5], width=3),
        old.layer("BatchNormalization", "n", epsilon=0.01, axis=-1),
        old.weighted("Dense", "e", width=2),
    ]
    trained = {**parts, "n_gamma": norm["n_gamma"], "n_beta": norm["n_beta"], **last}
    weights = {"s": {**trained, "n_running_mean": norm["n_running_mean"], "n_running_std": norm["n_running_std"]}}
    config = {"name": "outer", "layers": [{"class_name": "Sequential", "config": {"name": "s", "layers": inner}}]}
    path = old.model_file(tmp_path / "a.h5", config, weights)
    y = old.normalized(V @ np.concatenate([parts["d_upper"], parts["d_lower"]]) + parts["d_b"], norm, -1, 0.01)
    y = y @ np.concatenate([last["e_upper"], last["e_lower"]]) + last["e_b"]
    assert _agree(keras.saving.load_model(path).predict(V, verbose=0), y)
    del weights["s"]["n_running_std"]
    with pytest.raises(ValueError, match="10 weights are expected; the file holds 9"):
        keras.saving.load_model(old.model_file(tmp_path / "b.h5", config, weights))


def test_a_class_of_the_callers_keeps_its_arguments(tmp_path: Path) -> None:
    class Scaled(keras.layers.Layer):
        def __init__(self, output_dim: int, p: float, init: str, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.given = (output_dim, p, init)

        def call(self, inputs: Any) -> Any:
            return inputs * self.given[1]

    path = old.model_file(tmp_path / "a.h5", [old.layer("Scaled", "s", [None, 5], output_dim=3, p=0.5, init="one")], {})
    model = keras.saving.load_model(path, custom_objects={"Scaled": Scaled})
    assert model.layers[0].given == (3, 0.5, "one") and _agree(model.predict(V, verbose=0), V / 2)


def test_moments_of_kernels_in_another_order_are_left(tmp_path: Path) -> None:
    path, _ = _pictures(tmp_path / "old.h5", "theano")
    optimizer = {"class_name": "RMSprop", "config": {"lr": 0.01, "rho": 0.9, "epsilon": 1e-8, "decay": 0.0}}
    training = {"optimizer_config": optimizer, "loss": "mse", "metrics": ["kld"], "sample_weight_mode": None}
    with old.h5py.File(path, "a") as file:
        file.attrs["training_config"] = old.json.dumps(training).encode()
        group = file.create_group("optimizer_weights")
        group.attrs["weight_names"] = [b"a"]
        group.create_dataset("a", data=np.ones((3, 2, 3, 2), "f4"))
    with pytest.warns(UserWarning, match="in another order; it starts anew"):
        model = keras.saving.load_model(path)
    assert np.isfinite(model.evaluate(X, model.predict(X, verbose=0), verbose=0)).all()
