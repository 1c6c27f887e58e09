"""Keras's high-level API on NumPy, and it trains: `import kerasish as keras`."""

from kerasish._lazy import attach
from kerasish.version import __version__ as __version__
from kerasish.version import version as version  # here, since the module has the name of its function

_ABOVE, _DIR, __all__ = attach(
    __name__,
    {
        "aliases": "install",
        "backend.config": "floatx epsilon image_data_format set_floatx set_epsilon",
        "backend.device": "device",
        "backend.names": "name_scope",
        "backend.symbolic": "KerasTensor",
        "backend.methods": "Tensor Variable",
        "backend.tape": "GradientTape",
        "dtype_policies.dtype_policy": "DTypePolicy FloatDTypePolicy",
        "initializers.initializer": "Initializer",
        "layers.core.input_layer": "Input",
        "layers.input_spec": "InputSpec",
        "layers.layer": "Layer",
        "layers.operation": "Operation",
        "losses.loss": "Loss",
        "metrics.metric": "Metric",
        "models.function": "Function",
        "models.model": "Model",
        "models.sequential": "Sequential",
        "optimizers.optimizer": "Optimizer",
        "regularizers.regularizers": "Regularizer",
        "version": "version",
    },
    (
        "activations",
        "backend",
        "callbacks",
        "config",
        "constraints",
        "datasets",
        "dtype_policies",
        "explain",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "mixed_precision",
        "models",
        "ops",
        "optimizers",
        "preprocessing",
        "random",
        "regularizers",
        "saving",
        "trainers",
        "tree",
        "utils",
    ),
)
__all__ += ["__version__"]


def __getattr__(name: str) -> object:
    return _ABOVE(name)


def __dir__() -> list[str]:
    return __all__
