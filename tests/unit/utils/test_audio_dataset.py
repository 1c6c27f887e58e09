"""Folders of sounds as data sets: numbers of each kind, lengths, rates, damaged files."""

import sys
import wave

import numpy as np
import pytest

import kerasish as keras
from kerasish.utils import audio_dataset

TONE = np.sin(np.arange(200) / 7) * 0.9


def write(path, samples, width=2, rate=8000):
    samples = np.asarray(samples, float).reshape(len(samples), -1)
    if width == 1:
        raw = np.rint(samples * 128 + 128).astype("u1").tobytes()
    else:
        whole = np.rint(samples * 2 ** (8 * width - 1)).astype("<i8")
        raw = whole.reshape(-1, 1).view("u1")[:, :width].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setparams((samples.shape[1], width, rate, 0, "NONE", ""))
        file.writeframes(raw)


@pytest.fixture
def folder(tmp_path):
    for name, count in (("high", 3), ("low", 4)):
        (tmp_path / name).mkdir()
        for i in range(count):
            write(tmp_path / name / f"{i}.wav", TONE[: 20 + 10 * i])
    return tmp_path


@pytest.fixture(params=["soundfile", "python alone"])
def reader(request, monkeypatch):
    """With the library, where it is installed, and as if it were not."""
    if request.param == "soundfile":
        pytest.importorskip("soundfile")
        return
    monkeypatch.setitem(sys.modules, "soundfile", None)


def read(folder, **settings):
    return keras.utils.audio_dataset_from_directory(folder, verbose=False, **settings)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_numbers_of_each_kind(tmp_path, reader, width, channels):
    samples = np.stack([TONE, -TONE], axis=1)[:, :channels]
    write(tmp_path / "a.wav", samples, width, 16000)
    sound, rate = audio_dataset.read_sound(str(tmp_path / "a.wav"))
    assert (sound.shape, sound.dtype, rate) == ((200, channels), np.float32, 16000)
    np.testing.assert_allclose(sound, samples, atol=2 ** (-8 * width) + 1e-7)


def test_lengths(folder, reader):
    data = read(folder, shuffle=False, batch_size=4)
    x, y = next(iter(data))
    assert (x.shape, y.tolist(), data.class_names) == ((4, 40, 1), [0, 0, 0, 1], ["high", "low"])
    assert (x[0, 20:] == 0).all() and x[2, 39] != 0
    assert next(iter(read(folder, output_sequence_length=30)))[0].shape == (7, 30, 1)
    assert next(iter(read(folder, batch_size=None, shuffle=False)))[0].shape == (20, 1)
    ragged = next(iter(read(folder, ragged=True, labels=None, shuffle=False)))
    assert [len(sound) for sound in ragged] == [20, 30, 40, 20, 30, 40, 50]


def test_rates(tmp_path):
    seconds = np.arange(800) / 8000
    write(tmp_path / "a.wav", 0.5 * np.cos(2 * np.pi * 100 * seconds))
    x = next(iter(read(tmp_path, labels=None, sampling_rate=4000)))
    np.testing.assert_allclose(x[0, :, 0], 0.5 * np.cos(2 * np.pi * 100 * np.arange(400) / 4000), atol=1e-3)
    up = audio_dataset.resampled(x[0], 4000, 8000)
    np.testing.assert_allclose(up[:, 0], 0.5 * np.cos(2 * np.pi * 100 * seconds), atol=1e-3)
    assert audio_dataset.resampled(up, 8000, 8000) is up


def test_fit_on_sounds(folder):
    for i in range(3):
        write(folder / "high" / f"{i}.wav", TONE[::5][:40])
    data = read(folder, output_sequence_length=40, seed=1)
    model = keras.Sequential([keras.layers.Conv1D(4, 3, activation="relu"), keras.layers.GlobalMaxPooling1D()])
    model.compile("adam", "sparse_categorical_crossentropy")
    assert np.isfinite(model.fit(data, verbose=0).history["loss"]).all()


@pytest.mark.parametrize("damage", ["text", "empty", "header alone", "no samples", "cut in a header"])
def test_damaged_files_are_named_and_left_out(folder, reader, damage):
    whole = (folder / "low" / "0.wav").read_bytes()
    parts = {"text": b"no sound", "empty": b"", "header alone": whole[:12], "no samples": whole[:36]}
    (folder / "low" / "bad.wav").write_bytes(parts.get(damage, whole[:30]))
    with pytest.warns(RuntimeWarning, match=r"left out: the file .*bad\.wav cannot be read as a sound"):
        assert sum(len(x) for x, _ in read(folder)) == 7


def test_a_file_that_needs_the_library(folder, monkeypatch):
    floats = bytearray((folder / "low" / "0.wav").read_bytes())
    floats[20] = 3  # the kind of the samples: floats
    (folder / "low" / "floats.wav").write_bytes(floats)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(ImportError, match=r"floats\.wav is compressed.*pip install soundfile"):
        list(read(folder))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ragged": True, "output_sequence_length": 3}, "choose one"),
        ({"sampling_rate": 0}, "sampling_rate must be a whole number"),
        ({"sampling_rate": 8000.0}, "sampling_rate must be a whole number"),
        ({"output_sequence_length": -1}, "output_sequence_length must be"),
        ({"label_mode": "words"}, "label_mode must be one of"),
    ],
)
def test_wrong_arguments_are_named(folder, settings, message):
    with pytest.raises(ValueError, match=message):
        read(folder, **settings)
