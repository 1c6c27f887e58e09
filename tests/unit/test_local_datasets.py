"""Data sets that are read from the files that Keras keeps; each is compared with what Keras makes of the same file."""

import gzip
import importlib
import json
import os
import pickle
import struct

import numpy as np
import pytest

import kerasish_datasets
from kerasish_datasets import boston_housing, california_housing, cifar10, cifar100, fashion_mnist, imdb, reuters

LOCAL = [boston_housing, california_housing, cifar10, cifar100, fashion_mnist, imdb, reuters]


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "datasets").mkdir()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path / "datasets"


@pytest.fixture
def keras_reads(home, monkeypatch):
    """Let Keras take the files of this test for its own, without looking at their checksums."""

    def read(name):
        module = importlib.import_module(f"keras.src.datasets.{name}")

        def get_file(fname=None, cache_subdir="datasets", **kwargs):
            return os.path.join(home.parent, cache_subdir, fname)

        monkeypatch.setattr(module, "get_file", get_file)
        return module

    return read


def same(ours, theirs):
    for our_split, their_split in zip(ours, theirs, strict=True):
        for our, their in zip(our_split, their_split, strict=True):
            assert our.shape == their.shape
            assert our.tolist() == their.tolist()


def texts(count, seed=0):
    rng = np.random.default_rng(seed)
    found = np.empty(count, object)
    found[:] = [rng.integers(1, 60, rng.integers(2, 12)).tolist() for _ in range(count)]
    return found


@pytest.mark.parametrize("module", LOCAL, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_file_that_is_not_there(home, module):
    with pytest.raises(FileNotFoundError) as caught:
        module.load_data()
    message = str(caught.value)
    assert str(home) in message and "downloads nothing" in message and "It holds" in message


def test_home_without_a_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"\.keras.datasets.imdb_word_index\.json"):
        imdb.get_word_index()


@pytest.mark.parametrize("arguments", [{}, {"test_split": 0.5, "seed": 3}, {"test_split": 0}])
def test_boston_housing(home, keras_reads, arguments):
    np.savez(home / "boston_housing.npz", x=np.arange(60.0).reshape(20, 3), y=np.arange(20.0))
    same(boston_housing.load_data(**arguments), keras_reads("boston_housing").load_data(**arguments))
    with pytest.raises(ValueError, match="test_split"):
        boston_housing.load_data(test_split=1)


@pytest.mark.parametrize("version", ["large", "small"])
def test_california_housing(home, keras_reads, version):
    np.savez(home / "california_housing.npz", x=np.arange(1400).reshape(700, 2), y=np.arange(700))
    same(california_housing.load_data(version), keras_reads("california_housing").load_data(version))
    with pytest.raises(ValueError, match="version"):
        california_housing.load_data("medium")


TEXT_ARGUMENTS = [
    {},
    {"num_words": 30},
    {"num_words": 30, "skip_top": 10, "oov_char": None},
    {"maxlen": 8, "seed": 5},
    {"start_char": None},
    {"start_char": None, "index_from": 0},
]


@pytest.mark.parametrize("arguments", TEXT_ARGUMENTS)
def test_imdb(home, keras_reads, arguments):
    labels = np.arange(20) % 2
    np.savez(home / "imdb.npz", x_train=texts(20), y_train=labels, x_test=texts(20, 1), y_test=labels[::-1])
    ours = imdb.load_data(**arguments)
    assert ours[0][0].dtype == object and type(ours[0][0][0]) is list
    same(ours, keras_reads("imdb").load_data(**arguments))


@pytest.mark.parametrize("arguments", [*TEXT_ARGUMENTS, {"test_split": 0.5}])
def test_reuters(home, keras_reads, arguments):
    np.savez(home / "reuters.npz", x=texts(30), y=np.arange(30))
    module = keras_reads("reuters")
    same(reuters.load_data(**arguments), module.load_data(**arguments))
    assert reuters.get_label_names() == module.get_label_names()


def test_words(home):
    (home / "imdb_word_index.json").write_text(json.dumps({"the": 1}))
    (home / "reuters_word_index.json").write_text(json.dumps({"oil": 2}))
    assert imdb.get_word_index() == {"the": 1} and reuters.get_word_index() == {"oil": 2}


def test_no_text_is_short_enough(home):
    np.savez(home / "reuters.npz", x=texts(5), y=np.arange(5))
    with pytest.raises(ValueError, match="maxlen=1"):
        reuters.load_data(maxlen=1)
    with pytest.raises(TypeError, match="nb_words"):
        imdb.load_data(nb_words=3)


def cifar_batch(path, count, *keys, seed=0):
    rng = np.random.default_rng(seed)
    batch = {b"data": rng.integers(0, 256, (count, 3072), np.uint8)}
    batch |= {key.encode(): rng.integers(0, 10, count).tolist() for key in keys}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(batch, protocol=3))


