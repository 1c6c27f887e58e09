"""Every layer, every format of file, both directions, each cell tried: `python tests/files/matrix.py` writes the page.

With the clone on PYTHONPATH. Some of Keras's preprocessing layers need TensorFlow; without it their cells are left out
of what is tried.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

import kerasish

PAGE = Path(__file__).parents[2] / "docs" / "files-matrix.md"
FORMATS = {
    "model.keras": "`.keras`",
    "directory": "directory",
    "model.h5": "`.h5`",
    "model.weights.h5": "`.weights.h5`",
    "model.weights.json": "sharded",
    "weights.npz": "`.npz`",
}
BOTH, TO_KERAS, FROM_KERAS, NEITHER = "⇄", "→", "←", "✗"
NEED_TENSORFLOW = {"HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization"}
HAS_TENSORFLOW = importlib.util.find_spec("tensorflow") is not None

Make = Callable[[Any], Any]


def _own(library: Any) -> Any:
    """A class, a wrapper and a function of the user's own, registered in a library under the same names."""
    if library in _made:
        return _made[library]
    register = library.saving.register_keras_serializable("matrix")

    @register
    def twice(x: Any) -> Any:
        return x + x

    @register
    class Scale(library.layers.Layer):
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape: Any) -> None:
            self.shift = self.add_weight(shape=(input_shape[-1],), name="shift")

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor + self.shift

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factor": self.factor}

    @register
    class Twice(library.layers.Wrapper):
        def call(self, inputs: Any) -> Any:
            return self.layer(inputs) * 2

        def compute_output_shape(self, input_shape: Any) -> Any:
            return self.layer.compute_output_shape(input_shape)

    _made[library] = {"twice": twice, "Scale": Scale, "Twice": Twice}
    return _made[library]


_made: dict[Any, Any] = {}


class Case:
    """A layer, and the data that it is called on.

    Args:
        layer: makes the layer of a library.
        *shapes: of each input, without the number of samples.
        dtype: of the inputs.
    """

    def __init__(self, layer: Make, *shapes: tuple[int, ...], dtype: str = "float32") -> None:
        self.layer = layer
        self.shapes = shapes
        self.dtype = dtype

    def make(self, library: Any) -> Any:
        """A model of the layer alone."""
        if len(self.shapes) == 1:
            return library.Sequential([library.Input(self.shapes[0], dtype=self.dtype), self.layer(library)])
        inputs = [library.Input(shape, dtype=self.dtype) for shape in self.shapes]
        return library.Model(inputs, self.layer(library)(inputs))

    def data(self) -> list[np.ndarray]:
        """Four samples of each input."""
        rng = np.random.default_rng(3)
        if self.dtype == "string":
            return [np.resize(np.array(["a", "b", "c a", "d"]), (4, *shape)) for shape in self.shapes]
        if self.dtype.startswith("int"):
            return [rng.integers(0, 4, (4, *shape)).astype(self.dtype) for shape in self.shapes]
        return [rng.normal(size=(4, *shape)).astype(self.dtype) for shape in self.shapes]


def _plain(*args: Any, shape: tuple[int, ...] = (4,), dtype: str = "float32", **options: Any) -> Callable[[str], Case]:
    return lambda name: Case(lambda library: getattr(library.layers, name)(*args, **options), shape, dtype=dtype)


def _around(shape: tuple[int, ...], **options: Any) -> Callable[[str], Case]:
    return lambda name: Case(lambda library: getattr(library.layers, name)(library.layers.Dense(3), **options), shape)


def _cell(*args: Any, **options: Any) -> Callable[[str], Case]:
    return lambda name: Case(
        lambda library: library.layers.RNN(getattr(library.layers, name)(*args, **options)), (5, 2)
    )


def _merging(count: int = 3, **options: Any) -> Callable[[str], Case]:
    return lambda name: Case(lambda library: getattr(library.layers, name)(**options), *[(3, 4)] * count)


def _attending(**options: Any) -> Callable[[str], Case]:
    return lambda name: Case(lambda library: getattr(library.layers, name)(**options), (3, 4), (5, 4))


