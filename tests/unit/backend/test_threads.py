"""How many threads the BLAS gets."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import threads

threadpoolctl = pytest.importorskip("threadpoolctl")


def present():
    found = threadpoolctl.threadpool_info()
    return {library["num_threads"] for library in found if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def own_number():
    yield
    keras.config.set_threads(None)


def fitted(units):
    seen = []
    model = keras.Sequential([keras.Input((512,)), keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(present())

    x = np.zeros((512, 512), "float32")
    model.fit(x, x[:, :1], batch_size=128, verbose=0, callbacks=[Look()])
    return seen[-1]


def test_small_products_run_on_one_thread_and_the_number_comes_back():
    before = present()
    assert fitted(16) == fitted(600) == {1}  # after a step; its large products are over
    assert present() == before


def test_who_knows_better_says_so():
    keras.config.set_threads(1)
    assert keras.config.threads() == 1
    assert present() == {1} and fitted(600) == {1}


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "two"])
def test_what_is_no_number_of_threads(count):
    with pytest.raises(ValueError, match="whole number"):
        keras.config.set_threads(count)


@pytest.mark.parametrize("large", [False, True])
def test_all_threads_take_part_in_a_large_product(large):
    seen = []
    before = present()
    threads.use(1)
    try:
        threads.sharing(lambda: seen.append(present()), threads.SHARED - (not large))()
        assert seen == [before if large else {1}]
        assert present() == {1}
    finally:
        threads.use(None)
    assert present() == before
