import numpy as np

import kerasish
from kerasish import layers


def test_the_penalty_of_a_model():
    model = kerasish.Sequential([kerasish.Input((3,)), layers.ActivityRegularization(l1=0.5, l2=0.25)])
    x = np.array([[1.0, -2.0, 0.0], [0.0, 0.0, 2.0]], "float32")
    for _ in range(2):
        assert model(x).tolist() == x.tolist()
        assert [float(loss) for loss in model.losses] == [(0.5 * 5 + 0.25 * 9) / 2]


def test_config():
    config = layers.ActivityRegularization(0.1).get_config()
    assert "activity_regularizer" not in config
    assert layers.ActivityRegularization.from_config(config).l1 == 0.1
