"""What the page and the engine tell each other: JSON objects, and frames of arrays behind a JSON header.

A message of the page is one JSON object with a `type`; it may carry an `id`, which every answer to it repeats as
`reply_to`. An answer without arrays is one JSON object as well. An answer with arrays is bytes:

| bytes | what |
| --- | --- |
| 0-3 | `KPG1` |
| 4-7 | the length of the header in bytes, an unsigned little-endian integer |
| 8-... | the header: a JSON object in UTF-8, with spaces behind it until the arrays begin at a multiple of 8 |
| ... | the arrays, little-endian and in C order, one after the other |

`header["arrays"]` lists them: `name`, `dtype` (`"float32"` or `"uint8"`), `shape`, and `offset`, in bytes from where
the arrays begin and always a multiple of 8. Numbers that are not finite are `null` in JSON, and themselves in arrays.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np

VERSION = 1
MAGIC = b"KPG1"
# The plane that is drawn: both coordinates go from -HALF_WIDTH to HALF_WIDTH.
HALF_WIDTH = 6.0

# -- settings: all that the page can set, and all that a link or a script says --------------------------------------


class LayerSettings(TypedDict):
    """A hidden layer. `units`, `activation` and `use_bias` belong to `dense`, `rate` to `dropout`."""

    kind: Literal["dense", "dropout", "batch_normalization"]
    units: NotRequired[int]
    activation: NotRequired[str]
    rate: NotRequired[float]


class Settings(TypedDict):
    """Everything that decides what is trained, and how.

    A message may leave out any of them: what it leaves out stays as it is.
    """

    problem: Literal["classification", "regression"]
    data: str  # circle, xor, gauss, spiral; regression_plane, regression_gauss; own: the points below; script: its own
    points: list[list[float]]  # [x1, x2, label or value], of the data set "own"
    classes: int  # of a classification: 2 has one output (sigmoid), more have one each (softmax)
    noise: float  # standard deviation by which points are moved, 0 to 2
    samples: int  # points in all, 10 to 2000
    train_share: float  # the share of them that is trained on, 0.1 to 0.9
    data_seed: int  # another number draws other points
    features: list[str]  # of x1, x2, x1^2, x2^2, x1*x2, sin(x1), sin(x2), in this order
    layers: list[LayerSettings]  # hidden layers; the output layer follows from the problem
    output_activation: str  # "auto": sigmoid, softmax or linear, as the problem and the loss need
    initializer: str
    loss: str  # "auto": binary or sparse categorical crossentropy, mean squared error
    optimizer: str
    learning_rate: float
    momentum: float  # of the optimizers that have it; others do not look at it
    optimizer_options: dict[str, Any]  # other arguments of the optimizer, as the catalogue lists them
    regularization: Literal["none", "l1", "l2", "l1_l2"]
    regularization_rate: float
    batch_size: int
    seed: int  # of the first weights, of the order of the batches and of dropout


class View(TypedDict):
    """What frames hold. Nothing of it changes what is trained; what is left out stays as it is."""

    resolution: int  # cells along each side of the output's map, 10 to 100
    neuron_resolution: int  # the same of a unit's own map; it divides `resolution`
    maps: Literal["all"] | list[int]  # indices of the layers whose units' maps are sent
    gradients: bool  # whether the norms of each layer's gradient are sent
    epochs_per_frame: int  # 1 to 1000
    frames_per_second: float  # at most so many, 1 to 60


# -- what the page sends -----------------------------------------------------------------------------------------


class Hello(TypedDict):
    """The first message of a page: answered by `catalogue`, `state`, `data` and a `frame`."""

    type: Literal["hello"]
    version: int
    settings: NotRequired[dict[str, Any]]  # for example those of the URL
    view: NotRequired[dict[str, Any]]
    epoch: NotRequired[int]  # with weights: where a server that is gone had been
    weights: NotRequired[list[list[Any]]]  # for each layer of `state["layers"]` its arrays as nested lists
    playing: NotRequired[bool]


class Set(TypedDict):
    """New settings: answered by `state`, by `data` where the points are others, and by a `frame`.

    The learning rate, momentum, batch size and rates of regularization change what is under way; what asks for another
    network or other data begins anew, at epoch 0. `playing` stays as it is.
    """

    type: Literal["set"]
    settings: dict[str, Any]


class SetView(TypedDict):
    """New view options: answered by a `frame`."""

    type: Literal["view"]
    view: dict[str, Any]


class Control(TypedDict):
    """`play` is answered by `state`, `pause` and `reset` by `state` and a `frame`, `step` (one epoch) by a `frame`."""

    type: Literal["play", "pause", "step", "reset"]


class Drawn(TypedDict):
    """A frame has been drawn: without these messages no more than two frames are sent."""

    type: Literal["drawn"]
    frame: int


class Edit(TypedDict):
    """Another number for one weight: answered by a `frame`."""

    type: Literal["edit"]
    layer: int  # an index into `state["layers"]`
    weight: int  # an index into that layer's `weights`
    index: list[int]  # for a kernel [input, unit], for a bias [unit]
    value: float


class AskBackprop(TypedDict):
    """One point, forward and back: answered by `backprop`. The network stays as it is."""

    type: Literal["backprop"]
    point: list[float]  # [x1, x2]
    label: float  # the label or value that is wanted there


class AskSurface(TypedDict):
    """The loss over two directions, with the path of the steps to come: answered by `surface`."""

    type: Literal["surface"]
    resolution: NotRequired[int]  # 5 to 41; 21 by default
    steps: NotRequired[int]  # 1 to 100; 30 by default
    directions: NotRequired[Literal["descent", "random"]]


class Export(TypedDict):
    """The model as it is now: answered by `file`."""

    type: Literal["export"]
    format: Literal["keras", "script"]


class AskScript(TypedDict):
    """The script that trains this network for as many epochs as it has been: answered by `script`."""

    type: Literal["script"]


class Parse(TypedDict):
    """An edited script: answered by `parsed`, and if nothing is wrong in it, by what `set` is answered with.

    The network is then what the script makes: trained anew for its epochs, or with the weights that it sets.
    """

    type: Literal["parse"]
    text: str


class ParseCsv(TypedDict):
    """A table of two columns and a label as own points: answered like `set`, or by an `error` that names the line."""

    type: Literal["csv"]
    text: str


# -- what the engine answers, without arrays -------------------------------------------------------------------------


class WeightInfo(TypedDict):
    """A weight array of a layer; frames hold it as `weights/LAYER/WEIGHT`."""

    name: str  # kernel, bias, gamma, beta, moving_mean, moving_variance
    shape: list[int]
    trainable: bool


class LayerInfo(TypedDict):
    """A layer as it is drawn; frames hold its units' maps as `maps/INDEX`, of shape (units, rows, columns)."""

    index: int
    name: str
    kind: str  # dense, dropout, batch_normalization; for a script's own model, the name of any layer's class
    units: int
    activation: str  # "" for none of its own
    is_output: bool
    setting: int | None  # which entry of `settings["layers"]` it is; None for the output and where the network is fixed
    weights: list[WeightInfo]


