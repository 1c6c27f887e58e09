"""What each setting of the playground may be: the library's own names, and limits of what a page can draw."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from kerasish import optimizers
from kerasish.activations.serialization import NAMES
from kerasish.playground.messages import VERSION, Catalogue, Settings, View
from kerasish_datasets import playground

CLASSIFICATION = ("circle", "xor", "gauss", "spiral")
REGRESSION = ("regression_plane", "regression_gauss")
PROBLEMS: dict[str, list[str]] = {
    "classification": [*CLASSIFICATION, "own"],
    "regression": [*REGRESSION, "own"],
}
MANY_CLASSES = ("circle", "gauss", "spiral")

# Each feature as a formula of x1 and x2: as it is written in a script, in which `x` holds them as two columns.
FEATURES = {
    "x1": "x[:, 0]",
    "x2": "x[:, 1]",
    "x1^2": "x[:, 0] ** 2",
    "x2^2": "x[:, 1] ** 2",
    "x1*x2": "x[:, 0] * x[:, 1]",
    "sin(x1)": "np.sin(x[:, 0])",
    "sin(x2)": "np.sin(x[:, 1])",
}
WRITTEN = {"x1^2": "x1²", "x2^2": "x2²", "x1*x2": "x1 x2", "sin(x1)": "sin x1", "sin(x2)": "sin x2"}

# `glu` halves the units, and `threshold` needs arguments.
_NOT_BY_NAME = ("glu", "threshold")
ACTIVATIONS = tuple(name for name, written in NAMES.items() if name == written and name not in _NOT_BY_NAME)

INITIALIZERS = (
    *("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"),
    *("random_normal", "random_uniform", "truncated_normal", "variance_scaling", "orthogonal", "identity"),
    *("zeros", "ones"),
)

_DISTANCES = ("mean_squared_error", "mean_absolute_error", "huber", "log_cosh")
# Of targets 0 and 1 and one output; of targets as rows of zeros and a one; of numbers. Others of the library compare
# directions (cosine similarity) or places (circle), need positive numbers everywhere (Poisson, logarithms, percent), or
# an argument (generalized crossentropy), or read sequences (CTC).
LOSSES: dict[str, list[str]] = {
    "classification": [
        *("binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge", *_DISTANCES, "dice", "tversky"),
    ],
    "classes": [
        *("sparse_categorical_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy"),
        *("categorical_hinge", "kl_divergence", *_DISTANCES, "dice"),
        "tversky",
    ],
    "regression": [*_DISTANCES],
}
HINGES = ("hinge", "squared_hinge")

OPTIMIZERS = {
    name.lower(): name
    for name in (
        *("SGD", "RMSprop", "Adam", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "Adafactor", "Ftrl"),
        *("Lamb", "Lion", "Muon", "ScheduleFreeAdamW"),
    )
}
_NOT_OPTIONS = (
    *("learning_rate", "momentum", "name", "kwargs", "use_ema", "ema_momentum", "ema_overwrite_frequency"),
    *("loss_scale_factor", "gradient_accumulation_steps", "exclude_layers", "exclude_embeddings"),
)
REGULARIZATIONS = {"none": "", "l1": "L1", "l2": "L2", "l1_l2": "L1L2"}
LAYER_KINDS = ("dense", "dropout", "batch_normalization")

LIMITS: dict[str, tuple[float, float]] = {
    "classes": (2, playground.MOST_CLASSES),
    "noise": (0, 2),
    "samples": (10, 2000),
    "train_share": (0.1, 0.9),
    "data_seed": (0, 2**32 - 1),
    "layers": (0, 12),
    "units": (1, 16),
    "rate": (0, 0.95),
    "learning_rate": (1e-6, 1000),
    "momentum": (0, 1),
    "regularization_rate": (0, 100),
    "batch_size": (1, 2000),
    "seed": (0, 2**32 - 1),
    "points": (0, 2000),
    "coordinate": (-1e6, 1e6),
    "resolution": (10, 100),
    "neuron_resolution": (1, 100),
    "epochs_per_frame": (1, 1000),
    "frames_per_second": (1, 60),
}

# A fresh page: XOR, which no straight line divides, and a hidden layer that learns it.
DEFAULTS: Settings = {
    "problem": "classification",
    "data": "xor",
    "points": [],
    "classes": 2,
    "noise": 0.1,
    "samples": 200,
    "train_share": 0.5,
    "data_seed": 0,
    "features": ["x1", "x2"],
    "layers": [
        {"kind": "dense", "units": 4, "activation": "tanh"},
        {"kind": "dense", "units": 2, "activation": "tanh"},
    ],
    "output_activation": "auto",
    "initializer": "glorot_uniform",
    "loss": "auto",
    "optimizer": "sgd",
    "learning_rate": 0.03,
    "momentum": 0.9,
    "optimizer_options": {},
    "regularization": "none",
    "regularization_rate": 0.001,
    "batch_size": 10,
    "seed": 0,
}
DEFAULT_VIEW: View = {
    "resolution": 60,
    "neuron_resolution": 20,
    "maps": "all",
    "gradients": True,
    "epochs_per_frame": 1,
    "frames_per_second": 60,
}


@cache
def optimizer_arguments(name: str) -> dict[str, Any]:
    """The arguments of an optimizer that a page can set, with their defaults; `momentum` is one where it has it."""
    parameters = inspect.signature(getattr(optimizers, OPTIMIZERS[name])).parameters
    return {key: p.default for key, p in parameters.items() if key not in _NOT_OPTIONS or key == "momentum"}


def has_momentum(name: str) -> bool:
    """Whether an optimizer looks at the setting `momentum`."""
    return "momentum" in optimizer_arguments(name)


def optimizer_options(name: str) -> dict[str, Any]:
    """The arguments that are set by `optimizer_options`, with their defaults."""
    return {key: value for key, value in optimizer_arguments(name).items() if key != "momentum"}


def optimizer_defaults(name: str) -> tuple[float, float | None]:
    """An optimizer's own learning rate and momentum, None where it has no momentum."""
    parameters = inspect.signature(getattr(optimizers, OPTIMIZERS[name])).parameters
    return parameters["learning_rate"].default, parameters["momentum"].default if has_momentum(name) else None


