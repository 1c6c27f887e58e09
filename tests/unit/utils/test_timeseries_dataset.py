import numpy as np
import pytest

import kerasish as keras

windows_of = keras.utils.timeseries_dataset_from_array


def brute(data, targets, length, stride=1, rate=1, start=None, end=None):
    """Windows by the definition: one after the other, as long as they fit."""
    data = data[start or 0 : end or len(data)]
    targets = None if targets is None else targets[start or 0 : end]
    found, first = [], 0
    while first + (length - 1) * rate < len(data) and (targets is None or first < len(targets)):
        window = [data[first + k * rate] for k in range(length)]
        found.append((np.array(window).tolist(), None if targets is None else targets[first].tolist()))
        first += stride
    return found


@pytest.mark.parametrize("length", [1, 3, 10])
@pytest.mark.parametrize("stride", [1, 2, 5])
@pytest.mark.parametrize("rate", [1, 3])
@pytest.mark.parametrize("bounds", [(None, None), (4, None), (None, 25), (3, 26)])
@pytest.mark.parametrize("dims", [(), (2,)])
def test_windows(length, stride, rate, bounds, dims):
    data = np.random.default_rng(0).random((31, *dims))
    for targets in (None, np.arange(31) * 10):
        found = []
        made = windows_of(data, targets, length, stride, rate, 4, False, None, *bounds)
        for element in made:
            x, y = (element, [None] * len(element)) if targets is None else element
            found += list(zip(x.tolist(), y if targets is None else y.tolist(), strict=True))
        assert found == brute(data, targets, length, stride, rate, *bounds)
        assert len(made) == -(-len(found) // 4)


def test_shuffle_moves_windows_with_their_targets():
    data = np.arange(40)
    made = windows_of(data, data, 3, batch_size=8, shuffle=True, seed=5)
    first, second = ([y for _, batch in made for y in batch] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(38)) and first != second
    for x, y in made:
        np.testing.assert_array_equal(x[:, 0], y)
    again = windows_of(data, data, 3, batch_size=8, shuffle=True, seed=5)
    assert [y for _, batch in again for y in batch] == first


def test_single_windows():
    made = windows_of(np.arange(6), None, 3, batch_size=None)
    assert [window.tolist() for window in made] == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]


def test_a_memory_map_is_read_by_windows(tmp_path):
    np.arange(100.0).tofile(tmp_path / "series")
    series = np.memmap(tmp_path / "series", "float64", "r")
    x = next(iter(windows_of(series, None, 4)))
    assert x.shape == (97, 4) and x[1].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start_index": -1}, "start_index"),
        ({"start_index": 10}, "start_index"),
        ({"end_index": 10}, "end_index"),
        ({"start_index": 5, "end_index": 5}, "end_index"),
        ({"sampling_rate": 0}, "sampling_rate"),
        ({"sampling_rate": 10}, "sampling_rate"),
        ({"sequence_stride": 0}, "sequence_stride"),
        ({"format": "torch"}, "format"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        windows_of(np.arange(10), None, 2, **arguments)


def test_fewer_targets_than_windows():
    with pytest.raises(ValueError, match="targets"):
        windows_of(np.arange(20), np.arange(12), 2, start_index=5)


def test_a_forecast_is_trained():
    series = np.sin(np.arange(200) / 5)
    made = windows_of(series[:-5], series[5:], 5, batch_size=16)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), "mse")
    history = model.fit(made, epochs=10, verbose=0).history["loss"]
    assert history[-1] < history[0] / 20


def test_preprocessing_has_it_too():
    assert keras.preprocessing.timeseries_dataset_from_array is windows_of
    assert keras.preprocessing.sequence.pad_sequences is keras.utils.pad_sequences