class State(TypedDict):
    """What is trained."""

    type: Literal["state"]
    revision: int  # goes up with each change of the network or the data; frames and data carry it too
    settings: Settings  # all of them
    view: View
    playing: bool
    epoch: int
    inputs: list[str]  # the names of the features, as they are drawn
    layers: list[LayerInfo]
    parameters: int
    loss: str  # the loss that "auto" stands for
    outputs: int  # 1, or as many as classes
    range: list[float]  # the outputs that get the strongest colours; for several outputs each is from 0 to 1
    threshold: float  # the output at which colours change; above it, a point of two classes counts as of class 1
    fixed: str  # why the network cannot be edited here, as a sentence; "" where it can
    notes: list[str]  # sentences about settings that have no effect, or that do not go together
    script: str  # the equivalent script


class Catalogue(TypedDict):
    """The menus: what each setting may be."""

    type: Literal["catalogue"]
    version: int
    problems: dict[str, list[str]]  # problem: its data sets
    many_classes: list[str]  # the data sets that come with more than two classes
    features: dict[str, str]  # name: how it is written
    activations: list[str]
    initializers: list[str]
    losses: dict[str, list[str]]  # classification, classes (three and more), regression
    optimizers: dict[str, dict[str, Any]]  # name: {learning_rate, momentum (or null), options: {name: default}}
    regularizations: list[str]
    layer_kinds: list[str]
    limits: dict[str, list[float]]  # setting: [least, most]
    previews: dict[str, list[list[float]]]  # a few points [x1, x2, label or value] of each data set
    defaults: Settings
    view: View  # the defaults


class BackpropLayer(TypedDict):
    """One layer of a step of backpropagation on one point; rows are lists of numbers, a number for each unit."""

    layer: int | None  # an index into `state["layers"]`
    name: str
    kind: str
    activation: str
    inputs: list[float | None] | None
    sums: list[float | None] | None  # z
    outputs: list[float | None]  # y
    slopes: list[float | None] | None  # dy/dz; None where each output depends on every sum (softmax)
    output_gradient: list[float | None] | None  # dJ/dy
    sum_gradient: list[float | None] | None  # dJ/dz
    kernel: list[list[float | None]] | None  # [input][unit]
    bias: list[float | None] | None
    kernel_gradient: list[list[float | None]] | None  # dJ/dw
    bias_gradient: list[float | None] | None
    kernel_after: list[list[float | None]] | None  # w - learning_rate dJ/dw
    bias_after: list[float | None] | None


