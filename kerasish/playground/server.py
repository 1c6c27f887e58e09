"""The page and its engines on this machine's own address: files over HTTP, messages over a WebSocket."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import secrets
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasish._extras import missing
from kerasish.playground.engine import Engine
from kerasish.playground.messages import Answer, encode
from kerasish.playground.session import Session

if TYPE_CHECKING:
    from starlette.applications import Starlette

PAGE = Path(__file__).parent / "page"
ADDRESS = "127.0.0.1"
PORT = 8790
LONGEST_MESSAGE = 2**20
MOST_PAGES = 16
_NAMES = (ADDRESS, "localhost")


def application(make_engine: Callable[[], Engine], token: str, port: int) -> Starlette:
    """The server as an ASGI application.

    Args:
        make_engine: makes the engine of a page that opens.
        token: what only those know who were told the address.
        port: on which it is reached.

    Raises:
        ImportError: if a library of the extra `playground` is missing.
    """
    check_libraries()
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Mount, Route, WebSocketRoute
    from starlette.staticfiles import StaticFiles
    from starlette.websockets import WebSocket

    mimetypes.add_type("text/javascript", ".js")
    pages: set[Session] = set()

    def knows(connection: Request | WebSocket) -> bool:
        given = connection.query_params.get("token", "")
        return secrets.compare_digest(given.encode(), token.encode())

    async def check(request: Request) -> Response:
        return Response(status_code=204 if knows(request) else 403)

    async def page(websocket: WebSocket) -> None:
        origins = [f"http://{name}:{port}" for name in _NAMES]
        if not knows(websocket) or websocket.headers.get("origin") not in origins:
            await websocket.close(1008)
            return
        await websocket.accept()
        if len(pages) >= MOST_PAGES:
            await websocket.close(1013, f"{MOST_PAGES} pages are open already")
            return
        await _talk(websocket, make_engine, pages)

    routes = [
        Route("/check", check),
        WebSocketRoute("/ws", page),
        Mount("/", StaticFiles(directory=PAGE, html=True)),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(_Guard, port=port)
    return app


async def _talk(websocket: Any, make_engine: Callable[[], Engine], pages: set[Session]) -> None:
    """Hand messages to the thread of a page, and its answers to the page, until one of them ends."""
    from starlette.websockets import WebSocketDisconnect

    loop = asyncio.get_running_loop()

    def send(answer: Answer) -> None:
        data = encode(answer)
        sending = websocket.send_text(data) if isinstance(data, str) else websocket.send_bytes(data)
        try:
            asyncio.run_coroutine_threadsafe(sending, loop).result()
        except (RuntimeError, OSError, WebSocketDisconnect, asyncio.CancelledError) as error:
            raise ConnectionError("the page is gone") from error

    session = Session(make_engine, send)
    pages.add(session)
    threading.Thread(target=session.run, name="playground", daemon=True).start()
    try:
        while True:
            while session.is_full:
                await asyncio.sleep(0.01)
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                break
            if message.get("text") is None:
                await websocket.close(1003, "a message of the page is text")
                break
            session.receive(message["text"])
    finally:
        session.close()
        pages.discard(session)


class _Guard:
    """Answers only who asks this machine by its own name, and tells browsers to load nothing from elsewhere."""

    def __init__(self, app: Any, port: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}".encode() for name in _NAMES}
        sockets = " ".join(f"ws://{name}:{port}" for name in _NAMES)
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
            f"connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        self.headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"cache-control", b"no-cache"),
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        is_elsewhere = scope["type"] == "websocket" and scope["path"] != "/ws"
        if len(hosts) != 1 or hosts[0] not in self.hosts or is_elsewhere:
            await self._refuse(scope, send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self.headers]}
            await send(message)

        await self.app(scope, receive, guarded)

    @staticmethod
    async def _refuse(scope: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        body = b"the playground answers at its own address only\n"
        await send({"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": body})


def check_libraries() -> None:
    """Ask for the libraries that the server needs.

    Raises:
        ImportError: if one is missing, with the line that installs it.
    """
    try:
        import starlette
        import uvicorn
        import websockets
    except ImportError as error:
        raise missing(f"the playground needs {error.name}", "playground") from error
    del starlette, uvicorn, websockets


def listen(port: int | None) -> socket.socket:
    """A socket on the loopback, on this port, or on the first free one from 8790 on.

    Raises:
        OSError: if the port is taken.
    """
    if port is not None:
        return _bound(port)
    for candidate in range(PORT, PORT + 10):
        try:
            return _bound(candidate)
        except OSError:
            continue
    return _bound(0)


def _bound(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would share a port that is in use
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((ADDRESS, port))
    except OSError:
        made.close()
        raise
    return made


def serve(make_engine: Callable[[], Engine], token: str, listener: socket.socket, started: Callable[[], None]) -> None:
    """Answer pages until the process is interrupted.

    Args:
        make_engine: makes the engine of a page that opens.
        token: the secret of the address.
        listener: a socket of `listen`.
        started: called when pages are answered.

    Raises:
        ImportError: if a library of the extra `playground` is missing.
    """
    app = application(make_engine, token, listener.getsockname()[1])
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    config = uvicorn.Config(
        app,
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,  # frames go no further than this machine
        lifespan="off",
        log_level="warning",
        access_log=False,  # it would hold the token
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return
