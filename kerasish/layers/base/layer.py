"""The base of every layer: a function with weights."""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from typing import Any, ClassVar

import numpy as np

from kerasish import constraints, dtype_policies, initializers, regularizers
from kerasish.backend import dtypes, frames, nest
from kerasish.backend.admission import as_array, of_another_keras, refuse_unusable
from kerasish.backend.array import Array, eager
from kerasish.backend.callers import shorten
from kerasish.backend.masks import get_mask
from kerasish.backend.names import name_scope, printable
from kerasish.backend.pieces import make, place_of
from kerasish.backend.symbolic import KerasTensor, infer_spec
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.typing import ConstraintLike, DTypeLike, InitializerLike, RegularizerLike, Shape
from kerasish.backend.variable import Variable
from kerasish.layers.base.call_context import Structure, context, making_weights
from kerasish.layers.base.call_signature import CallSignature
from kerasish.layers.base.following_policy import FollowingPolicy
from kerasish.layers.base.input_spec import InputSpec, assert_input_compatibility
from kerasish.layers.base.mask_passing import makes_masks, mask_arguments, masks_of, pass_on
from kerasish.layers.base.nested_shapes import is_number_like, is_plain, kind_of, refuse_text, specs, tuples
from kerasish.layers.base.operation import Operation
from kerasish.layers.base.stateless_call import StatelessMixin
from kerasish.layers.base.subclassing import (
    MissingAttributes,
    finishing_build,
    own_arguments,
    reports_itself,
    shape_first,
)
from kerasish.layers.base.tracking import Tracker
from kerasish.layers.base.trial_call import Preserved
from kerasish.saving.names import nearest

_BASE_ARGUMENTS = ("activity_regularizer", "trainable", "dtype", "autocast", "name")


