"""Configs of two ways of rounding that look at data: they are read and written here, but not followed."""

from __future__ import annotations

from typing import Any

from kerasish.quantizers.quantization_configs import QuantizationConfig


class _Calibrated(QuantizationConfig):
    """What both have in common: settings, of which the data and the tokenizer are not saved."""

    def __init__(self, dataset: Any, tokenizer: Any, **settings: Any) -> None:
        super().__init__()
        self.dataset = dataset
        self.tokenizer = tokenizer
        self._settings = tuple(settings)
        for name, value in settings.items():
            setattr(self, name, value)
        for name in ("num_samples", "sequence_length", "num_grid_points"):
            if settings.get(name, 1) <= 0:
                raise ValueError(f"{name} must be positive; received {name}={settings[name]}")
        if settings["group_size"] < -1 or settings["group_size"] == 0:
            raise ValueError(f"group_size must be -1 or positive; received group_size={settings['group_size']}")

    def _check_bits(self, bits: int, known: tuple[int, ...]) -> None:
        if bits not in known:
            raise ValueError(f"{type(self).__name__} knows weight_bits of {known}; received weight_bits={bits}")

    def dtype_policy_string(self) -> str:
        """The beginning of the name of the policy of layers that were quantized so."""
        return f"{self.mode}/{self.weight_bits}/{self.group_size}"  # type: ignore[attr-defined]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this config anew; data and tokenizer are left out."""
        return {"dataset": None, "tokenizer": None, **{name: getattr(self, name) for name in self._settings}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A config from the result of `get_config`."""
        return cls(**config)


class GPTQConfig(_Calibrated):
    """Settings of GPTQ. It is not done here: quantize with Keras, or with `"int4"`.

    Args:
        dataset, tokenizer: what the rounding looks at.
        weight_bits: 2, 3, 4 or 8.
        num_samples, per_channel, sequence_length, hessian_damping, group_size, symmetric, activation_order,
            quantization_layer_structure: see Keras.

    Raises:
        ValueError: if a setting is out of its range.

    Source: Frantar et al., GPTQ (2022), https://arxiv.org/abs/2210.17323
    """

    mode = "gptq"

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        per_channel: bool = True,
        sequence_length: int = 512,
        hessian_damping: float = 0.01,
        group_size: int = 128,
        symmetric: bool = False,
        activation_order: bool = False,
        quantization_layer_structure: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            dataset, tokenizer, weight_bits=weight_bits, num_samples=num_samples, per_channel=per_channel,
            sequence_length=sequence_length, hessian_damping=hessian_damping, group_size=group_size,
            symmetric=symmetric, activation_order=activation_order,
            quantization_layer_structure=quantization_layer_structure,
        )  # fmt: skip
        self._check_bits(weight_bits, (2, 3, 4, 8))
        if not 0 <= hessian_damping <= 1:
            raise ValueError(f"hessian_damping must be from 0 to 1; received {hessian_damping}")


class AWQConfig(_Calibrated):
    """Settings of AWQ. It is not done here: quantize with Keras, or with `"int4"`.

    Args:
        dataset, tokenizer: what the rounding looks at.
        weight_bits: 4.
        num_samples, sequence_length, group_size, num_grid_points, quantization_layer_structure: see Keras.

    Raises:
        ValueError: if a setting is out of its range.

    Source: Lin et al., AWQ (2023), https://arxiv.org/abs/2306.00978
    """

    mode = "awq"

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        sequence_length: int = 512,
        group_size: int = 128,
        num_grid_points: int = 20,
        quantization_layer_structure: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            dataset, tokenizer, weight_bits=weight_bits, num_samples=num_samples, sequence_length=sequence_length,
            group_size=group_size, num_grid_points=num_grid_points,
            quantization_layer_structure=quantization_layer_structure,
        )  # fmt: skip
        self._check_bits(weight_bits, (4,))
