"""No setting of a layer or an operation is passed over when a model becomes an ONNX file: it is written or refused."""

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.models.onnx import layers, operations

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
L = keras.layers
ops = keras.ops
RNG = np.random.default_rng(1)

# What an argument of these names means, an answer at inference does not depend on.
TRAINING = ("initializer", "regularizer", "constraint", "quantization_config", "seed")
FORMAT = {"data_format": ["channels_first", "channels_last"]}
SIZED = {"pool_size": [3], "strides": [1], "padding": ["same"], **FORMAT}
RATED = {"rate": [0.9], "noise_shape": [(None, 1)]}
CONV: dict[str, list[Any]] = {
    "filters": [6], "kernel_size": [1, 3], "strides": [2], "padding": ["same"], **FORMAT, "dilation_rate": [2],
    "groups": [2], "activation": ["softmax", "glu"], "use_bias": [False],
}  # fmt: skip
TRANSPOSED = {key: values for key, values in CONV.items() if key != "groups"} | {"output_padding": [0]}
DEPTHWISE = {key: values for key, values in TRANSPOSED.items() if key not in ("filters", "output_padding")}
DEPTHWISE |= {"depth_multiplier": [2]}
SEPARABLE = DEPTHWISE | {"filters": [6]}
AFFINE: dict[str, list[Any]] = {"epsilon": [1.0], "center": [False], "scale": [False]}

LOOPED: dict[str, list[Any]] = {
    "return_sequences": [True], "return_state": [False], "go_backwards": [True], "stateful": [False], "unroll": [True],
}  # fmt: skip
STEPPED = LOOPED | {"units": [2], "dropout": [0.5], "recurrent_dropout": [0.5]}
GATED = STEPPED | {
    "activation": ["relu"], "recurrent_activation": ["hard_sigmoid"], "use_bias": [False], "use_cudnn": [False],
}  # fmt: skip
OF_LABELS = ("Embedding", "ReversibleEmbedding", "CategoryEncoding")

