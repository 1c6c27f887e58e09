# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.backend.random import SeedGenerator as SeedGenerator
from kerasish.random.distributions import beta as beta
from kerasish.random.distributions import binomial as binomial
from kerasish.random.distributions import categorical as categorical
from kerasish.random.distributions import dropout as dropout
from kerasish.random.distributions import gamma as gamma
from kerasish.random.distributions import normal as normal
from kerasish.random.distributions import randint as randint
from kerasish.random.distributions import shuffle as shuffle
from kerasish.random.distributions import truncated_normal as truncated_normal
from kerasish.random.distributions import uniform as uniform
