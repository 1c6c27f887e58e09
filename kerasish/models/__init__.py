"""Models: layers put together, with the lifecycle of training."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "cloning": "clone_model model_from_json",
        "functional": "Functional",
        "model": "Model",
        "sequential": "Sequential",
        "kerasish.saving.model_files": "load_model save_model",
    },
)
