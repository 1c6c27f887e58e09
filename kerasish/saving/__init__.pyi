# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.saving.file_editor import KerasFileEditor as KerasFileEditor
from kerasish.saving.model_files import load_model as load_model
from kerasish.saving.model_files import load_weights as load_weights
from kerasish.saving.model_files import save_model as save_model
from kerasish.saving.model_files import save_weights as save_weights
from kerasish.saving.names import CustomObjectScope as CustomObjectScope
from kerasish.saving.names import custom_object_scope as custom_object_scope
from kerasish.saving.names import get_custom_objects as get_custom_objects
from kerasish.saving.names import get_registered_name as get_registered_name
from kerasish.saving.names import get_registered_object as get_registered_object
from kerasish.saving.names import register_keras_serializable as register_keras_serializable
from kerasish.saving.serialization import deserialize_keras_object as deserialize_keras_object
from kerasish.saving.serialization import serialize_keras_object as serialize_keras_object
