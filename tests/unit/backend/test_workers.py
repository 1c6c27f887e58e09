"""Parts of a computation, shared by threads."""

import os
import threading

import numpy as np
import pytest

from kerasish.backend import workers


@pytest.mark.parametrize("cores", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_each_part_is_computed_once(monkeypatch, cores, count):
    monkeypatch.setattr(workers, "cores", lambda: cores)
    done = np.zeros(count, int)

    def part(index):
        done[index] += 1

    for _ in range(20):
        workers.share(part, count)
    assert (done == 20).all()


def test_two_parts_run_at_the_same_time(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    both = threading.Barrier(2)
    workers.share(lambda index: both.wait(timeout=30), 2)


def test_an_error_of_any_part_is_raised_when_all_have_ended(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 3)
    done = []

    def part(index):
        if index == 3:
            raise ZeroDivisionError("part 3")
        done.append(index)

    with pytest.raises(ZeroDivisionError, match="part 3"):
        workers.share(part, 8)
    assert sorted(done) == [0, 1, 2, 4, 5, 6, 7]
    workers.share(done.append, 2)  # the threads are still there


def test_parts_have_parts_of_their_own(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 3)
    done = np.zeros((6, 7), int)

    def part(i):
        def inner(j):
            done[i, j] += 1

        workers.share(inner, 7)

    for _ in range(30):
        workers.share(part, 6)
    assert (done == 30).all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_makes_its_own_threads(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    workers.share(lambda index: None, 2)
    child = os.fork()
    if child == 0:
        done = []
        workers.share(done.append, 4)
        os._exit(0 if sorted(done) == [0, 1, 2, 3] else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_watched_number_wakes_who_waits():
    """With Numba a thread waits awake for a while, and gets what comes later, too."""
    pytest.importorskip("numba")
    from kerasish.backend import fast

    assert fast.wait()
    queue = workers._Queue(1)
    threading.Timer(0.01, queue.put, ["late"]).start()  # long after the watch has ended
    assert queue.get() == "late"
    queue.put("at once")
    assert queue.get() == "at once"


def test_two_callers_at_once(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 3)
    done = np.zeros((4, 5), int)

    def call(row):
        def part(index):
            done[row, index] += 1

        for _ in range(300):
            workers.share(part, 5)

    callers = [threading.Thread(target=call, args=(row,)) for row in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=60)
        assert not caller.is_alive()
    assert (done == 300).all()
