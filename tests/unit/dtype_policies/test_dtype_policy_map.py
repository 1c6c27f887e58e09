import pytest

import kerasish as keras
from kerasish.dtype_policies import DTypePolicyMap


def test_it_is_a_dict_of_paths_and_patterns():
    policies = DTypePolicyMap("float32", {"m/a": "float16"})
    policies["m/b.*"] = "mixed_bfloat16"
    assert [policies[path].name for path in ("m/a", "m/b7", "m/c")] == ["float16", "mixed_bfloat16", "float32"]
    assert list(policies) == ["m/a", "m/b.*"] and len(policies) == 2 and "m/c" not in policies
    with pytest.raises(ValueError, match=r"has a policy for 'm/a' already"):
        policies["m/a"] = "float64"
    policies["m/.*7"] = "float64"
    with pytest.raises(ValueError, match=r"matches several patterns"):
        policies["m/b7"]
    del policies["m/.*7"]
    twin = keras.dtype_policies.deserialize(keras.dtype_policies.serialize(policies))
    assert twin == policies != DTypePolicyMap("float32")
    assert (twin.name, twin.compute_dtype, twin.variable_dtype) == ("map_float32", "float32", "float32")
    assert twin.quantization_mode is None and "mixed_bfloat16" in repr(twin)


@pytest.mark.parametrize("pattern", ["(a+)+", "a|b", "[ab]*", "a*", ".*.*.*.*x"])
def test_a_pattern_of_a_file_may_not_take_ages(pattern):
    config = keras.dtype_policies.serialize(DTypePolicyMap("float32", {pattern: "float16"}))
    with pytest.raises(ValueError, match="take ages to match"):
        keras.dtype_policies.deserialize(config)
    assert DTypePolicyMap.from_config(config["config"])["nothing"].name == "float32"


def test_wrong_arguments():
    with pytest.raises(ValueError, match="not another map"):
        DTypePolicyMap(DTypePolicyMap())
    with pytest.raises(TypeError, match="policy_map must be a dict"):
        DTypePolicyMap(policy_map=["a"])


def test_layers_look_themselves_up():
    policies = DTypePolicyMap("float32", {"net/a": "int8_from_float32", "net/b": "mixed_bfloat16"})
    made = [keras.layers.Dense(2, name=name, dtype=policies) for name in "abc"]
    model = keras.Sequential([keras.layers.Input((3,)), *made], name="net")
    assert [layer.path for layer in made] == ["net/a", "net/b", "net/c"]
    assert [layer.compute_dtype for layer in made] == ["float32", "bfloat16", "float32"]
    assert [w.dtype for w in model.weights[:3]] == ["float32", "int8", "float32"]
    made[2].quantize("int8")
    assert policies["net/c"].name == "int8_from_float32" and made[1].quantization_mode is None
