# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.optimizers.schedules.learning_rate_schedule import CosineDecay as CosineDecay
from kerasish.optimizers.schedules.learning_rate_schedule import CosineDecayRestarts as CosineDecayRestarts
from kerasish.optimizers.schedules.learning_rate_schedule import ExponentialDecay as ExponentialDecay
from kerasish.optimizers.schedules.learning_rate_schedule import InverseTimeDecay as InverseTimeDecay
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule as LearningRateSchedule
from kerasish.optimizers.schedules.learning_rate_schedule import PiecewiseConstantDecay as PiecewiseConstantDecay
from kerasish.optimizers.schedules.learning_rate_schedule import PolynomialDecay as PolynomialDecay
from kerasish.optimizers.schedules.serialization import deserialize as deserialize
from kerasish.optimizers.schedules.serialization import serialize as serialize
