"""Keras's older names for functions of `keras.utils`."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "kerasish.utils.image_dataset": "image_dataset_from_directory",
        "kerasish.utils.text_dataset": "text_dataset_from_directory",
        "kerasish.utils.timeseries_dataset": "timeseries_dataset_from_array",
    },
    ("image", "sequence"),
)
