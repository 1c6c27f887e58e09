"""What onnxruntime computes from an exported model is what the model predicts."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.models.onnx import attention
from kerasish.models.onnx.layers import RULES
from kerasish.models.onnx.writer import ACTIVATIONS

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
L = keras.layers
RNG = np.random.default_rng(0)

FIRST = {"data_format": "channels_first"}
RUN = {"return_sequences": True, "return_state": True}
RECURRENT: list[Any] = [
    L.SimpleRNN(3),
    L.SimpleRNN(3, activation="relu", go_backwards=True, **RUN),
    L.LSTM(3, return_sequences=True),
    L.LSTM(3, activation="softsign", recurrent_activation="hard_sigmoid", use_bias=False, **RUN),
    L.GRU(3, go_backwards=True),
    L.GRU(3, reset_after=False, activation="linear", **RUN),
    L.RNN(L.GRUCell(3), return_sequences=True),
    L.RNN([L.LSTMCell(3), L.GRUCell(2)], **RUN),
    L.Bidirectional(L.LSTM(3)),
    L.Bidirectional(L.GRU(3, return_sequences=True), "ave"),
    L.Bidirectional(L.GRU(3, **RUN), None, backward_layer=L.LSTM(2, go_backwards=True, **RUN)),
]


def check(model: Any, inputs: list[np.ndarray], path: Path, low: float = 0.2, high: float = 1.5) -> None:
    """Compare a model whose weights are all random with its export, at two batch sizes."""
    for variable in model.variables:
        if variable.dtype == "float32":
            variable.assign(RNG.uniform(low, high, variable.shape))
    model.export(path, format="onnx")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for n in (5, 1):
        data = [x[:n] for x in inputs]
        ours = model.predict(data if len(data) > 1 else data[0], verbose=0)
        feeds = {given.name: x for given, x in zip(session.get_inputs(), data, strict=True)}
        theirs = session.run(None, feeds)
        for a, b in zip(ours if isinstance(ours, list) else [ours], theirs, strict=True):
            assert a.shape == b.shape
            np.testing.assert_allclose(b, a, atol=1e-5, rtol=1e-5)


def data(shape: tuple[int, ...], count: int = 1) -> list[np.ndarray]:
    return [RNG.normal(scale=2, size=(5, *shape)).astype("float32") for _ in range(count)]


@pytest.mark.parametrize("layer", RECURRENT, ids=lambda layer: type(layer).__name__)
def test_a_recurrent_layer(layer: Any, tmp_path: Path) -> None:
    layer = type(layer).from_config(layer.get_config())
    steps = keras.Input((None, 4))
    check(keras.Model(steps, keras.tree.flatten(layer(steps))), data((5, 4)), tmp_path / "model.onnx", -0.6, 0.6)


def test_an_encoder_and_a_decoder(tmp_path: Path) -> None:
    a, b = keras.Input((None, 4)), keras.Input((3, 2))
    _, *states = L.LSTM(3, return_state=True)(a)
    model = keras.Model([a, b], L.Dense(2)(L.LSTM(3, return_sequences=True)(b, initial_state=states)))
    check(model, [data((5, 4))[0], data((3, 2))[0]], tmp_path / "model.onnx", -0.6, 0.6)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (lambda: L.LSTM(3, activation="gelu"), "its activation is .*gelu"),
        (lambda: L.Bidirectional(L.LSTM(3, recurrent_activation="relu6")), "its recurrent_activation is .*relu6"),
        (lambda: L.RNN(L.SimpleRNNCell(3), stateful=True), "stateful"),
    ],
)
def test_what_recurrent_layers_cannot_say_in_onnx(layer: Any, words: str, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input(batch_shape=(5, 6, 4)), layer()])
    with pytest.raises(ValueError, match=f"cannot be exported to ONNX: {words}"):
        model.export(tmp_path / "model.onnx", format="onnx")


# What a layer has that ONNX has no word for.
PICTURES = """
    AugMix AutoContrast CenterCrop ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization
    MaxNumBoundingBoxes MixUp Pipeline RandAugment
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform
    RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert
    RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear
    RandomTranslation RandomZoom Resizing Solarization
