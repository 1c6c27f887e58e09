# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.layers.legacy.batch_normalization_by_mode import BatchNormalizationByMode as BatchNormalizationByMode
from kerasish.layers.legacy.cosine_merge import CosineMerge as CosineMerge
from kerasish.layers.legacy.highway import Highway as Highway
from kerasish.layers.legacy.locally_connected import LocallyConnected1D as LocallyConnected1D
from kerasish.layers.legacy.locally_connected import LocallyConnected2D as LocallyConnected2D
from kerasish.layers.legacy.maxout_dense import MaxoutDense as MaxoutDense
from kerasish.layers.legacy.parametric_softplus import ParametricSoftplus as ParametricSoftplus
from kerasish.layers.legacy.s_relu import SReLU as SReLU
