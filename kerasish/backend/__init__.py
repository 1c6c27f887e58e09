"""The ground: dtypes, tensors, the tape, variables, random numbers and settings, with Keras's `keras.backend` names."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "config": "backend epsilon floatx image_data_format keras_home set_epsilon set_floatx set_image_data_format "
        "standardize_data_format",
        "dtypes": "is_float_dtype is_int_dtype result_type standardize_dtype",
        "names": "get_uid name_scope",
        "methods": "KerasTensor Variable",  # by way of the file that lets them answer Python's operators
        "random": "SeedGenerator make_default_seed set_random_seed",
        "session": "clear_session",
        "symbolic": "is_keras_tensor",
        "tape": "GradientTape",
    },
)
