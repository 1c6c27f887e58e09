# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.backend.config import backend as backend
from kerasish.backend.config import disable_flash_attention as disable_flash_attention
from kerasish.backend.config import disable_interactive_logging as disable_interactive_logging
from kerasish.backend.config import disable_traceback_filtering as disable_traceback_filtering
from kerasish.backend.config import enable_flash_attention as enable_flash_attention
from kerasish.backend.config import enable_interactive_logging as enable_interactive_logging
from kerasish.backend.config import enable_traceback_filtering as enable_traceback_filtering
from kerasish.backend.config import epsilon as epsilon
from kerasish.backend.config import floatx as floatx
from kerasish.backend.config import image_data_format as image_data_format
from kerasish.backend.config import is_flash_attention_enabled as is_flash_attention_enabled
from kerasish.backend.config import is_interactive_logging_enabled as is_interactive_logging_enabled
from kerasish.backend.config import is_nnx_enabled as is_nnx_enabled
from kerasish.backend.config import is_traceback_filtering_enabled as is_traceback_filtering_enabled
from kerasish.backend.config import max_epochs as max_epochs
from kerasish.backend.config import max_steps_per_epoch as max_steps_per_epoch
from kerasish.backend.config import set_backend as set_backend
from kerasish.backend.config import set_epsilon as set_epsilon
from kerasish.backend.config import set_floatx as set_floatx
from kerasish.backend.config import set_image_data_format as set_image_data_format
from kerasish.backend.config import set_max_epochs as set_max_epochs
from kerasish.backend.config import set_max_steps_per_epoch as set_max_steps_per_epoch
from kerasish.backend.fast import is_fast_enabled as is_fast_enabled
from kerasish.backend.fast import set_fast as set_fast
from kerasish.backend.threads import set_threads as set_threads
from kerasish.backend.threads import threads as threads
from kerasish.dtype_policies.dtype_policy import dtype_policy as dtype_policy
from kerasish.dtype_policies.serialization import set_dtype_policy as set_dtype_policy
from kerasish.saving.guards.unsafe import enable_unsafe_deserialization as enable_unsafe_deserialization
