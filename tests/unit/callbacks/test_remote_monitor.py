"""Logs sent to a server."""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

import kerasish as keras
from kerasish.callbacks import RemoteMonitor


@pytest.fixture
def server():
    """A server on this machine that keeps what is posted to it."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, self.headers["Content-Type"], self.headers["X-Run"], body))
            self.send_response(404 if self.path == "/refused" else 200)
            self.end_headers()

        def log_message(self, *_):
            """Keep the test's output quiet."""

    running = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", received
    running.shutdown()
    running.server_close()


def test_a_form_is_sent_after_each_epoch(server):
    root, received = server
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    monitor = RemoteMonitor(root, headers={"X-Run": "7"})
    history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[monitor]).history
    assert [(path, kind, run) for path, kind, run, _ in received] == [
        ("/publish/epoch/end/", "application/x-www-form-urlencoded", "7")
    ] * 2
    sent = [json.loads(urllib.parse.parse_qs(body)["data"][0]) for *_, body in received]
    assert sent == [{"epoch": i, "loss": loss} for i, loss in enumerate(history["loss"])]


def test_json_and_numpy_scalars(server):
    root, received = server
    RemoteMonitor(root, "/logs", send_as_json=True).on_epoch_end(3, {"loss": np.float32(0.5), "lr": np.array(0.25)})
    path, kind, _, body = received[0]
    assert (path, kind, json.loads(body)) == ("/logs", "application/json", {"epoch": 3, "loss": 0.5, "lr": 0.25})


def test_numbers_of_numpy_anywhere_in_the_logs(server):
    root, received = server
    logs = {"steps": np.int64(7), "best": np.bool_(True), "counts": np.array([1, 2]), "parts": [np.float32(0.5)]}
    RemoteMonitor(root, send_as_json=True).on_epoch_end(np.int64(1), logs)
    assert received[0][3] == '{"epoch": 1, "steps": 7, "best": true, "counts": [1, 2], "parts": [0.5]}'


def test_what_no_json_holds_is_told(server):
    with pytest.raises(TypeError, match="the logs hold a set"):
        RemoteMonitor(server[0]).on_epoch_end(0, {"names": {"a"}})


def test_an_answer_that_is_an_error_stops_nothing(server):
    root, received = server
    RemoteMonitor(root, "/refused").on_epoch_end(0)
    assert len(received) == 1


def test_a_server_that_is_not_there():
    with pytest.warns(UserWarning, match="could not reach http://127.0.0.1:1"):
        RemoteMonitor("http://127.0.0.1:1").on_epoch_end(0, {"loss": 1.0})


def test_an_address_of_another_kind():
    with pytest.raises(ValueError, match="http://"):
        RemoteMonitor("file:///tmp/log")
