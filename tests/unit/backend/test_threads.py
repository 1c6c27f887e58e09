"""How many threads the BLAS gets."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import threads, workers
from kerasish.backend.plans import product

pytest.importorskip("threadpoolctl")


def present():
    return {library.num_threads for library in threads._libraries()}  # others may be loaded later, such as SciPy's


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


@pytest.mark.parametrize("shape", [(200, 300, 400), (4000, 80, 40), (17, 3000, 300), (3, 3000, 3000), (600, 20000)])
@pytest.mark.parametrize("turned", [False, True])
def test_large_products_are_shared_by_threads_of_our_own(monkeypatch, shape, turned):
    rng, seen = np.random.default_rng(0), []
    a = rng.standard_normal(shape[:2]).astype("float32")
    a = np.ascontiguousarray(a.T).T if turned else a
    b = rng.standard_normal(shape[1:]).astype("float32")
    out = np.zeros(shape[:1] + shape[2:], "float32")
    before = present()
    share = workers.share
    monkeypatch.setattr(workers, "share", lambda part, count: (seen.append((present(), count)), share(part, count)))
    product(a, b, out)()
    assert present() == before
    if out.ndim == 2 and len(out) >= 2 * 16:
        ((threads_of_the_blas, count),) = seen
        assert threads_of_the_blas == {1} and count > 1
    np.testing.assert_allclose(out, a @ b, rtol=1e-4, atol=1e-2)


def test_the_number_comes_back_whoever_ends_first():
    before = present()
    first, second = threads.one(), threads.one()  # of two threads, one after the other
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert present() == {1}
    second.__exit__(None, None, None)
    assert present() == before
