"""Numbers in few bits: how weights and activations are rounded, and what says which way."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "calibrated_configs": "AWQConfig GPTQConfig",
        "fake_quantization": "fake_quant_with_min_max_vars",
        "float8": "compute_float8_amax_history compute_float8_scale quantize_and_dequantize",
        "integers": "abs_max_quantize abs_max_quantize_grouped_with_zero_point pack_int4 unpack_int4",
        "quantization_configs": "Float8QuantizationConfig Int4QuantizationConfig Int8QuantizationConfig "
        "QuantizationConfig",
        "quantizer": "AbsMaxQuantizer Quantizer",
        "serialization": "deserialize get serialize",
    },
)
