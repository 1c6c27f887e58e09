"""Plain operations between layers in configs: under the names and with the arguments of Keras's operation classes."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

from kerasish import ops
from kerasish.backend.symbolic import Call, KerasTensor
from kerasish.layers.base.operation import Operation
from kerasish.models.operations import operation_shapes
from kerasish.saving.legacy.operations import HOME

# Those of Keras's modules of operations that are public too; here they have the same names.
_PUBLIC = ("numpy", "nn", "image", "linalg")
# What is in `keras.ops` alone, by the module of its class.
_OTHERS = {
    "math": """cdist erf erfc erfinv extract_sequences fft fft2 ifft2 in_top_k irfft istft logdet logsumexp rfft rsqrt
        segment_max segment_min segment_prod segment_sum stft top_k view_as_complex view_as_real""",
    "core": "cast convert_to_tensor saturate_cast scatter scatter_update slice slice_update stop_gradient unstack",
}
_MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
# By these names operations take tensors, the inputs of a node; what else they take are settings, said in the config.
_TENSORS = frozenset((
    "a", "abs_", "angle", "array", "beta", "bias", "bins", "choicelist", "condition", "condlist", "constant_values",
    "coordinates", "data", "default", "depthwise_kernel", "end_points", "gamma", "image", "image1", "image2",
    "images", "indices", "inputs", "kernel", "key", "mask", "mean", "output", "output_length", "output_shape",
    "pointwise_kernel", "predictions", "q", "query", "scale", "segment_ids", "sequence_lengths", "sorted_sequence",
    "start_indices", "start_points", "target", "target_length", "targets", "transform", "translation", "updates",
    "value", "values", "variable", "variance", "weights", "x", "x1", "x2", "xs", "y",
))  # fmt: skip
# Where a name means something else, or Keras's class says another selection.
_SETTINGS = {
    "batch_normalization": ("axis", "epsilon"), "full_like": ("dtype",), "get_item": (), "isclose": ("equal_nan",),
    "layer_normalization": ("axis", "epsilon", "rms_scaling"), "lstsq": ("rcond",), "solve": (),
    "solve_triangular": ("lower",), "trapezoid": ("x", "dx", "axis"),
}  # fmt: skip
# Class names that are not the public name in CamelCase.
_CLASSES = {
    "allclose": "AllClose", "batch_normalization": "BatchNorm", "cdist": "CDist", "ctc_decode": "CTCDecode",
    "ctc_loss": "CTCLoss", "fft": "FFT", "fft2": "FFT2", "hsv_to_rgb": "HSVToRGB", "ifft2": "IFFT2",
    "irfft": "IRFFT", "isin": "IsIn", "istft": "ISTFT",
    "layer_normalization": "LayerNorm", "psnr": "PSNR", "rfft": "RFFT", "rgb_to_grayscale": "RGBToGrayscale",
    "rgb_to_hsv": "RGBToHSV", "rms_normalization": "RMSNorm", "searchsorted": "SearchSorted", "ssim": "SSIM",
    "stft": "STFT", "svd": "SVD",
}  # fmt: skip
# Where a primitive names an argument in its own way.
_RENAMED = {
    "array_split": {"sections": "indices_or_sections"},
    "clip": {"low": "x_min", "high": "x_max"},
    "leaky_relu": {"slope": "negative_slope"},
    "pad": {"widths": "pad_width", "value": "constant_values"},
    "reshape": {"shape": "newshape"},
    "split": {"sections": "indices_or_sections"},
    "threshold": {"default": "default_value"},
}
# Arguments that Keras's class does not have: they may only have this value.
_UNSAID: dict[str, Any] = {"ddof": 0, "keepdims": False, "dtype": None, "rtol": 1e-5, "atol": 1e-8}
# Where the inputs of a node are not the first arguments of the function, or some of them may be left out.
_INPUTS = {
    "average": ("x", "weights"),
    "batch_normalization": ("x", "mean", "variance", "offset", "scale"),
    "layer_normalization": ("x", "gamma", "beta"),
    "pad": ("x", "constant_values"),
    "rms_normalization": ("x", "scale"),
    "segment_sum": ("data", "segment_ids"),
}


def _modules() -> dict[str, str]:
    """For each operation that a config may name, the module of Keras's class."""
    found = {name: module for module in _PUBLIC for name in dir(getattr(ops, module))}
    found |= {name: module for module, names in _OTHERS.items() for name in names.split()}
    return {name: module for name, module in found.items() if operation_shapes.has_rule(name)}


OPERATIONS = _modules()


@lru_cache(maxsize=512)
def settings_of(name: str) -> tuple[str, ...]:
    """The arguments of an operation that a config says."""
    if name in _SETTINGS:
        return _SETTINGS[name]
    found = inspect.signature(_function_of(name)).parameters.values()
    return tuple(p.name for p in found if p.name not in _TENSORS and p.kind not in _MANY)


_NAMES = {_CLASSES.get(name, "".join(part.capitalize() for part in name.split("_"))): name for name in OPERATIONS}
_CLASS_OF = {name: cls for cls, name in _NAMES.items()}


