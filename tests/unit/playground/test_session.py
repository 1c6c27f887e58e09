"""The thread of a page: answers, and frames that are dropped rather than queued."""

import json
import queue
import threading
import time

import pytest

from kerasish.playground import session as sessions
from kerasish.playground.engine import Engine
from kerasish.playground.messages import Binary
from kerasish.playground.session import MOST_UNDRAWN, Session

FAST = {"resolution": 10, "neuron_resolution": 5, "gradients": False}


class Page:
    """A session in a thread, and what it has sent."""

    def __init__(self, make_engine=Engine):
        self.sent = queue.Queue()
        self.session = Session(make_engine, self.sent.put)
        self.thread = threading.Thread(target=self.session.run, daemon=True)
        self.thread.start()

    def say(self, message_type, **message):
        self.session.receive(json.dumps({"type": message_type, **message}))

    def next(self, wanted):
        """The next answer of this type."""
        while True:
            answer = self.sent.get(timeout=20)
            if (answer.header if isinstance(answer, Binary) else answer)["type"] == wanted:
                return answer

    def close(self):
        self.session.close()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def page():
    made = Page()
    yield made
    made.close()


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_frames_that_are_not_drawn_hold_back_further_ones_but_not_the_training(page):
    page.say("hello", version=1, view=FAST, playing=True)
    first = page.next("frame")
    last = [page.next("frame") for _ in range(MOST_UNDRAWN - 1)][-1]
    wait_until(lambda: page.session.dropped >= 5)
    assert page.sent.empty()
    page.say("drawn", frame=first.header["number"])
    newest = page.next("frame")
    assert newest.header["number"] == last.header["number"] + 1  # those between were never made
    assert newest.header["epoch"] >= last.header["epoch"] + 5  # and the training went on


def test_the_training_of_a_page_that_is_not_looked_at_waits(page, monkeypatch):
    monkeypatch.setattr(sessions, "PATIENCE", 0.2)
    page.say("hello", version=1, view=FAST, playing=True)
    numbers = [page.next("frame").header["number"] for _ in range(MOST_UNDRAWN)]
    wait_until(lambda: page.session._time_to_wait() is None)
    time.sleep(0.05)
    epoch = page.session.engine.subject.epoch
    time.sleep(0.1)
    assert page.session.engine.subject.epoch <= epoch + 1
    page.say("drawn", frame=numbers[-1])
    assert page.next("frame").header["epoch"] > epoch


def test_what_is_no_message_is_answered_and_the_page_goes_on(page):
    for text in ("", "[", "[" * 100_000, "nul", '{"type": NaN}', '"drawn"'):
        page.session.receive(text)
        assert page.next("error")["message"]
    page.say("drawn", frame="x")
    page.say("step", id="a")
    assert page.next("frame").header["reply_to"] == "a"


def test_a_mistake_of_the_engine_is_told_and_the_page_goes_on(page, monkeypatch, capfd):
    page.say("hello", version=1, view=FAST)
    page.next("frame")
    monkeypatch.setattr(page.session.engine, "advance", _broken)
    page.say("play")
    assert page.next("error")["message"] == "RuntimeError: broken"
    page.say("step")
    assert page.next("frame").header["epoch"] == 1
    assert "RuntimeError: broken" in capfd.readouterr().err


def _broken():
    raise RuntimeError("broken")
    yield


def test_a_page_that_is_gone_ends_the_thread():
    def gone(answer):
        raise ConnectionError

    session = Session(Engine, gone)
    thread = threading.Thread(target=session.run, daemon=True)
    thread.start()
    session.receive('{"type": "play"}')
    thread.join(20)
    assert not thread.is_alive()


def test_two_pages_do_not_disturb_each_other(page):
    other = Page()
    for one, units in ((page, 3), (other, 5)):
        one.say("hello", version=1, view=FAST, settings={"layers": [{"kind": "dense", "units": units}]}, playing=True)
    for one, units in ((page, 3), (other, 5)):
        for _ in range(4):
            frame = one.next("frame")
            one.say("drawn", frame=frame.header["number"])
            assert frame.arrays["weights/0/0"].shape == (2, units)
        assert frame.header["epoch"] > 0
    other.close()
