"""Whatever goes wrong while a file is written, the old one stays whole and nothing is left beside it."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving import atomic

NAMES = ["model.keras", "model.h5", "model.weights.h5", "model.weights.json", "model.weights.npz", "directory"]


def _save(model: Any, path: Path) -> None:
    if path.name.startswith("model.weights"):
        model.save_weights(path, max_shard_size=1e-7 if path.suffix == ".json" else None)
    else:
        model.save(path, zipped=None if path.suffix else False)


def _content(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def _fail(*args: Any, **kwargs: Any) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("present", [True, False], ids=["replacing", "new"])
@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
@pytest.mark.parametrize("name", NAMES)
def test_a_failed_save_changes_nothing(
    name: str, step: str, present: bool, trained: Any, train: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    if present:
        _save(trained, path)
    before = _content(tmp_path)
    train(trained)
    if step == "write":
        monkeypatch.setattr(h5py.Group, "create_dataset", _fail)
        monkeypatch.setattr(np, "savez", _fail)
    else:
        monkeypatch.setattr(os, step, _fail)
        monkeypatch.setattr(os, "rename", _fail if step == "replace" else os.rename)
    with pytest.raises(OSError, match="No space"):
        _save(trained, path)
    monkeypatch.undo()
    assert _content(tmp_path) == before
    assert not [p for p in tmp_path.rglob("*") if p.name.endswith(".tmp")]
    _save(trained, path)
    assert _content(tmp_path) != before


def test_the_second_of_several_moves_fails(trained: Any, train: Any, tmp_path: Path, monkeypatch: Any) -> None:
    trained.save(tmp_path / "directory", zipped=False)
    (tmp_path / "directory" / "notes.txt").write_text("mine")
    before = _content(tmp_path)
    train(trained)
    moves, replace = [], os.replace

    def second_fails(source: str, target: str) -> None:
        moves.append(target)
        if len(moves) == 2:
            _fail()
        replace(source, target)

    monkeypatch.setattr(os, "replace", second_fails)
    with pytest.raises(OSError, match="No space"):
        trained.save(tmp_path / "directory", zipped=False)
    monkeypatch.undo()
    assert _content(tmp_path) == before
    trained.save(tmp_path / "directory", zipped=False)
    assert (tmp_path / "directory" / "notes.txt").read_text() == "mine"


def test_an_interruption_is_a_failure_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic.replacing(str(path)) as temporary:
        Path(temporary).write_text("half")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == ["file"] and path.read_text() == "old"


def test_mode_and_links_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with atomic.replacing(str(link)) as temporary:
        Path(temporary).write_text("new")
    assert link.is_symlink() and path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("name", NAMES)
def test_nobody_looks_into_a_private_file_while_it_is_replaced(
    name: str, trained: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    path = tmp_path / "inside" / name
    path.parent.mkdir()
    _save(trained, path)
    for file in (p for p in tmp_path.rglob("*") if p.is_file()):
        file.chmod(0o600)
    if path.is_dir():
        path.chmod(0o700)
    seen: list[Path] = []

    def look(handle: int) -> None:
        for place in (p for p in tmp_path.rglob("*") if p.is_file()):
            ways = [place, *place.relative_to(tmp_path).parents]
            assert any(not (tmp_path / way).stat().st_mode & 0o077 for way in ways if way != Path(".")), place
            seen.append(place)

    monkeypatch.setattr(os, "fsync", look)
    _save(trained, path)
    assert any(".tmp" in str(place) for place in seen)
    assert not any(p.stat().st_mode & 0o077 for p in tmp_path.rglob("*") if p.is_file())


def test_a_directory_in_the_way_is_told(trained: Any, tmp_path: Path) -> None:
    (tmp_path / "model.keras").mkdir()
    with pytest.raises(IsADirectoryError, match=r"model\.keras"):
        trained.save(tmp_path / "model.keras")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="file"):
        trained.save(tmp_path / "file", zipped=False)


def test_a_directory_in_place_of_weights_is_told(trained: Any, tmp_path: Path) -> None:
    trained.save(tmp_path / "directory", zipped=False)
    with pytest.raises(IsADirectoryError, match=r"directory is a directory, .*model\.weights\.h5"):
        trained.load_weights(tmp_path / "directory")
    trained.load_weights(tmp_path / "directory" / "model.weights.h5")
    (tmp_path / "other").mkdir()
    with pytest.raises(IsADirectoryError, match=r"no config\.json"):
        trained.load_weights(tmp_path / "other")


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_directory_in_the_way_of_any_file(name: str, trained: Any, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(IsADirectoryError, match=name):
        _save(trained, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5", "model.weights.npz"])
def test_a_place_that_does_not_exist_is_named(name: str, trained: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no such directory to write a file into.*nowhere'"):
        _save(trained, tmp_path / "nowhere" / name)


def test_a_kill_leaves_a_file_that_opens(trained: Any, tmp_path: Path, train: Any) -> None:
    path = tmp_path / "model.keras"
    trained.save(path)
    script = (
        "import sys, kerasish as keras\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "while True: model.save(sys.argv[1])\n"
    )
    root = Path(keras.__file__).parents[1]
    for pause in (0.003, 0.011, 0.02):
        child = subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=root, stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        time.sleep(pause)
        child.kill()
        child.wait()
        child.stdout.close()
        weights = keras.saving.load_model(path).get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(weights, trained.get_weights(), strict=True))


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files is a thing of POSIX")
@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_is_full_in_the_middle_of_a_file(name: str, trained: Any, train: Any, tmp_path: Path) -> None:
    import resource
    import signal

    path = tmp_path / name
    _save(trained, path)
    before = _content(tmp_path)
    train(trained)
    largest = max(len(content) for content in before.values())
    child = os.fork()  # what HDF5 cannot write it tries again when objects end, and may then break later files
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest // 2, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        try:
            _save(trained, path)
        except OSError as error:
            os._exit(0 if "before is whole" in str(error) and str(tmp_path) in error.filename else 3)
        except BaseException:
            os._exit(2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert _content(tmp_path) == before


def test_the_disk_is_waited_for(trained: Any, tmp_path: Path, monkeypatch: Any) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(atomic, "flush_to_disk", flushed.append)
    trained.save(tmp_path / "model.keras")
    assert len(flushed) == 2 and flushed[0].endswith(".tmp") and flushed[1] == os.path.realpath(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "is empty"), (b"version https://git-lfs", "git lfs pull"), (b"<!DOCTYPE html><html>", "web page")],
)
def test_what_lies_in_the_place_of_a_file_is_told(content, told, tmp_path):
    for name in ("model.keras", "model.h5"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}: .*{told}"):
            keras.models.load_model(tmp_path / name)


def test_a_saved_model_is_told_of(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    for path in (tmp_path, tmp_path / "saved_model.pb"):
        with pytest.raises(ValueError, match="program of TensorFlow"):
            keras.models.load_model(path)
