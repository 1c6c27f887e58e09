"""Where a model's data comes in."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from kerasish.backend import dtypes
from kerasish.backend.names import auto_name
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import DTypeLike, Shape
from kerasish.layers.base.layer import Layer


class _FormerNames(TypedDict, total=False):
    input_shape: Shape
    batch_input_shape: Shape


class InputLayer(Layer):
    """The entrance of a model: the shape and dtype of one input.

    Args:
        shape: the shape of one sample, `None` where a size is unknown.
        batch_size: the number of samples, if it is fixed.
        dtype: the dtype of the data; `floatx()` by default.
        sparse, ragged: must be false; arrays here are dense.
        batch_shape: the shape with the number of samples, in place of `shape` and `batch_size`.
        input_tensor: a symbolic tensor to use as the input.
        optional: whether the input may be None.
        name: the input's name.

    Raises:
        ValueError: if neither or both of `shape` and `batch_shape` are given.
    """

    def __init__(
        self,
        shape: Shape | int | None = None,
        batch_size: int | None = None,
        dtype: DTypeLike = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Shape | None = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Unpack[_FormerNames],
    ) -> None:
        super().__init__(name=name or auto_name("input_layer"))
        if "input_shape" in kwargs:
            shape = kwargs.pop("input_shape")
        if "batch_input_shape" in kwargs:
            batch_shape = kwargs.pop("batch_input_shape")
        if kwargs:
            raise ValueError(f"InputLayer does not know the argument(s) {sorted(kwargs)}")
        if sparse or ragged:
            raise ValueError("sparse and ragged inputs do not exist here: every tensor is a dense array")
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor):
                raise ValueError(
                    "the tensor that an input stands for must be a symbolic one, as Input(...) or a layer called on it "
                    f"returns; received {type(input_tensor).__name__}. Data is given to the model when it is called"
                )
            batch_shape = input_tensor.shape if batch_shape is None else batch_shape
            dtype = dtype or input_tensor.dtype
        if (shape is None) == (batch_shape is None):
            raise ValueError(
                "an input needs either `shape` (of one sample, such as (784,)) or `batch_shape` (with the number of "
                f"samples); received shape={shape} and batch_shape={batch_shape}"
            )
        if shape is not None:
            sizes = (shape,) if isinstance(shape, int) else tuple(shape)
            batch_shape = (batch_size, *sizes)
        self._batch_shape = tuple(None if n is None else int(n) for n in batch_shape or ())
        if any(n is not None and n < 0 for n in self._batch_shape):
            raise ValueError(f"an input's sizes cannot be negative; received {self._batch_shape}")
        self._dtype = dtypes.standardize_dtype(dtype)
        self.optional = optional
        self.built = True
        output = KerasTensor(self._batch_shape, self._dtype, name=self.name) if input_tensor is None else input_tensor
        self._record((), {}, output)

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """The shape with the number of samples."""
        return self._batch_shape

    @property
    def dtype(self) -> str:
        """The dtype of the data."""
        return self._dtype

    def call(self) -> Any:
        """An input computes nothing."""
        raise NotImplementedError("an InputLayer is not called: its values are what the model is called with")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this input anew."""
        return {
            "batch_shape": self._batch_shape,
            "dtype": self._dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }


def Input(
    shape: Shape | int | None = None,
    batch_size: int | None = None,
    dtype: DTypeLike = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Shape | None = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """A symbolic tensor that stands for a model's data.

    Args:
        shape: the shape of one sample, such as `(784,)`; `None` where a size is unknown.
        batch_size: the number of samples, if it is fixed.
        dtype: the dtype of the data; `floatx()` by default.
        sparse, ragged: must be false.
        batch_shape: the shape with the number of samples.
        name: the input's name, the key of its data when data comes as a dict.
        tensor: a symbolic tensor to use.
        optional: whether the data may be None.

    Example:
        >>> import kerasish as keras
        >>> keras.Input((784,)).shape
        (None, 784)
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        name=name,
        input_tensor=tensor,
        optional=optional,
    )
    return layer.output