def _to_itself(*args: Any, **options: Any) -> Callable[[str], Case]:
    """A layer that is called on queries and values: here the same."""

    def make(library: Any, name: str) -> Any:
        layer = getattr(library.layers, name)(*args, **options)
        return lambda x: layer(x, x, use_causal_mask=True)

    return lambda name: _Called(lambda library: make(library, name), (3, 4))


class _Called(Case):
    """A layer that is not called on one tensor alone, as a functional model."""

    def make(self, library: Any) -> Any:
        x = library.Input(self.shapes[0])
        return library.Model(x, self.layer(library)(x))


_LAYERS: dict[str, Callable[[str], Case]] = {
    "Activation": _plain("gelu"),
    "ActivityRegularization": _plain(l2=0.1),
    "AdaptiveAveragePooling1D": _plain(2, shape=(5, 2)),
    "AdaptiveAveragePooling2D": _plain((2, 3), data_format="channels_first", shape=(5, 4, 2)),
    "AdaptiveAveragePooling3D": _plain(2, shape=(3, 4, 5, 1)),
    "AdaptiveMaxPooling1D": _plain(2, shape=(5, 2)),
    "AdaptiveMaxPooling2D": _plain((2, 3), shape=(5, 4, 2)),
    "AdaptiveMaxPooling3D": _plain(2, shape=(3, 4, 5, 1)),
    "Add": _merging(),
    "AdditiveAttention": _attending(),
    "AlphaDropout": _plain(0.2, seed=1),
    "Attention": _attending(use_scale=True, score_mode="concat"),
    "AugMix": _plain((0, 1), seed=2, shape=(4, 5, 3)),
    "AutoContrast": _plain((0, 1), shape=(4, 5, 3)),
    "Average": _merging(),
    "AveragePooling1D": _plain(2, 1, padding="same", shape=(5, 2)),
    "AveragePooling2D": _plain((2, 1), shape=(5, 4, 2)),
    "AveragePooling3D": _plain(2, shape=(3, 4, 5, 1)),
    "BatchNormalization": _plain(axis=1, momentum=0.8, shape=(3, 4)),
    "Bidirectional": lambda name: Case(
        lambda k: k.layers.Bidirectional(
            k.layers.LSTM(3, dropout=0.1), "sum", backward_layer=k.layers.GRU(3, go_backwards=True)
        ),
        (5, 2),
    ),
    "CategoryEncoding": _plain(5, output_mode="count", dtype="int32"),
    "CenterCrop": _plain(2, 3, shape=(4, 5, 3)),
    "Concatenate": _merging(axis=1),
    "ContrastLimitedAdaptiveHistogramEqualization": _plain((-3, 3), 2.0, (2, 3), shape=(4, 5, 3)),
    "Conv1D": _plain(3, 2, padding="causal", dilation_rate=2, shape=(5, 2)),
    "Conv1DTranspose": _plain(3, 2, strides=2, use_bias=False, shape=(5, 2)),
    "Conv2D": _plain(4, (3, 2), strides=2, groups=2, activation="relu", kernel_regularizer="l2", shape=(5, 4, 2)),
    "Conv2DTranspose": _plain(3, 2, strides=(2, 3), padding="same", output_padding=(1, 0), shape=(5, 4, 2)),
    "Conv3D": _plain(3, 2, padding="same", kernel_constraint="max_norm", shape=(3, 4, 5, 1)),
    "Conv3DTranspose": _plain(2, 2, activation="tanh", shape=(3, 4, 5, 1)),
    "ConvLSTM1D": _plain(2, 2, recurrent_dropout=0.1, shape=(3, 5, 2)),
    "ConvLSTM2D": _plain(2, 2, strides=2, padding="same", return_sequences=True, shape=(3, 4, 5, 2)),
    "ConvLSTM3D": _plain(2, 2, activation="relu", shape=(2, 3, 4, 3, 1)),
    "Cropping1D": _plain((1, 0), shape=(4, 2)),
    "Cropping2D": _plain(((1, 0), (0, 1)), shape=(4, 3, 2)),
    "Cropping3D": _plain(1, shape=(3, 4, 5, 1)),
    "CutMix": _plain((0.2, 0.4), seed=2, shape=(4, 5, 3)),
    "Dense": _plain(3, activation="tanh", kernel_regularizer="l2", kernel_constraint="max_norm"),
    "DepthwiseConv1D": _plain(3, depth_multiplier=2, bias_initializer="ones", shape=(5, 2)),
    "DepthwiseConv2D": _plain(2, padding="same", depthwise_regularizer="l1", shape=(5, 4, 2)),
    "Discretization": _plain(bin_boundaries=[-0.5, 0.5], output_mode="one_hot", shape=(1,)),
    "Dot": _merging(2, axes=(1, 1), normalize=True),
    "Dropout": _plain(0.3, seed=2),
    "ELU": _plain(0.7),
    "EinsumDense": _plain("abc,cd->abd", output_shape=(None, 5), bias_axes="d", activation="relu", shape=(3, 4)),
    "Embedding": _plain(6, 3, embeddings_regularizer="l1", dtype="int32"),
    "Equalization": lambda name: Case(_equalization, (4, 5, 3)),
    "Flatten": _plain(shape=(3, 2)),
    "GRU": _plain(3, dropout=0.1, recurrent_dropout=0.2, seed=1, shape=(5, 2)),
    "GRUCell": _cell(3, reset_after=False),
    "GaussianDropout": _plain(0.2, seed=3),
    "GaussianNoise": _plain(0.2, seed=4),
    "GlobalAveragePooling1D": _plain(shape=(5, 2)),
    "GlobalAveragePooling2D": _plain(keepdims=True, shape=(5, 4, 2)),
    "GlobalAveragePooling3D": _plain("channels_first", shape=(3, 4, 5, 1)),
    "GlobalMaxPooling1D": _plain(shape=(5, 2)),
    "GlobalMaxPooling2D": _plain("channels_first", shape=(5, 4, 2)),
    "GlobalMaxPooling3D": _plain(keepdims=True, shape=(3, 4, 5, 1)),
    "GroupNormalization": _plain(2, shape=(3, 4)),
    "GroupQueryAttention": _to_itself(3, 4, 2, use_gate=True, kernel_regularizer="l2"),
    "HashedCrossing": lambda name: Case(lambda library: getattr(library.layers, name)(7), (1,), (1,), dtype="int64"),
    "Hashing": _plain(7, salt=[3, 4], dtype="int64"),
    "Identity": _plain(),
    "InputLayer": lambda name: Case(lambda library: library.layers.Identity(), (2, 3), dtype="int32"),
    "IntegerLookup": _plain(vocabulary=[1, 2], output_mode="multi_hot", dtype="int64"),
    "LSTM": _plain(3, recurrent_activation="hard_sigmoid", unit_forget_bias=False, go_backwards=True, shape=(5, 2)),
    "LSTMCell": _cell(3, kernel_regularizer="l2", recurrent_constraint="max_norm"),
    "Lambda": lambda name: Case(lambda library: library.layers.Lambda(_own(library)["twice"]), (4,)),
    "Layer": lambda name: Case(lambda library: _own(library)["Scale"](3.0), (4,)),
    "LayerNormalization": _plain(axis=[1, 2], shape=(3, 4)),
    "LeakyReLU": _plain(negative_slope=0.2),
    "Masking": _plain(0.5, shape=(3, 4)),
    "MaxPooling1D": _plain(3, strides=2, shape=(5, 2)),
    "MaxPooling2D": _plain(padding="same", shape=(5, 4, 2)),
    "MaxPooling3D": _plain((2, 1, 2), shape=(3, 4, 5, 1)),
    "Maximum": _merging(),
    "Minimum": _merging(),
    "MultiHeadAttention": _to_itself(2, 3, value_dim=5, output_shape=(2, 3), dropout=0.2, seed=8, sliding_window=2),
    "MaxNumBoundingBoxes": _plain(3, shape=(4, 5, 3)),
    "MixUp": _plain(0.3, seed=1, shape=(4, 5, 3)),
    "Multiply": _merging(),
    "Normalization": _plain(mean=[1.0, 2.0], variance=[2.0, 3.0], shape=(2,)),
    "PReLU": _plain("uniform", shared_axes=[1], shape=(3, 4)),
    "Permute": _plain((2, 1), shape=(3, 4)),
    "Pipeline": lambda name: Case(_pipeline, (6, 6, 3)),
    "RMSNormalization": _plain(shape=(3, 4)),
    "RNN": lambda name: Case(
        lambda k: k.layers.RNN([k.layers.LSTMCell(3), k.layers.GRUCell(2)], zero_output_for_mask=True), (5, 2)
    ),
    "RandAugment": _plain((0, 1), seed=2, shape=(4, 5, 3)),
    "RandomBrightness": _plain(0.2, (0, 1), seed=2, shape=(4, 5, 3)),
    "RandomColorDegeneration": _plain(0.2, seed=2, shape=(4, 5, 3)),
    "RandomColorJitter": _plain((0, 1), 0.2, (0.1, 0.3), None, 0.1, seed=2, shape=(4, 5, 3)),
    "RandomContrast": _plain(0.2, seed=2, shape=(4, 5, 3)),
    "RandomCrop": _plain(4, 5, seed=2, shape=(4, 5, 3)),  # at rest, Keras 3.15.1 leaves other sizes as they are
    "RandomElasticTransform": _plain(0.3, (0.2, 0.4), seed=2, shape=(4, 5, 3)),
    "RandomErasing": _plain(0.2, (0.1, 0.3), seed=2, shape=(4, 5, 3)),
    "RandomFlip": _plain("horizontal", seed=3, shape=(4, 5, 3)),
    "RandomGaussianBlur": _plain(0.2, 5, (0.1, 0.3), seed=2, shape=(4, 5, 3)),
    "RandomGrayscale": _plain(0.3, seed=2, shape=(4, 5, 3)),
    "RandomHue": _plain(0.2, seed=2, shape=(4, 5, 3)),
    "RandomInvert": _plain(0.2, seed=2, shape=(4, 5, 3)),
    "RandomPerspective": _plain(0.5, 0.2, seed=4, shape=(4, 5, 3)),
    "RandomPosterization": _plain(4, seed=2, shape=(4, 5, 3)),
    "RandomRotation": _plain(0.2, "constant", seed=5, shape=(4, 5, 3)),
    "RandomSaturation": _plain(0.2, seed=2, shape=(4, 5, 3)),
    "RandomSharpness": _plain(0.2, seed=2, shape=(4, 5, 3)),
    "RandomShear": _plain(0.2, 0.3, seed=6, shape=(4, 5, 3)),
    "RandomTranslation": _plain(0.2, 0.3, seed=7, shape=(4, 5, 3)),
    "RandomZoom": _plain(0.2, (0.1, 0.3), seed=8, shape=(4, 5, 3)),
    "ReLU": _plain(max_value=1.0, negative_slope=0.2, threshold=0.1),
    "RepeatVector": _plain(3),
    "Rescaling": _plain([1.0, 2.0], offset=[0.5, 0.0], shape=(2,)),
    "Reshape": _plain((2, -1), shape=(4, 3)),
    "ReversibleEmbedding": _plain(6, 3, tie_weights=False, dtype="int32"),
    "Resizing": _plain(3, 2, "bicubic", shape=(4, 5, 3)),
    "SeparableConv1D": _plain(3, 2, dilation_rate=2, activation="gelu", shape=(5, 2)),
    "SeparableConv2D": _plain(3, 2, depth_multiplier=2, pointwise_constraint="unit_norm", shape=(5, 4, 2)),
    "SimpleRNN": _plain(3, activation="relu", use_bias=False, return_sequences=True, shape=(5, 2)),
    "SimpleRNNCell": _cell(3, dropout=0.1),
    "Softmax": _plain(axis=1, shape=(3, 4)),
    "Solarization": _plain(0.2, 0.3, seed=2, shape=(4, 5, 3)),
    "SpatialDropout1D": _plain(0.2, seed=5, shape=(3, 4)),
    "SpatialDropout2D": _plain(0.2, seed=6, shape=(3, 4, 2)),
    "SpatialDropout3D": _plain(0.2, seed=7, shape=(3, 4, 2, 1)),
    "SpectralNormalization": _around((4,), power_iterations=2),
    "StackedRNNCells": lambda name: Case(
        lambda k: k.layers.RNN(k.layers.StackedRNNCells([k.layers.SimpleRNNCell(3), k.layers.LSTMCell(2)])), (5, 2)
    ),
    "StringLookup": _plain(vocabulary=["a", "b"], num_oov_indices=2, dtype="string"),
    "Subtract": _merging(2),
    "TextVectorization": _plain(vocabulary=["a", "b"], output_sequence_length=3, shape=(1,), dtype="string"),
    "TimeDistributed": _around((3, 4)),
    "UnitNormalization": _plain(shape=(3, 4)),
    "UpSampling1D": _plain(2, shape=(3, 4)),
    "UpSampling2D": _plain((2, 3), interpolation="bilinear", shape=(3, 4, 2)),
    "UpSampling3D": _plain(2, shape=(2, 3, 2, 1)),
    "Wrapper": lambda name: Case(lambda library: _own(library)["Twice"](library.layers.Dense(3)), (4,)),
    "ZeroPadding1D": _plain((1, 2), shape=(3, 4)),
    "ZeroPadding2D": _plain(((0, 1), (2, 0)), shape=(3, 4, 2)),
    "ZeroPadding3D": _plain(1, shape=(2, 3, 2, 1)),
}


