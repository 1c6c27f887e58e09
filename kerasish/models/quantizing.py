"""The layers of a model in few bits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kerasish.backend.callers import warn
from kerasish.quantizers.quantization_configs import resolved


def quantize(model: Any, mode: Any, config: Any, filters: Any, type_check: bool) -> None:
    """Quantize every layer that can be and is chosen."""
    chosen = _choice(filters)
    config = resolved(mode, config)
    if config.mode in ("gptq", "awq"):
        raise NotImplementedError(
            f"{config.mode.upper()} looks at data to choose how each weight is rounded, which is left out here. Use "
            "'int4' or 'int8', which need no data, or quantize the model with Keras"
        )
    for layer in model._flatten_layers():
        if layer._flatten_layers() or not layer.weights or not chosen(layer):
            continue
        try:
            layer.quantize(config=config, type_check=type_check)
        except NotImplementedError as error:
            warn(f"{error}; it stays as it is")


def _choice(filters: Any) -> Callable[[Any], bool]:
    """Whether a layer is meant.

    Raises:
        ValueError: if `filters` is none of what it may be.
    """
    if filters is None:
        return lambda layer: True
    if callable(filters):
        return filters
    patterns = [filters] if isinstance(filters, str) else filters
    if not isinstance(patterns, (list, tuple)):
        raise ValueError(
            f"filters must be a pattern, a list of patterns, or a function of a layer; received {filters!r}"
        )
    return lambda layer: any(re.search(pattern, layer.name) for pattern in patterns)
