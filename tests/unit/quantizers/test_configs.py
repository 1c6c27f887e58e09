import pytest

import kerasish as keras
from kerasish.quantizers.quantization_configs import resolved

Q = keras.quantizers


def test_what_the_arguments_of_quantize_mean():
    assert [resolved(mode, None).mode for mode in ("int8", "int4", "float8")] == ["int8", "int4", "float8"]
    assert resolved(None, "int8").mode == "int8"
    config = Q.Int4QuantizationConfig(block_size=32)
    assert resolved(None, config) is config and resolved("int4", config) is config


@pytest.mark.parametrize(
    ("mode", "config", "told"),
    [
        (None, None, "needs a mode, such as 'int8'"),
        ("int3", None, "received mode='int3'"),
        ("gptq", None, "needs a `GPTQConfig`"),
        ("int8", {"mode": "int8"}, "must be a QuantizationConfig"),
        ("int8", Q.Float8QuantizationConfig(), "a config for 'float8'"),
    ],
)
def test_what_they_cannot_mean(mode, config, told):
    with pytest.raises(ValueError, match=told):
        resolved(mode, config)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Q.AbsMaxQuantizer(value_range=(-200, 127)), "int8 holds numbers"),
        (lambda: Q.Int8QuantizationConfig(Q.AbsMaxQuantizer(output_dtype="int16")), "output_dtype='int8'"),
        (lambda: Q.Int4QuantizationConfig(Q.AbsMaxQuantizer(), block_size=None), r"value_range=\(-8, 7\)"),
        (lambda: Q.Int4QuantizationConfig(Q.AbsMaxQuantizer()), "set block_size=None"),
        (lambda: Q.Int4QuantizationConfig(block_size=0), "block_size=0"),
        (lambda: Q.GPTQConfig(None, None, weight_bits=5), "weight_bits=5"),
        (lambda: Q.AWQConfig(None, None, num_samples=0), "num_samples=0"),
        (lambda: Q.AWQConfig(None, None, group_size=-2), "group_size=-2"),
        (lambda: Q.GPTQConfig(None, None, hessian_damping=2.0), "hessian_damping"),
        (lambda: Q.get("abs_max"), "Did you mean"),
        (lambda: Q.quantize_and_dequantize([1.0], 1.0, "float16", "float32"), "float with eight bits"),
    ],
)
def test_wrong_arguments(make, told):
    with pytest.raises(ValueError, match=told):
        make()


def test_a_base_says_what_a_subclass_must_define():
    with pytest.raises(NotImplementedError, match="QuantizationConfig"):
        Q.QuantizationConfig().mode  # noqa: B018
    with pytest.raises(NotImplementedError, match="get_config"):
        Q.Quantizer().get_config()
