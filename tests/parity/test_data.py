"""How data is gone through, beside Keras: which batches each epoch sees, and what is warned of."""

import warnings

import keras
import numpy as np
import pytest

import kerasish

BATCHES = 3


def arrays():
    return np.arange(2.0 * BATCHES, dtype="float32")[:, None], np.zeros((2 * BATCHES, 1), "float32")


def batch(number):
    return tuple(part[2 * number : 2 * number + 2] for part in arrays())


def stream(count):
    for number in range(count):
        yield batch(number % BATCHES)


def data_set(lib, **arguments):
    class Data(lib.utils.PyDataset):
        def __len__(self):
            return BATCHES

        def __getitem__(self, index):
            return batch(index)

    return Data(**arguments)


def weighted_data_set(lib):
    class Data(lib.utils.PyDataset):
        num_batches = BATCHES

        def __getitem__(self, index):
            x, y = batch(index)
            return x, y, np.full(2, index + 1.0)

    return Data()


def still(lib):
    """A model that answers its input and does not learn, so that its losses tell which batches it saw."""
    model = lib.Sequential([lib.Input((1,)), lib.layers.Dense(1, kernel_initializer="ones")])
    model.compile(lib.optimizers.SGD(0.0), "mse", weighted_metrics=["mae"])
    return model


def run(lib, data, **arguments):
    """The history, the steps of each epoch, and how often the end of the data was warned of."""
    steps = []

    class Count(lib.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            steps.append(0)

        def on_train_batch_end(self, batch, logs=None):
            steps[-1] += 1

    made = data(lib)
    args = made if isinstance(made, tuple) else (made,)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = still(lib).fit(*args, shuffle=False, verbose=0, callbacks=[Count()], **arguments).history
    return history, steps, sum("ran out" in str(warning.message) for warning in caught)


def assert_alike(data, **arguments):
    (theirs, their_steps, their_warnings), (ours, our_steps, our_warnings) = (
        run(lib, data, **arguments) for lib in (keras, kerasish)
    )
    assert our_steps == their_steps
    assert our_warnings == their_warnings
    assert sorted(ours) == sorted(theirs)
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-6, err_msg=name)


DATA = {
    "arrays": (lambda lib: arrays(), {"batch_size": 2}),
    "data set": (data_set, {}),
    "workers": (lambda lib: data_set(lib, workers=2), {}),
    "weights": (weighted_data_set, {}),
}


# Keras's workers now and then lose the batches that they had ready when an epoch stops, so only whole passes have any.
@pytest.mark.parametrize(
    ("kind", "steps"), [(kind, n) for kind in DATA for n in (None, 1, 2, 3, 5) if kind != "workers" or n is None]
)
def test_steps_per_epoch(kind, steps):
    data, arguments = DATA[kind]
    assert_alike(data, steps_per_epoch=steps, epochs=5, **arguments)


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_workers_change_nothing(steps):
    alone, shared = (
        run(kerasish, lambda lib, n=n: data_set(lib, workers=n), steps_per_epoch=steps, epochs=5) for n in (1, 2)
    )
    assert alone == shared


@pytest.mark.parametrize("steps", [1, 2])
def test_a_generator_that_has_enough(steps):
    assert_alike(lambda lib: stream(9), steps_per_epoch=steps, epochs=4)


def test_the_last_epoch_of_a_generator_is_short():
    assert_alike(lambda lib: stream(5), steps_per_epoch=2, epochs=3)


@pytest.mark.parametrize("frequency", [1, 2, 3, [1], [2, 4]])
@pytest.mark.parametrize("initial_epoch", [0, 1])
def test_validation_frequency(frequency, initial_epoch):
    assert_alike(
        lambda lib: arrays(),
        batch_size=2,
        validation_data=arrays(),
        validation_freq=frequency,
        epochs=5,
        initial_epoch=initial_epoch,
    )


@pytest.mark.parametrize("weights", [{0: 2.0}, {0: 0.5, 1: 3.0}])
def test_class_weight_of_a_data_set(weights):
    assert_alike(data_set, class_weight=weights, epochs=2)


def test_weights_of_samples_that_validate():
    x, y = arrays()
    assert_alike(
        lambda lib: (x, y), validation_data=(x, y, np.arange(6.0)), sample_weight=np.arange(6.0)[::-1], epochs=2
    )


@pytest.mark.parametrize("steps", [None, 1, 2, 5])
def test_evaluate_and_predict(steps):
    results = []
    for lib in (keras, kerasish):
        model = still(lib)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            losses = model.evaluate(data_set(lib), steps=steps, verbose=0)
            results.append((losses, model.predict(data_set(lib), steps=steps, verbose=0)))
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-6)
    np.testing.assert_array_equal(results[1][1], results[0][1])


def test_tables():
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    table = pandas.DataFrame({"a": rng.integers(0, 9, 12), "b": rng.random(12), "c": rng.random(12) > 0.5})
    found = []
    for lib in (keras, kerasish):
        model = lib.Sequential([lib.Input((2,)), lib.layers.Dense(1, kernel_initializer="ones")])
        model.compile("sgd", "mse")
        model.fit(table[["a", "b"]], table["b"], sample_weight=table["b"].to_numpy(), shuffle=False, verbose=0)
        found.append(model.get_weights())
    for ours, theirs in zip(found[1], found[0], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize("steps", [None, 1, 2, 3, 5])
@pytest.mark.parametrize("kind", ["arrays", "data set", "weights"])
def test_validation_steps(kind, steps):
    data, _ = DATA[kind]
    theirs, ours = (
        run(
            lib,
            lambda lib: arrays(),
            batch_size=2,
            epochs=3,
            validation_data=data(lib),
            validation_steps=steps,
            validation_batch_size=2,
        )
        for lib in (keras, kerasish)
    )
    assert ours[1:] == theirs[1:]
    for name, values in theirs[0].items():
        np.testing.assert_allclose(ours[0][name], values, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize(("count", "steps"), [(20, 2), (20, 4), (20, 1), (3, 2)])
def test_validation_by_a_generator(count, steps):
    theirs, ours = (
        run(lib, lambda lib: arrays(), batch_size=2, epochs=3, validation_data=stream(count), validation_steps=steps)
        for lib in (keras, kerasish)
    )
    assert ours == theirs


@pytest.mark.parametrize(("count", "steps"), [(7, 5), (3, 5), (7, None), (1, None), (1, 3)])
def test_fit_with_a_generator_that_ends_early(count, steps):
    (theirs, their_steps, _), (ours, our_steps, our_warnings) = (
        run(lib, lambda _: stream(count), steps_per_epoch=steps, epochs=4) for lib in (keras, kerasish)
    )
    assert our_steps == their_steps and our_warnings
    np.testing.assert_allclose(ours["loss"], theirs["loss"], rtol=1e-6)
