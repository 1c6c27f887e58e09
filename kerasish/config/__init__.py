"""`keras.config`: the settings of the process."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "kerasish.backend.config": "backend disable_flash_attention disable_interactive_logging "
        "disable_traceback_filtering enable_flash_attention enable_interactive_logging enable_traceback_filtering "
        "epsilon floatx image_data_format is_flash_attention_enabled is_interactive_logging_enabled is_nnx_enabled "
        "is_traceback_filtering_enabled max_epochs max_steps_per_epoch set_backend set_epsilon set_floatx "
        "set_image_data_format set_max_epochs set_max_steps_per_epoch",
        "kerasish.backend.fast": "is_fast_enabled set_fast",
        "kerasish.backend.threads": "set_threads threads",
        "kerasish.dtype_policies.dtype_policy": "dtype_policy",
        "kerasish.dtype_policies.serialization": "set_dtype_policy",
        "kerasish.saving.guards.unsafe": "enable_unsafe_deserialization",
    },
)
