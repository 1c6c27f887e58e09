# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.distribution.layouts import DeviceMesh as DeviceMesh
from kerasish.distribution.layouts import LayoutMap as LayoutMap
from kerasish.distribution.layouts import TensorLayout as TensorLayout
from kerasish.distribution.model_parallel import ModelParallel as ModelParallel
from kerasish.distribution.processes import get_device_count as get_device_count
from kerasish.distribution.processes import initialize as initialize
from kerasish.distribution.processes import list_devices as list_devices
from kerasish.distribution.strategies import DataParallel as DataParallel
from kerasish.distribution.strategies import distribute_tensor as distribute_tensor
from kerasish.distribution.strategies import distribution as distribution
from kerasish.distribution.strategies import set_distribution as set_distribution
