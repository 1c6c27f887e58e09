import pytest

from kerasish.optimizers import legacy


@pytest.mark.parametrize("name", legacy.__all__)
def test_names_of_keras_2_say_what_to_use(name):
    with pytest.raises(ImportError, match=r"keras\.optimizers\.Adam"):
        getattr(legacy, name)(learning_rate=0.1)
