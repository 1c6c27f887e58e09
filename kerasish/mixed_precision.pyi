# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.dtype_policies.dtype_policy import DTypePolicy as DTypePolicy
from kerasish.dtype_policies.dtype_policy import DTypePolicy as Policy
from kerasish.dtype_policies.dtype_policy import dtype_policy as dtype_policy
from kerasish.dtype_policies.dtype_policy import dtype_policy as global_policy
from kerasish.dtype_policies.serialization import set_dtype_policy as set_dtype_policy
from kerasish.dtype_policies.serialization import set_dtype_policy as set_global_policy
from kerasish.optimizers.loss_scale_optimizer import LossScaleOptimizer as LossScaleOptimizer
