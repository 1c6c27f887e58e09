"""What every test can rely on: Keras on JAX, the clone's own kerasish, and hypothesis without a clock or a die."""

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"  # before anything can import Keras
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import settings

settings.register_profile("kerasish", deadline=None, derandomize=True)
settings.load_profile("kerasish")
