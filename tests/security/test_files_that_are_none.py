"""A pipe or a device in the place of a file is refused at once: nothing waits for who never writes."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.saving import assets, keras_archive
from kerasish_datasets import boston_housing, imdb

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have names")


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """A block that must not wait."""

    def late(*args: Any) -> None:
        raise AssertionError("it waits for the pipe")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(5)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def model() -> Any:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    made.compile("adam", "mse")
    return made


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to_a_pipe(path: Path) -> None:
    os.mkfifo(f"{path}.pipe")
    path.symlink_to(f"{path}.pipe")


def _link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_pipe, _link_to_a_pipe, _link_to_a_device])
@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("x.keras", "load_model"),
        ("x.h5", "load_model"),
        ("x.keras", "load_weights"),
        ("x.h5", "load_weights"),
        ("x.weights.h5", "load_weights"),
        ("x.weights.json", "load_weights"),
        ("x.npz", "load_weights"),
        ("x.keras", "KerasFileEditor"),
        ("x.weights.h5", "KerasFileEditor"),
    ],
)
def test_in_place_of_a_file(name: str, method: str, make: Callable[[Path], None], model: Any, tmp_path: Path) -> None:
    path = tmp_path / name
    make(path)
    act = model.load_weights if method == "load_weights" else getattr(keras.saving, method)
    with at_once(), pytest.raises(ValueError, match="no regular file") as caught:
        act(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("member", ["metadata.json", "model.weights.h5", "config.json"])
def test_in_place_of_a_member_of_a_directory(member: str, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "directory"
    model.save(path, zipped=False)
    (path / member).unlink()
    os.mkfifo(path / member)
    with at_once(), pytest.raises(ValueError, match=r"no regular file|no config\.json") as caught:
        keras.saving.load_model(path)
    assert str(path) in str(caught.value)
    with at_once(), pytest.raises(ValueError, match="no regular file"):
        assets.Directory(str(path)).read(member)
    assert keras_archive.is_directory(str(path)) == (member != "config.json")


def test_in_place_of_a_shard(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.weights.json"
    model.save_weights(path, max_shard_size=1.0)
    (tmp_path / "x_00000.weights.h5").unlink()
    os.mkfifo(tmp_path / "x_00000.weights.h5")
    with at_once(), pytest.raises(ValueError, match="no regular file"):
        model.load_weights(path)


def test_in_place_of_a_backup(model: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "latest.weights.h5")
    backup = keras.callbacks.BackupAndRestore(tmp_path)
    with at_once(), pytest.raises(ValueError, match="no regular file"):
        model.fit(np.ones((4, 4)), np.ones((4, 3)), verbose=0, callbacks=[backup])


@pytest.mark.parametrize(("name", "module"), [("imdb.npz", imdb), ("boston_housing.npz", boston_housing)])
def test_in_place_of_data(name: str, module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    os.mkfifo(tmp_path / "datasets" / name)
    with at_once(), pytest.raises(FileNotFoundError, match=name):
        module.load_data()
