import numpy as np
import pytest

from kerasish import config
from kerasish.backend.session import clear_session
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.dtype_policies import DTypePolicy, FloatDTypePolicy


@pytest.fixture(autouse=True)
def default_policy():
    yield
    clear_session(free_memory=False)


@pytest.mark.parametrize(
    ("name", "compute", "variable"),
    [("float32", "float32", "float32"), ("float64", "float64", "float64"), ("int32", "int32", "int32"),
     ("mixed_float16", "float16", "float32"), ("mixed_bfloat16", "bfloat16", "float32")],
)  # fmt: skip
def test_dtypes(name, compute, variable):
    policy = DTypePolicy(name)
    assert (policy.name, policy.compute_dtype, policy.variable_dtype) == (name, compute, variable)
    assert policy.quantization_mode is None and repr(policy) == f'<DTypePolicy "{name}">'
    assert DTypePolicy.from_config(policy.get_config()) == policy


def test_equality():
    assert DTypePolicy("float32") == FloatDTypePolicy("float32") != DTypePolicy("float16")
    assert len({DTypePolicy("float32"), FloatDTypePolicy("float32"), DTypePolicy("float16")}) == 2
    assert DTypePolicy("float32") != "float32"
    assert type("Other", (DTypePolicy,), {})("float32") != DTypePolicy("float32")


def test_wrong_names():
    with pytest.raises(ValueError, match="unknown dtype policy 'float33'"):
        DTypePolicy("float33")
    with pytest.raises(TypeError, match="string"):
        DTypePolicy(np.float32)
    with pytest.raises(ValueError, match=r"'int8_from_float32' is a policy of quantized weights: use .*get"):
        DTypePolicy("int8_from_float32")


def test_the_default_policy_follows_floatx_until_it_is_set():
    assert config.dtype_policy().name == "float32"
    config.set_floatx("float64")
    try:
        assert DTypePolicy().name == "float64"
        config.set_dtype_policy("mixed_float16")
        assert config.dtype_policy() == DTypePolicy() == DTypePolicy("mixed_float16")
    finally:
        config.set_floatx("float32")
    policy = FloatDTypePolicy("float16")
    config.set_dtype_policy(policy)
    assert config.dtype_policy() is policy
    clear_session(free_memory=False)
    assert config.dtype_policy().name == "float32"
    with pytest.raises(ValueError, match="received 3"):
        config.set_dtype_policy(3)


def test_inputs_are_cast_as_they_should():
    policy = DTypePolicy("mixed_float16")
    x = np.ones(2, "float32")
    assert policy.convert_input(x, True, "float16").dtype == "float16"
    assert policy.convert_input(x, False, "float16") is x and policy.convert_input(x, True, "float32") is x
    integers = np.ones(2, "int32")
    assert policy.convert_input(integers, True, "float16") is integers
    assert (
        policy.convert_input("text", True, "float16") == "text" and policy.convert_input(None, True, "float16") is None
    )
    assert policy.convert_input(KerasTensor((None, 2)), True, "float16").dtype == "float16"
    with GradientTape() as tape:
        watched = tape.watch(x)
        cast = policy.convert_input(watched, True, "float16")
    assert cast.dtype == "float16" and tape.gradient(cast, watched).dtype == "float32"
