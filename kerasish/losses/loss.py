"""The base of all losses: how far predictions are from their targets, as one number to make small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from kerasish.backend import dtypes, masks, nest
from kerasish.backend.names import auto_name
from kerasish.backend.typing import DTypeLike
from kerasish.losses.reduction import (
    as_tensor,
    compute_dtype,
    reduce_weighted_values,
    squeeze_or_expand_to_same_rank,
    standardize_reduction,
    structure_as_dtype,
)
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class Loss:
    """The distance between targets and predictions, reduced to a number.

    A loss of your own overrides `call`, which returns one value per sample.

    Args:
        name: shown in messages; made from the class's name by default.
        reduction: how the values of a batch become one number. `"sum_over_batch_size"` (or `"mean"`): their sum,
            divided by their count; `"sum"`; `"mean_with_sample_weight"`: the weighted sum divided by the sum of the
            weights; `"none"` or None: the values stay as they are.
        dtype: the dtype, or dtype policy, to compute in; `floatx()` by default.

    Raises:
        ValueError: if there is no such reduction.

    Example:
        >>> import kerasish as keras
        >>> class Cubed(keras.losses.Loss):
        ...     def call(self, y_true, y_pred):
        ...         return keras.ops.mean(keras.ops.absolute(y_true - y_pred) ** 3, axis=-1)
        >>> float(Cubed()([[0.0], [2.0]], [[1.0], [4.0]]))
        4.5
    """

    _integer_labels = False

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: DTypeLike = None
    ) -> None:
        self.name = name or auto_name(type(self).__name__)
        self.reduction = standardize_reduction(reduction)
        self._dtype = compute_dtype(dtype)
        self._numpy_dtype = dtypes.numpy_dtype(self._dtype)

    @property
    def dtype(self) -> str:
        """The name of the dtype of the computation."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The reduced loss of a batch.

        Args:
            y_true: targets.
            y_pred: predictions.
            sample_weight: the weight of each sample, or of each value of `call`; None weighs all alike.
        """
        return self.masked(y_true, y_pred, sample_weight, masks.get_mask(y_pred))

    def masked(self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Any = None) -> Any:
        """The reduced loss of a batch of which only the values where `mask` is True count."""
        dtype = self._numpy_dtype
        y_pred = structure_as_dtype(y_pred, dtype)
        y_true = as_tensor(y_true) if self._integer_labels else structure_as_dtype(y_true, dtype)
        values = self.call(y_true, y_pred)
        own_mask = self.mask_of(y_true, values)
        if own_mask is not None:
            mask = own_mask if mask is None else mask & own_mask
        return reduce_weighted_values(values, sample_weight, mask, self.reduction, dtype)

    def mask_of(self, y_true: Any, values: Any) -> Any:
        """Which of the values count, as booleans; None for all of them."""
        return None

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One loss per sample: the shape of `y_pred` without its last axis, as a rule."""
        raise NotImplementedError(f"{type(self).__name__} needs a method `call(self, y_true, y_pred)`")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss anew."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A loss from the result of `get_config`."""
        return cls(**config)


class LossFunctionWrapper(Loss):
    """A function of targets and predictions as a loss.

    Args:
        fn: `fn(y_true, y_pred, **kwargs)` gives one value per sample.
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.
        **kwargs: further arguments of `fn`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: DTypeLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs
        plain = self.reduction in ("sum_over_batch_size", "mean") and self._dtype == dtypes.standardize_dtype(None)
        self._mean = getattr(fn, "mean_form", None) if plain else None

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if masks.get_mask(y_pred) is not None:
            return super().__call__(y_true, y_pred, sample_weight)
        if self._mean is not None and sample_weight is None and getattr(y_pred, "dtype", None) == self._numpy_dtype:
            value = self._mean(y_true, y_pred, **self._fn_kwargs)
            if value is not None:
                return value
        return self.masked(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if nest.is_nested(y_pred):
            leaves = zip(nest.flatten(y_true), nest.flatten(y_pred), strict=True)
            pairs = [squeeze_or_expand_to_same_rank(a, b) for a, b in leaves]
            y_true = nest.pack_sequence_as(y_true, [a for a, _ in pairs])
            y_pred = nest.pack_sequence_as(y_pred, [b for _, b in pairs])
        else:
            y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        values = self.fn(y_true, y_pred, **self._fn_kwargs)
        if values is None or isinstance(values, str):
            raise ValueError(
                f"the loss {self.name!r} is a function that returned {values!r}; expected the loss of each sample, or "
                "one number" + (": does it lack a `return`?" if values is None else "")
            )
        return values

    def get_config(self) -> dict[str, Any]:
        arguments = {key: serialize_keras_object(value) for key, value in self._fn_kwargs.items()}
        return {**super().get_config(), "fn": serialize_keras_object(self.fn), **arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        if "fn" in config:
            config = deserialize_keras_object(config)
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} of {getattr(self.fn, '__name__', self.fn)}, {self._fn_kwargs}>"


class BuiltinLoss(LossFunctionWrapper):
    """A loss whose function its class knows, so that its config need not name it."""

    # Arguments that a config names only where they differ from these defaults: Keras's configs never hold them.
    _unnamed: ClassVar[dict[str, Any]] = {}

    def get_config(self) -> dict[str, Any]:
        return {**Loss.get_config(self), **named_arguments(self._fn_kwargs, self._unnamed)}


def named_arguments(arguments: dict[str, Any], unnamed: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a function that a config names: all but those in `unnamed` that have the value given there."""
    return {key: value for key, value in arguments.items() if key not in unnamed or value != unnamed[key]}
