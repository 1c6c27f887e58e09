"""No setting of a layer or an operation is passed over when a model becomes an ONNX file: it is written or refused."""

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.models.onnx import layers, operations
from tests.layer_cases import CASES, Case

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
L = keras.layers
ops = keras.ops
RNG = np.random.default_rng(1)

# What an argument of these names means, an answer at inference does not depend on.
TRAINING = ("initializer", "regularizer", "constraint", "quantization_config", "lora_rank", "lora_alpha", "seed")
# Some layers are refused for what they are told by nothing else than a setting; the table says which, and why.
TRIED = {kind: cases for kind, cases in CASES.items() if kind in layers.RULES and kind != "InputLayer"}


def every() -> list[Any]:
    cases = [case for of in TRIED.values() for case in (*of.cases, *of.varied) if "mask" not in case.call]
    return [pytest.param(case, id=repr(case)) for case in cases]


def check(model: Any, inputs: list[np.ndarray], path: Path) -> None:
    """Compare a model whose weights are all random with its export."""
    for variable in model.variables:
        if variable.dtype == "float32":
            variable.assign(RNG.uniform(0.2, 1.5, variable.shape))
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    for n in (1, 2):
        some = [x[:n] for x in inputs]
        theirs = session.run(None, dict(zip(names, some, strict=True)))
        ours = keras.tree.flatten(model(some if len(some) > 1 else some[0], training=False))[0]
        assert theirs[0].shape == np.shape(ours)
        np.testing.assert_allclose(theirs[0], ours, atol=1e-5, rtol=1e-5)
    declared = [n if isinstance(n, int) else None for n in session.get_outputs()[0].shape]
    assert declared == list(model.outputs[0].shape)


def data(shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    return RNG.normal(scale=2, size=(2, *shape)).astype(dtype)


def modelled(case: Case) -> Any:
    symbols = case.symbols(keras, "int32" if case.of == "uint8" else case.of)  # bytes are no input of such a file
    return keras.Model(symbols, keras.tree.flatten(case.make(keras, name="odd")(symbols)))


@pytest.mark.parametrize("case", every())
def test_a_setting_of_a_layer(case: Case, tmp_path: Path) -> None:
    model = modelled(case)
    if case.refused:
        with pytest.raises(ValueError, match=f"'odd'.*{case.refused}|{case.refused}.*'odd'"):
            model.export(tmp_path / "model.onnx", format="onnx")
        return
    inputs = [x.astype("int32") if case.of == "uint8" else x for x in keras.tree.flatten(case.data())]
    check(model, inputs, tmp_path / "model.onnx")


def test_every_setting_of_every_layer_is_tried() -> None:
    assert set(TRIED) | {"InputLayer"} == set(layers.RULES)
    for kind, of in TRIED.items():
        parameters = inspect.signature(getattr(L, kind)).parameters.values()
        settings = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD and not p.name.endswith(TRAINING)}
        tried = set(of.settings).union(*(case.given for case in of.cases))
        assert settings <= tried, (kind, settings - tried)


@pytest.mark.parametrize("kind", ["Conv2D", "AveragePooling2D", "Rescaling", "Flatten", "Dense"])
def test_the_image_data_format_of_the_program(kind: str, tmp_path: Path) -> None:
    case = TRIED[kind].cases[0]
    keras.config.set_image_data_format("channels_first")
    try:
        layer = L.Rescaling([1.0, 2.0]) if kind == "Rescaling" else case.make(keras)
        model = keras.Sequential([keras.Input((2, 3, 4)), layer])
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
    case = TRIED[kind].cases[0]
    inner = L.Flatten() if kind == "TimeDistributed" else L.Dense(2)
    more = {key: inner for key in case.given if key == "layer"} | (
        {"activation": "relu"} if kind == "Activation" else {}
    )
    x = (np.abs(data(case.shape)) % 6).astype(dtype)
    check(
        keras.Sequential([keras.Input(case.shape, dtype=dtype), case.make(keras, **more)]), [x], tmp_path / "model.onnx"
    )


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
