# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.preprocessing import image as image
from kerasish.preprocessing import sequence as sequence
from kerasish.utils.image_dataset import image_dataset_from_directory as image_dataset_from_directory
from kerasish.utils.text_dataset import text_dataset_from_directory as text_dataset_from_directory
from kerasish.utils.timeseries_dataset import timeseries_dataset_from_array as timeseries_dataset_from_array
