"""`kerasish playground`: open the page, on settings of one's own or on the model of a script."""

from __future__ import annotations

import argparse
import secrets
import sys
import threading
import webbrowser

from kerasish.playground import server
from kerasish.playground.engine import Engine
from kerasish.playground.running import NothingToShow, model_of

_SHORTEST_TOKEN = 16


def main(arguments: list[str]) -> int:
    """Serve the page until Ctrl-C; the exit code.

    Args:
        arguments: what stands after `playground` on the command line.
    """
    options = _parser().parse_args(arguments)
    if options.token is not None and len(options.token) < _SHORTEST_TOKEN:
        return _refuse(f"--token must have at least {_SHORTEST_TOKEN} characters: it keeps other programs out")
    try:
        server.check_libraries()
        brought = None if options.script is None else model_of(options.script, options.arguments)
        if brought is not None:
            Engine(brought).frame()  # what cannot be drawn is found now
        listener = server.listen(options.port)
    except (ImportError, NothingToShow) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"port {options.port} cannot be used: {error.strerror}; leave --port out to take a free one")
    token = options.token or secrets.token_urlsafe(24)
    address = f"http://{server.ADDRESS}:{listener.getsockname()[1]}/?token={token}"

    def started() -> None:
        print(f"The playground is at {address}\nStop it with Ctrl-C.", flush=True)
        if not options.no_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # one in the terminal waits

    server.serve(lambda: Engine(brought), token, listener, started)
    return 0


def _refuse(message: str) -> int:
    print(f"kerasish playground: {message}", file=sys.stderr)
    return 1


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kerasish playground",
        description="A page in the browser on which a network learns. With a script: its last compiled model, on the "
        "data of its last fit.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=_port, help=f"by default the first free one from {server.PORT} on")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    parser.add_argument("--token", help="the secret of the address, by default a new one; for links that last")
    parser.add_argument("script", nargs="?", help="a Keras script, which is run first")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the script's own arguments")
    return parser
