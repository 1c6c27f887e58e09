# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.distillation.distillation_loss import DistillationLoss as DistillationLoss
from kerasish.distillation.distillation_loss import FeatureDistillation as FeatureDistillation
from kerasish.distillation.distillation_loss import LogitsDistillation as LogitsDistillation
from kerasish.distillation.distiller import Distiller as Distiller
