"""Learning rates against Keras's, which computes them in float32."""

import keras
import numpy as np
import pytest

from kerasish.optimizers import schedules

pytestmark = pytest.mark.parity

CASES = [
    ("CosineDecay", {"decay_steps": 60}),
    ("CosineDecay", {"decay_steps": 60, "alpha": 0.2, "warmup_target": 0.7, "warmup_steps": 13}),
    ("CosineDecay", {"decay_steps": 60, "warmup_target": 0.7}),
    ("CosineDecayRestarts", {"first_decay_steps": 10}),
    ("CosineDecayRestarts", {"first_decay_steps": 7, "t_mul": 1.0, "m_mul": 0.8}),
    ("CosineDecayRestarts", {"first_decay_steps": 9, "t_mul": 3.0, "m_mul": 0.8, "alpha": 0.1}),
    ("ExponentialDecay", {"decay_steps": 10, "decay_rate": 0.9}),
    ("ExponentialDecay", {"decay_steps": 10, "decay_rate": 0.9, "staircase": True}),
    ("InverseTimeDecay", {"decay_steps": 10, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"decay_steps": 10, "decay_rate": 0.5, "staircase": True}),
    ("PolynomialDecay", {"decay_steps": 30}),
    ("PolynomialDecay", {"decay_steps": 30, "end_learning_rate": 0.02, "power": 0.5}),
    ("PolynomialDecay", {"decay_steps": 30, "power": 2.0, "cycle": True}),
]


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_rates_and_configs(name, arguments):
    ours = getattr(schedules, name)(0.3, **arguments)
    theirs = getattr(keras.optimizers.schedules, name)(0.3, **arguments)
    steps = [0, 1, 6, 7, 9, 10, 12, 13, 14, 20, 27, 30, 35, 59, 60, 73, 90, 100, 150, 199]
    expected = np.array([float(theirs(step)) for step in steps])
    assert np.allclose([ours(step) for step in steps], expected, rtol=1e-5, atol=1e-6)
    assert ours.get_config() == theirs.get_config()
    assert schedules.serialize(ours) == keras.optimizers.schedules.serialize(theirs)
    assert type(keras.optimizers.schedules.deserialize(schedules.serialize(ours))) is type(theirs)


@pytest.mark.parametrize(
    ("boundaries", "values"), [([3, 7], [1.0, 0.5, 0.1]), ([5], [0.1, 0.2]), ([2.5, 4.0, 6.5], [1.0, 2.0, 3.0, 4.0])]
)
def test_piecewise(boundaries, values):
    ours = schedules.PiecewiseConstantDecay(boundaries, values)
    theirs = keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)
    assert np.allclose([ours(step) for step in range(12)], [float(theirs(step)) for step in range(12)])
    assert schedules.serialize(ours) == keras.optimizers.schedules.serialize(theirs)
