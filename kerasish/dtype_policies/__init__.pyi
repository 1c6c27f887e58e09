# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.dtype_policies.dtype_policy import DTypePolicy as DTypePolicy
from kerasish.dtype_policies.dtype_policy import FloatDTypePolicy as FloatDTypePolicy
from kerasish.dtype_policies.serialization import deserialize as deserialize
from kerasish.dtype_policies.serialization import get as get
from kerasish.dtype_policies.serialization import serialize as serialize
