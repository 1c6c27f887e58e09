# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.optimizers import legacy as legacy
from kerasish.optimizers import schedules as schedules
from kerasish.optimizers.adadelta import Adadelta as Adadelta
from kerasish.optimizers.adafactor import Adafactor as Adafactor
from kerasish.optimizers.adagrad import Adagrad as Adagrad
from kerasish.optimizers.adam import Adam as Adam
from kerasish.optimizers.adam import AdamW as AdamW
from kerasish.optimizers.adamax import Adamax as Adamax
from kerasish.optimizers.ftrl import Ftrl as Ftrl
from kerasish.optimizers.lamb import Lamb as Lamb
from kerasish.optimizers.lion import Lion as Lion
from kerasish.optimizers.loss_scale_optimizer import LossScaleOptimizer as LossScaleOptimizer
from kerasish.optimizers.multi_optimizer import MultiOptimizer as MultiOptimizer
from kerasish.optimizers.multi_optimizer import OptimizerMap as OptimizerMap
from kerasish.optimizers.muon import Muon as Muon
from kerasish.optimizers.nadam import Nadam as Nadam
from kerasish.optimizers.optimizer import Optimizer as Optimizer
from kerasish.optimizers.rmsprop import RMSprop as RMSprop
from kerasish.optimizers.schedule_free_adamw import ScheduleFreeAdamW as ScheduleFreeAdamW
from kerasish.optimizers.serialization import deserialize as deserialize
from kerasish.optimizers.serialization import get as get
from kerasish.optimizers.serialization import serialize as serialize
from kerasish.optimizers.sgd import SGD as SGD
