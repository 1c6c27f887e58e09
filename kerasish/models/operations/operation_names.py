"""Plain operations between layers in configs: under the names and with the arguments of Keras's operation classes."""

from __future__ import annotations

import importlib
import inspect
from functools import lru_cache
from typing import Any

from kerasish.backend.symbolic import Call, KerasTensor
from kerasish.layers.base.operation import Operation
from kerasish.models.operations import operation_shapes

_OPS = "kerasish.ops"
_HOME = "keras.src.ops."

# For each module of Keras's operations, their public names, each with the arguments that are its settings; what else an
# operation takes are the inputs of its node.
_TABLE = {
    "numpy": """rot90(k,axes) absolute abs fabs add all(axis,keepdims) allclose(rtol,atol,equal_nan) angle
        any(axis,keepdims) amax(axis,keepdims) amin(axis,keepdims) append(axis) arccos arccosh arcsin arcsinh arctan
        arctan2 arctanh argmax(axis,keepdims) argmin(axis,keepdims) argpartition(kth,axis) argsort(axis) array(dtype)
        array_split(indices_or_sections,axis) average(axis) bitwise_and bitwise_invert bitwise_left_shift bitwise_not
        bitwise_or bitwise_right_shift bitwise_xor broadcast_to(shape) cbrt ceil clip(x_min,x_max) concatenate(axis)
        conj conjugate copy cos cosh count_nonzero(axis) cross(axisa,axisb,axisc,axis) cumprod(axis,dtype)
        cumsum(axis,dtype) deg2rad diag(k) diagflat(k) diagonal(offset,axis1,axis2) diff(n,axis) digitize divide
        divide_no_nan dot dsplit(indices_or_sections) dstack einsum(subscripts) empty_like(dtype) equal exp exp2
        expand_dims(axis) expm1 flip(axis) fliplr flipud floor floor_divide fmax fmin fmod full_like(dtype) gcd get_item
        greater greater_equal heaviside hsplit(indices_or_sections) hstack hypot i0 imag inner isclose(equal_nan)
        isfinite isin(assume_unique,invert) isinf isnan isneginf isposinf isreal kron lcm ldexp left_shift less
        less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor matmul
        max(axis,keepdims,initial) maximum mean(axis,keepdims) median(axis,keepdims) meshgrid(indexing)
        min(axis,keepdims,initial) minimum mod moveaxis(source,destination) multiply nan_to_num(nan,posinf,neginf)
        nanargmax(axis,keepdims) nanargmin(axis,keepdims) nancumprod(axis,dtype) nancumsum(axis,dtype)
        nanmax(axis,keepdims) nanmean(axis,keepdims) nanmedian(axis,keepdims) nanmin(axis,keepdims)
        nanpercentile(axis,method,keepdims) nanprod(axis,keepdims) nanquantile(axis,method,keepdims)
        nanstd(axis,keepdims) nansum(axis,keepdims) nanvar(axis,keepdims) negative nextafter nonzero not_equal
        ones_like(dtype) outer pad(pad_width,mode) percentile(axis,method,keepdims) power prod(axis,keepdims,dtype)
        ptp(axis,keepdims) quantile(axis,method,keepdims) rad2deg ravel real reciprocal repeat(repeats,axis)
        reshape(newshape) right_shift roll(shift,axis) round(decimals) searchsorted(side) select sign signbit sin sinc
        sinh size slogdet sort(axis) split(indices_or_sections,axis) sqrt square squeeze(axis) stack(axis)
        std(axis,keepdims) subtract sum(axis,keepdims) swapaxes(axis1,axis2) take(axis) take_along_axis(axis) tan tanh
        tensordot(axes) tile(repeats) trace(offset,axis1,axis2) transpose(axes) trapezoid(x,dx,axis) tril(k) triu(k)
        true_divide trunc var(axis,keepdims) vdot view(dtype) vsplit(indices_or_sections) vstack where
        zeros_like(dtype)""",
    "nn": """average_pool(pool_size,strides,padding,data_format) batch_normalization(axis,epsilon)
        binary_crossentropy(from_logits) categorical_crossentropy(from_logits,axis) celu(alpha)
        conv(strides,padding,data_format,dilation_rate)
        conv_transpose(strides,padding,output_padding,data_format,dilation_rate)
        depthwise_conv(strides,padding,data_format,dilation_rate)
        dot_product_attention(is_causal,flash_attention,attn_logits_soft_cap) elu(alpha)
        fold(output_size,kernel_size,dilation,padding,stride) gelu(approximate) glu(axis)
        hard_shrink(threshold) hard_sigmoid hard_silu hard_tanh layer_normalization(axis,epsilon,rms_scaling)
        leaky_relu(negative_slope) log_sigmoid log_softmax(axis) max_pool(pool_size,strides,padding,data_format)
        moments(axes,keepdims,synchronized) multi_hot(num_classes,axis,dtype,sparse) normalize(axis,order,epsilon)
        one_hot(num_classes,axis,dtype,sparse) polar psnr(max_val) relu relu6 rms_normalization(axis,epsilon) selu
        separable_conv(strides,padding,data_format,dilation_rate) sigmoid silu soft_shrink(threshold) softmax(axis)
        softplus softsign sparse_categorical_crossentropy(from_logits,axis) sparse_plus sparse_sigmoid sparsemax(axis)
        squareplus(b) tanh_shrink threshold(threshold,default_value)
        unfold(kernel_size,dilation,padding,stride)""",
    "image": """affine_transform(interpolation,fill_mode,fill_value,data_format)
        crop_images(top_cropping,left_cropping,bottom_cropping,right_cropping,target_height,target_width,data_format)
        elastic_transform(alpha,sigma,interpolation,fill_mode,fill_value,seed,data_format)
        gaussian_blur(kernel_size,sigma,data_format) hsv_to_rgb(data_format) map_coordinates(order,fill_mode,fill_value)
        pad_images(top_padding,left_padding,bottom_padding,right_padding,target_height,target_width,data_format)
        perspective_transform(interpolation,fill_value,data_format)
        resize(size,interpolation,antialias,crop_to_aspect_ratio,pad_to_aspect_ratio,fill_mode,fill_value,data_format)
        rgb_to_grayscale(data_format) rgb_to_hsv(data_format) scale_and_translate(spatial_dims,method,antialias)
        sobel_edges(data_format) ssim(max_val,filter_size,filter_sigma,k1,k2,data_format)""",
    "math": """cdist erf erfc erfinv extract_sequences(sequence_length,sequence_stride) fft fft2 ifft2 in_top_k(k)
        irfft(fft_length) logdet logsumexp(axis,keepdims) rfft(fft_length) rsqrt segment_max(num_segments,sorted)
        segment_min(num_segments,sorted) segment_prod(num_segments,sorted) segment_sum(num_segments,sorted)
        stft(sequence_length,sequence_stride,fft_length,window,center) top_k(k,sorted) view_as_complex view_as_real""",
    "core": """cast(dtype) convert_to_tensor(dtype,sparse,ragged) saturate_cast(dtype) scatter(shape)
        scatter_update(reduction) slice(shape) slice_update stop_gradient unstack(num,axis)""",
    "linalg": """cholesky(upper) cholesky_inverse(upper) det eig eigh inv lstsq(rcond) lu_factor matrix_rank(tol)
        norm(ord,axis,keepdims) pinv(rcond) qr(mode) solve solve_triangular(lower) svd(full_matrices,compute_uv)""",
}
# Class names that are not the public name in CamelCase.
_CLASSES = {
    "allclose": "AllClose", "batch_normalization": "BatchNorm", "cdist": "CDist", "fft": "FFT", "fft2": "FFT2",
    "hsv_to_rgb": "HSVToRGB", "ifft2": "IFFT2", "irfft": "IRFFT", "isin": "IsIn",
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


def _parse() -> dict[str, tuple[str, list[str]]]:
    found = {}
    for module, entries in _TABLE.items():
        for entry in entries.split():
            name, _, settings = entry.removesuffix(")").partition("(")
            found[name] = (module, settings.split(",") if settings else [])
    return found


OPERATIONS = _parse()
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
        return {"name": self.name, **self.settings}


@lru_cache(maxsize=512)
def _defaults_of(function: Any) -> dict[str, Any]:
    parameters = {} if function is None else inspect.signature(function).parameters
    return {key: p.default for key, p in parameters.items() if p.default is not inspect.Parameter.empty}


def _function_of(name: str) -> Any:
    """The function of this name, or None where it is not written yet."""
    ops = importlib.import_module(_OPS)
    return getattr(ops.image if OPERATIONS[name][0] == "image" else ops, name, None)


def _get_item(x: Any, key: Any) -> Any:
    return x[tuple(key) if isinstance(key, list) else key]


def is_operation(layer_config: dict[str, Any]) -> bool:
    """Whether a config names a plain operation in place of a layer."""
    return str(layer_config.get("module") or "").startswith(_HOME)


def revive(layer_config: dict[str, Any]) -> RawOperation:
    """The operation that a config names.

    Raises:
        ValueError: if there is none of this name, or its settings are not its own.
    """
    name = _NAMES.get(str(layer_config.get("class_name")), "")
    settings = layer_config.get("config")
    known = name == "get_item" or (name and _function_of(name) is not None and operation_shapes.has_rule(name))
    if not known or not isinstance(settings, dict):
        raise ValueError(f"unknown operation {layer_config.get('class_name')!r} in the config of a model")
    given = {key: value for key, value in settings.items() if key != "name"}
    unknown = [key for key in given if key not in OPERATIONS[name][1]]
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
    for key in OPERATIONS[name][1]:
        if key in given:
            settings[key] = given.pop(key)
    odd = [key for key, value in given.items() if key not in _UNSAID or value != _UNSAID[key]]
    if odd or any(isinstance(value, KerasTensor) for value in settings.values()):
        _refuse(operation)
    return _entry(name, settings, operation.name), [Call(operation.operation, tuple(inputs), {})]


def _entry(name: str, settings: dict[str, Any], label: str) -> dict[str, Any]:
    cls = _CLASS_OF[name]
    config = {"name": label, **settings}
    return {"module": _HOME + OPERATIONS[name][0], "class_name": cls, "config": config, "registered_name": cls}


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
        elif name in _INPUTS or public in OPERATIONS[name][1] or kind is inspect.Parameter.KEYWORD_ONLY:
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
