import numpy as np
import pytest

from kerasish import dtype_policies
from kerasish.dtype_policies import DTypePolicy, FloatDTypePolicy


def test_get():
    policy = DTypePolicy("mixed_float16")
    assert dtype_policies.get(policy) is policy
    assert dtype_policies.get("mixed_float16") == policy == dtype_policies.get({"class_name": "Policy", "config": {
        "name": "mixed_float16"}})  # fmt: skip
    assert dtype_policies.get(None).name == "float32"
    assert dtype_policies.get(np.float64).name == dtype_policies.get(np.dtype("float64")).name == "float64"


@pytest.mark.parametrize("bad", [3, object(), ["float32"]])
def test_what_means_no_policy_is_refused(bad):
    with pytest.raises(ValueError, match="dtype must be"):
        dtype_policies.get(bad)


@pytest.mark.parametrize("policy", [DTypePolicy("mixed_bfloat16"), FloatDTypePolicy("float16")])
def test_configs_go_round(policy):
    config = dtype_policies.serialize(policy)
    assert config["module"] == "keras" and config["config"] == {"name": policy.name}
    twin = dtype_policies.deserialize(config)
    assert type(twin) is type(policy) and twin == policy


def test_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match="Rounded"):
        dtype_policies.deserialize({"module": "keras.dtype_policies", "class_name": "RoundedDTypePolicy", "config": {
            "mode": "int8", "source_name": "float32"}, "registered_name": None})  # fmt: skip
