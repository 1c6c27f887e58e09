"""An engine with shorthands for its answers."""

from collections.abc import Callable
from typing import Any

import pytest

from kerasish.playground.engine import Engine
from kerasish.playground.messages import Answer, Binary


def kind(answer: Answer) -> str:
    return answer.header["type"] if isinstance(answer, Binary) else answer["type"]


class Driver:
    """Sends messages to an engine, and finds answers by their type."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, message_type: str, **message: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for answer in self.engine.handle({"type": message_type, **message}):
            found[kind(answer)] = answer
        return found

    def error(self, message_type: str, **message: Any) -> Any:
        found = self(message_type, **message)
        assert list(found) == ["error"]
        return found["error"]


@pytest.fixture
def engine() -> Driver:
    return Driver(Engine())


@pytest.fixture
def drive() -> Callable[[Engine], Driver]:
    return Driver
