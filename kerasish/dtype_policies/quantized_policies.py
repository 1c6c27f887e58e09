"""Policies of layers whose weights are kept, or multiplied, in few bits."""

from __future__ import annotations

from typing import Any, ClassVar

from kerasish.dtype_policies.dtype_policy import DTypePolicy, dtype_policy

MODES = ("int8", "float8", "int4", "gptq", "awq")


class QuantizedDTypePolicy(DTypePolicy):
    """The dtypes of a layer before it was quantized, and the way it was.

    Args:
        mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`.
        source_name: the name of the policy before; by default that of the policy in force.

    Raises:
        ValueError: if there is no such mode, or it does not go with the dtypes.

    Example:
        >>> import kerasish as keras
        >>> keras.dtype_policies.QuantizedDTypePolicy("int8", "mixed_bfloat16")
        <QuantizedDTypePolicy "int8_from_mixed_bfloat16">
    """

    # the numbers that a mode names behind its name: what they are called, and which are allowed
    _settings: ClassVar[tuple[str, ...]] = ()
    _mode: ClassVar[str] = ""

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        source_name = dtype_policy().name if source_name is None else source_name
        super().__init__(source_name)
        self._source_name = source_name
        self._name = f"{mode}_from_{source_name}"
        self._full_mode = mode
        self._quantization_mode = self._parsed(mode)
        if self._quantization_mode not in MODES:
            raise ValueError(f"there are the quantization modes {', '.join(MODES)}; received mode={mode!r}")
        if self._quantization_mode == "int8" and self._compute_dtype == "float16":
            raise ValueError(
                "sums of int8 products overflow in float16; use 'int8_from_mixed_bfloat16' or 'int8_from_float32' in "
                f"place of {self._name!r}"
            )

    def _parsed(self, mode: str) -> str:
        """The mode without its numbers, which become attributes.

        Raises:
            ValueError: if they are not what they should be.
        """
        if not self._settings:
            return mode
        name, *numbers = mode.split("/")
        form = "/".join([self._mode, *(f"<{setting}>" for setting in self._settings)])
        try:
            values = [int(number) for number in numbers]
        except ValueError:
            values = []
        if name != self._mode or len(values) != len(self._settings):
            raise ValueError(f"{type(self).__name__} needs a mode of the form {form!r}; received {mode!r}")
        for setting, value in zip(self._settings, values, strict=True):
            known = self._known_bits if setting == "weight_bits" else None
            if value not in known if known else value < -1 or value == 0:
                expected = f"one of {known}" if known else "-1 or a positive number"
                raise ValueError(f"{setting} in {mode!r} must be {expected}; received {value}")
            setattr(self, setting, value)
        return name

    _known_bits: ClassVar[tuple[int, ...]] = ()

    @property
    def quantization_mode(self) -> str:
        """`"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`."""
        return self._quantization_mode

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this policy anew."""
        return {"mode": self._full_mode, "source_name": self._source_name}


class QuantizedFloat8DTypePolicy(QuantizedDTypePolicy):
    """The policy of layers that multiply floats with eight bits.

    Args:
        mode: `"float8"`.
        source_name: the name of the policy before; by default that of the policy in force.
        amax_history_length: of how many steps the largest numbers are remembered.

    Raises:
        TypeError: if the length is no whole number.

    Example:
        >>> import kerasish as keras
        >>> keras.dtype_policies.QuantizedFloat8DTypePolicy("float8", "float32").amax_history_length
        1024
    """

    default_amax_history_length = 1024

    def __init__(self, mode: str, source_name: str | None = None, amax_history_length: int = 1024) -> None:
        super().__init__(mode, source_name)
        if not isinstance(amax_history_length, int):
            raise TypeError(f"amax_history_length must be a whole number; received {amax_history_length!r}")
        self._amax_history_length = amax_history_length

    @property
    def amax_history_length(self) -> int:
        """Of how many steps the largest numbers are remembered."""
        return self._amax_history_length

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and self._amax_history_length == getattr(other, "_amax_history_length", None)

    def __hash__(self) -> int:
        return super().__hash__()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amax_history_length": self._amax_history_length}


class Int4DTypePolicy(QuantizedDTypePolicy):
    """The policy of layers with weights in four bits.

    Args:
        mode: `"int4/<block_size>"`: how many numbers share a scale and a zero; -1 for a scale for each column.
        source_name: the name of the policy before; by default that of the policy in force.

    Raises:
        ValueError: if the mode has another form.

    Example:
        >>> import kerasish as keras
        >>> keras.dtype_policies.get("int4/128_from_float32").block_size
        128
    """

    block_size: int
    _mode = "int4"
    _settings = ("block_size",)


class GPTQDTypePolicy(QuantizedDTypePolicy):
    """The policy of layers that Keras quantized by GPTQ.

    Args:
        mode: `"gptq/<weight_bits>/<group_size>"`.
        source_name: the name of the policy before; by default that of the policy in force.

    Raises:
        ValueError: if the mode has another form.
    """

    weight_bits: int
    group_size: int
    _mode = "gptq"
    _settings = ("weight_bits", "group_size")
    _known_bits = (2, 3, 4, 8)


class AWQDTypePolicy(QuantizedDTypePolicy):
    """The policy of layers that Keras quantized by AWQ.

    Args:
        mode: `"awq/4/<group_size>"`.
        source_name: the name of the policy before; by default that of the policy in force.

    Raises:
        ValueError: if the mode has another form.
    """

    weight_bits: int
    group_size: int
    _mode = "awq"
    _settings = ("weight_bits", "group_size")
    _known_bits = (4,)


_BY_MODE = {"float8": QuantizedFloat8DTypePolicy, "gptq": GPTQDTypePolicy, "awq": AWQDTypePolicy}


def policy_named(name: str) -> DTypePolicy:
    """The policy of a name such as `"mixed_float16"` or `"int8_from_float32"`.

    Raises:
        ValueError: if there is none.
    """
    if not name.startswith(MODES) or name in ("int8", "int4"):
        return DTypePolicy(name)
    mode, *source = name.split("_from_")
    if len(source) != 1:
        raise ValueError(f"the name of a quantized policy is '<mode>_from_<policy>'; received {name!r}")
    kind = Int4DTypePolicy if mode.startswith("int4/") else _BY_MODE.get(mode.split("/")[0], QuantizedDTypePolicy)
    return kind(mode, source[0])
