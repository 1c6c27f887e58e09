"""One open page: a thread that trains, and frames at the pace at which the page draws them."""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from kerasish.playground.engine import Engine
from kerasish.playground.messages import Answer, Binary

# So many frames may be on their way; the page has to say that it has drawn one before there is another.
MOST_UNDRAWN = 2
# A page that has drawn nothing for so many seconds is not looked at: its training waits.
PATIENCE = 2.0
MOST_WAITING = 256

# What a tape records into belongs to the process, so that one engine at a time is at work.
_at_work = threading.Lock()


class Session:
    """An engine at work for one page.

    Args:
        make_engine: makes the engine, in the session's thread.
        send: sends an answer; it may wait until the page has taken it, and raises `ConnectionError` when it is gone.

    Attributes:
        dropped: how many frames were not made because the page had not drawn earlier ones.
    """

    engine: Engine

    def __init__(self, make_engine: Callable[[], Engine], send: Callable[[Answer], None]) -> None:
        self._make_engine = make_engine
        self.dropped = 0
        self._send = send
        self._waiting: queue.Queue[Any] = queue.Queue()
        self._is_open = True
        self._undrawn: set[int] = set()
        self._heard = time.monotonic()
        self._due = 0.0

    # -- from the page's side ------------------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether so many messages wait that no further one should be taken."""
        return self._waiting.qsize() >= MOST_WAITING

    def receive(self, text: str) -> None:
        """Take a message of the page."""
        self._waiting.put(text)

    def close(self) -> None:
        """End the session; its thread ends after what it is doing."""
        self._is_open = False
        self._waiting.put(None)

    # -- the thread ----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Answer messages, and train while the engine plays, until the session is closed or the page is gone."""
        with _at_work:
            self.engine = self._make_engine()
        try:
            while self._is_open:
                for text in self._taken():
                    self._answer(text)
                if self._is_open and self.engine.playing:
                    self._go_on()
        except ConnectionError:
            self._is_open = False

    def _taken(self) -> Iterator[str]:
        """The messages that wait; where nothing else is to be done, those that come."""
        timeout = self._time_to_wait()
        try:
            text = self._waiting.get(timeout=timeout) if timeout != 0 else self._waiting.get_nowait()
            while text is not None and self._is_open:
                yield text
                text = self._waiting.get_nowait()
        except queue.Empty:
            return

    def _time_to_wait(self) -> float | None:
        """Seconds until the next frame is due; None to wait for a message."""
        if not self.engine.playing:
            return None
        now = time.monotonic()
        if self._undrawn and now - self._heard > PATIENCE:
            return None
        return max(0.0, self._due - now)

    def _answer(self, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            self._send({"type": "error", "setting": None, "message": "a message of the page is one JSON object"})
            return
        if isinstance(message, dict) and message.get("type") == "drawn":
            self._heard = time.monotonic()
            number = message.get("frame")
            self._undrawn = {n for n in self._undrawn if not isinstance(number, int) or n > number}
            return
        self._work(self.engine.handle(message))

    def _go_on(self) -> None:
        """The next epochs, and their frame if the page has drawn those before."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = max(self._due, now - 1.0) + 1.0 / self.engine.view["frames_per_second"]
        if len(self._undrawn) < MOST_UNDRAWN:
            self._work(self.engine.advance())
        else:
            self.dropped += 1
            self._work(self.engine.train())

    def _work(self, answers: Iterator[Answer]) -> None:
        """Send what the engine answers; a mistake of its own is told as well, and the page can go on."""
        while self._is_open:
            try:
                with _at_work:
                    answer = next(answers, None)
            except Exception as error:
                traceback.print_exc(file=sys.stderr)
                self.engine.playing = False
                answer = {"type": "error", "setting": None, "message": f"{type(error).__name__}: {error}"}
            if answer is None:
                return
            if isinstance(answer, Binary) and answer.header["type"] == "frame":
                if not self._undrawn:
                    self._heard = time.monotonic()
                self._undrawn.add(answer.header["number"])
            self._send(answer)
