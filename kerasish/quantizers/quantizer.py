"""Quantizers: objects that turn real numbers into whole ones with a scale."""

from __future__ import annotations

from typing import Any

from kerasish.quantizers.integers import abs_max_quantize


class Quantizer:
    """Rounds numbers; a subclass says how in `__call__`, and reports its arguments in `get_config`.

    Args:
        output_dtype: the dtype of what it returns.

    Example:
        >>> import kerasish as keras
        >>> keras.Quantizer()(3.0)
        3.0
    """

    def __init__(self, output_dtype: str = "int8") -> None:
        self.output_dtype = output_dtype

    def __call__(self, x: Any) -> Any:
        """The numbers as they are."""
        return x

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this quantizer anew; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define `get_config`")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A quantizer from the result of `get_config`."""
        return cls(**config)


class AbsMaxQuantizer(Quantizer):
    """Scales numbers so that the largest of an axis becomes the largest whole number, and rounds.

    See `abs_max_quantize`.

    Args:
        axis: the axis or axes whose numbers share a scale; a call may say others. The last one if neither does.
        value_range: the smallest and the largest whole number.
        epsilon: keeps the scale of numbers that are all zero finite.
        output_dtype: the dtype of the whole numbers.

    Raises:
        ValueError: if int8 does not hold the range.

    Example:
        >>> import kerasish as keras
        >>> keras.quantizers.AbsMaxQuantizer()([0.5, -1.0])[0]
        array([  63, -127], dtype=int8)
    """

    def __init__(
        self,
        axis: Any = None,
        value_range: tuple[int, int] = (-127, 127),
        epsilon: float = 1e-7,
        output_dtype: str = "int8",
    ) -> None:
        super().__init__(output_dtype)
        self.axis = None if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        low, high = value_range
        self.value_range = (low, high)
        self.epsilon = epsilon
        if output_dtype == "int8" and (low < -128 or high > 127):
            raise ValueError(f"int8 holds numbers from -128 to 127; received value_range={tuple(value_range)}")

    def __call__(self, x: Any, axis: Any = None, to_numpy: bool = False) -> tuple[Any, Any]:
        """The whole numbers, and their scales.

        Args:
            x: real numbers.
            axis: the axis or axes whose numbers share a scale, in place of the quantizer's own.
            to_numpy: accepted for compatibility.
        """
        axis = self.axis if axis is None else axis
        axis = -1 if axis is None else axis
        return abs_max_quantize(x, axis, self.value_range, self.output_dtype, self.epsilon, to_numpy)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this quantizer anew."""
        config = {"value_range": self.value_range, "epsilon": self.epsilon, "output_dtype": self.output_dtype}
        return config if self.axis is None else {**config, "axis": self.axis}
