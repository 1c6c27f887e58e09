"""The settings a Keras user may change: the float type, the fuzz factor, the image layout, limits and logging."""

from __future__ import annotations

import os
from typing import Any

_FLOAT_TYPES = ("bfloat16", "float16", "float32", "float64")
_IMAGE_FORMATS = ("channels_last", "channels_first")

_floatx = "float32"
_epsilon = 1e-7
_image_data_format = "channels_last"
_default_policy: Any = None
_interactive_logging = True
_traceback_filtering = True
_flash_attention: bool | None = None


def _limit_from(variable: str) -> int | None:
    text = os.environ.get(variable)
    return int(text) if text else None


_max_epochs = _limit_from("KERAS_MAX_EPOCHS")
_max_steps_per_epoch = _limit_from("KERAS_MAX_STEPS_PER_EPOCH")


def floatx() -> str:
    """The name of the default float type, `"float32"` unless changed with `set_floatx`."""
    return _floatx


def set_floatx(value: str) -> None:
    """Set the default float type of new variables and converted data.

    Args:
        value: `"bfloat16"`, `"float16"`, `"float32"` or `"float64"`.

    Raises:
        ValueError: if `value` is another name.
    """
    global _floatx
    if value not in _FLOAT_TYPES:
        raise ValueError(f"floatx must be one of {_FLOAT_TYPES}; received {value!r}")
    _floatx = value


def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite, `1e-7` unless changed."""
    return _epsilon


def set_epsilon(value: float) -> None:
    """Set the number returned by `epsilon()`."""
    global _epsilon
    _epsilon = float(value)


def image_data_format() -> str:
    """The default image layout: `"channels_last"` (batch, height, width, channels) or `"channels_first"`."""
    return _image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set the default image layout.

    Raises:
        ValueError: if `data_format` is neither `"channels_last"` nor `"channels_first"`.
    """
    global _image_data_format
    _image_data_format = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """`data_format` in lower case, or the default when it is None."""
    if data_format is None:
        return _image_data_format
    name = str(data_format).lower()
    if name not in _IMAGE_FORMATS:
        raise ValueError(f"data_format must be one of {_IMAGE_FORMATS}; received {data_format!r}")
    return name


def backend() -> str:
    """The name of the engine: always `"numpy"`."""
    return "numpy"


def set_backend(backend: str) -> None:
    """Choose the engine; the only one is NumPy.

    Raises:
        ValueError: if `backend` is not `"numpy"`.
    """
    if backend != "numpy":
        raise ValueError(
            f'the backend is always "numpy"; received backend={backend!r}. Delete the call, or use Keras itself to '
            "run on another engine."
        )


def default_policy() -> Any:
    """The dtype policy set for new layers, or None while they follow `floatx()`."""
    return _default_policy


def set_default_policy(policy: Any) -> None:
    """Keep a dtype policy for new layers; None makes them follow `floatx()` again."""
    global _default_policy
    _default_policy = policy


def max_epochs() -> int | None:
    """The most epochs that any `fit` runs, or None for no limit; at first `$KERAS_MAX_EPOCHS`."""
    return _max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Cap the epochs of every `fit`, to try a script out without editing it.

    Args:
        max_epochs: the limit, or None for no limit.

    Raises:
        ValueError: if the limit is negative.
    """
    global _max_epochs
    _max_epochs = _checked_limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The most batches of an epoch, an `evaluate` or a `predict`, or None; at first `$KERAS_MAX_STEPS_PER_EPOCH`."""
    return _max_steps_per_epoch


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Cap the batches of every epoch, `evaluate` and `predict`, to try a script out without editing it.

    Args:
        max_steps_per_epoch: the limit, or None for no limit.

    Raises:
        ValueError: if the limit is negative.
    """
    global _max_steps_per_epoch
    _max_steps_per_epoch = _checked_limit("max_steps_per_epoch", max_steps_per_epoch)


def _checked_limit(name: str, value: int | None) -> int | None:
    if value is not None and value < 0:
        raise ValueError(f"{name} must be None or a number of at least 0; received {value!r}")
    return value


def is_interactive_logging_enabled() -> bool:
    """Whether progress is written to standard output; otherwise it goes to the `logging` module."""
    return _interactive_logging


def enable_interactive_logging() -> None:
    """Write progress to standard output, as a shell or a notebook wants it."""
    global _interactive_logging
    _interactive_logging = True


def disable_interactive_logging() -> None:
    """Write progress to the `logging` module, as a server wants it."""
    global _interactive_logging
    _interactive_logging = False


def is_traceback_filtering_enabled() -> bool:
    """Whether the tracebacks of errors leave out the library's frames, but for the last."""
    return _traceback_filtering


def enable_traceback_filtering() -> None:
    """Let the tracebacks of errors show the caller's lines, and of the library's the last."""
    global _traceback_filtering
    _traceback_filtering = True


def disable_traceback_filtering() -> None:
    """Keep every frame in tracebacks."""
    global _traceback_filtering
    _traceback_filtering = False


def is_flash_attention_enabled() -> bool | None:
    """The setting for attention in blocks: None (where it is possible) or False. It is computed so in any case."""
    return _flash_attention


def enable_flash_attention() -> None:
    """Allow attention in blocks; recorded for scripts that ask: here scores are always computed so."""
    global _flash_attention
    _flash_attention = None


def disable_flash_attention() -> None:
    """Forbid attention in blocks; recorded for scripts that ask, and of no effect: results are the same."""
    global _flash_attention
    _flash_attention = False


def is_nnx_enabled() -> bool:
    """Whether layers are modules of Flax NNX: never, that is an affair of the JAX engine."""
    return False


def keras_home() -> str:
    """The directory of downloaded data sets: `$KERAS_HOME`, or `~/.keras`."""
    return os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
