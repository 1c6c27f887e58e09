"""What holds for every convolution layer."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.trainers.steps.training import Steps

RNG = np.random.default_rng(0)
SIZES = {1: (9,), 2: (7, 8), 3: (4, 5, 6)}
# By class: how many spatial axes, and the arguments by position.
LAYERS = {
    "Conv1D": (1, (4, 3)),
    "Conv2D": (2, (4, 3)),
    "Conv3D": (3, (4, 2)),
    "Conv1DTranspose": (1, (4, 3)),
    "Conv2DTranspose": (2, (4, 3)),
    "Conv3DTranspose": (3, (4, 2)),
    "DepthwiseConv1D": (1, (3,)),
    "DepthwiseConv2D": (2, (3,)),
    "SeparableConv1D": (1, (4, 3)),
    "SeparableConv2D": (2, (4, 3)),
}
every_layer = pytest.mark.parametrize("name", LAYERS)


def make(kind, /, **options):
    return getattr(layers, kind)(*LAYERS[kind][1], **options)


def images(name, channels=3, count=2):
    return RNG.normal(size=(count, *SIZES[LAYERS[name][0]], channels)).astype("float32")


@every_layer
@pytest.mark.parametrize("options", [{"activation": "relu"}, {"padding": "same", "strides": 2, "use_bias": False}])
def test_channels_first_is_the_same_turned(name, options):
    x = images(name)
    last = make(name, **options)
    expected = last(x)
    first = make(name, data_format="channels_first", **options)
    turned = np.moveaxis(x, -1, 1)
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(first(turned), np.moveaxis(expected, -1, 1), rtol=1e-5, atol=1e-6)
    assert first.compute_output_shape(turned.shape) == first(turned).shape
    assert last.compute_output_shape(x.shape) == expected.shape


@every_layer
@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_unknown_sizes(name, strides, padding):
    x = images(name)
    inputs = keras.Input((*(None,) * LAYERS[name][0], 3))
    layer = make(name, strides=strides, padding=padding)
    outputs = layer(inputs)
    assert outputs.shape == (*(None,) * (LAYERS[name][0] + 1), layer(x).shape[-1])
    model = keras.Model(inputs, outputs)
    for part in (x, x[:, 1:]):
        np.testing.assert_array_equal(model(part), layer(part))
    partly = (None, None, *x.shape[2:])
    assert layer.compute_output_shape(partly) == (None, None, *layer(x).shape[2:])


@every_layer
@pytest.mark.parametrize(
    ("policy", "out", "weights"),
    [
        ("mixed_float16", "float16", "float32"),
        ("mixed_bfloat16", "bfloat16", "float32"),
        ("float16", "float16", "float16"),
        ("float64", "float64", "float64"),
    ],
)
@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_dtypes(name, policy, out, weights, activation):
    x = images(name)
    layer = make(name, dtype=policy, activation=activation)
    y = layer(x)
    assert str(y.dtype) == out
    assert {w.dtype for w in layer.weights} == {weights}
    reference = make(name, activation=activation)
    reference.build(x.shape)
    reference.set_weights([np.asarray(w, "float32") for w in layer.get_weights()])
    np.testing.assert_allclose(np.asarray(y, "float32"), reference(x), atol=0.05)
    with keras.GradientTape() as tape:
        loss = keras.ops.sum(layer(x))
    assert [str(g.dtype) for g in tape.gradient(loss, layer.trainable_weights)] == [weights] * len(layer.weights)


@every_layer
def test_the_activation_can_be_exchanged(name):
    x = images(name)
    layer = make(name)
    plain = layer(x)
    for activation in ("relu", "tanh", "softmax"):
        layer.activation = getattr(keras.activations, activation)
        np.testing.assert_allclose(layer(x), layer.activation(plain), rtol=1e-5, atol=1e-6)


@every_layer
@pytest.mark.parametrize("options", [{"use_bias": False}, {"activation": "tanh", "activity_regularizer": "l1"}])
def test_a_copy_of_its_config(name, options):
    roles = {"Dep": ["depthwise"], "Sep": ["depthwise", "pointwise"]}.get(name[:3], ["kernel"])
    for role in roles:
        options = {**options, f"{role}_regularizer": "l2", f"{role}_constraint": "unit_norm"}
    layer = make(name, padding="same", data_format="channels_first", **options)
    config = layer.get_config()
    again = layers.deserialize(layers.serialize(layer))
    assert again.get_config() == config == type(layer).from_config(config).get_config()
    assert config["data_format"] == "channels_first"
    layer(np.moveaxis(images(name), -1, 1))
    assert len(layer.losses) == len(roles) + ("activity_regularizer" in options)
    assert [w.constraint is not None for w in layer.weights] == [True] * len(roles) + [False] * layer.use_bias


@every_layer
def test_a_saved_model_answers_the_same(name, tmp_path):
    x = images(name)
    model = keras.Sequential([keras.Input(x.shape[1:]), make(name, activation="relu", bias_initializer="normal")])
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(copy(x), model(x))
    model.save_weights(tmp_path / "model.weights.h5")
    other = keras.Sequential([keras.Input(x.shape[1:]), make(name, activation="relu")])
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(x), model(x))


@every_layer
def test_no_sample_and_one(name):
    layer = make(name)
    x = images(name)
    whole = layer(x)
    assert layer(x[:0]).shape == (0, *whole.shape[1:])
    np.testing.assert_allclose(layer(x[:1]), whole[:1], rtol=1e-5, atol=1e-6)


# -- training ----------------------------------------------------------------------------------------------------------


def _trained(name, options, eagerly):
    keras.utils.set_random_seed(3)
    rank = LAYERS[name][0]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20, *SIZES[rank], 2)).astype("float32")
    if options.get("data_format") == "channels_first":
        x = np.moveaxis(x, -1, 1).copy()
    y = rng.normal(size=(20, 2)).astype("float32")
    model = keras.Sequential(
        [keras.Input(x.shape[1:]), make(name, **options), make(name, **options), layers.Flatten(), layers.Dense(2)]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=eagerly)
    history = model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    return model, history.history["loss"]


@every_layer
@pytest.mark.parametrize(
    "options",
    [
        {"activation": "relu", "padding": "same", "strides": 2},
        {"activation": "softplus", "padding": "same", "use_bias": False},
        {"activation": "tanh", "data_format": "channels_first", "padding": "same"},
    ],
    ids=["fused", "unfused", "first"],
)
def test_both_ways_train_the_same(name, options, monkeypatch):
    steps = []
    replay = Steps.replay
    monkeypatch.setattr(Steps, "replay", lambda self, step: steps.append(step) or replay(self, step))
    replayed, losses = _trained(name, options, eagerly=False)
    assert steps and None not in steps
    count = len(steps)
    taped, expected = _trained(name, options, eagerly=True)
    assert len(steps) == count
    assert losses[1] < losses[0]
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(replayed.variables, taped.variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-3, atol=1e-4)


# -- mistakes ----------------------------------------------------------------------------------------------------------


@every_layer
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strides": 0}, "needs as strides a whole number of at least 1"),
        ({"strides": (1, 2, 3, 4)}, "or a tuple of"),
        ({"dilation_rate": 1.5}, "received dilation_rate=1.5"),
        ({"padding": "full"}, "padding must be one of 'valid', 'same'"),
        ({"padding": 3}, "received padding=3"),
        ({"data_format": "last"}, "data_format must be one of"),
        ({"activation": "nothing"}, "unknown activation 'nothing'"),
    ],
    ids=str,
)
def test_arguments_out_of_range(name, options, message):
    with pytest.raises(ValueError, match=message):
        make(name, **options)


@every_layer
def test_inputs_that_do_not_fit(name):
    x = images(name)
    layer = make(name, name="mine")
    with pytest.raises(ValueError, match="'mine' does not fit: expected an input of rank"):
        layer(x[0])
    with pytest.raises(ValueError, match=r"'mine' takes inputs of rank \d: samples, \d spatial ax[ei]s and channels"):
        layer.compute_output_shape(x.shape[1:])
    with pytest.raises(ValueError, match="'mine' needs to know how many channels its inputs have"):
        layer.build((*x.shape[:-1], None))
    assert not layer.weights
    layer(x)
    with pytest.raises(ValueError, match="'mine' does not fit: expected size 3 along axis"):
        layer(x[..., :2])


@pytest.mark.parametrize("name", [name for name in LAYERS if "Transpose" not in name])
def test_a_window_larger_than_the_image(name):
    x = images(name)
    layer = make(name, name="mine")
    with pytest.raises(ValueError, match=r"'mine' does not fit its input of shape .*: a window of shape"):
        layer.build((None, 1, *x.shape[2:]))
    assert not layer.built and not layer.weights
    layer(keras.Input((None, *x.shape[2:])))  # a size that is unknown
    with pytest.raises(ValueError, match=r"'mine' does not fit its input of shape \(2, 1, .*padding='same'"):
        layer(x[:, :1])
    same = make(name, padding="same")
    assert same(x[:, :1]).shape[1] == 1


@pytest.mark.parametrize(
    "name", ["Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]
)
def test_strides_exclude_dilation(name):
    with pytest.raises(ValueError, match=f"{name} takes either strides or a dilation_rate above 1, not both"):
        make(name, strides=2, dilation_rate=2)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("Conv1D", "filters"),
        ("Conv2D", "groups"),
        ("Conv2DTranspose", "filters"),
        ("DepthwiseConv1D", "depth_multiplier"),
        ("SeparableConv1D", "depth_multiplier"),
        ("SeparableConv2D", "filters"),
    ],
)
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3"])
def test_counts_are_positive(name, argument, value):
    with pytest.raises(ValueError, match=f"{name} needs a positive whole number as {argument}; received {argument}="):
        getattr(layers, name)(**{"kernel_size": 3, **({} if "Depth" in name else {"filters": 4}), argument: value})