class Backprop(TypedDict):
    """One point's step of gradient descent."""

    type: Literal["backprop"]
    point: list[float]
    label: float
    features: list[float | None]
    layers: list[BackpropLayer]
    prediction: list[float | None]
    loss_name: str
    loss: float | None
    loss_after: float | None
    learning_rate: float
    text: str  # the same as the blackboard writes it


class Script(TypedDict):
    """The equivalent Keras script."""

    type: Literal["script"]
    text: str
    epoch: int


class Mark(TypedDict):
    """A place in a script; lines count from 1, columns from 0 as in Python's `ast`."""

    line: int
    column: int
    end_line: int
    end_column: int
    message: str


class Parsed(TypedDict):
    """What a script says: settings, or marks where it says what the page cannot show."""

    type: Literal["parsed"]
    settings: dict[str, Any] | None
    marks: list[Mark]


class Error(TypedDict):
    """A message was refused; what is trained stays as it was."""

    type: Literal["error"]
    setting: str | None  # the setting that is wrong, as a path: "learning_rate", "layers[2].units"
    message: str


# -- what the engine answers, with arrays ------------------------------------------------------------------------------


@dataclass
class Binary:
    """An answer with arrays.

    Headers and arrays by `type`:

    `frame`: `number` (for `drawn`), `revision`, `epoch`, `loss`, `test_loss` (numbers or null), `accuracy`,
    `test_accuracy` (null for a regression), `playing`. Arrays: `output`, the output's map of shape (outputs, rows,
    columns); `maps/LAYER` of shape (units, rows, columns) for the layers that the view asks for; `features`, the same
    for each input; `weights/LAYER/WEIGHT`; `gradients` of shape (layers,), the norm of the training loss's gradient by
    each layer's weights, NaN for layers without any. Row 0 is the top (x2 near 6), column 0 the left (x1 near -6); each
    cell holds the value at its centre, or the mean of those of the cells that it is made of. `features` come with the
    first frame of a revision or a view only.

    `data`: `revision`, `low` and `high` of the labels or values. Arrays: `train_x` (n, 2), `train_y` (n,), `test_x`
    (m, 2), `test_y` (m,); labels are 0, 1, ...

    `surface`: `labels` of the two directions, `low`, `high` of the losses that are finite, `share` of the path's length
    that lies in the plane. Arrays: `a` and `b`, the coordinates of columns and rows; `losses` (rows, columns); `path`
    (steps + 1, 2), `path_losses` (steps + 1,).

    `file`: `name`, `mime`. Array: `bytes`, uint8.
    """

    header: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


Answer = Mapping[str, Any] | Binary


def encode(answer: Answer) -> str | bytes:
    """An answer as it travels: text for JSON alone, bytes where there are arrays."""
    return _encode_binary(answer) if isinstance(answer, Binary) else dump(answer)


def dump(value: Any) -> str:
    """JSON, with null for numbers that are not finite."""
    return json.dumps(finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def finite(value: Any) -> Any:
    """The same structure of plain numbers, lists and dicts, with None for numbers that are not finite."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def _encode_binary(answer: Binary) -> bytes:
    listed, parts, offset = [], [], 0
    for name, array in answer.arrays.items():
        kind = "uint8" if array.dtype == np.uint8 else "float32"
        raw = np.ascontiguousarray(array, "u1" if kind == "uint8" else "<f4").tobytes()
        listed.append({"name": name, "dtype": kind, "shape": list(array.shape), "offset": offset})
        padding = -len(raw) % 8
        parts.append(raw + b"\0" * padding)
        offset += len(raw) + padding
    header = dump({**answer.header, "arrays": listed}).encode()
    header += b" " * (-len(header) % 8)
    return b"".join([MAGIC, struct.pack("<I", len(header)), header, *parts])


def decode(data: bytes) -> Binary:
    """The answer that `encode` made bytes of.

    Raises:
        ValueError: if these are no such bytes.
    """
    if data[:4] != MAGIC or len(data) < 8:
        raise ValueError(f"a frame begins with {MAGIC!r} and the length of its header; received {data[:8]!r}")
    start = 8 + struct.unpack_from("<I", data, 4)[0]
    header = json.loads(data[8:start])
    arrays = {}
    for entry in header.pop("arrays"):
        kind = np.dtype("u1" if entry["dtype"] == "uint8" else "<f4")
        count = math.prod(entry["shape"])
        array = np.frombuffer(data, kind, count, start + entry["offset"])
        arrays[entry["name"]] = array.reshape(entry["shape"])
    return Binary(header, arrays)