# The arguments that a layer needs, the shape of its input, and for each other argument the values that are tried.
LAYERS: dict[str, tuple[dict[str, Any], tuple[int, ...], dict[str, list[Any]]]] = {
    "Activation": ({"activation": "tanh"}, (4,), {"activation": ["softmax", ops.gelu, keras.activations.gelu]}),
    "ActivityRegularization": ({}, (4,), {"l1": [0.5], "l2": [0.5]}),
    "AlphaDropout": ({"rate": 0.5}, (4,), RATED),
    "BatchNormalization": (
        {}, (4, 3), {
            "axis": [1, -2], **AFFINE, "momentum": [0.5], "renorm": [True], "renorm_clipping": [{"rmax": 1.0}],
            "renorm_momentum": [0.5], "synchronized": [False],
        },
    ),
    "CategoryEncoding": ({"num_tokens": 6}, (4,), {"num_tokens": [8], "output_mode": ["count"], "sparse": [False]}),
    "Dense": ({"units": 4}, (3,), {"units": [2], "activation": ["softmax", ops.gelu, "glu"], "use_bias": [False]}),
    "Discretization": (
        {"bin_boundaries": [-1.0, 0.5]}, (4,), {
            "bin_boundaries": [[0.0]], "num_bins": [None], "epsilon": [0.5], "sparse": [False], "dtype": ["float32"],
            "output_mode": ["int"], "name": ["bins"],
        },
    ),
    "Dropout": ({"rate": 0.5}, (4,), RATED),
    "ELU": ({}, (4,), {"alpha": [0.3]}),
    "EinsumDense": (
        {"equation": "abc,cd->abd", "output_shape": (None, 4)}, (3, 2), {
            "equation": ["aXc,cd->aXd"], "output_shape": [(3, 2)], "activation": ["softmax", "glu"],
            "bias_axes": ["d", "bd"], "gptq_unpacked_column_size": [None],
        },
    ),
    "Embedding": (
        {"input_dim": 6, "output_dim": 2}, (4,),
        {"input_dim": [7], "output_dim": [3], "mask_zero": [False], "weights": [None]},
    ),
    "ReversibleEmbedding": (
        {"input_dim": 6, "output_dim": 2}, (4,), {
            "input_dim": [7], "output_dim": [3], "mask_zero": [False], "tie_weights": [False],
            "reverse_dtype": ["float32"], "logit_soft_cap": [2.0],
        },
    ),
    "Flatten": ({}, (2, 3, 4), FORMAT),
    "GaussianDropout": ({"rate": 0.5}, (4,), {"rate": [0.9]}),
    "GaussianNoise": ({"stddev": 0.5}, (4,), {"stddev": [0.9]}),
    "GroupNormalization": ({"groups": 2}, (4, 6), {"groups": [-1, 1], "axis": [1], **AFFINE}),
    "Identity": ({}, (4,), {}),
    "LayerNormalization": ({}, (3, 4), {"axis": [1, [1, 2], [2, 1]], **AFFINE}),
    "LeakyReLU": ({}, (4,), {"negative_slope": [0.0, 0.7]}),
    "Normalization": (
        {"mean": 0.5, "variance": 4.0}, (3, 4), {
            "axis": [None], "mean": [-1.0], "variance": [0.0, 9.0], "invert": [True],
        },
    ),
    "PReLU": ({}, (3, 4), {"shared_axes": [[1], [1, 2]]}),
    "Permute": ({"dims": (2, 1, 3)}, (2, 3, 4), {"dims": [(3, 1, 2)]}),
    "RMSNormalization": ({}, (3, 4), {"axis": [1, [1, 2]], "epsilon": [1.0]}),
    "ReLU": (
        {"max_value": 1.0, "negative_slope": 0.3, "threshold": 0.2}, (4,),
        {"max_value": [None, 0.1], "negative_slope": [0.0], "threshold": [0.0]},
    ),
    "RepeatVector": ({"n": 2}, (4,), {"n": [1, 3]}),
    "Rescaling": ({"scale": 2.0}, (2, 3), {"scale": [[1.0, 2.0, 3.0]], "offset": [0.5, np.arange(3)]}),
    "Reshape": ({"target_shape": (2, 6)}, (3, 4), {"target_shape": [(-1,), (2, -1, 3)]}),
    "Softmax": ({}, (3, 4), {"axis": [1, (1, 2)]}),
    "SpectralNormalization": ({"layer": L.Dense(2)}, (3,), {"layer": [L.Dense(4, "glu")], "power_iterations": [3]}),
    "TimeDistributed": ({"layer": L.Dense(2)}, (3, 4), {"layer": [L.Flatten(), L.BatchNormalization(epsilon=1.0)]}),
    "UnitNormalization": ({}, (3, 4), {"axis": [1, [1, 2]]}),
    **{f"Adaptive{kind}Pooling1D": ({"output_size": 3}, (5, 4), {"output_size": [2], **FORMAT})
       for kind in ("Average", "Max")},
    **{f"Adaptive{kind}Pooling2D": ({"output_size": 2}, (5, 4, 3), {"output_size": [(2, 3)], **FORMAT})
       for kind in ("Average", "Max")},
    **{f"Adaptive{kind}Pooling3D": ({"output_size": 2}, (3, 4, 3, 2), {"output_size": [(2, 3, 1)], **FORMAT})
       for kind in ("Average", "Max")},
    **{f"{kind}Pooling{rank}D": ({"pool_size": 2}, (6, 5, 4, 6)[:rank + 1], SIZED | {"name": ["pool"]})
       for kind in ("Average", "Max") for rank in (1, 2, 3)},
    **{f"Global{kind}Pooling{rank}D": ({}, (3, 2, 4, 3)[:rank + 1], {**FORMAT, "keepdims": [True]})
       for kind in ("Average", "Max") for rank in (1, 2, 3)},
    **{f"Conv{rank}D": ({"filters": 4, "kernel_size": 2}, (4, 6, 6, 4)[-rank - 1:],
                        CONV | ({"padding": ["same", "causal"]} if rank == 1 else {})) for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": ({"filters": 4, "kernel_size": 2}, (2, 3, 2, 4)[-rank - 1:], TRANSPOSED)
       for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": ({"kernel_size": 2}, (4, 6, 4)[-rank - 1:], DEPTHWISE) for rank in (1, 2)},
    **{f"SeparableConv{rank}D": ({"filters": 4, "kernel_size": 2}, (4, 6, 4)[-rank - 1:], SEPARABLE)
       for rank in (1, 2)},
    "LSTM": ({"units": 3}, (5, 2), GATED | {"unit_forget_bias": [False]}),
    "GRU": ({"units": 3}, (5, 2), GATED | {"reset_after": [False]}),
    "SimpleRNN": ({"units": 3}, (5, 2), STEPPED | {"activation": ["relu"], "use_bias": [False]}),
    "RNN": ({"cell": L.LSTMCell(3)}, (5, 2), LOOPED | {"cell": [L.GRUCell(2)], "zero_output_for_mask": [True]}),
    "Bidirectional": (
        {"layer": L.LSTM(3)}, (5, 2), {
            "layer": [L.GRU(2, return_sequences=True)], "merge_mode": ["sum", "mul", "ave"], "weights": [None],
            "backward_layer": [L.LSTM(3, "relu", go_backwards=True)],
        },
    ),
    "Cropping1D": ({}, (5, 2), {"cropping": [(2, 0)]}),
    "Cropping2D": ({"cropping": 1}, (5, 6, 4), {"cropping": [((1, 0), (0, 2))], **FORMAT}),
    "Cropping3D": ({"cropping": ((1, 0), (0, 1), (1, 0))}, (4, 4, 4, 3), {"cropping": [1], **FORMAT}),
    "ZeroPadding1D": ({}, (3, 2), {"padding": [(2, 0)], **FORMAT}),
    "ZeroPadding2D": ({}, (2, 3, 4), {"padding": [((1, 0), (0, 2))], **FORMAT}),
    "ZeroPadding3D": ({}, (2, 3, 2, 4), {"padding": [((1, 0), (0, 2), (1, 1))], **FORMAT}),
    "UpSampling1D": ({}, (3, 2), {"size": [3]}),
    "UpSampling2D": ({}, (2, 3, 4), {"size": [(3, 1)], **FORMAT, "interpolation": ["bilinear"]}),
    "UpSampling3D": ({}, (2, 3, 2, 4), {"size": [(3, 1, 2)], **FORMAT}),
    **{f"SpatialDropout{rank}D": ({"rate": 0.5}, (2, 3, 2, 4)[:rank + 1],
                                  {"rate": [0.9], "name": ["drop"], "dtype": ["float32"]}
                                  | (FORMAT if rank > 1 else {})) for rank in (1, 2, 3)},
}  # fmt: skip
# Merging layers, with two inputs of this shape.
MERGING: dict[str, dict[str, list[Any]]] = {
    **{key: {} for key in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")},
    "Concatenate": {"axis": [1, 2, -2]},
    "Dot": {"axes": [1, 2, (1, 2), (-1, 1)], "normalize": [True]},
}
REFUSED = [
    ("UpSampling2D", {"interpolation": "bicubic"}, (2, 3, 4), "interpolation='bicubic'"),
    ("Embedding", {"input_dim": 6, "output_dim": 2, "mask_zero": True}, (4,), "mask_zero=True"),
    ("Discretization", {"bin_boundaries": [0.0], "output_mode": "one_hot"}, (4,), "output_mode='one_hot'"),
    ("CategoryEncoding", {"num_tokens": 6, "output_mode": "one_hot"}, (1,), "output_mode='one_hot'"),
    ("Dense", {"units": 2, "activation": keras.activations.sparsemax}, (4,), "'sparsemax'"),
    ("Dense", {"units": 2, "dtype": "mixed_float16"}, (4,), "float16"),
]


def named(option: dict[str, Any]) -> dict[str, Any]:
    """A setting with functions by name: their places in memory differ from process to process."""
    return {key: getattr(value, "__name__", value) for key, value in option.items()}


def cases() -> list[Any]:
    found = []
    for kind, (needed, shape, varied) in LAYERS.items():
        options = [{}, *({key: value} for key, values in varied.items() for value in values)]
        found += [pytest.param(kind, {**needed, **option}, shape, id=f"{kind} {named(option)}") for option in options]
    return found


def check(model: Any, inputs: list[np.ndarray], path: Path) -> None:
    """Compare a model whose weights are all random with its export."""
    for variable in model.variables:
        if variable.dtype == "float32":
            variable.assign(RNG.uniform(0.2, 1.5, variable.shape))
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {given.name: x for given, x in zip(session.get_inputs(), inputs, strict=True)})
    ours = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    assert theirs[0].shape == np.shape(ours)
    declared = [n if isinstance(n, int) else None for n in session.get_outputs()[0].shape]
    assert declared == list(model.outputs[0].shape)
    np.testing.assert_allclose(theirs[0], ours, atol=1e-5, rtol=1e-5)


def data(shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    return RNG.normal(scale=2, size=(2, *shape)).astype(dtype)


@pytest.mark.parametrize(("kind", "options", "shape"), cases())
def test_a_setting_of_a_layer(kind: str, options: dict[str, Any], shape: tuple[int, ...], tmp_path: Path) -> None:
    inner = {key: type(value).from_config(value.get_config()) for key, value in options.items() if key == "layer"}
    layer = getattr(L, kind)(**{**options, **inner})
    x = (
        np.abs(data(shape, "int32")) % 6
        if kind in ("Embedding", "ReversibleEmbedding", "CategoryEncoding")
        else data(shape)
    )
    check(keras.Sequential([keras.Input(shape, dtype=x.dtype.name), layer]), [x], tmp_path / "model.onnx")


@pytest.mark.parametrize(
    ("kind", "options"),
    [(kind, {key: value}) for kind, varied in MERGING.items() for key, values in varied.items() for value in values],
)
def test_a_setting_of_a_merging_layer(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    symbols = [keras.Input((3, 3)), keras.Input((3, 3))]
    layer = getattr(L, kind)(**({"axes": 1} if kind == "Dot" else {}) | options)
    check(keras.Model(symbols, layer(symbols)), [data((3, 3)), data((3, 3))], tmp_path / "model.onnx")


def test_every_setting_of_every_layer_is_tried() -> None:
    assert set(LAYERS) | set(MERGING) | {"InputLayer"} == set(layers.RULES)
    for kind, tried in {**{kind: varied for kind, (_, _, varied) in LAYERS.items()}, **MERGING}.items():
        parameters = inspect.signature(getattr(L, kind)).parameters.values()
        settings = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD and not p.name.endswith(TRAINING)}
        assert settings == set(tried), kind


@pytest.mark.parametrize(("kind", "options", "shape", "message"), REFUSED)
def test_a_setting_that_is_refused(kind: str, options: Any, shape: Any, message: str, tmp_path: Path) -> None:
    dtype = "int32" if kind in OF_LABELS else "float32"
    model = keras.Sequential([keras.Input(shape, dtype=dtype), getattr(L, kind)(**options, name="odd")])
    with pytest.raises(ValueError, match=f"'odd'.*{message}|{message}.*'odd'"):
        model.export(tmp_path / "model.onnx", format="onnx")


@pytest.mark.parametrize("kind", ["Conv2D", "AveragePooling2D", "Rescaling", "Flatten", "Dense"])
def test_the_image_data_format_of_the_program(kind: str, tmp_path: Path) -> None:
    needed = {"Rescaling": {"scale": [1.0, 2.0]}, **LAYERS}.get(kind)
    options = needed if isinstance(needed, dict) else needed[0]
    keras.config.set_image_data_format("channels_first")
    try:
        model = keras.Sequential([keras.Input((2, 3, 4)), getattr(L, kind)(**options)])
        check(model, [data((2, 3, 4))], tmp_path / "model.onnx")
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("dtype", ["int32", "int64", "bool"])
@pytest.mark.parametrize(
    "kind",
    [
        "Activation", "BatchNormalization", "CategoryEncoding", "Cropping1D", "Dense", "Discretization", "Dropout",
        "Embedding", "Flatten", "LayerNormalization", "Normalization", "Permute", "Rescaling", "Reshape",
        "SpectralNormalization", "TimeDistributed", "ZeroPadding1D",
    ],
)  # fmt: skip
def test_inputs_that_are_no_floats(kind: str, dtype: str, tmp_path: Path) -> None:
    needed, shape, _ = LAYERS[kind]
    options = {"activation": "relu"} if kind == "Activation" else needed
    inner = {key: L.Flatten() if kind == "TimeDistributed" else L.Dense(2) for key in options if key == "layer"}
    x = (np.abs(data(shape)) % 6).astype(dtype)
    layers = [keras.Input(shape, dtype=dtype), getattr(L, kind)(**{**options, **inner})]
    check(keras.Sequential(layers), [x], tmp_path / "model.onnx")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: L.Softmax(name="odd")(x, mask=np.array([[True, False, True]])), "called with mask"),
        (lambda x: L.Softmax(name="odd")(x, mask=x > 0), "tensors as keyword arguments"),
        (lambda x: L.Add(name="odd")([x, np.ones((1, 3), "float32")]), "values besides tensors"),
    ],
)
def test_what_a_layer_is_called_with_besides_its_inputs(call: Any, message: str, tmp_path: Path) -> None:
    x = keras.Input((3,))
    with pytest.raises(ValueError, match=f"'odd'.*{message}"):
        keras.Model(x, call(x)).export(tmp_path / "model.onnx", format="onnx")


