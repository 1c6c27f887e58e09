"""Zip archives and JSON texts that would eat memory, hide members or leave their place are refused."""

import json
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import kerasish as keras
from kerasish.saving.guards import safe_json, safe_zip


def _members() -> dict[str, bytes]:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with tempfile.TemporaryDirectory() as directory:
        model.save(Path(directory) / "model.keras")
        with zipfile.ZipFile(Path(directory) / "model.keras") as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def _write(path: Path, members: Any, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.keras"


def test_a_member_that_unpacks_to_absurd_size(path: Path) -> None:
    members = _members()
    members["config.json"] = b" " * (safe_zip.SMALL + 1) + members["config.json"]
    _write(path, members.items(), zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    with pytest.raises(ValueError, match=r"config\.json: the member declares \d+ bytes but stores"):
        keras.saving.load_model(path)


def test_a_config_of_absurd_size(path: Path) -> None:
    members = _members()
    members["config.json"] = b" " * (safe_json.MAX_BYTES + 1)
    with pytest.raises(ValueError, match="at most"):
        keras.saving.load_model(_write(path, members.items()))


def test_a_size_that_is_a_lie(path: Path) -> None:
    _write(path, _members().items())
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)  # the entry of config.json in the directory
    content[place + 24 : place + 28] = struct.pack("<I", 10)
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=r"config\.json"):
        keras.saving.load_model(path)


def test_two_members_of_one_name(path: Path) -> None:
    members = _members()
    with pytest.warns(UserWarning, match="Duplicate"):
        _write(path, [*members.items(), ("config.json", members["config.json"])])
    with pytest.raises(ValueError, match="2 members of this name"):
        keras.saving.load_model(path)


def test_an_encrypted_member(path: Path) -> None:
    _write(path, _members().items())
    content = path.read_bytes()
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        parts = content.split(mark)
        parts[1:] = [p[: offset - 4] + struct.pack("<H", 1) + p[offset - 2 :] for p in parts[1:]]
        content = mark.join(parts)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="encrypted"):
        keras.saving.load_model(path)


def test_nothing_is_written_to_the_disk_on_reading(path: Path, tmp_path: Path) -> None:
    members = _members()
    evil = {"../evil.txt": b"x", "/tmp/evil.txt": b"x", "assets/../../evil.txt": b"x"}
    _write(path, [*members.items(), *evil.items()])
    keras.saving.load_model(path)
    assert [p.name for p in tmp_path.iterdir()] == ["model.keras"] and not list(tmp_path.parent.glob("evil*"))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 300 + "]" * 300])
def test_json_nested_without_end(text: str, path: Path) -> None:
    with pytest.raises(ValueError, match="nested deeper"):
        safe_json.loads(text)
    members = _members() | {"config.json": text.encode()}
    with pytest.raises(ValueError, match=r"model\.keras: config\.json: .*nested deeper"):
        keras.saving.load_model(_write(path, members.items()))


def test_a_string_without_end_takes_no_time() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        safe_json.loads('"' + '\\"' * 1_000_000)
    with pytest.raises(ValueError, match="not JSON"):
        safe_json.loads('"\\')
    assert safe_json.loads('["[[", "\\"[", {}]') == ["[[", '"[', {}]


def test_other_texts_that_are_no_configuration(path: Path) -> None:
    for text in ("[]", "3", "null", "nonsense", "\ud800", '{"class_name": "Dense"'):
        members = _members() | {"config.json": text.encode("utf-8", "surrogatepass")}
        with pytest.raises(ValueError, match=r"model\.keras: config\.json"):
            keras.saving.load_model(_write(path, members.items()))


def test_a_number_of_endless_digits(path: Path) -> None:
    members = _members()
    config = json.loads(members["config.json"])
    config["config"]["layers"][1]["config"]["units"] = "UNITS"
    members["config.json"] = json.dumps(config).replace('"UNITS"', "9" * 5000).encode()
    with pytest.raises(ValueError, match="digits"):
        keras.saving.load_model(_write(path, members.items()))
