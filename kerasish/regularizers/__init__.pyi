# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.regularizers.regularizers import L1 as L1
from kerasish.regularizers.regularizers import L1 as l1
from kerasish.regularizers.regularizers import L1L2 as L1L2
from kerasish.regularizers.regularizers import L1L2 as l1_l2
from kerasish.regularizers.regularizers import L2 as L2
from kerasish.regularizers.regularizers import L2 as l2
from kerasish.regularizers.regularizers import OrthogonalRegularizer as OrthogonalRegularizer
from kerasish.regularizers.regularizers import OrthogonalRegularizer as orthogonal_regularizer
from kerasish.regularizers.regularizers import Regularizer as Regularizer
from kerasish.regularizers.serialization import deserialize as deserialize
from kerasish.regularizers.serialization import get as get
from kerasish.regularizers.serialization import serialize as serialize
