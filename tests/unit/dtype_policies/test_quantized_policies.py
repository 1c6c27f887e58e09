import pytest

from kerasish import dtype_policies
from kerasish.dtype_policies import QuantizedDTypePolicy, QuantizedFloat8DTypePolicy


def test_they_know_the_dtypes_before_and_the_mode():
    policy = dtype_policies.get("int8_from_mixed_bfloat16")
    assert (policy.compute_dtype, policy.variable_dtype, policy.quantization_mode) == ("bfloat16", "float32", "int8")
    assert QuantizedDTypePolicy("int8").name == "int8_from_float32"
    assert policy == QuantizedDTypePolicy("int8", "mixed_bfloat16") != dtype_policies.get("int8_from_float32")
    sixteen = QuantizedFloat8DTypePolicy("float8", "float32", 16)
    assert sixteen.get_config()["amax_history_length"] == 16
    assert sixteen == QuantizedFloat8DTypePolicy("float8", "float32", 16) != QuantizedFloat8DTypePolicy("float8")
    assert len({sixteen, QuantizedFloat8DTypePolicy("float8", "float32", 16)}) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("int8_from_float16", "overflow in float16"),
        ("int4/0_from_float32", "block_size in 'int4/0' must be -1 or a positive number"),
        ("int4/few_from_float32", "int4/<block_size>"),
        ("gptq/5/8_from_float32", r"weight_bits in .* must be one of \(2, 3, 4, 8\); received 5"),
        ("awq/4_from_float32", "awq/<weight_bits>/<group_size>"),
        ("int8_from_a_from_b", "'<mode>_from_<policy>'"),
    ],
)
def test_wrong_names(name, told):
    with pytest.raises(ValueError, match=told):
        dtype_policies.get(name)
    with pytest.raises(ValueError, match="there are the quantization modes"):
        QuantizedDTypePolicy("int3")
    with pytest.raises(TypeError, match="amax_history_length"):
        QuantizedFloat8DTypePolicy("float8", "float32", 1.5)
