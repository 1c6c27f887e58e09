"""The server: who may speak to it, and what it serves."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from kerasish.playground import server
from kerasish.playground.engine import Engine
from kerasish.playground.messages import decode

pytest.importorskip("starlette", reason="the playground's extra is not installed")
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "a-token-that-is-long-enough"
OWN = {"host": "127.0.0.1:8790", "origin": "http://127.0.0.1:8790"}


@pytest.fixture
def client():
    with TestClient(server.application(Engine, TOKEN, 8790), base_url="http://127.0.0.1:8790") as made:
        yield made


def test_the_page_comes_with_a_policy_that_loads_nothing_from_elsewhere(client):
    answer = client.get("/")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "http:" not in policy and "unsafe" not in policy and "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/app.js").headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/engine.py", "/..%2fengine.py", "/%2e%2e/engine.py", "//etc/passwd", "/nothing"])
def test_nothing_but_the_page_is_served(client, path):
    assert client.get(path).status_code == 404


def test_the_token_is_asked_for(client):
    assert client.get(f"/check?token={TOKEN}").status_code == 204
    for wrong in ("", "?token=", "?token=é", f"?token={TOKEN}x", f"?token={TOKEN[:-1]}"):
        assert client.get(f"/check{wrong}").status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8790", ""])
def test_another_name_for_this_machine_is_refused(client, host):
    answer = client.get(f"/check?token={TOKEN}", headers={"host": host})
    assert answer.status_code == 421 and "content-security-policy" not in answer.headers
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"/ws?token={TOKEN}", headers={**OWN, "host": host}),
    ):
        pass


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/ws", {}),
        ("/ws?token=wrong", {}),
        (f"/ws?token={TOKEN}", {"origin": "http://evil.example"}),
        (f"/ws?token={TOKEN}", {"origin": "https://127.0.0.1:8790"}),
        (f"/ws?token={TOKEN}", {"origin": "http://127.0.0.1:8791"}),
        (f"/ws?token={TOKEN}", {"origin": "null"}),
        (f"/ws?token={TOKEN}", {"origin": ""}),
        (f"/elsewhere?token={TOKEN}", {}),
    ],
)
def test_a_socket_without_token_or_of_another_origin_is_refused(client, path, headers):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers={**OWN, **headers}):
        pass


def test_a_page_is_answered(client):
    with client.websocket_connect(f"/ws?token={TOKEN}", headers=OWN) as socket_of_a_page:
        socket_of_a_page.send_text(json.dumps({"type": "hello", "version": 1}))
        assert json.loads(socket_of_a_page.receive_text())["type"] == "catalogue"
        assert json.loads(socket_of_a_page.receive_text())["type"] == "state"
        assert decode(socket_of_a_page.receive_bytes()).header["type"] == "data"
        assert decode(socket_of_a_page.receive_bytes()).header["epoch"] == 0
        socket_of_a_page.send_text(json.dumps({"type": "step"}))
        assert decode(socket_of_a_page.receive_bytes()).header["epoch"] == 1


def test_a_message_of_bytes_ends_the_connection(client):
    with client.websocket_connect(f"/ws?token={TOKEN}", headers=OWN) as socket_of_a_page:
        socket_of_a_page.send_bytes(b"x")
        with pytest.raises(WebSocketDisconnect):
            socket_of_a_page.receive_text()


def test_so_many_pages_and_no_more(client, monkeypatch):
    monkeypatch.setattr(server, "MOST_PAGES", 1)
    with client.websocket_connect(f"/ws?token={TOKEN}", headers=OWN):
        with (
            client.websocket_connect(f"/ws?token={TOKEN}", headers=OWN) as second,
            pytest.raises(WebSocketDisconnect) as end,
        ):
            second.receive_text()
        assert end.value.code == 1013


def test_another_port_is_taken_where_one_is_in_use():
    with server.listen(0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert taken.getsockname()[0] == "127.0.0.1"
        with pytest.raises(OSError):
            server.listen(port)
    with server.listen(None) as free:
        assert free.getsockname()[1] > 0


def test_a_missing_library_is_named_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(
        ImportError, match=r"the playground needs uvicorn, which .* -m pip install starlette uvicorn websockets"
    ):
        server.check_libraries()


SCRIPT = """
import sys
import numpy as np
import keras
from keras import layers

x = np.random.default_rng(0).uniform(-5, 5, (40, 2)).astype("float32")
y = keras.utils.to_categorical(np.arange(40) % 3)
other = keras.Sequential([layers.Dense(1)])
other.compile("sgd", "mse")
other.fit(x[:, :1], x[:, 1:], verbose=0)
inputs = keras.Input((2,))
hidden = layers.Dense(5, activation="relu")(inputs)
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Concatenate()([inputs, hidden])))
model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:30], y[:30], batch_size=8, validation_data=(x[30:], y[30:]), verbose=0)
print(__name__, sys.argv[1:], keras.__name__)
"""


def test_the_command_serves_the_model_of_a_script_until_ctrl_c(tmp_path):
    websockets = pytest.importorskip("websockets.sync.client")
    (tmp_path / "mine.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "kerasish", "playground", "--no-browser", "--port", "0", "mine.py", "--fast"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "__main__ ['--fast'] kerasish\n"
        address = process.stdout.readline().split()[-1]
        origin, _, token = address.partition("/?token=")
        assert len(token) >= 32
        assert urllib.request.urlopen(f"{origin}/check?token={token}").status == 204
        with websockets.connect(
            f"ws{origin[4:]}/ws?token={token}", origin=origin, max_size=None, proxy=None
        ) as socket_of_a_page:
            socket_of_a_page.send('{"type": "hello", "version": 1}')
            answers = [socket_of_a_page.recv() for _ in range(4)]
        state = json.loads(answers[1])
        assert "come from mine.py" in state["fixed"] and state["script"] == SCRIPT and state["outputs"] == 3
        assert [layer["units"] for layer in state["layers"]] == [5, 7, 3]
        assert decode(answers[2]).arrays["test_x"].shape == (10, 2)
        assert decode(answers[3]).arrays["maps/1"].shape[0] == 7
    finally:
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (0, ""), out


def test_loopback_is_all_that_is_listened_on():
    with server.listen(0) as listener:
        assert listener.family == socket.AF_INET and listener.getsockname()[0] == "127.0.0.1"