"""
REFUSED = {
    **dict.fromkeys(PICTURES.split(), "pictures that are changed"),
    "ConvLSTM1D": "states that are images",
    "ConvLSTM2D": "states that are images",
    "ConvLSTM3D": "states that are images",
    "GRUCell": "one step of a recurrence",
    "HashedCrossing": "hashes",
    "Hashing": "hashes",
    "IntegerLookup": "tables of tokens",
    "Lambda": "Python code",
    "Layer": "Python code",
    "LSTMCell": "one step of a recurrence",
    "Masking": "masks",
    "MelSpectrogram": "transforms of sound",
    "SimpleRNNCell": "one step of a recurrence",
    "STFTSpectrogram": "transforms of sound",
    "StackedRNNCells": "one step of a recurrence",
    "StringLookup": "strings",
    "TextVectorization": "strings",
    "Wrapper": "Python code",
}


def test_every_layer_is_exported_or_refused() -> None:
    kinds = {name: getattr(L, name) for name in L.__all__}
    layers = {kind.__name__ for kind in kinds.values() if isinstance(kind, type) and issubclass(kind, L.Layer)}
    assert set(RULES) | set(attention.RULES) | set(REFUSED) == layers and not set(RULES) & set(REFUSED)


SYMBOLIC = {
    "arithmetic": lambda a, b: 1.0 - a * b / 2.0 + (-a) ** 2.0 - keras.ops.square(b),
    "reductions": lambda a, b: (
        keras.ops.mean(a, axis=1, keepdims=True) + keras.ops.sum(b, axis=(1, 2), keepdims=True) - keras.ops.max(a)
    ),
    "shapes": lambda a, b: (
        keras.ops.transpose(keras.ops.reshape(a, (-1, 4, 3)), (0, 2, 1)) + keras.ops.swapaxes(b, 1, 2)[:, :1, :1]
    ),
    "axes": lambda a, b: keras.ops.squeeze(keras.ops.expand_dims(a, 1), 1) + keras.ops.tile(b[..., :1], (1, 1, 4)),
    "index": lambda a, b: a[:, 0] + b[:, 1:, :][:, -1] + a[:, 0:3:2, 1, None][:, 0],
    "joining": lambda a, b: keras.ops.stack([keras.ops.concatenate([a, b], axis=1)[:, 1:4], b], axis=1),
    "choice": lambda a, b: keras.ops.where((a > b) | (a <= 0.5), keras.ops.clip(a, -0.5, 0.7), b),
    "comparison": lambda a, b: keras.ops.equal(a, a) & keras.ops.not_equal(a, b),
    "activations": lambda a, b: (
        keras.ops.gelu(a)
        + keras.ops.gelu(b, approximate=False)
        + keras.ops.leaky_relu(a)
        + keras.ops.softmax(b, axis=1)
    ),
    "functions": lambda a, b: keras.ops.exp(keras.ops.sin(a)) + keras.ops.log(keras.ops.absolute(b) + 1.0),
    "product": lambda a, b: keras.ops.matmul(a, keras.ops.transpose(b, (0, 2, 1))),
}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_operations_between_layers(name: str, tmp_path: Path) -> None:
    a, b = keras.Input((3, 4)), keras.Input((3, 4))
    model = keras.Model([a, b], SYMBOLIC[name](a, b))
    check(model, data((3, 4), 2), tmp_path / "model.onnx")
    model.save(tmp_path / "model.keras")
    check(keras.saving.load_model(tmp_path / "model.keras"), data((3, 4), 2), tmp_path / "again.onnx")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (keras.ops.sort, "the operation 'sort' between layers cannot be exported"),
        (lambda a: a[:, ::-1], "a step backward"),
        (lambda a: keras.ops.cast(a, "int32"), "the operation 'cast'"),
        (lambda a: keras.ops.tile(a, (2, 1, 1)), "a tile by"),
        (lambda a: keras.ops.max(a, axis=1, initial=0.0), "`initial`"),
    ],
)
def test_operations_that_cannot_be_exported_are_named(make: Any, message: str, tmp_path: Path) -> None:
    a = keras.Input((4,))
    with pytest.raises(ValueError, match=message):
        keras.Model(a, make(a)).export(tmp_path / "model.onnx", format="onnx")
    assert not list(tmp_path.iterdir())


def test_a_signature_gives_the_shapes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import onnx

    def sizes(path: Path) -> list[Any]:
        shape = onnx.load(path).graph.input[0].type.tensor_type.shape
        return [d.dim_value or None for d in shape.dim]

    path = tmp_path / "model.onnx"
    model = keras.Sequential([L.Dense(2)])
    model.export(path, format="onnx", input_signature=[keras.InputSpec(shape=(None, 3))])
    assert sizes(path) == [None, 3] and f"Saved artifact at '{path}'" in capsys.readouterr().out
    model.export(path, format="onnx", input_signature=keras.InputSpec(shape=(7, 3)), opset_version=18, verbose=False)
    assert sizes(path) == [7, 3] and not capsys.readouterr().out
    with pytest.raises(ValueError, match=r"input_signature has the shapes \[\(3,\)\]"):
        model.export(path, format="onnx", input_signature=[np.zeros(3)])
    with pytest.raises(ValueError, match="opset_version=18; received opset_version=11"):
        model.export(path, format="onnx", opset_version=11)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_an_activation(name: str, tmp_path: Path) -> None:
    check(keras.Sequential([keras.Input((4,)), L.Activation(name)]), data((4,)), tmp_path / "model.onnx")


def test_a_graph_with_shared_layers_inner_models_and_operations(tmp_path: Path) -> None:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = L.Dense(4, "tanh")
    inner = keras.Sequential([keras.Input((4,)), L.Dense(3), L.BatchNormalization()])
    graph = keras.Model(a, L.Dense(4)(a))
    x = shared(a) * 2.0 + shared(b)
    y = L.Concatenate()([inner(x), inner(graph(a)), keras.ops.maximum(x, b)])
    model = keras.Model([a, b], [L.Dense(2, "softmax")(y), x - 1.0])
    check(model, data((4,), 2), tmp_path / "model.onnx")
    model.save(tmp_path / "model.keras")
    check(keras.saving.load_model(tmp_path / "model.keras"), data((4,), 2), tmp_path / "again.onnx")


def test_a_shared_weight_is_written_once(tmp_path: Path) -> None:
    import onnx

    a = keras.Input((4,))
    shared = L.Dense(4)
    keras.Model(a, shared(shared(a))).export(tmp_path / "model.onnx", format="onnx")
    assert len(onnx.load(tmp_path / "model.onnx").graph.initializer) == 2


OPEN = [
    (L.Conv2D(2, (3, 2), (2, 3), "same"), (None, None, 2)),
    (L.Conv2D(2, (3, 2), (2, 1), "same"), (None, 5, 2)),
    (L.Conv1D(2, 3, padding="same", dilation_rate=2, **FIRST), (2, None)),
    (L.Conv1D(2, 3, 2), (None, 2)),
    (L.Conv1D(2, 3, 3, "causal"), (None, 2)),
    (L.Conv2DTranspose(2, (3, 2), (2, 3), "same"), (None, None, 2)),
    (L.Conv2DTranspose(2, (4, 3), 3, "same", output_padding=(2, 0), **FIRST), (2, None, 5)),
    (L.Conv1DTranspose(2, 2, 3), (None, 2)),
    (L.SeparableConv2D(2, 3, 2, "same"), (None, None, 2)),
    (L.MaxPooling2D(3, 2, "same"), (None, None, 2)),
    (L.AveragePooling3D(2, (1, 2, 2), "same", **FIRST), (2, 5, None, None)),
    (L.GlobalAveragePooling1D(), (None, 2)),
    (L.GlobalMaxPooling2D(keepdims=True), (None, None, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), OPEN, ids=[f"{type(la).__name__}{s}" for la, s in OPEN])
def test_windows_in_an_image_of_unknown_size(layer: Any, shape: tuple[int | None, ...], tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input(shape), type(layer).from_config(layer.get_config())])
    for size in (6, 7, 4):
        check(model, data(tuple(n or size + i for i, n in enumerate(shape))), tmp_path / "model.onnx")


def kinds_in(path: Path) -> list[str]:
    import onnx

    return [node.op_type for node in onnx.load(path).graph.node]


def test_a_network_of_convolutions(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            L.Conv2D(4, 3, activation="relu"),
            L.BatchNormalization(),
            L.MaxPooling2D(),
            L.DepthwiseConv2D(2, padding="same", activation="tanh"),
            L.Dropout(0.5),
            L.Conv2D(3, 1),
            L.Flatten(),
            L.Dense(3, "softmax"),
        ]
    )
    check(model, [x / 100 for x in data((9, 8, 2))], tmp_path / "model.onnx")
    kinds = " ".join(kinds_in(tmp_path / "model.onnx"))
    assert "Transpose Conv Relu Transpose Mul Add Transpose MaxPool Conv Tanh Conv Transpose Reshape" in kinds


def test_only_an_order_of_axes_that_is_undone_is_left_out(tmp_path: Path) -> None:
    orders = [L.Permute(order) for order in ((2, 3, 1), (2, 1, 3), (2, 1, 3), (2, 3, 1))]
    check(keras.Sequential([keras.Input((5, 4, 2)), *orders]), data((5, 4, 2)), tmp_path / "model.onnx")
    assert kinds_in(tmp_path / "model.onnx").count("Transpose") == 2


def test_an_order_of_axes_that_is_used_twice_stays(tmp_path: Path) -> None:
    x = keras.Input((5, 4, 2))
    y = L.Conv2D(2, 2, activation="relu")(x)
    shared = L.Conv2D(2, 1, padding="same")
    model = keras.Model(x, [L.Add()([y, shared(shared(y))]), L.AveragePooling2D(2)(y)])
    check(model, data((5, 4, 2)), tmp_path / "model.onnx")
    assert kinds_in(tmp_path / "model.onnx").count("Transpose") == 4
    import onnx

    assert len(onnx.load(tmp_path / "model.onnx").graph.initializer) == 4


def test_every_activation_of_a_convolution(tmp_path: Path) -> None:
    x = keras.Input((3, 2))
    made = [L.Conv1D(4, 2, activation=name)(x) for name in sorted(ACTIVATIONS)]
    check(keras.Model(x, made), data((3, 2)), tmp_path / "all.onnx")


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (L.Dense(4, "glu"), (3,)),
        (L.EinsumDense("ab,bc->ac", 4, activation="glu"), (3,)),
        (L.Conv2D(4, 2, activation="glu"), (3, 4, 2)),
        (L.Conv2DTranspose(3, 1, activation="glu", **FIRST), (2, 3, 4)),
        (L.TimeDistributed(L.Dense(4, "glu")), (3, 2)),
        (L.SpectralNormalization(L.Dense(4, "glu")), (3,)),
    ],
)
def test_a_width_that_the_activation_halves(layer: Any, shape: tuple[int, ...], tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input(shape), layer, L.Flatten(), L.Dense(2)])
    check(model, [x / 10 for x in data(shape)], tmp_path / "model.onnx")
    check(keras.Sequential([keras.Input(shape), layer]), [x / 10 for x in data(shape)], tmp_path / "alone.onnx")


class Own(L.Layer):
    def call(self, x: Any) -> Any:
        return x


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Own(name="mine"), r"'mine' \(Own\) cannot be exported"),
        (L.Masking(name="veil"), r"'veil' \(Masking\) cannot be exported"),
        (L.UpSampling2D(2, interpolation="bicubic", name="up"), "'up'.*only 'nearest'"),
        (L.Activation("sparsemax", name="gate"), "'sparsemax' of the layer 'gate'"),
        (L.Discretization([0.0], output_mode="one_hot", name="bins"), "'bins'.*only 'int'"),
        (L.Dense(2, activation=lambda x: x, name="odd"), "of the layer 'odd'"),
        (L.Dense(2, dtype="float64", name="wide"), "'wide'.*only float32"),
        (L.TimeDistributed(keras.Sequential([L.Dense(2)]), name="steps"), "'steps'.*holds a model"),
        (L.Conv1D(2, 1, activation=lambda x: x, name="lone"), "of the layer 'lone'"),
        (L.AdaptiveMaxPooling1D(2, name="fitted"), r"'fitted'.*follow from the sizes.*\(None, None, 2\)"),
        (L.AdaptiveAveragePooling1D(2, name="even"), r"'even'.*follow from the sizes.*\(None, None, 2\)"),
        (
            L.DepthwiseConv1D(2, 2, "same", dilation_rate=2, name="wide"),
            r"'wide'.*needs known sizes.*\(None, None, 2\)",
        ),
    ],
)
def test_what_cannot_be_exported_is_named(layer: Any, message: str, tmp_path: Path) -> None:
    shape: Any = (None, 2) if hasattr(layer, "data_format") else (4,)
    if isinstance(layer, (L.UpSampling2D, L.Masking, L.TimeDistributed)):
        shape = (4, 4, 2)
    model = keras.Sequential([keras.Input(shape), layer])
    with pytest.raises(ValueError, match=message):
        model.export(tmp_path / "model.onnx", format="onnx")
    assert not list(tmp_path.iterdir())


def test_models_and_formats_that_cannot_be_exported(tmp_path: Path) -> None:
    class Net(keras.Model):
        def call(self, x: Any) -> Any:
            return x

    for model in (keras.Sequential([L.Dense(2)]), Net()):
        with pytest.raises(ValueError, match="known inputs"):
            model.export(tmp_path / "model.onnx", format="onnx")
    model = keras.Sequential([keras.Input((2,)), L.Dense(2)])
    for name in ("tf_saved_model", "openvino", "nonsense"):
        with pytest.raises(ValueError, match=f"format='{name}'"):
            model.export(tmp_path / "model", format=name)
    with pytest.raises(ValueError, match="format='tf_saved_model'"):
        model.export(tmp_path / "model")


def test_without_the_package_the_extra_is_named(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['onnx'] = None\n"
        "import kerasish as keras\n"
        "keras.Sequential([keras.Input((2,))]).export('x.onnx', format='onnx')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert "ImportError" in done.stderr and "pip install onnx" in done.stderr
