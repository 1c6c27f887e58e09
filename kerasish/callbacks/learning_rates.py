"""The learning rates of a model's optimizer, or optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np


def optimizers_of(model: Any) -> dict[str, Any]:
    """The optimizers by name; the name is empty where there is only one."""
    optimizer = model.optimizer
    if hasattr(optimizer, "optimizers"):
        return {inner.name: inner for inner in optimizer.optimizers}
    return {"": optimizer}


def read_learning_rate(optimizer: Any) -> float:
    """The learning rate of the next step."""
    return float(np.asarray(optimizer.learning_rate))


def log_learning_rates(model: Any, logs: dict[str, Any]) -> None:
    """Add the learning rates to the logs, as `learning_rate` or, if there are several, `learning_rate_<name>`."""
    for name, optimizer in optimizers_of(model).items():
        logs[f"learning_rate_{name}" if name else "learning_rate"] = read_learning_rate(optimizer)
