# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.initializers.constant_initializers import Constant as Constant
from kerasish.initializers.constant_initializers import Constant as constant
from kerasish.initializers.constant_initializers import Identity as Identity
from kerasish.initializers.constant_initializers import Identity as IdentityInitializer
from kerasish.initializers.constant_initializers import Identity as identity
from kerasish.initializers.constant_initializers import Ones as Ones
from kerasish.initializers.constant_initializers import Ones as ones
from kerasish.initializers.constant_initializers import Zeros as Zeros
from kerasish.initializers.constant_initializers import Zeros as zeros
from kerasish.initializers.initializer import Initializer as Initializer
from kerasish.initializers.random_initializers import Orthogonal as Orthogonal
from kerasish.initializers.random_initializers import Orthogonal as OrthogonalInitializer
from kerasish.initializers.random_initializers import Orthogonal as orthogonal
from kerasish.initializers.random_initializers import RandomNormal as RandomNormal
from kerasish.initializers.random_initializers import RandomNormal as random_normal
from kerasish.initializers.random_initializers import RandomUniform as RandomUniform
from kerasish.initializers.random_initializers import RandomUniform as random_uniform
from kerasish.initializers.random_initializers import TruncatedNormal as TruncatedNormal
from kerasish.initializers.random_initializers import TruncatedNormal as truncated_normal
from kerasish.initializers.serialization import deserialize as deserialize
from kerasish.initializers.serialization import get as get
from kerasish.initializers.serialization import serialize as serialize
from kerasish.initializers.stft_initializer import STFT as STFT
from kerasish.initializers.stft_initializer import STFT as STFTInitializer
from kerasish.initializers.stft_initializer import STFT as stft
from kerasish.initializers.variance_scaling_initializers import GlorotNormal as GlorotNormal
from kerasish.initializers.variance_scaling_initializers import GlorotNormal as glorot_normal
from kerasish.initializers.variance_scaling_initializers import GlorotUniform as GlorotUniform
from kerasish.initializers.variance_scaling_initializers import GlorotUniform as glorot_uniform
from kerasish.initializers.variance_scaling_initializers import HeNormal as HeNormal
from kerasish.initializers.variance_scaling_initializers import HeNormal as he_normal
from kerasish.initializers.variance_scaling_initializers import HeUniform as HeUniform
from kerasish.initializers.variance_scaling_initializers import HeUniform as he_uniform
from kerasish.initializers.variance_scaling_initializers import LecunNormal as LecunNormal
from kerasish.initializers.variance_scaling_initializers import LecunNormal as lecun_normal
from kerasish.initializers.variance_scaling_initializers import LecunUniform as LecunUniform
from kerasish.initializers.variance_scaling_initializers import LecunUniform as lecun_uniform
from kerasish.initializers.variance_scaling_initializers import VarianceScaling as VarianceScaling
from kerasish.initializers.variance_scaling_initializers import VarianceScaling as variance_scaling
