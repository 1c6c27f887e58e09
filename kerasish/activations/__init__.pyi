# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.activations.activations import celu as celu
from kerasish.activations.activations import elu as elu
from kerasish.activations.activations import exponential as exponential
from kerasish.activations.activations import gelu as gelu
from kerasish.activations.activations import glu as glu
from kerasish.activations.activations import hard_shrink as hard_shrink
from kerasish.activations.activations import hard_sigmoid as hard_sigmoid
from kerasish.activations.activations import hard_silu as hard_silu
from kerasish.activations.activations import hard_silu as hard_swish
from kerasish.activations.activations import hard_tanh as hard_tanh
from kerasish.activations.activations import leaky_relu as leaky_relu
from kerasish.activations.activations import linear as linear
from kerasish.activations.activations import log_sigmoid as log_sigmoid
from kerasish.activations.activations import log_softmax as log_softmax
from kerasish.activations.activations import mish as mish
from kerasish.activations.activations import relu as relu
from kerasish.activations.activations import relu6 as relu6
from kerasish.activations.activations import selu as selu
from kerasish.activations.activations import sigmoid as sigmoid
from kerasish.activations.activations import silu as silu
from kerasish.activations.activations import silu as swish
from kerasish.activations.activations import soft_shrink as soft_shrink
from kerasish.activations.activations import softmax as softmax
from kerasish.activations.activations import softplus as softplus
from kerasish.activations.activations import softsign as softsign
from kerasish.activations.activations import sparse_plus as sparse_plus
from kerasish.activations.activations import sparse_sigmoid as sparse_sigmoid
from kerasish.activations.activations import sparsemax as sparsemax
from kerasish.activations.activations import squareplus as squareplus
from kerasish.activations.activations import tanh as tanh
from kerasish.activations.activations import tanh_shrink as tanh_shrink
from kerasish.activations.activations import threshold as threshold
from kerasish.activations.serialization import deserialize as deserialize
from kerasish.activations.serialization import get as get
from kerasish.activations.serialization import serialize as serialize