def _equalization(library: Any) -> Any:
    """Within another: by itself in a functional model, Keras 3.15.1 takes it for a cycle."""
    return library.layers.Pipeline([library.layers.Equalization((0, 1), 64)])


def _pipeline(library: Any) -> Any:
    layers = library.layers
    return layers.Pipeline([layers.Resizing(4, 5), layers.RandomFlip(seed=1), layers.Rescaling(0.5)])


class _Model(Case):
    """A whole model in place of one layer."""

    def make(self, library: Any) -> Any:
        return self.layer(library)


def _functional(library: Any) -> Any:
    layers = library.layers
    a, b = library.Input((4,), name="a"), library.Input((4,), name="b")
    x = layers.Concatenate()([layers.Dense(3, "relu")(a), layers.Dense(2)(b)])
    return library.Model([a, b], [layers.Dense(2, name="one")(x), layers.Softmax(name="two")(x * 2.0 + 1.0)])


def _shared(library: Any) -> Any:
    a, b = library.Input((4,)), library.Input((4,))
    dense = library.layers.Dense(4, "tanh")
    return library.Model([a, b], library.layers.Add()([dense(a), dense(dense(b))]))


def _nested(library: Any) -> Any:
    layers = library.layers
    inner = library.Sequential([library.Input((4,)), layers.Dense(3), layers.BatchNormalization()])
    x = library.Input((4,))
    graph = library.Model(x, layers.Dense(4)(layers.LeakyReLU()(x)))
    y = library.Input((4,))
    return library.Model(y, layers.Dense(1)(inner(graph(y))))


