# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.backend.config import disable_interactive_logging as disable_interactive_logging
from kerasish.backend.config import enable_interactive_logging as enable_interactive_logging
from kerasish.backend.config import is_interactive_logging_enabled as is_interactive_logging_enabled
from kerasish.backend.dtypes import standardize_dtype as standardize_dtype
from kerasish.backend.random import set_random_seed as set_random_seed
from kerasish.backend.session import clear_session as clear_session
from kerasish.backend.symbolic import is_keras_tensor as is_keras_tensor
from kerasish.layers.preprocessing.feature_space import FeatureSpace as FeatureSpace
from kerasish.models.checking.check_layer import check_layer as check_layer
from kerasish.saving.names import CustomObjectScope as CustomObjectScope
from kerasish.saving.names import custom_object_scope as custom_object_scope
from kerasish.saving.names import get_custom_objects as get_custom_objects
from kerasish.saving.names import get_registered_name as get_registered_name
from kerasish.saving.names import get_registered_object as get_registered_object
from kerasish.saving.names import register_keras_serializable as register_keras_serializable
from kerasish.saving.serialization import deserialize_keras_object as deserialize_keras_object
from kerasish.saving.serialization import serialize_keras_object as serialize_keras_object
from kerasish.utils import bounding_boxes as bounding_boxes
from kerasish.utils import legacy as legacy
from kerasish.utils.audio_dataset import audio_dataset_from_directory as audio_dataset_from_directory
from kerasish.utils.config import Config as Config
from kerasish.utils.data_utils import pack_x_y_sample_weight as pack_x_y_sample_weight
from kerasish.utils.data_utils import unpack_x_y_sample_weight as unpack_x_y_sample_weight
from kerasish.utils.file_utils import get_file as get_file
from kerasish.utils.graph_utils import get_source_inputs as get_source_inputs
from kerasish.utils.image_dataset import image_dataset_from_directory as image_dataset_from_directory
from kerasish.utils.image_utils import array_to_img as array_to_img
from kerasish.utils.image_utils import img_to_array as img_to_array
from kerasish.utils.image_utils import load_img as load_img
from kerasish.utils.image_utils import save_img as save_img
from kerasish.utils.numerical_utils import normalize as normalize
from kerasish.utils.numerical_utils import to_categorical as to_categorical
from kerasish.utils.plotting import model_to_dot as model_to_dot
from kerasish.utils.plotting import plot_model as plot_model
from kerasish.utils.progbar import Progbar as Progbar
from kerasish.utils.py_dataset import PyDataset as PyDataset
from kerasish.utils.py_dataset import PyDataset as Sequence
from kerasish.utils.sequence_utils import pad_sequences as pad_sequences
from kerasish.utils.splitting import split_dataset as split_dataset
from kerasish.utils.text_dataset import text_dataset_from_directory as text_dataset_from_directory
from kerasish.utils.timeseries_dataset import timeseries_dataset_from_array as timeseries_dataset_from_array
