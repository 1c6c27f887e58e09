"""The metrics of a model as one metric, for steps of one's own."""

import numpy as np
import pytest

import kerasish as keras


class Two(keras.metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        return super().update_state(y_pred)

    def result(self):
        mean = super().result()
        return {"once": mean, "twice": 2 * mean}


def test_the_results_by_name_those_of_a_dict_among_them():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=["mae", Two()])
    with pytest.raises(ValueError, match="have seen no batch yet"):
        model.metrics[1].result()
    model.evaluate(np.ones((4, 2)), np.zeros((4, 1)), verbose=0)
    assert model.metrics[1].result() == {"mae": 2.0, "once": 2.0, "twice": 4.0}
