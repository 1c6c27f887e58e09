# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.dtype_policies.dtype_policy import DTypePolicy as DTypePolicy
from kerasish.dtype_policies.dtype_policy import FloatDTypePolicy as FloatDTypePolicy
from kerasish.dtype_policies.dtype_policy_map import DTypePolicyMap as DTypePolicyMap
from kerasish.dtype_policies.quantized_policies import AWQDTypePolicy as AWQDTypePolicy
from kerasish.dtype_policies.quantized_policies import GPTQDTypePolicy as GPTQDTypePolicy
from kerasish.dtype_policies.quantized_policies import Int4DTypePolicy as Int4DTypePolicy
from kerasish.dtype_policies.quantized_policies import QuantizedDTypePolicy as QuantizedDTypePolicy
from kerasish.dtype_policies.quantized_policies import QuantizedFloat8DTypePolicy as QuantizedFloat8DTypePolicy
from kerasish.dtype_policies.serialization import deserialize as deserialize
from kerasish.dtype_policies.serialization import get as get
from kerasish.dtype_policies.serialization import serialize as serialize
