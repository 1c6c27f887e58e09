"""How many batches an epoch has, and what happens when they run out."""

import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish.trainers.data.epochs import Epochs
from kerasish.trainers.data.making import make_data


def stream(count):
    for number in range(count):
        yield np.full((1, 1), number, "float32"), np.zeros((1, 1), "float32")


class Again:
    """Can be iterated again and again, and does not know how long it is."""

    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return stream(self.count)


class Told(keras.utils.PyDataset):
    """Notes what it is asked for and told."""

    def __init__(self, count, **kwargs):
        super().__init__(**kwargs)
        self.count, self.events = count, []

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.events.append(index)
        return np.full((1, 1), index, "float32"), np.zeros((1, 1), "float32")

    def on_epoch_begin(self):
        self.events.append("begin")

    def on_epoch_end(self):
        self.events.append("end")


def arrays(count):
    return np.arange(count, dtype="float32")[:, None], np.zeros((count, 1), "float32")


def seen(epochs):
    """The numbers in the batches of the next epoch."""
    return [int(x[0, 0]) for x, _, _ in epochs]


def quietly(function, *args):
    """What a function returns, and the warnings that it gave."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*args)
    return result, [str(warning.message) for warning in caught]


def forms(count):
    return {
        "arrays": make_data(*arrays(count), batch_size=1),
        "loader": make_data(Again(count)),
        "data set": make_data(Told(count)),
    }


@pytest.mark.parametrize("form", ["arrays", "loader", "data set"])
class TestWhatBeginsAgain:
    def test_all_batches_each_epoch(self, form):
        epochs = Epochs(forms(3)[form])
        assert epochs.num_batches == (None if form == "loader" else 3)
        for _ in range(3):
            assert quietly(seen, epochs) == ([0, 1, 2], [])
        assert epochs.num_batches == 3

    def test_steps_go_on_where_the_last_epoch_stopped(self, form):
        epochs = Epochs(forms(5)[form], steps=2)
        assert epochs.num_batches == 2
        assert quietly(seen, epochs) == ([0, 1], [])
        assert quietly(seen, epochs) == ([2, 3], [])
        found, warned = quietly(seen, epochs)
        assert found == [4]
        assert len(warned) == 1 and "ran out of data after 1 of 2 steps: the epoch ends here" in warned[0]
        assert quietly(seen, epochs) == ([0, 1], [])

    def test_steps_that_divide_the_batches_give_no_warning(self, form):
        epochs = Epochs(forms(4)[form], steps=2)
        for _ in range(3):
            assert quietly(seen, epochs) == ([0, 1], [])
            assert quietly(seen, epochs) == ([2, 3], [])

    def test_more_steps_than_batches(self, form):
        epochs = Epochs(forms(3)[form], steps=5)
        for _ in range(2):
            found, warned = quietly(seen, epochs)
            assert found == [0, 1, 2]
            assert "3 of 5 steps" in warned[0]

    def test_anew_begins_with_the_first_batch(self, form):
        epochs = Epochs(forms(3)[form], steps=2, anew=True)
        for _ in range(3):
            assert quietly(seen, epochs) == ([0, 1], [])


def test_a_loader_without_batches():
    for epochs in (Epochs(make_data(Again(0))), Epochs(make_data(Again(0)), 2), Epochs(make_data(Told(0)))):
        with pytest.raises(ValueError, match="yielded no batch"):
            seen(epochs)


class TestGenerators:
    def test_goes_on_and_begins_with_the_two_batches_that_are_kept(self):
        epochs = Epochs(make_data(stream(5)), steps=2)
        assert quietly(seen, epochs) == ([0, 1], [])
        assert quietly(seen, epochs) == ([2, 3], [])
        found, warned = quietly(seen, epochs)
        assert found == [4]
        assert len(warned) == 1 and "ran out of data after 1 of 2 steps" in warned[0]
        for _ in range(2):
            assert quietly(seen, epochs) == ([0, 1], [])

    def test_one_that_ended_with_an_epoch(self):
        epochs = Epochs(make_data(stream(4)), steps=2)
        assert [seen(epochs) for _ in range(3)] == [[0, 1], [2, 3], [0, 1]]

    def test_an_epoch_of_all_batches(self):
        epochs = Epochs(make_data(stream(3)))
        assert epochs.num_batches is None
        assert quietly(seen, epochs) == ([0, 1, 2], [])
        assert epochs.num_batches == 3
        found, warned = quietly(seen, epochs)
        assert found == [0, 1] and "two batches that were kept" in warned[0]

    def test_one_batch(self):
        epochs = Epochs(make_data(stream(1)), steps=3)
        assert [quietly(seen, epochs)[0] for _ in range(3)] == [[0]] * 3

    def test_no_batch_at_all(self):
        with pytest.raises(ValueError, match="at least one"):
            seen(Epochs(make_data(stream(0)), 2))

    def test_validation_begins_with_the_two_batches_that_are_kept(self):
        epochs = Epochs(make_data(stream(20)), steps=2, anew=True)
        assert quietly(seen, epochs) == ([0, 1], [])
        assert quietly(seen, epochs) == ([0, 1], [])
        epochs = Epochs(make_data(stream(20)), steps=4, anew=True)
        assert seen(epochs) == [0, 1, 2, 3]
        assert seen(epochs) == [0, 1, 4, 5]

    def test_validation_by_a_generator_that_ended(self):
        epochs = Epochs(make_data(stream(3)), anew=True)
        assert quietly(seen, epochs) == ([0, 1, 2], [])
        found, warned = quietly(seen, epochs)
        assert found == [0, 1] and "the epoch ends here" in warned[0]


class TestDataSets:
    def test_are_told_of_each_epoch(self):
        data = Told(3)
        epochs = Epochs(make_data(data))
        for _ in range(2):
            seen(epochs)
        assert data.events == ["begin", 0, 1, 2, "end"] * 2

    def test_are_told_of_each_part(self):
        data = Told(3)
        epochs = Epochs(make_data(data), steps=2)
        for _ in range(3):
            quietly(seen, epochs)
        assert data.events == ["begin", 0, 1, "end", "begin", 2, "end", "begin", 0, 1, "end"]

    def test_are_told_of_an_end_that_comes_early(self):
        data = Told(3)
        for _ in Epochs(make_data(data)):
            break
        assert data.events == ["begin", 0, "end"]

    @pytest.mark.parametrize("workers", [1, 2])
    def test_without_end(self, workers):
        class Endless(Told):
            num_batches = None

        data = Endless(0, workers=workers)
        epochs = Epochs(make_data(data), steps=3)
        assert make_data(data).num_batches is None
        assert [seen(epochs), seen(epochs)] == [[0, 1, 2], [3, 4, 5]]

    def test_may_change_their_length(self):
        class Growing(Told):
            def on_epoch_end(self):
                self.count += 1

        epochs = Epochs(make_data(Growing(1)))
        assert [seen(epochs) for _ in range(3)] == [[0], [0, 1], [0, 1, 2]]


@pytest.mark.parametrize(("steps", "error"), [(-1, ValueError), (1.5, TypeError), ("3", TypeError)])
def test_steps_that_are_none(steps, error):
    with pytest.raises(error, match="number of steps"):
        Epochs(make_data(np.ones(3)), steps)


def test_steps_of_numpy_and_zero():
    assert Epochs(make_data(np.ones(3)), np.int64(2)).steps == 2
    assert Epochs(make_data(np.ones(3)), 0).steps is None


def test_a_limit_on_steps():
    keras.config.set_max_steps_per_epoch(2)
    try:
        with pytest.warns(UserWarning, match="limited to 2 steps"):
            epochs = Epochs(make_data(*arrays(5), batch_size=1))
        assert len(seen(epochs)) == epochs.num_batches == 2
        assert Epochs(make_data(np.ones(3)), 1).steps == 1
    finally:
        keras.config.set_max_steps_per_epoch(None)


# -- in fit --------------------------------------------------------------------------------------------------


def still():
    """A model that answers its input and does not learn."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    return model


