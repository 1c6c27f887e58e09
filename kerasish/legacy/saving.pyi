# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.utils.legacy.serialization import deserialize_keras_object as deserialize_keras_object
from kerasish.utils.legacy.serialization import serialize_keras_object as serialize_keras_object