_MODELS: dict[str, Case] = {
    "a functional model, two inputs and outputs": _Model(_functional, (4,), (4,)),
    "a shared layer": _Model(_shared, (4,), (4,)),
    "models inside a model": _Model(_nested, (4,)),
}
CASES: dict[str, Case] = {**{name: make(name) for name, make in _LAYERS.items()}, **_MODELS}


def layer_names() -> list[str]:
    """The layers that there are, each once: some have a second name."""
    found = {getattr(kerasish.layers, name) for name in kerasish.layers.__all__}
    kinds = [k for k in found if isinstance(k, type) and issubclass(k, kerasish.layers.Layer)]
    return sorted(k.__dict__.get("public_name", k.__name__) for k in kinds)


# -- one cell ------------------------------------------------------------------------------------------------


def _filled(model: Any) -> Any:
    """A model whose weights are all random, its variances too."""
    rng = np.random.default_rng(5)
    model.set_weights([rng.uniform(0.2, 1.5, w.shape).astype(w.dtype) for w in model.get_weights()])
    return model


def _answers(model: Any, data: list[np.ndarray]) -> list[np.ndarray]:
    made = model(data if len(data) > 1 else data[0], training=False)  # some layers draw unless they are told not to
    return [np.asarray(y) for y in (made if isinstance(made, (list, tuple)) else [made])]


