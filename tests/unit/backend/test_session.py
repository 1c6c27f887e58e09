import numpy as np

from kerasish import backend, config
from kerasish.backend import random
from kerasish.backend.names import auto_name


def test_names_count_from_the_start_again():
    backend.clear_session()
    assert [auto_name("Dense") for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    assert backend.get_uid("dense") == 4 and backend.get_uid("other") == 1
    assert auto_name("other") == "other_1"
    backend.clear_session(free_memory=False)
    assert auto_name("dense") == "dense"


def test_the_policy_goes_and_floatx_stays():
    config.set_dtype_policy("mixed_float16")
    config.set_epsilon(1e-3)
    backend.clear_session()
    assert config.dtype_policy().name == "float32" and config.epsilon() == 1e-3
    config.set_epsilon(1e-7)


def test_unseeded_draws_go_on_from_a_new_generator_that_a_seed_settles():
    def draw_twice():
        random.set_random_seed(5)
        first = random.generator().random(3)
        backend.clear_session()
        return first, random.generator().random(3)

    once, again = draw_twice(), draw_twice()
    assert not np.array_equal(once[0], once[1])
    assert np.array_equal(once, again)


def test_is_keras_tensor():
    assert backend.is_keras_tensor(backend.KerasTensor((2,)))
    assert not backend.is_keras_tensor(np.ones(2)) and not backend.is_keras_tensor([backend.KerasTensor((2,))])
