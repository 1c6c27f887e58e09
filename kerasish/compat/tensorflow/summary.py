"""`tf.summary`: numbers, pictures and text for TensorBoard (extra `tensorboard`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish._extras import missing

_state: dict[str, Any] = {"writer": None, "step": None}


class Writer:
    """Writes event files into a directory."""

    def __init__(self, logdir: Any) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise missing("tf.summary needs tensorboardX", "tensorboard") from error
        self.events = SummaryWriter(str(logdir))

    @contextmanager
    def as_default(self, step: Any = None) -> Iterator[Writer]:
        """A block whose summaries go to this writer."""
        before = dict(_state)
        _state.update(writer=self, step=before["step"] if step is None else step)
        try:
            yield self
        finally:
            self.flush()
            _state.update(before)

    def set_as_default(self, step: Any = None) -> None:
        """Let summaries go to this writer from now on."""
        _state.update(writer=self, step=step)

    def flush(self) -> None:
        """Write what waits."""
        self.events.flush()

    def close(self) -> None:
        """Write what waits, and end the file."""
        self.events.close()


def create_file_writer(logdir: Any, *_: Any, **__: Any) -> Writer:
    return Writer(logdir)


def _written(name: str, step: Any) -> tuple[Any, int] | None:
    writer = _state["writer"]
    if writer is None:
        return None
    number = _state["step"] if step is None else step
    if number is None:
        raise ValueError(f"summary {name!r} needs a step: give it as step, or to as_default or experimental.set_step")
    return writer.events, int(number)


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    if (place := _written(name, step)) is not None:
        place[0].add_scalar(name, float(data), place[1])
    return place is not None


def histogram(name: str, data: Any, step: Any = None, buckets: Any = None, description: str | None = None) -> bool:
    if (place := _written(name, step)) is not None:
        place[0].add_histogram(name, np.asarray(data), place[1])
    return place is not None


def image(name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None) -> bool:
    if (place := _written(name, step)) is not None:
        place[0].add_images(name, np.asarray(data)[:max_outputs], place[1], dataformats="NHWC")
    return place is not None


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    if (place := _written(name, step)) is not None:
        place[0].add_text(name, data.decode() if isinstance(data, bytes) else str(data), place[1])
    return place is not None


def flush(writer: Any = None, name: str | None = None) -> None:
    found = writer or _state["writer"]
    if found is not None:
        found.flush()


def set_step(step: Any) -> None:
    _state["step"] = step
