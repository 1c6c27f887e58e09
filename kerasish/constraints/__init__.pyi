# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.constraints.constraints import Constraint as Constraint
from kerasish.constraints.constraints import MaxNorm as MaxNorm
from kerasish.constraints.constraints import MaxNorm as max_norm
from kerasish.constraints.constraints import MinMaxNorm as MinMaxNorm
from kerasish.constraints.constraints import MinMaxNorm as min_max_norm
from kerasish.constraints.constraints import NonNeg as NonNeg
from kerasish.constraints.constraints import NonNeg as non_neg
from kerasish.constraints.constraints import UnitNorm as UnitNorm
from kerasish.constraints.constraints import UnitNorm as unit_norm
from kerasish.constraints.serialization import deserialize as deserialize
from kerasish.constraints.serialization import get as get
from kerasish.constraints.serialization import serialize as serialize