@pytest.mark.parametrize("folder", ["cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py"])
def test_cifar10(home, folder):
    for number in range(1, 6):
        cifar_batch(home / folder / f"data_batch_{number}", 4, "labels", seed=number)
    cifar_batch(home / folder / "test_batch", 3, "labels")
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    assert (x_train.shape, y_train.shape) == ((20, 32, 32, 3), (20, 1))
    assert (x_test.shape, y_test.shape, x_test.dtype, y_test.dtype) == ((3, 32, 32, 3), (3, 1), np.uint8, np.uint8)
    raw = pickle.loads((home / folder / "test_batch").read_bytes())
    assert x_test[2, 5, 7, 1] == raw[b"data"][2, 1024 + 5 * 32 + 7]
    assert y_test.ravel().tolist() == raw[b"labels"]


@pytest.mark.parametrize("label_mode", ["fine", "coarse"])
def test_cifar100(home, keras_reads, label_mode):
    for name, count in (("train", 6), ("test", 3)):
        cifar_batch(home / f"cifar-100-python-target/cifar-100-python/{name}", count, "fine_labels", "coarse_labels")
    module = keras_reads("cifar100")
    same(cifar100.load_data(label_mode), module.load_data(label_mode))
    with pytest.raises(ValueError, match="label_mode"):
        cifar100.load_data("medium")


def test_fashion_mnist(home, keras_reads):
    rng = np.random.default_rng(0)
    (home / "fashion-mnist").mkdir()
    for part, count in (("train", 5), ("t10k", 3)):
        for kind, shape in (("images-idx3", (count, 28, 28)), ("labels-idx1", (count,))):
            data = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
            data += rng.integers(0, 10, shape, np.uint8).tobytes()
            with gzip.open(home / "fashion-mnist" / f"{part}-{kind}-ubyte.gz", "wb") as file:
                file.write(data)
    ours = fashion_mnist.load_data()
    same(ours, keras_reads("fashion_mnist").load_data())
    assert ours[0][0].flags.writeable


class TestDamage:
    def test_an_archive(self, home):
        (home / "boston_housing.npz").write_bytes(b"no archive")
        with pytest.raises(ValueError, match=r"boston_housing\.npz is damaged"):
            boston_housing.load_data()
        np.savez(home / "boston_housing.npz", x=np.ones(3))
        with pytest.raises(ValueError, match=r"no item named 'y\.npy'"):
            boston_housing.load_data()

    def test_pictures(self, home):
        path = home / "fashion-mnist" / "train-images-idx3-ubyte.gz"
        path.parent.mkdir()
        for data, message in (
            (b"no gzip", "is damaged"),
            (gzip.compress(b"\0\0\x08\x01" + bytes(8)), "does not begin"),
            (gzip.compress(struct.pack(">BBBB3I", 0, 0, 8, 3, 2, 28, 28) + bytes(10)), "it holds 10"),
        ):
            path.write_bytes(data)
            with pytest.raises(ValueError, match=message):
                fashion_mnist.load_data()

    def test_a_batch(self, home):
        path = home / "cifar-100-python" / "train"
        cifar_batch(path, 3, "coarse_labels")
        with pytest.raises(ValueError, match="has no fine_labels"):
            cifar100.load_data()
        path.write_bytes(pickle.dumps({b"data": np.ones((3, 5), np.uint8), b"fine_labels": [1, 2, 3]}, protocol=3))
        with pytest.raises(ValueError, match=r"expected \(3, 3072\)"):
            cifar100.load_data()

    def test_nothing_that_a_file_names_is_run(self, home, tmp_path):
        class Evil:
            def __reduce__(self):
                return os.mkdir, (str(tmp_path / "made by the file"),)

        path = home / "cifar-100-python" / "train"
        path.parent.mkdir()
        path.write_bytes(pickle.dumps({b"data": Evil()}))
        with pytest.raises(ValueError, match=r"refers to \w+\.mkdir"):
            cifar100.load_data()
        hidden = np.empty(1, object)
        hidden[0] = Evil()
        np.savez(home / "reuters.npz", x=hidden, y=np.ones(1))
        with pytest.raises(ValueError, match=r"refers to \w+\.mkdir"):
            reuters.load_data()
        assert not (tmp_path / "made by the file").exists()


def test_names():
    assert {module.__name__.rpartition(".")[2] for module in LOCAL} < set(kerasish_datasets.__all__)
    for name in kerasish_datasets.__all__:
        ours = importlib.import_module(f"kerasish.datasets.{name}")
        assert ours is getattr(kerasish_datasets, name) is importlib.import_module(f"kerasish_datasets.{name}")
