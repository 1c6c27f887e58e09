"""Helpers: progress, seeds, labels and the registry of serializable names."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "audio_dataset": "audio_dataset_from_directory",
        "config": "Config",
        "data_utils": "pack_x_y_sample_weight unpack_x_y_sample_weight",
        "file_utils": "get_file",
        "graph_utils": "get_source_inputs",
        "image_dataset": "image_dataset_from_directory",
        "image_utils": "array_to_img img_to_array load_img save_img",
        "numerical_utils": "normalize to_categorical",
        "plotting": "model_to_dot plot_model",
        "progbar": "Progbar",
        "py_dataset": "PyDataset Sequence=PyDataset",
        "sequence_utils": "pad_sequences",
        "splitting": "split_dataset",
        "text_dataset": "text_dataset_from_directory",
        "timeseries_dataset": "timeseries_dataset_from_array",
        "kerasish.layers.preprocessing.feature_space": "FeatureSpace",
        "kerasish.models.checking.check_layer": "check_layer",
        "kerasish.backend.config": "disable_interactive_logging enable_interactive_logging "
        "is_interactive_logging_enabled",
        "kerasish.backend.dtypes": "standardize_dtype",
        "kerasish.backend.random": "set_random_seed",
        "kerasish.backend.session": "clear_session",
        "kerasish.backend.symbolic": "is_keras_tensor",
        "kerasish.saving.names": "CustomObjectScope custom_object_scope get_custom_objects get_registered_name "
        "get_registered_object register_keras_serializable",
        "kerasish.saving.serialization": "deserialize_keras_object serialize_keras_object",
    },
    ("bounding_boxes", "legacy"),
)