class RawOperation(Operation):
    """A plain operation that a config names.

    Args:
        function_name: its name in `keras.ops`.
        settings: its arguments besides tensors.
        name: its name in the model.
    """

    def __init__(self, function_name: str, settings: dict[str, Any], name: str | None = None) -> None:
        super().__init__(name or function_name)
        self.function_name, self.settings = function_name, settings
        self._function = None if function_name == "get_item" else _function_of(function_name)

    @property
    def class_name(self) -> str:
        """The name of Keras's class, as a config has it."""
        return _CLASS_OF[self.function_name]

    @property
    def defaults(self) -> dict[str, Any]:
        """The settings that hold where nothing is said."""
        return _defaults_of(self._function)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The operation applied to tensors."""
        return self.apply(args, kwargs, self.settings)

    def apply(self, args: Any, kwargs: dict[str, Any], settings: dict[str, Any]) -> Any:
        """The operation applied to tensors, with other settings."""
        if self._function is None:
            return _get_item(*args, **kwargs)
        if self.function_name == "einsum":
            return self._function(settings["subscripts"], *args, **kwargs)
        if self.function_name in _INPUTS and len(args) > 1:
            named = dict(zip(_INPUTS[self.function_name][1:], args[1:], strict=False))
            return self._function(args[0], **named, **settings, **kwargs)
        return self._function(*args, **settings, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The shapes and dtypes of the result, by a rule."""
        return operation_shapes.spec(self, args, kwargs)

    def get_config(self) -> dict[str, Any]:
        return {"function_name": self.function_name, "settings": self.settings, "name": self.name}


@lru_cache(maxsize=512)
def _defaults_of(function: Any) -> dict[str, Any]:
    parameters = {} if function is None else inspect.signature(function).parameters
    return {key: p.default for key, p in parameters.items() if p.default is not inspect.Parameter.empty}


def _function_of(name: str) -> Any:
    return getattr(ops.image if OPERATIONS[name] == "image" else ops, name)


def _get_item(x: Any, key: Any) -> Any:
    return x[tuple(key) if isinstance(key, list) else key]


def is_operation(layer_config: dict[str, Any]) -> bool:
    """Whether a config names a plain operation in place of a layer."""
    return str(layer_config.get("module") or "").startswith(HOME)


def revive(layer_config: dict[str, Any]) -> RawOperation:
    """The operation that a config names.

    Raises:
        ValueError: if there is none of this name, or its settings are not its own.
    """
    name = _NAMES.get(str(layer_config.get("class_name")), "")
    settings = layer_config.get("config")
    if not name or not isinstance(settings, dict):
        raise ValueError(f"unknown operation {layer_config.get('class_name')!r} in the config of a model")
    given = {key: value for key, value in settings.items() if key != "name"}
    unknown = [key for key in given if key not in settings_of(name)]
    if unknown:
        raise ValueError(f"the operation {layer_config['class_name']} does not take {unknown}")
    return RawOperation(name, given, settings.get("name") or layer_config.get("name"))


def describe(operation: Any) -> tuple[dict[str, Any], list[Call]]:
    """What a config says of a plain operation, and its calls with the settings taken out.

    Args:
        operation: the call of a primitive, or a `RawOperation`.

    Raises:
        ValueError: if Keras has no such operation.
    """
    if isinstance(operation, RawOperation):
        return _entry(operation.function_name, operation.settings, operation.name), operation._calls
    name = operation.operation.name
    if name not in OPERATIONS:
        _refuse(operation)
    inputs, given = _split(operation)
    settings = {}
    for key in settings_of(name):
        if key in given:
            settings[key] = given.pop(key)
    odd = [key for key, value in given.items() if key not in _UNSAID or value != _UNSAID[key]]
    if odd or any(isinstance(value, KerasTensor) for value in settings.values()):
        _refuse(operation)
    return _entry(name, settings, operation.name), [Call(operation.operation, tuple(inputs), {})]


def _entry(name: str, settings: dict[str, Any], label: str) -> dict[str, Any]:
    cls = _CLASS_OF[name]
    config = {"name": label, **settings}
    return {"module": HOME + OPERATIONS[name], "class_name": cls, "config": config, "registered_name": cls}


def _split(call: Call) -> tuple[list[Any], dict[str, Any]]:
    """A call's tensors in order, and its other arguments by their public names."""
    name, args, params = call.operation.name, list(call.args), dict(call.kwargs)
    if name in ("concatenate", "stack"):
        return [args], params
    if name == "einsum":
        if "terms" not in params:
            return args[1:], {"subscripts": args[0]}
        return args, {"subscripts": f"{','.join(params['terms'])}->{params['result']}"}
    if name == "get_item":
        return [*args, params.pop("index")], params
    bound = inspect.signature(call.operation.forward).bind(*args, **params)
    bound.apply_defaults()
    given: dict[str, Any] = {}
    inputs: list[Any] = []
    for key, value in bound.arguments.items():
        kind = bound.signature.parameters[key].kind
        public = _RENAMED.get(name, {}).get(key, key)
        if kind is inspect.Parameter.VAR_KEYWORD:
            given |= {_RENAMED.get(name, {}).get(part, part): v for part, v in value.items()}
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            inputs += value
        elif name in _INPUTS or public in settings_of(name) or kind is inspect.Parameter.KEYWORD_ONLY:
            given[public] = value
        else:
            inputs.append(value)
    if name in _INPUTS:
        inputs = [given.pop(key, None) for key in _INPUTS[name]]
    axis = given.get("axis")
    if isinstance(axis, (tuple, list)) and len(axis) == 1:  # some of Keras's operations take no list of one
        given["axis"] = axis[0]
    return inputs, given


def _refuse(call: Call) -> None:
    raise ValueError(
        f"the operation {call.operation.name!r} ({call.name!r}) of the model cannot be written to a config. Put it "
        "into the `call` of a Layer subclass, registered with @kerasish.saving.register_keras_serializable()."
    )