def _write(model: Any, path: Path, library: Any) -> None:
    if path.suffix == ".npz":
        np.savez(path, *model.get_weights())
    elif path.name == "model.weights.h5":
        model.save_weights(path)
    elif path.suffix == ".json":
        model.save_weights(path, max_shard_size=1e-6)
    else:
        model.save(path, zipped=None if path.suffix else False)


def _read(case: Case, path: Path, library: Any) -> Any:
    if path.suffix in ("", ".keras") or path.name == "model.h5":
        return library.saving.load_model(path)
    model = case.make(library)
    if path.suffix == ".npz" and library is keras:
        with np.load(path) as arrays:
            model.set_weights([arrays[name] for name in arrays])
    else:
        model.load_weights(path)
    return model


def trouble(name: str, file: str, writer: Any, reader: Any, model: Any = None) -> str:
    """Why a model of a case does not come from one library to the other in a file; empty if it does.

    Args:
        model: the writer's, if it is made already.
    """
    case = CASES[name]
    model = _filled(case.make(writer)) if model is None else model
    with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _write(model, Path(directory) / file, writer)
            copy = _read(case, Path(directory) / file, reader)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    found, expected = (_answers(m, case.data()) for m in (copy, model))
    for ours, theirs in zip(found, expected, strict=True):
        if ours.shape != theirs.shape or not np.allclose(ours, theirs, atol=1e-5, rtol=1e-5):
            return f"another result: {ours.ravel()[:4]}, not {theirs.ravel()[:4]}"
    return ""


