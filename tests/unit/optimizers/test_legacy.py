import numpy as np
import pytest

import kerasish as keras
from kerasish import _older_names
from kerasish.optimizers import legacy


@pytest.fixture(autouse=True)
def _warn_again(monkeypatch):
    monkeypatch.setattr(_older_names, "_told", set())


@pytest.mark.parametrize("name", [name for name in legacy.__all__ if name != "Optimizer"])
def test_names_of_keras_2_make_todays_optimizers(name):
    with pytest.warns(DeprecationWarning, match=rf"keras\.optimizers\.legacy\.{name} .* keras\.optimizers\.{name}"):
        made = getattr(legacy, name)(learning_rate=0.1)
    assert type(made) is getattr(keras.optimizers, name)
    assert isinstance(made, getattr(legacy, name)) and isinstance(made, legacy.Optimizer)
    assert not isinstance(keras.optimizers.Lion(), getattr(legacy, name))


def test_lr_and_decay():
    with pytest.warns(DeprecationWarning) as told:
        made = keras.optimizers.SGD(lr=0.5, decay=0.25)
        keras.optimizers.Adam(lr=0.5)
    assert [str(w.message).partition(" is ")[0] for w in told] == [
        "the optimizers' argument lr",
        "the optimizers' argument decay",
    ]
    v = keras.Variable(0.0)
    for _ in range(3):
        made.apply([1.0], [v])
    assert float(v) == pytest.approx(-0.5 * (1 + 1 / 1.25 + 1 / 1.5))
    with pytest.warns(DeprecationWarning, match=r"optimizer\.lr is .* optimizer\.learning_rate"):
        (other := keras.optimizers.Adam(0.25)).lr = 0.5
    assert np.asarray(other.lr) == 0.5 == float(other.learning_rate)
    with pytest.raises(ValueError, match="needs a number as learning_rate"):
        keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 1), decay=0.1)
