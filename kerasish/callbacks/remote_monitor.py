"""Logs sent to a server."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, ClassVar

import numpy as np

from kerasish.backend.callers import warn
from kerasish.callbacks.callback import Callback

_SECONDS = 10.0


class RemoteMonitor(Callback):
    """Sends the logs of every epoch to a server, by an HTTP POST to `root + path`.

    A server that cannot be reached gives a warning, and training goes on.

    Args:
        root: the server, `http://` or `https://` with a host and a port.
        path: the path on the server.
        field: the name of the form's field that holds the logs as JSON.
        headers: HTTP headers by name.
        send_as_json: whether the logs are the body itself, as `application/json`, in place of a form.

    Raises:
        ValueError: if `root` is no HTTP address.

    Example:
        >>> import kerasish as keras
        >>> monitor = keras.callbacks.RemoteMonitor("http://localhost:9000", send_as_json=True)
        >>> monitor.path
        '/publish/epoch/end/'
    """

    only_in_first_process: ClassVar[bool] = True

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not str(root).lower().startswith(("http://", "https://")):
            raise ValueError(f"root must be an address that begins with http:// or https://; received {root!r}")
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Send `{"epoch": epoch, ...logs}`."""
        text = json.dumps({"epoch": epoch, **(logs or {})}, default=_plain)
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        body = text if self.send_as_json else urllib.parse.urlencode({self.field: text})
        headers = {"Content-Type": kind, **(self.headers or {})}
        request = urllib.request.Request(self.root + self.path, body.encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS):
                return
        except urllib.error.HTTPError:
            return  # the server was there; what it answers is its own affair, as in Keras
        except (OSError, ValueError) as error:
            warn(f"RemoteMonitor could not reach {self.root}: {error}")


def _plain(value: Any) -> Any:
    """A NumPy number or array as Python's numbers, for JSON."""
    array = np.asarray(value)
    if array.dtype.kind == "O":
        raise TypeError(f"RemoteMonitor sends numbers and words; the logs hold a {type(value).__name__}: {value!r:.80}")
    return array.item() if array.size == 1 else array.tolist()
