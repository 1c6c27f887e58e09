"""TensorFlow operations that tf.keras kept as layers, as the operations of `keras.ops` that do the same."""

from __future__ import annotations

from typing import Any

from kerasish.saving.legacy.origin import Config

# Keras 3's module for plain operations between layers, which only it has a spelling for.
HOME = "keras.src.ops."

# For each function of TensorFlow the class of the operation, its operands besides the first (+y), its settings, each
# with the name that TensorFlow has for it where that is another one (axes<perm).
_TABLE = """
__operators__.add Add +y | __operators__.getitem GetItem +slice_spec | cast Cast dtype
clip_by_value Clip x_min<clip_value_min x_max<clip_value_max | concat Concatenate axis | expand_dims ExpandDims axis
linalg.matmul Matmul +b | math.abs Absolute | math.acos Arccos | math.add Add +y | math.argmax Argmax axis
math.argmin Argmin axis | math.asin Arcsin | math.atan Arctan | math.atan2 Arctan2 +x | math.ceil Ceil | math.cos Cos
math.cosh Cosh | math.cumsum Cumsum axis | math.divide Divide +y | math.equal Equal +y | math.erf Erf | math.exp Exp
math.expm1 Expm1 | math.floor Floor | math.floordiv FloorDivide +y | math.greater Greater +y
math.greater_equal GreaterEqual +y | math.less Less +y | math.less_equal LessEqual +y | math.log Log | math.log1p Log1p
math.logical_and LogicalAnd +y | math.logical_not LogicalNot | math.logical_or LogicalOr +y | math.maximum Maximum +y
math.minimum Minimum +y | math.multiply Multiply +y | math.negative Negative | math.not_equal NotEqual +y
math.pow Power +y | math.reciprocal Reciprocal | math.reduce_all All axis keepdims | math.reduce_any Any axis keepdims
math.reduce_max Max axis keepdims | math.reduce_mean Mean axis keepdims | math.reduce_min Min axis keepdims
math.reduce_prod Prod axis keepdims | math.reduce_std Std axis keepdims | math.reduce_sum Sum axis keepdims
math.reduce_variance Var axis keepdims | math.rsqrt Rsqrt | math.sigmoid Sigmoid | math.sign Sign | math.sin Sin
math.sinh Sinh | math.softplus Softplus | math.sqrt Sqrt | math.square Square | math.subtract Subtract +y
math.tan Tan | math.tanh Tanh | math.truediv TrueDivide +y | nn.elu Elu | nn.gelu Gelu approximate
nn.leaky_relu LeakyRelu negative_slope<alpha | nn.log_softmax LogSoftmax axis | nn.relu Relu | nn.relu6 Relu6
nn.selu Selu | nn.sigmoid Sigmoid | nn.silu Silu | nn.softmax Softmax axis | nn.softplus Softplus
nn.softsign Softsign | nn.tanh Tanh | pad Pad pad_width<paddings | reshape Reshape newshape<shape | squeeze Squeeze axis
stack Stack axis | tile Tile repeats<multiples | transpose Transpose axes<perm | where Where +x +y
"""
_ENTRIES = [entry.split() for line in _TABLE.strip().splitlines() for entry in line.split(" | ")]
_OPERATIONS = {function: (name, arguments) for function, name, *arguments in _ENTRIES}
# What TensorFlow takes for settings that are not given, where Keras takes another value.
_DEFAULTS: dict[str, Config] = {
    "nn.gelu": {"approximate": False},
    "math.argmax": {"axis": 0},
    "math.argmin": {"axis": 0},
}
# Arguments that change no number while they have this value.
_IDLE = {"name": None, "conjugate": False, "mode": "CONSTANT", "constant_values": 0, "keepdims": False}
CLASSES = ("SlicingOpLambda", "TFOpLambda")


def modern_operation(config: Config, inner: Config) -> Config:
    """The operation's class of today, its settings, and its nodes with the operands in their places.

    Args:
        config: the config of a layer of one of the `CLASSES`.
        inner: its `config`.

    Raises:
        ValueError: if the operation, or an argument, is not known here.
    """
    function = str(inner.get("function")).removeprefix("compat.v1.")
    if function not in _OPERATIONS:
        raise ValueError(
            f"the operation {inner.get('function')!r:.100} of the layer {inner.get('name')!r:.100} is not known here; "
            f"the known ones are {', '.join(sorted(_OPERATIONS))}"
        )
    name, arguments = _OPERATIONS[function]
    settings: Config = {}
    nodes = []
    for node in config.get("inbound_nodes") or []:
        first, given = _first(node)
        nodes.append({"args": [first, *_operands(arguments, given)], "kwargs": {}})
        settings = {**_DEFAULTS.get(function, {}), **_settings(arguments, given)}
        _refuse_others(function, arguments, given)
    kept = {"name": config.get("name", inner.get("name")), "inbound_nodes": nodes, "registered_name": None}
    made = {"name": inner.get("name"), **settings}
    return {**kept, "module": f"{HOME}numpy", "class_name": name, "config": made}


def _first(node: Any) -> tuple[Any, Config]:
    """The first operand of a node, or the list of tensors that it is, and the other arguments."""
    if isinstance(node, list) and node and isinstance(node[0], list):
        found = [_first(part) for part in node]
        return [operand for operand, _ in found], found[0][1]
    if not isinstance(node, list) or len(node) != 4 or not isinstance(node[3], dict):
        raise ValueError(f"the node of an operation is [layer, node, tensor, arguments]; found {node!r:.100}")
    return node[2] if node[0] == "_CONSTANT_VALUE" else _tensor(node), node[3]


def _operands(arguments: list[str], given: Config) -> list[Any]:
    """The operands besides the first: `[layer, node, tensor]`, a number, or what is between brackets."""
    found = []
    for key in (a[1:] for a in arguments if a[0] == "+"):
        if key not in given:
            raise ValueError(f"the operand {key!r} is missing")
        value = given[key]
        is_tensor = isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)
        found.append(_tensor(value) if is_tensor else _slices(value) if key == "slice_spec" else value)
    return found


def _slices(parts: Any) -> Any:
    if not isinstance(parts, list):
        return parts
    return [{"class_name": "__slice__", "config": part} if isinstance(part, dict) else part for part in parts]


def _settings(arguments: list[str], given: Config) -> Config:
    pairs = (a.partition("<") for a in arguments if a[0] != "+")
    return {new: given[old or new] for new, _, old in pairs if given.get(old or new) is not None}


def _refuse_others(function: str, arguments: list[str], given: Config) -> None:
    known = {a.removeprefix("+").rpartition("<")[2] for a in arguments}
    for key, value in given.items():
        if key not in known and key != "name" and value is not None and value != _IDLE.get(key, object()):
            raise ValueError(f"the argument {key}={value!r:.100} of the operation {function!r} is not known here")


def _tensor(address: list[Any]) -> Config:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": address[:3]}}
