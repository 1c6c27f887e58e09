# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.models.cloning import clone_model as clone_model
from kerasish.models.cloning import model_from_json as model_from_json
from kerasish.models.functional import Functional as Functional
from kerasish.models.model import Model as Model
from kerasish.models.sequential import Sequential as Sequential
from kerasish.saving.model_files import load_model as load_model
from kerasish.saving.model_files import save_model as save_model