def test_training_is_never_written(tmp_path: Path) -> None:
    x = keras.Input((3,))
    model = keras.Model(x, L.BatchNormalization()(L.Dropout(0.5)(x, training=True), training=True))
    check(model, [data((3,))], tmp_path / "model.onnx")


CONSTANT = np.array([1.0, -2.0, 3.0, 0.5], "float32")
CHOSEN = np.array([True, False, True, False])
# For each operation, what sets each of its arguments, and the kinds of its operands.
OPERATIONS: dict[str, dict[str, list[Any]]] = {
    "clip": {
        "x_min": [lambda a, b: ops.clip(a, -0.5, 9.0), lambda a, b: ops.clip(a, -CONSTANT**2, 9.0)],
        "x_max": [lambda a, b: ops.clip(a, -9.0, 0.5)],
    },
    "concatenate": {"axis": [lambda a, b, n=n: ops.concatenate([a, b], n) for n in (0, 1, -1)]},
    "expand_dims": {"axis": [lambda a, b: ops.expand_dims(a, 1), lambda a, b: ops.expand_dims(a, (1, -1))]},
    "gelu": {"approximate": [lambda a, b: ops.gelu(a), lambda a, b: ops.gelu(a, False)]},
    "leaky_relu": {"negative_slope": [lambda a, b: ops.leaky_relu(a), lambda a, b: ops.leaky_relu(a, 0.7)]},
    "prod": {"axis": [lambda a, b: ops.prod(a, 1)], "keepdims": [lambda a, b: ops.prod(a, -1, True)], "dtype": []},
    "reshape": {
        "newshape": [lambda a, b: ops.reshape(a, (-1, 12)), lambda a, b: ops.reshape(a, (-1, 2, 6)) + 1.0],
    },
    "softmax": {"axis": [lambda a, b: ops.softmax(a, 1), lambda a, b: ops.softmax(a, (1, 2))]},
    "squeeze": {"axis": [lambda a, b: ops.squeeze(a[:, :1], 1), lambda a, b: ops.squeeze(a[:, :1, :1], (1, -1))]},
    "stack": {"axis": [lambda a, b: ops.stack([a, b]), lambda a, b: ops.stack([a, b], -1)]},
    "swapaxes": {"axis1": [lambda a, b: ops.swapaxes(a, -1, 1)], "axis2": [lambda a, b: ops.swapaxes(a, 2, 1)]},
    "tile": {"repeats": [lambda a, b: ops.tile(a, 2), lambda a, b: ops.tile(a, (1, 2, 3))]},
    "transpose": {"axes": [lambda a, b: ops.transpose(a), lambda a, b: ops.transpose(a, (0, -1, 1))]},
    **{
        name: {
            "axis": [lambda a, b, f=name, n=n: getattr(ops, f)(a, axis=n) for n in (1, (1, -1), [2], ())]
            + [lambda a, b, f=name: getattr(ops, f)(a)],
            "keepdims": [lambda a, b, f=name: getattr(ops, f)(a, axis=1, keepdims=True)],
            **({"initial": []} if name in ("max", "min") else {}),
        }
        for name in ("max", "mean", "min", "sum")
    },
}  # fmt: skip
# Booleans among numbers, and numbers among booleans.
OF_BOOLEANS = [
    lambda a, b: (a > 0) + (b > 0),
    lambda a, b: (a > 0) * b,
    lambda a, b: ops.logical_and(a, b > 1),
    lambda a, b: ops.logical_or(a > 0, CHOSEN),
    lambda a, b: ops.logical_not(ops.floor(a)),
    lambda a, b: (a > 0) ^ CHOSEN,
    lambda a, b: ops.where(ops.floor(a), a, b),
    lambda a, b: ops.where(CHOSEN, a, 0.0),
    lambda a, b: ops.where(a > 0, b > 0, a > 1),
    lambda a, b: ops.equal(a > 0, b),
    lambda a, b: ops.max(a > 1, axis=1),
    lambda a, b: ops.sum(a > 0, axis=1),
    lambda a, b: ops.mean(ops.transpose(a > 0, (0, 2, 1)), axis=1),
    lambda a, b: ops.concatenate([a > 0, b], 1),
    lambda a, b: L.Dense(2)(ops.stack([a > 0, b > 0], 1)),
    lambda a, b: L.Add()([a > 0, b]),
    lambda a, b: ops.sum(((a > 0) + (b > 0)) * 1.0, axis=1),
]
# Operations with arguments that are operands only.
OPERANDS = {"x", "y", "x1", "x2", "xs", "condition", "args", "kwargs"}


