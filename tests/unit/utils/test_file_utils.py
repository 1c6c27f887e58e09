"""Files fetched from a server on this machine: whole or not at all, taken up where they ended, named as Keras names."""

import hashlib
import http.server
import io
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import keras as theirs
import pytest

import kerasish as keras
from kerasish.utils import downloads

ROOT = Path(__file__).resolve().parents[3]
CONTENT = bytes(range(256)) * 1000


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.etag, self.asked, self.breaks, self.parts = {}, '"1"', [], [], True
        self.stalls = None  # an event that every answer waits for

    def handle_error(self, *_):
        pass  # a client that closes a connection early

    def url(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, name = self.server, self.path.strip("/")
        server.asked.append(self.headers.get("Range"))
        if name not in server.files:
            self.send_error(404)
            return
        content, start = server.files[name], 0
        if server.parts and server.asked[-1] and self.headers.get("If-Range", server.etag) == server.etag:
            start = int(server.asked[-1][len("bytes=") : -1])
            if start >= len(content):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if server.etag:
            self.send_header("ETag", server.etag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        ends = server.breaks.pop(0) if server.breaks else len(content)
        self.wfile.write(content[start:ends])
        if server.stalls is not None:
            self.wfile.flush()
            server.stalls.wait(20)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(downloads, "TIMEOUT", 5.0)
    made = _Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    made.files["data.bin"] = CONTENT
    yield made
    made.shutdown()
    made.server_close()
    thread.join(5)


def leftovers(folder):
    return sorted(path.name for path in folder.rglob(".*"))


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(members, mode="w:gz"):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def test_a_file_comes_once(server, tmp_path, capsys):
    sha = hashlib.sha256(CONTENT).hexdigest()
    for _ in range(2):
        path = keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, file_hash=sha)
    assert path == str(tmp_path / "datasets" / "data.bin")
    assert (tmp_path / "datasets" / "data.bin").read_bytes() == CONTENT
    assert server.asked == [None]
    assert "Downloading data from http://127.0.0.1" in capsys.readouterr().out
    keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, force_download=True)
    assert len(server.asked) == 2
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"fname": "other.bin"},
        {"cache_subdir": "deep/er"},
        {"extract": True},
        {"extract": True, "fname": "pets.v1.zip"},
        {"extract": True, "fname": "pets"},
        {"extract": True, "archive_format": "zip"},
    ],
)
def test_paths_are_those_of_keras(server, tmp_path, settings):
    server.files["pets.zip"] = zipped({"pets/cat.txt": b"cat", "pets/more/dog.txt": b"dog"})
    found = {}
    for library in (theirs, keras):
        folder = tmp_path / library.__name__
        folder.mkdir()
        path = library.utils.get_file(origin=server.url("pets.zip"), cache_dir=str(folder), **settings)
        files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))
        found[library] = os.path.relpath(path, folder), files
    assert found[keras] == found[theirs]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_archives(server, tmp_path, mode):
    server.files["pets.tar"] = tarred({"pets/cat.txt": b"cat", "./pets/dog.txt": b"d" * 5000}, mode)
    for settings in ({"untar": True}, {"extract": True, "fname": "it.tgz"}):
        path = keras.utils.get_file(origin=server.url("pets.tar"), cache_dir=tmp_path, **settings)
        assert sorted(os.listdir(os.path.join(path, "pets"))) == ["cat.txt", "dog.txt"]
        assert os.path.getsize(os.path.join(path, "pets", "dog.txt")) == 5000


def test_what_is_unpacked_is_repaired_and_the_rest_stays(server, tmp_path):
    server.files["pets.zip"] = zipped({"cat.txt": b"cat", "dog.txt": b"dog"})
    for changed in (b"ca", b"cow"):
        path = keras.utils.get_file(origin=server.url("pets.zip"), cache_dir=tmp_path, extract=True)
        folder = tmp_path / "datasets" / "pets.zip"
        assert path == str(folder)
        assert (folder / "cat.txt").read_bytes() == b"cat"
        (folder / "cat.txt").write_bytes(changed)
        (folder / "mine.txt").write_bytes(b"mine")
    keras.utils.get_file(origin=server.url("pets.zip"), cache_dir=tmp_path, extract=True)
    assert sorted(p.read_bytes() for p in folder.iterdir()) == [b"cat", b"dog", b"mine"]
    assert leftovers(tmp_path) == []


def test_what_is_no_archive(server, tmp_path):
    with pytest.warns(RuntimeWarning, match="no archive"):
        path = keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, extract=True)
    assert path == str(tmp_path / "datasets" / "data.bin")
    with pytest.raises(NotImplementedError, match="'rar'"):
        keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, extract=True, archive_format="rar")


def test_a_connection_that_breaks_is_taken_up(server, tmp_path):
    server.breaks = [100_000, None, 200_000]
    path = keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path)
    with open(path, "rb") as file:
        assert file.read() == CONTENT
    assert [asked for asked in server.asked if asked] == ["bytes=100000-", "bytes=200000-"]
    assert leftovers(tmp_path) == []


def test_a_later_call_goes_on(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "ATTEMPTS", 1)
    server.breaks = [100_000]
    target = tmp_path / "datasets" / "data.bin"
    with pytest.raises(OSError, match=r"ended after 100000 of 256000 bytes.*put it there: .*data\.bin"):
        keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path)
    assert not target.exists()
    assert [name.endswith(".part") for name in leftovers(tmp_path)] == [True]
    keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path)
    assert target.read_bytes() == CONTENT
    assert server.asked[1:] == [None, "bytes=100000-"]


