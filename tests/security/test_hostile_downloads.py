"""Archives that `get_file` unpacks: nothing leaves its directory, no link is made, and no size is without bound."""

import gzip
import io
import os
import struct
import tarfile
import zipfile

import pytest

import kerasish as keras
from kerasish.utils import archives


def tar(*members, mode="w"):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=tarfile.GNU_FORMAT) as archive:
        for name, settings, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in settings.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def zipped(*members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, attributes, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = attributes << 16, compression
            archive.writestr(info, content)
    return file.getvalue()


def link(name, to, kind=tarfile.SYMTYPE):
    return name, {"type": kind, "linkname": to}, b""


def unpack(tmp_path, content):
    (tmp_path / "it").write_bytes(content)
    return keras.utils.get_file(origin=tmp_path / "it", cache_dir=tmp_path / "cache", extract=True, force_download=True)


GOOD = ("good.txt", {}, b"good")
OUTSIDE = ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:/evil", "C:\\evil", "a/../.."]
ESCAPES = {
    **{f"tar {name}": tar(GOOD, (name, {}, b"evil")) for name in OUTSIDE},
    **{f"zip {name}": zipped(("good.txt", 0, b"good"), (name, 0, b"evil")) for name in OUTSIDE},
    "symbolic link out": tar(GOOD, link("out", "../..")),
    "symbolic link to a root": tar(GOOD, link("out", "/etc")),
    "symbolic link that rises": tar(GOOD, link("a/b/out", "../../../..")),
    "hard link out": tar(GOOD, link("out", "../../it", tarfile.LNKTYPE)),
    "hard link to a root": tar(GOOD, link("out", "/etc/passwd", tarfile.LNKTYPE)),
    "zip link out": zipped(("out", 0o120777, b"../../it")),
    "device": tar(GOOD, ("null", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3}, b"")),
    "pipe": tar(GOOD, ("pipe", {"type": tarfile.FIFOTYPE}, b"")),
    "zip pipe": zipped(("pipe", 0o010666, b"")),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_nothing_leaves_the_directory(tmp_path, name):
    with pytest.raises(ValueError, match=r"outside of the directory|device or a pipe"):
        unpack(tmp_path, ESCAPES[name])
    assert sorted(os.listdir(tmp_path)) == ["cache", "it"]
    assert os.listdir(tmp_path / "cache" / "datasets") == ["it_archive"]
    assert not os.path.exists("/tmp/evil")


def test_a_colon_in_a_name_leads_nowhere(tmp_path):
    path = unpack(tmp_path, tar(("at 12:30/good.txt", {}, b"good")))
    assert os.listdir(path) == ["at 12:30"]


def test_links_become_copies(tmp_path):
    members = [("a/good.txt", {}, b"good"), link("a/again", "good.txt"), link("hard", "a/good.txt", tarfile.LNKTYPE)]
    path = unpack(tmp_path, tar(*members))
    for name in ("a/again", "hard"):
        place = os.path.join(path, name)
        assert not os.path.islink(place) and os.stat(place).st_nlink == 1
        with open(place, "rb") as file:
            assert file.read() == b"good"


@pytest.mark.filterwarnings("ignore:.*'out/evil' is left out")
@pytest.mark.parametrize("to", ["a", "out", "missing", "."])
def test_links_that_lead_to_no_file_are_left_out(tmp_path, to):
    with pytest.warns(UserWarning, match="the link 'out' is left out"):
        path = unpack(tmp_path, tar(("a/good.txt", {}, b"good"), link("out", to), link("out/evil", "a/good.txt")))
    assert not os.path.islink(os.path.join(path, "out"))


def test_files_written_through_a_link_stay(tmp_path):
    """A link to a directory of the archive is no way into it either."""
    content = tar(("a/good.txt", {}, b"good"), link("b", "a"), ("b/evil", {}, b"evil"))
    with pytest.warns(UserWarning, match="left out"):
        path = unpack(tmp_path, content)
    assert sorted(os.listdir(os.path.join(path, "a"))) == ["good.txt"]


def bomb(monkeypatch):
    monkeypatch.setattr(archives, "SMALL", 2**20)
    return b"\0" * 2**22


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_tars_that_unpack_to_absurd_sizes(tmp_path, monkeypatch, mode):
    zeros = bomb(monkeypatch)
    with pytest.raises(ValueError, match=r"it unpacks to .* are written"):
        unpack(tmp_path, tar(("zeros", {}, zeros), mode=mode))
    with pytest.raises(ValueError, match=r"it unpacks to .* are written"):
        unpack(tmp_path, tar(*[(f"{i}", {}, zeros[: 2**19]) for i in range(5)], mode=mode))
    assert os.listdir(tmp_path / "cache" / "datasets") == ["it_archive"]


def test_zips_that_unpack_to_absurd_sizes(tmp_path, monkeypatch):
    zeros = bomb(monkeypatch)
    with pytest.raises(ValueError, match=r"it unpacks to .* are written"):
        unpack(tmp_path, zipped(("zeros", 0, zeros), compression=zipfile.ZIP_DEFLATED))


def test_members_of_a_zip_that_share_their_bytes(tmp_path, monkeypatch):
    """Many entries of the directory for one member: small alone, large together."""
    zeros = bomb(monkeypatch)[: 2**18]
    content = zipped(("zeros", 0, zeros), compression=zipfile.ZIP_DEFLATED)
    start = content.index(b"PK\x01\x02")
    entry, end = content[start : content.index(b"PK\x05\x06")], bytearray(content[content.index(b"PK\x05\x06") :])
    end[8:16] = struct.pack("<HHI", 100, 100, 100 * len(entry))
    with pytest.raises(ValueError, match=r"it unpacks to .* are written"):
        unpack(tmp_path, content[:start] + 100 * entry + bytes(end))


def test_sizes_that_are_lies(tmp_path):
    header = bytearray(tarfile.TarInfo("big").tobuf())
    info = tarfile.TarInfo("big")
    info.size = 2**40
    with pytest.raises(ValueError, match=r"it unpacks to"):
        unpack(tmp_path, info.tobuf() + header)
    info.size = 2**20
    with pytest.raises(ValueError, match=r"ends \d+ bytes before|unexpected end"):
        unpack(tmp_path, info.tobuf() + b"short")


def test_a_note_of_absurd_size(tmp_path):
    """`tarfile` would read a long name whole into memory."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**23
    content = gzip.compress(info.tobuf() + b"a" * 2**23 + tarfile.TarInfo("x").tobuf())
    with pytest.raises(ValueError, match="a note about a member"):
        unpack(tmp_path, content)


@pytest.mark.parametrize("content", [tar(GOOD, mode="w:gz"), tar(("a", {}, os.urandom(5000)), mode="w:gz")])
def test_truncated_archives(tmp_path, content):
    for cut in (len(content) - 8, len(content) // 2):
        with pytest.raises(ValueError):
            unpack(tmp_path, content[:cut])


def test_encrypted_and_damaged_zips(tmp_path):
    content = bytearray(zipped(("a", 0, b"secret")))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ValueError, match="encrypted"):
        unpack(tmp_path, bytes(content))
    content = zipped(("a", 0, b"secret")).replace(b"secret", b"sEcret")
    with pytest.raises(ValueError, match="CRC"):
        unpack(tmp_path, content)


def test_too_many_members(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with pytest.raises(ValueError, match="more than 3 members"):
        unpack(tmp_path, tar(*[(f"{i}", {}, b"") for i in range(5)]))


def test_pipes_are_no_origins(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="no regular file"):
        keras.utils.get_file(origin=tmp_path / "pipe", cache_dir=tmp_path / "cache")
