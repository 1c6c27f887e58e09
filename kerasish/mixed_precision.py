"""`keras.mixed_precision`: the dtype policies under their older names.

`keras.mixed_precision.set_global_policy("mixed_float16")` is `keras.config.set_dtype_policy("mixed_float16")`.
"""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "kerasish.dtype_policies.dtype_policy": "DTypePolicy Policy=DTypePolicy dtype_policy "
        "global_policy=dtype_policy",
        "kerasish.dtype_policies.serialization": "set_dtype_policy set_global_policy=set_dtype_policy",
        "kerasish.optimizers.loss_scale_optimizer": "LossScaleOptimizer",
    },
)