@pytest.mark.parametrize("change", ["another version", "no version", "no parts"])
def test_parts_of_different_versions_are_never_joined(server, tmp_path, monkeypatch, change):
    monkeypatch.setattr(downloads, "ATTEMPTS", 1)
    if change == "no version":
        server.etag = None
    server.breaks = [100_000]
    with pytest.raises(OSError):
        keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path)
    server.files["data.bin"] = CONTENT[::-1]
    if change == "another version":
        server.etag = '"2"'
    server.parts = change != "no parts"
    path = keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path)
    with open(path, "rb") as file:
        assert file.read() == CONTENT[::-1]


def test_a_process_that_is_killed_leaves_the_old_file_and_its_beginning(server, tmp_path):
    target = tmp_path / "datasets" / "data.bin"
    target.parent.mkdir()
    target.write_bytes(b"old")
    server.breaks, server.stalls = [200_000], threading.Event()
    script = f"""
import kerasish as keras
keras.utils.get_file(origin={server.url("data.bin")!r}, cache_dir={str(tmp_path)!r}, force_download=True)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL, cwd=ROOT)
    try:
        wait_for(lambda: any(part.stat().st_size >= 131_072 for part in target.parent.glob(".*.part")))
    finally:
        process.kill()
        process.wait(10)
        server.stalls.set()
    server.stalls = None
    assert target.read_bytes() == b"old"
    keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, force_download=True)
    assert target.read_bytes() == CONTENT
    assert server.asked[-1] is not None and int(server.asked[-1][len("bytes=") : -1]) >= 131_072


def wait_for(happened):
    for _ in range(400):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 20 seconds")


def test_two_at_once(server, tmp_path):
    """Each writes to a file of its own; whoever is last, it is whole."""
    paths = []

    def get():
        paths.append(keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, force_download=True))

    threads = [threading.Thread(target=get) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(paths) == 4
    with open(paths[0], "rb") as file:
        assert file.read() == CONTENT


def test_the_old_file_stays_until_the_new_one_is_whole(server, tmp_path, monkeypatch):
    target = tmp_path / "datasets" / "data.bin"
    target.parent.mkdir()
    target.write_bytes(b"old")
    monkeypatch.setattr(downloads, "ATTEMPTS", 1)
    server.breaks = [100_000]
    with pytest.raises(OSError):
        keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, force_download=True)
    assert target.read_bytes() == b"old"
    for wrong in ("0" * 64, "0" * 32):
        with pytest.raises(ValueError, match=f"has the hash [0-9a-f]*, and not {wrong}"):
            keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, file_hash=wrong)
        assert target.read_bytes() == b"old"


@pytest.mark.parametrize(
    "settings",
    [
        {"file_hash": hashlib.sha256(CONTENT).hexdigest().upper()},
        {"file_hash": hashlib.md5(CONTENT).hexdigest()},
        {"file_hash": hashlib.md5(CONTENT).hexdigest(), "hash_algorithm": "md5"},
        {"md5_hash": hashlib.md5(CONTENT).hexdigest()},
    ],
)
def test_hashes(server, tmp_path, settings, capsys):
    target = tmp_path / "datasets" / "data.bin"
    target.parent.mkdir()
    target.write_bytes(b"half")
    keras.utils.get_file(origin=server.url("data.bin"), cache_dir=tmp_path, **settings)
    assert target.read_bytes() == CONTENT
    assert "another hash" in capsys.readouterr().out


def test_offline_it_says_where_to_put_the_file(server, tmp_path):
    address = server.url("missing.bin")
    target = tmp_path / "datasets" / "missing.bin"
    with pytest.raises(OSError, match=r"missing\.bin: 404 -- Not Found\. Without a network.*put it there") as caught:
        keras.utils.get_file(origin=address, cache_dir=tmp_path)
    assert str(target) in str(caught.value)
    with pytest.raises(OSError, match=r"refused.*put it there"):
        keras.utils.get_file(origin="http://127.0.0.1:9/missing.bin", cache_dir=tmp_path)
    target.write_bytes(b"by hand")
    assert keras.utils.get_file(origin=address, cache_dir=tmp_path) == str(target)


def test_files_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    source = tmp_path / "my words.txt"
    source.write_bytes(b"words")
    for origin, name in [(source, "my words.txt"), (str(source), "my words.txt"), (source.as_uri(), "my%20words.txt")]:
        path = keras.utils.get_file(origin=origin)
        assert path == str(tmp_path / "home" / "datasets" / name)
        with open(path, "rb") as file:
            assert file.read() == b"words"
        os.remove(path)
    absolute = keras.utils.get_file(origin=source, cache_subdir=str(tmp_path / "elsewhere"))
    assert absolute == str(tmp_path / "elsewhere" / "my words.txt")
    with pytest.raises(FileNotFoundError):
        keras.utils.get_file(origin=tmp_path / "none.txt")
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "origin=None"),
        ({"origin": "http://127.0.0.1/"}, "give one, fname="),
        ({"origin": "http://127.0.0.1/a/.."}, "give one, fname="),
        ({"origin": "http://127.0.0.1/a", "fname": "b/a"}, "no path"),
        ({"origin": "http://127.0.0.1/a", "fname": ".."}, "no path"),
        ({"origin": "ftp://127.0.0.1/a"}, "http, https and file"),
        ({"origin": "file://elsewhere/a"}, "on this machine"),
        ({"origin": "http://127.0.0.1/a", "hash_algorithm": "sha1"}, "'sha1'"),
    ],
)
def test_wrong_arguments(tmp_path, settings, message):
    with pytest.raises(ValueError, match=message):
        keras.utils.get_file(cache_dir=tmp_path, **settings)