def row(name: str) -> Iterator[tuple[str, str]]:
    """The formats, and in which directions each takes a case."""
    ours, theirs = (_filled(CASES[name].make(library)) for library in (kerasish, keras))
    for file in FORMATS:
        there = not trouble(name, file, kerasish, keras, ours)
        back = not trouble(name, file, keras, kerasish, theirs)
        yield file, {(1, 1): BOTH, (1, 0): TO_KERAS, (0, 1): FROM_KERAS, (0, 0): NEITHER}[there, back]


# -- the page ------------------------------------------------------------------------------------------------

_HEAD = """# Layers and files

Every layer in every format of file: ⇄ says that a file written here opens in Keras 3.15.1, that Keras's opens here, and
that the two models answer the same. A test tries each cell anew; `python tests/files/matrix.py` writes this page.

"""
_FOOT = """
The directory is what `model.save(path, zipped=False)` writes, and *sharded* stands for `.weights.json` and its parts.
`Layer` and `Wrapper` are tried as a class of the user's own, registered on both sides, and `Lambda` with a function
that is. Keras reads no `.npz` of weights itself: there, `model.set_weights` takes the arrays that `np.load` gives, and
`np.savez(path, *model.get_weights())` writes what `load_weights` takes here. A ← alone in `.h5`: Keras does not open
the file that it writes itself either; a → alone: Keras does not write that file.
"""


def page_rows(text: str) -> dict[str, list[str]]:
    """The cells of a page by the names of their rows."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {cells[0].strip("`"): cells[1:] for cells in lines[2:]}


def render(rows: dict[str, list[str]]) -> str:
    """The page of these rows."""
    table = [["", *FORMATS.values()], ["---", *["---"] * len(FORMATS)]]
    table += [[f"`{name}`" if name in _LAYERS else name, *cells] for name, cells in rows.items()]
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in table) + _FOOT


def main() -> None:
    """Try every cell that can be tried here, and write the page; rows that cannot be stay as they are."""
    before = page_rows(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    rows = {}
    for name in CASES:
        can = HAS_TENSORFLOW or name not in NEED_TENSORFLOW
        rows[name] = [cell for _, cell in row(name)] if can else before[name]
    PAGE.write_text(render(rows), encoding="utf-8")
    for name, cells in rows.items():
        for file, cell in zip(FORMATS, cells, strict=True):
            if cell != BOTH and (HAS_TENSORFLOW or name not in NEED_TENSORFLOW):
                for sides in ((kerasish, keras), (keras, kerasish)):
                    print(name, file, sides[0].__name__, trouble(name, file, *sides), file=sys.stderr)


if __name__ == "__main__":
    main()
