"""Batches that workers make."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from kerasish.trainers.data.iterable_data import IndexedData, IterableData
from kerasish.trainers.data.making import make_data

ROOT = Path(__file__).resolve().parents[4]


class Numbered(keras.utils.PyDataset):
    def __init__(self, count=12, **kwargs):
        super().__init__(**kwargs)
        self.count, self.made, self.bad = count, [], None
        self.offset = 0

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if index == self.bad:
            raise OSError(f"cannot read file {index}")
        self.made.append((index, threading.get_ident(), os.getpid()))
        return np.full((2, 1), index + self.offset, "float32"), np.full(2, os.getpid())


def numbers(data):
    return [int(x[0, 0]) for x, _, _ in data]


@pytest.mark.parametrize("arguments", [{}, {"workers": 0}, {"workers": 3}, {"workers": 3, "max_queue_size": 1}])
def test_batches_come_in_order(arguments):
    assert numbers(make_data(Numbered(**arguments))) == list(range(12))


def test_a_shuffle_asks_for_each_batch_once():
    data = make_data(Numbered(workers=2), shuffle=True)
    first, second = numbers(data), numbers(data)
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second


def test_threads_work_at_a_time():
    class Slow(Numbered):
        def __getitem__(self, index):
            time.sleep(0.02)
            return super().__getitem__(index)

    source = Slow(workers=6)
    start = time.perf_counter()
    numbers(make_data(source))
    assert time.perf_counter() - start < 0.2  # 0.24 one after the other
    assert len({thread for _, thread, _ in source.made}) > 1
    assert threading.get_ident() not in {thread for _, thread, _ in source.made}


PROCESSES = """
import os
import numpy as np
import kerasish as keras
from kerasish.trainers.data.making import make_data

class Numbered(keras.utils.PyDataset):
    offset = 0

    def __len__(self):
        return 12

    def __getitem__(self, index):
        return np.full((2, 1), index + self.offset, "float32"), np.full(2, os.getpid())

if __name__ == "__main__":
    source = Numbered(workers=2, use_multiprocessing=True)
    data = make_data(source)
    first = list(data)
    assert [int(x[0, 0]) for x, _, _ in first] == list(range(12))
    assert os.getpid() not in {int(y[0]) for _, y, _ in first}
    source.offset = 100  # as a data set may change itself between epochs
    assert [int(x[0, 0]) for x, _, _ in data] == list(range(100, 112))
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(source, epochs=2, verbose=0)
    print("done")
"""


def test_processes_have_the_data_set_as_it_is_now(tmp_path):
    """In a process of its own, for a test's process may run threads that do not bear a fork."""
    (tmp_path / "script.py").write_text(PROCESSES)
    command = [sys.executable, str(tmp_path / "script.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout == "done\n", result.stderr


def test_no_more_batches_lie_ready_than_asked_for():
    source = Numbered(workers=2, max_queue_size=3)
    batches = iter(make_data(source))
    next(batches)
    time.sleep(0.05)
    assert len(source.made) <= 4
    batches.close()
    assert len(source.made) <= 5


@pytest.mark.parametrize("arguments", [{}, {"workers": 2}])
def test_an_error_in_a_batch_is_the_users_error(arguments):
    source = Numbered(**arguments)
    source.bad = 2
    with pytest.raises(OSError, match="cannot read file 2"):
        numbers(make_data(source))


def test_what_is_like_a_data_set():
    class Sequence:
        """As in Keras 2."""

        def __len__(self):
            return 3

        def __getitem__(self, index):
            return np.full((1, 1), index), np.ones(1)

    data = make_data(Sequence())
    assert isinstance(data, IndexedData) and data.num_batches == 3
    assert numbers(data) == [0, 1, 2]


def test_a_loader_is_not_started_to_be_looked_at():
    class Loader:
        def __iter__(self):
            raise AssertionError("this would start its workers")

        def __len__(self):
            return 5

    data = make_data(Loader())
    assert type(data) is IterableData and data.num_batches == 5 and not data.once


def test_the_constructor_of_the_base_was_not_called():
    class Forgetful(keras.utils.PyDataset):
        def __init__(self):
            self.count = 2

        def __len__(self):
            return self.count

        def __getitem__(self, index):
            return np.full((1, 1), index), np.ones(1)

    with pytest.warns(UserWarning, match=r"Forgetful.__init__ should call super\(\).__init__"):
        assert numbers(make_data(Forgetful())) == [0, 1]
