"""A playground's server and a Chromium for it; where either cannot be had, the tests are skipped and say so."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


class Server:
    """`python -m kerasish playground` on a port and with a token that stay the same when it is started again."""

    def __init__(self, *arguments: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = "a-token-of-the-tests"
        self.process: subprocess.Popen[str] | None = None
        self.start(*arguments)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def start(self, *arguments: str) -> None:
        options = ["--no-browser", "--port", str(self.port), "--token", self.token]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kerasish", "playground", *options, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )
        assert self.process.stdout is not None
        # It says its address once it listens.
        assert any(self.token in line for line in self.process.stdout)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    for needed in ("starlette", "uvicorn"):
        pytest.importorskip(needed, reason=f"the playground's server needs {needed}, which the extra `test` brings")
    found = Server()
    yield found
    found.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    driver = pytest.importorskip(
        "playwright.sync_api", reason="browser tests need playwright, which the extra `test` brings"
    )
    if CHROMIUM is None:
        pytest.skip("browser tests need Chromium: apt-get install chromium")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Pages with what goes wrong on them; a test fails where anything has, unless it takes it from `wrong` itself."""
    contexts = []
    wrong: list[str] = []

    def make(**options: Any) -> Any:
        settings = {"viewport": {"width": 1280, "height": 1000}, "reduced_motion": "reduce", **options}
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
        page.wrong = wrong
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def opened(new_page: Callable[..., Any], server: Server) -> Callable[..., Any]:
    """A page on the playground, with the settings of a link; its state is at hand as `window.app`."""

    def make(fragment: str = "", page: Any = None, **options: Any) -> Any:
        page = page or new_page(**options)
        page.goto(f"{server.address}#{fragment}")
        ready(page)
        return page

    return make


def ready(page: Any) -> None:
    """Wait for the first frame."""
    page.evaluate("import('/app.js').then((module) => { window.app = module.app; })")
    page.wait_for_function("() => window.app.frame !== null")