@pytest.mark.parametrize(
    "make",
    [make for tried in OPERATIONS.values() for makes in tried.values() for make in makes] + OF_BOOLEANS,
)
def test_a_setting_of_an_operation(make: Any, tmp_path: Path) -> None:
    a, b = keras.Input((3, 4)), keras.Input((3, 4))
    check(keras.Model([a, b], make(a, b)), [data((3, 4)), data((3, 4))], tmp_path / "model.onnx")


def test_every_setting_of_every_operation_is_tried() -> None:
    for name in set(operations.RULES) - {"get_item"}:
        settings = {p for p in inspect.signature(getattr(ops, name)).parameters if p not in OPERANDS}
        assert settings == set(OPERATIONS.get(name, {})), name


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda a: ops.squeeze(a[:, :1]), "squeeze without `axis`"),
        (lambda a: a[True], "the index True"),
        (lambda a: ops.min(a, axis=1, initial=0.0), "`initial`"),
        (lambda a: ops.prod(a, axis=1, dtype="int32"), "'cast'"),
    ],
)
def test_a_setting_of_an_operation_that_is_refused(make: Any, message: str, tmp_path: Path) -> None:
    a = keras.Input((3, 4))
    with pytest.raises(ValueError, match=message):
        keras.Model(a, make(a)).export(tmp_path / "model.onnx", format="onnx")