@pytest.mark.parametrize("frequency, epochs", [(2, [2, 4]), ([1, 4], [1, 4]), ((3,), [3]), ({1, 2}, [1, 2])])
def test_validation_frequency(frequency, epochs):
    ran = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ran.append("val_loss" in logs))
    x, y = arrays(4)
    still().fit(x, y, epochs=4, validation_data=(x, y), validation_freq=frequency, callbacks=[note], verbose=0)
    assert [number for number, has in enumerate(ran, 1) if has] == epochs


def test_evaluate_and_predict_with_fewer_and_more_steps():
    x, y = arrays(6)
    model = still()
    assert model.evaluate(x, y, batch_size=2, steps=2, verbose=0) == pytest.approx(3.5)
    assert model.predict(stream(5), steps=2, verbose=0).ravel().tolist() == [0, 1]
    with pytest.warns(UserWarning, match="3 of 5 steps"):
        assert model.predict(x, batch_size=2, steps=5, verbose=0).shape == (6, 1)
    with pytest.warns(UserWarning, match="3 of 5 steps"):
        assert model.evaluate(stream(3), steps=5, verbose=0) == pytest.approx(5 / 3)


@pytest.mark.parametrize(("count", "losses"), [(5, [0.5, 6.5, 16.0, 0.5, 0.5]), (3, [0.5, 4.0, 0.5, 0.5, 0.5])])
def test_fit_with_a_generator_that_ends_early_has_all_its_epochs(count, losses):
    with pytest.warns(UserWarning, match="ran out of data after 1 of 2 steps"):
        history = still().fit(stream(count), steps_per_epoch=2, epochs=5, verbose=0)
    assert history.epoch == [0, 1, 2, 3, 4]
    assert history.history["loss"] == pytest.approx(losses)
