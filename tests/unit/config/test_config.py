import subprocess
import sys
from pathlib import Path

import pytest

from kerasish import config

ROOT = Path(__file__).resolve().parents[3]


def test_every_name_is_there():
    for name in config.__all__:
        assert callable(getattr(config, name))


@pytest.mark.parametrize(
    ("get", "set_", "value", "default"),
    [
        ("floatx", "set_floatx", "float16", "float32"), ("floatx", "set_floatx", "bfloat16", "float32"),
        ("epsilon", "set_epsilon", 1e-3, 1e-7),
        ("image_data_format", "set_image_data_format", "channels_first", "channels_last"),
        ("max_epochs", "set_max_epochs", 3, None), ("max_steps_per_epoch", "set_max_steps_per_epoch", 3, None),
    ],
)  # fmt: skip
def test_settings(get, set_, value, default):
    assert getattr(config, get)() == default
    getattr(config, set_)(value)
    assert getattr(config, get)() == value
    getattr(config, set_)(default)
    assert getattr(config, get)() == default


@pytest.mark.parametrize("name", ["interactive_logging", "traceback_filtering"])
def test_switches(name):
    enabled = getattr(config, f"is_{name}_enabled")
    getattr(config, f"enable_{name}")()
    assert enabled() is True
    getattr(config, f"disable_{name}")()
    assert enabled() is False
    getattr(config, f"enable_{name}")()
    assert enabled() is True


def test_flash_attention_is_recorded():
    config.disable_flash_attention()
    assert config.is_flash_attention_enabled() is False
    config.enable_flash_attention()
    assert config.is_flash_attention_enabled() is None


def test_the_backend_is_numpy():
    config.set_backend("numpy")
    assert config.backend() == "numpy" and config.is_nnx_enabled() is False
    with pytest.raises(ValueError, match="backend='jax'"):
        config.set_backend("jax")


@pytest.mark.parametrize("name", ["max_epochs", "max_steps_per_epoch"])
def test_limits_are_not_negative(name):
    with pytest.raises(ValueError, match=f"{name} must be"):
        getattr(config, f"set_{name}")(-1)


def test_limits_from_the_environment():
    code = "from kerasish import config; print(config.max_epochs(), config.max_steps_per_epoch())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"KERAS_MAX_EPOCHS": "2", "KERAS_MAX_STEPS_PER_EPOCH": "7", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["2", "7"]
