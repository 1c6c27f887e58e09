# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.backend.config import backend as backend
from kerasish.backend.config import epsilon as epsilon
from kerasish.backend.config import floatx as floatx
from kerasish.backend.config import image_data_format as image_data_format
from kerasish.backend.config import keras_home as keras_home
from kerasish.backend.config import set_epsilon as set_epsilon
from kerasish.backend.config import set_floatx as set_floatx
from kerasish.backend.config import set_image_data_format as set_image_data_format
from kerasish.backend.config import standardize_data_format as standardize_data_format
from kerasish.backend.dtypes import is_float_dtype as is_float_dtype
from kerasish.backend.dtypes import is_int_dtype as is_int_dtype
from kerasish.backend.dtypes import result_type as result_type
from kerasish.backend.dtypes import standardize_dtype as standardize_dtype
from kerasish.backend.names import get_uid as get_uid
from kerasish.backend.names import name_scope as name_scope
from kerasish.backend.random import SeedGenerator as SeedGenerator
from kerasish.backend.random import make_default_seed as make_default_seed
from kerasish.backend.random import set_random_seed as set_random_seed
from kerasish.backend.session import clear_session as clear_session
from kerasish.backend.symbolic import KerasTensor as KerasTensor
from kerasish.backend.symbolic import is_keras_tensor as is_keras_tensor
from kerasish.backend.tape import GradientTape as GradientTape
from kerasish.backend.variable import Variable as Variable
