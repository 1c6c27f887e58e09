"""What says how a layer is quantized: in how many bits, and by which quantizers."""

from __future__ import annotations

from typing import Any

from kerasish.dtype_policies.quantized_policies import MODES
from kerasish.quantizers.quantizer import AbsMaxQuantizer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class QuantizationConfig:
    """How a layer is quantized; a subclass says in how many bits.

    Args:
        weight_quantizer: makes whole numbers of the weights; None for the layer's own way.
        activation_quantizer: makes whole numbers of the inputs in every call; None leaves them as they are.
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = None) -> None:
        self.weight_quantizer = weight_quantizer
        self.activation_quantizer = activation_quantizer

    @property
    def mode(self) -> str:
        """What `quantize` calls it, such as `"int8"`; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} does not say which mode it is for; use a subclass that does")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this config anew."""
        return {
            "weight_quantizer": serialize_keras_object(self.weight_quantizer),
            "activation_quantizer": serialize_keras_object(self.activation_quantizer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A config from the result of `get_config`."""
        return cls(**cls._quantizers(config))

    @staticmethod
    def _quantizers(config: dict[str, Any]) -> dict[str, Any]:
        names = ("weight_quantizer", "activation_quantizer")
        return {name: deserialize_keras_object(config.get(name)) for name in names}

    def _check_weights(self, **expected: Any) -> None:
        for name, wanted in expected.items():
            found = getattr(self.weight_quantizer, name, wanted)
            if found != wanted:
                raise ValueError(
                    f"{type(self).__name__} needs a weight_quantizer with {name}={wanted!r}; received {name}={found!r}"
                )


class Int8QuantizationConfig(QuantizationConfig):
    """Weights in eight bits, and inputs too.

    Args:
        weight_quantizer: None for the largest number of each column to become 127.
        activation_quantizer: an `AbsMaxQuantizer` by default; None multiplies inputs as they are.

    Raises:
        ValueError: if the quantizer of the weights has another dtype.

    Example:
        >>> import kerasish as keras
        >>> keras.quantizers.Int8QuantizationConfig(activation_quantizer=None).mode
        'int8'
    """

    mode = "int8"

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = "default") -> None:
        super().__init__(
            weight_quantizer, AbsMaxQuantizer() if isinstance(activation_quantizer, str) else activation_quantizer
        )
        self._check_weights(output_dtype="int8")


class Int4QuantizationConfig(QuantizationConfig):
    """Weights in four bits, and inputs as they are.

    Args:
        weight_quantizer: None for the layer's own way.
        activation_quantizer: None by default.
        block_size: how many numbers of a column share a scale and a zero; None or -1 for a scale for each column.

    Raises:
        ValueError: if the block size is none, quantizers are given for blocks, or that of the weights has another
            range or dtype.

    Example:
        >>> import kerasish as keras
        >>> keras.quantizers.Int4QuantizationConfig().block_size
        128
    """

    mode = "int4"

    def __init__(
        self, weight_quantizer: Any = None, activation_quantizer: Any = "default", block_size: int | None = 128
    ) -> None:
        super().__init__(weight_quantizer, None if isinstance(activation_quantizer, str) else activation_quantizer)
        if block_size is not None and block_size != -1 and block_size <= 0:
            raise ValueError(f"block_size must be None, -1 or a positive number; received block_size={block_size}")
        self.block_size = block_size
        in_blocks = block_size is not None and block_size > 0
        if in_blocks and (self.weight_quantizer is not None or self.activation_quantizer is not None):
            raise ValueError(
                f"blocks of {block_size} have their own way to be quantized; for a quantizer of yours, set "
                "block_size=None"
            )
        self._check_weights(value_range=(-8, 7), output_dtype="int8")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block_size": self.block_size}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A config from the result of `get_config`; files from before there were blocks have none."""
        return cls(**cls._quantizers(config), block_size=config.get("block_size"))


class Float8QuantizationConfig(QuantizationConfig):
    """Products of numbers rounded to floats with eight bits, for training.

    Example:
        >>> import kerasish as keras
        >>> keras.quantizers.Float8QuantizationConfig().mode
        'float8'
    """

    mode = "float8"

    def __init__(self) -> None:
        super().__init__()

    def get_config(self) -> dict[str, Any]:
        """Nothing: there are no arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A config from the result of `get_config`."""
        return cls()


_DEFAULTS = {"int8": Int8QuantizationConfig, "int4": Int4QuantizationConfig, "float8": Float8QuantizationConfig}


def resolved(mode: Any, config: Any) -> QuantizationConfig:
    """The config that the arguments of `quantize` mean.

    Raises:
        ValueError: if they mean none, or contradict one another.
    """
    if isinstance(config, str):
        mode, config = config, None
    if mode is not None and mode not in MODES:
        raise ValueError(f"quantize knows the modes {', '.join(MODES)}; received mode={mode!r}")
    if config is None:
        if mode is None:
            raise ValueError("quantize needs a mode, such as 'int8', or a config")
        if mode not in _DEFAULTS:
            raise ValueError(f"mode={mode!r} needs a `{mode.upper()}Config` as config; received None")
        return _DEFAULTS[mode]()
    if not isinstance(config, QuantizationConfig):
        raise ValueError(f"config must be a QuantizationConfig; received {config!r} ({type(config).__name__})")
    if config.mode not in MODES or (mode is not None and config.mode != mode):
        raise ValueError(f"received mode={mode!r} and a config for {config.mode!r}; leave one of them out")
    return config
