# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.explain.blackboard import BackpropStep as BackpropStep
from kerasish.explain.boundary import DecisionBoundary as DecisionBoundary
from kerasish.explain.boundary import decision_boundary as decision_boundary
from kerasish.explain.curves import TrainingCurves as TrainingCurves
from kerasish.explain.curves import training as training
from kerasish.explain.descent import LossSurface as LossSurface
from kerasish.explain.fading import GradientOverTime as GradientOverTime
from kerasish.explain.fading import gradient_over_time as gradient_over_time
from kerasish.explain.flow import GradientFlow as GradientFlow
from kerasish.explain.flow import gradient_flow as gradient_flow
from kerasish.explain.gating import Gates as Gates
from kerasish.explain.gating import gates as gates
from kerasish.explain.heads import AttentionScores as AttentionScores
from kerasish.explain.heads import attention as attention
from kerasish.explain.slopes import ActivationSlopes as ActivationSlopes
from kerasish.explain.slopes import activations as activations
from kerasish.explain.step import backprop as backprop
from kerasish.explain.surface import loss_surface as loss_surface
from kerasish.explain.watching import Snapshot as Snapshot
from kerasish.explain.watching import Watch as Watch
from kerasish.explain.watching import watch as watch