def losses_for(problem: str, classes: int) -> list[str]:
    """The losses that fit a problem."""
    return LOSSES["classes" if problem == "classification" and classes > 2 else problem]


def catalogue() -> Catalogue:
    """The menus as the page gets them."""
    described = {}
    for name in OPTIMIZERS:
        rate, momentum = optimizer_defaults(name)
        described[name] = {"learning_rate": rate, "momentum": momentum, "options": optimizer_options(name)}
    return {
        "type": "catalogue",
        "version": VERSION,
        "problems": PROBLEMS,
        "many_classes": list(MANY_CLASSES),
        "features": {name: WRITTEN.get(name, name) for name in FEATURES},
        "activations": list(ACTIVATIONS),
        "initializers": list(INITIALIZERS),
        "losses": LOSSES,
        "optimizers": described,
        "regularizations": list(REGULARIZATIONS),
        "layer_kinds": list(LAYER_KINDS),
        "limits": {name: list(limits) for name, limits in LIMITS.items()},
        "previews": {name: _preview(name) for name in (*CLASSIFICATION, *REGRESSION)},
        "defaults": DEFAULTS,
        "view": DEFAULT_VIEW,
    }


def _preview(name: str) -> list[list[float]]:
    x, y = getattr(playground, name)(n=60, noise=0.0, seed=0)
    return [
        [round(float(x1), 2), round(float(x2), 2), round(float(value), 2)]
        for (x1, x2), (value,) in zip(x, y, strict=True)
    ]
