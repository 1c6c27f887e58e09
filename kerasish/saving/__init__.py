"""Files and configs: models as dictionaries and as `.keras` and `.h5` files."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "file_editor": "KerasFileEditor",
        "names": "CustomObjectScope custom_object_scope get_custom_objects get_registered_name "
        "get_registered_object register_keras_serializable",
        "serialization": "deserialize_keras_object serialize_keras_object",
        "model_files": "load_model load_weights save_model save_weights",
    },
)
