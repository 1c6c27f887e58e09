"""The table of optimizers: what each is tried with, by every test that goes through all of them.

The first of an optimizer's settings are the plain ones, and the second, if there are more, those that its state and its
config are compared with and that go into files; training is compared with all of them.
"""

from typing import Any

import kerasish

CASES: dict[str, list[dict[str, Any]]] = {
    "Adadelta": [{"learning_rate": 0.5}],
    "Adafactor": [{"learning_rate": 0.3}, {"learning_rate": 0.3, "clip_threshold": 0.5, "weight_decay": 0.1}],
    "Adagrad": [{"learning_rate": 0.05}],
    "Adam": [
        {"learning_rate": 0.01},
        {"learning_rate": 0.01, "amsgrad": True, "use_ema": True, "gradient_accumulation_steps": 2},
        {"learning_rate": 0.01, "amsgrad": True},
        {"learning_rate": 0.01, "clipnorm": 0.05},
        {"learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 4},
        {"learning_rate": 0.01, "gradient_accumulation_steps": 3},
        {"learning_rate": 0.01, "gradient_accumulation_steps": 3, "clipnorm": 0.05, "weight_decay": 0.1},
        {"learning_rate": 0.01, "amsgrad": True, "use_ema": True, "clipvalue": 0.02},
    ],
    "AdamW": [
        {"learning_rate": 0.01, "weight_decay": 0.1},
        {"learning_rate": 0.01, "weight_decay": 0.1, "use_ema": True},
    ],
    "Adamax": [{"learning_rate": 0.01}],
    "Ftrl": [
        {"learning_rate": 0.1},
        {"learning_rate": 0.1, "l1_regularization_strength": 0.01, "l2_regularization_strength": 0.01},
    ],
    "Lamb": [{"learning_rate": 0.01}],
    "Lion": [{"learning_rate": 0.01}],
    "Muon": [
        {"learning_rate": 0.02},
        {"learning_rate": 0.02, "use_ema": True},
        {"learning_rate": 0.02, "exclude_layers": ["layer_1"], "nesterov": False, "rms_rate": None},
    ],
    "Nadam": [{"learning_rate": 0.01}],
    "RMSprop": [{"learning_rate": 0.01}, {"learning_rate": 0.01, "centered": True, "momentum": 0.5}],
    "SGD": [
        {"learning_rate": 0.05},
        {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
        {"learning_rate": 0.05, "momentum": 0.9},
        {"learning_rate": 0.5, "clipvalue": 0.01},
        {"learning_rate": 0.5, "global_clipnorm": 0.05},
        {"learning_rate": 0.05, "weight_decay": 0.1},
        {"learning_rate": 0.05, "loss_scale_factor": 64.0},
        {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 2,
         "gradient_accumulation_steps": 3},
    ],
    "ScheduleFreeAdamW": [
        {"learning_rate": 0.02},
        {"learning_rate": 0.02, "warmup_steps": 6, "weight_decay": 0.1},
    ],
}  # fmt: skip
# Optimizers around others, which their own tests try.
AROUND_OTHERS = {"LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}
TRAINED = [(name, options) for name, rows in CASES.items() for options in rows]


def stored(name: str) -> dict[str, Any]:
    """The settings of an optimizer that its state, config and files are tried with."""
    return {key: value for key, value in CASES[name][:2][-1].items() if key != "learning_rate"}


def optimizer_names() -> set[str]:
    """The optimizers that there are, but for those around others."""
    kinds = {name: getattr(kerasish.optimizers, name) for name in kerasish.optimizers.__all__}
    rules = {name for name, kind in kinds.items() if isinstance(kind, type)}
    return rules - {"Optimizer"} - AROUND_OTHERS
