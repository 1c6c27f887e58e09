# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.wrappers.sklearn_wrapper import SKLearnClassifier as SKLearnClassifier
from kerasish.wrappers.sklearn_wrapper import SKLearnRegressor as SKLearnRegressor
from kerasish.wrappers.sklearn_wrapper import SKLearnTransformer as SKLearnTransformer