class Layer(MissingAttributes, FollowingPolicy, StatelessMixin, Operation):
    """A function from tensors to tensors with weights that training changes.

    A subclass makes its weights in `__init__` or in `build(input_shape)`, which is called with the shape of the
    first input, and computes in `call(inputs)`, with `kerasish.ops`, NumPy functions or plain operators.

    Args:
        activity_regularizer: a function of the output, added to the loss.
        trainable: whether the weights are changed by training.
        dtype: the name of a dtype or a dtype policy.
        autocast: whether inputs are cast to the compute dtype.
        name: the layer's name in summaries and files.
        input_shape, input_dim: the shape of a sample, or its only size, if the layer is a model's first; `keras.Input`
            says the same.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Scale(keras.Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight(shape=input_shape[-1:], initializer="ones")
        ...
        ...     def call(self, inputs):
        ...         return inputs * self.factor
        >>> Scale()(np.ones((2, 3), "float32")).shape
        (2, 3)
    """

    # Whether `compute_mask` gives None where no mask came in, as it does for layers that only pass masks on.
    only_passes_masks = False
    # Whether strings go to `call` as they are.
    takes_text = False
    # Whether it has a training of its own, as models have; and the attributes that this sets in passing, which are no
    # part of the layer, unless its author means something else by the name.
    is_trainer = False
    attributes_in_passing: ClassVar[frozenset[str]] = frozenset()
    # Whether training sums over the processes that share a batch, so that none of them may run the layer once more.
    synchronized: bool = False
    # Along which axes a weight of a name may be cut over processes; the class that says so has a `call` that knows.
    cuts: ClassVar[dict[str, tuple[int, ...]]] = {}
    unsaved_attributes: ClassVar[frozenset[str]] = Operation.unsaved_attributes | {"_build_shapes", "_losses"}
    _signature: CallSignature
    _init_arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = finishing_build(cls.__dict__["build"])  # type: ignore[method-assign]
        if "call" in cls.__dict__ or "_signature" not in cls.__dict__:
            cls._signature = CallSignature(cls.call, cls.build)

    def __init__(
        self,
        *,
        activity_regularizer: RegularizerLike = None,
        trainable: bool = True,
        dtype: DTypeLike = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if "_tracker" in self.__dict__:
            return  # a mixin's second call of the base
        object.__setattr__(self, "_tracker", Tracker())
        input_shape = kwargs.pop("input_shape", None)
        if "input_dim" in kwargs:
            input_shape = (kwargs.pop("input_dim"),)
        if kwargs:
            known = {*inspect.signature(type(self)).parameters, *_BASE_ARGUMENTS} - {"args", "kwargs", "options"}
            raise ValueError(
                f"{type(self).__name__} does not know the argument(s) {sorted(kwargs)}; it takes those of its own "
                f"`__init__` and {', '.join(_BASE_ARGUMENTS)}. {nearest(min(kwargs), known)}"
            )
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"a layer's name is a string without '/'; received name={name!r}")
        Operation.__init__(self, name)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy = dtype
        self.autocast = autocast
        self.supports_masking = type(self).compute_mask is not Layer.compute_mask
        self.input_spec: Any = None
        self.built = False
        self._trainable = bool(trainable)
        self._losses: list[Any] = []
        self._loss_owners: list[Layer] = []
        self._build_shapes: dict[str, Any] | None = None
        self._ready = False
        if input_shape is not None:
            self._input_shape_argument = tuple(input_shape)

    # -- attributes ------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if "_tracker" not in self.__dict__:
            if is_plain(value) or (
                isinstance(value, (list, tuple)) and all(map(is_plain, value))
            ):  # nothing to note, and Keras takes it
                object.__setattr__(self, name, value)
                return
            raise RuntimeError(
                f"the layer {type(self).__name__} sets {name!r} before `super().__init__()`; call "
                "`super().__init__()` first thing in `__init__`"
            )
        if name not in type(self).attributes_in_passing or self._tracker.concerns(name, value):
            Structure.version += 1
            Structure.last = self.__dict__.get("name", type(self).__name__), name
            self._tracker.note(name, value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._tracker.forget(name)
        object.__delattr__(self, name)

    # -- weights ---------------------------------------------------------------------------------------------

    @shape_first
    def add_weight(
        self,
        shape: Shape | int | None = None,
        initializer: InitializerLike = None,
        dtype: DTypeLike = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: RegularizerLike = None,
        constraint: ConstraintLike = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that belongs to the layer.

        Args:
            shape: sizes; a scalar by default.
            initializer: a name, an initializer, or a callable `(shape, dtype)`; `"glorot_uniform"` for floats
                and zeros for other dtypes by default.
            dtype: the weights' dtype of the layer's policy by default.
            trainable: whether an optimizer changes it.
            autocast: whether it is read in the compute dtype.
            regularizer: a penalty on the value, added to the loss.
            constraint: a projection applied after each update.
            aggregation, overwrite_with_gradient: accepted for compatibility.
            name: the last part of its path.
        """
        dtype = dtype or self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in str(dtype) else "zeros"
        with name_scope(self.name) if not context.building else nullcontext():
            variable = make(
                initializers.get(initializer),
                shape=() if shape is None else shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                name=name,
                layout=place_of(self, name, shape, regularizer=regularizer, constraint=constraint),
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._tracker.own(variable)
        if not self._trainable:
            variable.trainable = False
        return variable

    add_variable = add_weight

    # -- building --------------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape. Layers without weights need not define it."""
        self.built = True
        if input_shape is not None and self._build_shapes is None:
            self._build_shapes = {"input_shape": input_shape}

    def _ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        shapes = self._signature.shapes_for_build(args, kwargs)
        outer, context.building = context.building, True
        try:
            self.build(**shapes) if self._signature.build_by_name else self.build(next(iter(shapes.values()), None))
        finally:
            context.building = outer
        if self._build_shapes is None and shapes:
            self._build_shapes = shapes if len(shapes) > 1 else {"input_shape": next(iter(shapes.values()))}
        self.built = True

    def _finish_build(self, shapes: dict[str, Any]) -> None:
        self.built = True
        if self._build_shapes is None:
            self._build_shapes = shapes
        self._decide_path()

    def _decide_path(self) -> None:
        """Choose the short way through `__call__` where nothing asks for the long one."""
        simple = self._signature.simple and not self._tracker.has_layers() and self.activity_regularizer is None
        simple = simple and self.compute_dtype == self.variable_dtype and self._remat_scope is None
        specs = self.input_spec
        ready = simple and not makes_masks(self) and (specs is None or isinstance(specs, InputSpec))
        object.__setattr__(self, "_ready", ready)  # no change of the structure: it is found out again in every call

    @property
    def supports_mask_argument(self) -> bool:
        """Whether `call` takes a mask."""
        return self._signature.has_mask

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build` was called with, to build again after loading."""
        if self._build_shapes is None:
            return None
        if len(self._build_shapes) == 1:
            return {"input_shape": next(iter(self._build_shapes.values()))}
        return {"shapes_dict": dict(self._build_shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with what `get_build_config` returned."""
        if not config:
            return
        shapes = {key: tuples(value) for key, value in config.get("shapes_dict", config).items()}
        with name_scope(self.name):
            outer, context.building = context.building, True
            try:
                if set(shapes) == {"input_shape"}:
                    self.build(shapes["input_shape"])
                else:
                    self.build(**shapes)
            finally:
                context.building = outer
        self.built = True

    # -- calling ---------------------------------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; subclasses define it."""
        raise NotImplementedError(f"the layer {type(self).__name__} does not define `call(inputs)`")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._ready and len(args) == 1 and not kwargs and recording.autocast is None:
            x = args[0]
            if type(x) is np.ndarray:
                x = eager(x)
            if (
                (type(x) is Array or type(x) is Tensor)
                and x._keras_mask is None
                and (x.dtype is self._compute_kind or x.dtype.kind in "iub")
            ):
                spec = self.input_spec
                if spec is None or spec.misfit(x.shape) is None:
                    if self._signature.has_training:
                        return self.call(x, training=self._training(None))
                    return self.call(x)
            elif type(x) is list and self.input_spec is None and not self._signature.has_training:
                kind = self._compute_kind
                for part in x:
                    if (
                        (type(part) is not Array and type(part) is not Tensor)
                        or part.dtype is not kind
                        or part._keras_mask is not None
                    ):
                        break
                else:
                    return self.call(x)
        try:
            return self._call_with_care(args, kwargs)
        except BaseException as error:
            shorten(error)
            raise

    def _training(self, given: bool | None) -> bool | None:
        if given is not None:
            return bool(given)
        return self._signature.training_default if context.training is None else context.training

    def _read_in(self, around: np.dtype[Any] | None) -> np.dtype[Any] | None:
        """What variables are read as in this layer, in one in which they are read as `around`; None for as they are."""
        if around is None:
            return self._compute_kind if self.compute_dtype != self.variable_dtype else None
        return self._compute_kind if self.autocast and dtypes.has_gradient(self._compute_kind) else None

    def _call_with_care(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if "_tracker" not in self.__dict__:
            raise RuntimeError(f"the layer {type(self).__name__} was not set up: call `super().__init__()` first")
        args, kwargs = self._signature.name_settings(args, kwargs)
        leaves = list(nest.iterate((args, kwargs)))
        symbolic = any(isinstance(leaf, KerasTensor) for leaf in leaves)
        masked = symbolic or makes_masks(self) or any(get_mask(leaf) is not None for leaf in leaves)
        brought = mask_arguments(self._signature, args, kwargs) if masked else {}
        previous = masks_of(args[0] if args else next(iter(kwargs.values()), None)) if masked else None
        args, kwargs = self._convert(args, kwargs)
        recorded = dict(kwargs)
        first = args[0] if args else next(iter(kwargs.values()), None)
        assert_input_compatibility(self.input_spec, first, self.name)
        training = self._training(kwargs.pop("training", None))
        outer_root, outer_training, outer_cast = context.root, context.training, recording.autocast
        recording.autocast = self._read_in(outer_cast)
        if outer_root is None:
            context.root = self
            if self._loss_owners:
                self._clear_losses()
        context.training = training
        if self._signature.has_training:
            kwargs["training"] = training
        try:
            with name_scope(self.name):
                if not self.built:
                    with making_weights:
                        if not self.built:
                            self._ensure_built(args, kwargs)
                    assert_input_compatibility(self.input_spec, first, self.name)
                kwargs.update(brought)
                if symbolic:
                    outputs = self._record(args, recorded, self.compute_output_spec(*args, **kwargs))
                else:
                    outputs = self.rematerialized_call(self.call, *args, **kwargs)(*args, **kwargs)
                    if self.activity_regularizer is not None:
                        for output in nest.iterate(outputs):
                            self.add_loss(self.activity_regularizer(output) / np.float32(len(output)))
                if masked:
                    outputs = pass_on(self, first, previous, outputs)
        finally:
            context.root, context.training, recording.autocast = outer_root, outer_training, outer_cast
        if not self._ready:
            self._decide_path()
        return outputs

    def _convert(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arrays of the compute dtype in place of what can become one; symbolic tensors and settings stay."""
        names = self._signature.tensor_names

        def convert(value: Any) -> Any:
            if isinstance(value, (list, tuple)) and value and all(is_number_like(item) for item in nest.iterate(value)):
                value = as_array(value, what=f"the input of the layer {self.name!r}")
            return nest.map_structure(self._convert_leaf, value)

        args = tuple(convert(value) for value in args)
        kwargs = {key: convert(value) if key in names else value for key, value in kwargs.items()}
        return args, kwargs

    def _convert_leaf(self, x: Any) -> Any:
        if isinstance(x, (KerasTensor, str)) or x is None or callable(x):
            return x
        if type(x) is not np.ndarray:
            refuse_unusable(x, f"the input of the layer {self.name!r}")
        if isinstance(x, (Tensor, Variable)) or hasattr(x, "__array__"):
            if not isinstance(x, (np.ndarray, Tensor, Variable)):
                if type(x).__name__ == "KerasTensor":
                    raise ValueError(f"the layer {self.name!r} takes tensors; received {x!r}{of_another_keras(x)}")
                x = frames.as_array(x)
            kind = kind_of(x)
            if self.autocast and kind == "f" and x.dtype != self._compute_kind:
                x = x.astype(self._compute_kind.name)
            elif kind in "OUST" and not self.takes_text:
                refuse_text(self, x)
            return eager(x)
        if isinstance(x, float):
            return eager(np.asarray(x, self._compute_kind))
        return x

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The shapes and dtypes of what the call returns for symbolic inputs."""
        if type(self).compute_output_shape is not Layer.compute_output_shape:
            kwargs.pop("training", None)
            shapes = self._signature.shapes_for_build(args, kwargs)
            many = len(inspect.signature(self.compute_output_shape).parameters) > 1 and len(shapes) > 1
            shape = self.compute_output_shape(*shapes.values()) if many else self._output_shape(shapes)
            return specs(shape, self.compute_dtype)
        with Preserved(self):
            return infer_spec(self.call, *args, **kwargs)

    def _output_shape(self, shapes: dict[str, Any]) -> Any:
        return self.compute_output_shape(next(iter(shapes.values())))

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the output for an input of this shape, `None` where a size is unknown."""
        inputs = [specs(tuples(shape), self.compute_dtype) for shape in args]
        named = {key.removesuffix("_shape"): specs(tuples(s), self.compute_dtype) for key, s in kwargs.items()}
        if "input" in named and "input" not in self._signature.tensor_names:
            inputs.append(named.pop("input"))
        if not self.built:
            with name_scope(self.name):
                self._ensure_built(tuple(inputs), named)
        outputs = self.compute_output_spec(*inputs, **named)
        return nest.map_structure(lambda spec: spec.shape, outputs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask that goes with the output; what came in, by default."""
        return previous_mask

    compute_mask._passes_on = True  # type: ignore[attr-defined]

    # -- losses ----------------------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add a scalar, or several, to what training minimizes; called in `call`.

        Raises:
            ValueError: if a loss is not a tensor or number, or a symbol outside of a call.
        """
        for value in nest.flatten(loss):
            if isinstance(value, KerasTensor) and context.root is None:
                raise ValueError(f"{self.name!r}: add_loss takes a symbolic tensor such as {value} within `call` only")
            if isinstance(value, str) or callable(value):
                raise ValueError(f"add_loss needs tensors or numbers; the layer {self.name!r} gave {value!r}")
            if recording.scope is not None and recording.scope.collect_losses:
                recording.scope.add_loss(value)
                continue
            self._losses.append(value)
            if context.root is not None:
                context.root._loss_owners.append(self)
        object.__setattr__(self, "_ready", False)

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        """Refused, as in Keras: metrics belong to `compile`, or are attributes that `call` updates.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"{self.name!r}: add_metric is gone from Keras. Give the metric to `model.compile(metrics=...)`, or make "
            "it in `__init__` and call its `update_state` in `call`."
        )

    def _clear_losses(self) -> None:
        """Forget what the layers below added in the last call of this one."""
        for layer in self._loss_owners:
            layer._losses.clear()
        self._loss_owners.clear()

    @property
    def losses(self) -> list[Any]:
        """The scalars added to the loss: those of `add_loss` and the penalties of the weights' regularizers."""
        collected = [loss for layer in (self, *self._flatten_layers()) for loss in layer._losses]
        return collected + [v.regularizer(v) for v in self.trainable_weights if v.regularizer is not None]

    # -- configuration ---------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew, without its weights.

        Raises:
            NotImplementedError: if a subclass takes arguments that it does not report.
        """
        config: dict[str, Any] = {"name": self.name, "trainable": self._trainable, "dtype": self._dtype_config()}
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if not reports_itself(type(self)):
            config.update(own_arguments(self, _BASE_ARGUMENTS))
        return config

    def _dtype_config(self) -> Any:
        return dtype_policies.serialize(self.dtype_policy)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={printable(str(self.name))}, built={self.built}>"


Layer._signature = CallSignature(Layer.call, Layer.build)
