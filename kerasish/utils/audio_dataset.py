"""A folder of sounds as a data set, by way of soundfile (extra `audio`) or, for plain WAV files, Python alone."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish._extras import missing
from kerasish.backend.typing import FilePath
from kerasish.utils.dataset import Dataset
from kerasish.utils.folders import Folder, Order, dataset_of

# Bytes a sample: how the numbers are written, and the largest of them.
_PCM = {1: ("u1", 2**7), 2: ("<i2", 2**15), 4: ("<i4", 2**31)}


def audio_dataset_from_directory(
    directory: FilePath,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """The sounds of a folder's `.wav` files, read when they are asked for, as batches that `fit` takes.

    Args:
        directory, labels, label_mode, class_names: see `image_dataset_from_directory`.
        batch_size: sounds a batch; None for single ones.
        sampling_rate: samples a second to which all are brought, by their spectrum; by default each has its own.
        output_sequence_length: samples to which all are cut, or filled up with zeros; by default the sounds of a batch
            are filled up to the longest of them.
        ragged: whether each keeps its length: a batch is then an array of arrays.
        shuffle, seed, validation_split, subset, follow_links, verbose: see `image_dataset_from_directory`.

    Returns:
        A `Dataset` of float32 sounds from -1 to 1, `(batch, samples, channels)`, or of pairs of these and labels, with
        `class_names` and `file_paths`; with `subset="both"` two. A file that cannot be read is left out with a warning
        that names it.

    Raises:
        ImportError: if a file is compressed or has floats, and soundfile is not installed.
        ValueError: if an argument has none of these values, or there are no sounds.

    Example:
        >>> import pathlib
        >>> import tempfile
        >>> import wave
        >>> import kerasish as keras
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> with wave.open(str(folder / "beep.wav"), "wb") as file:
        ...     file.setparams((1, 2, 8000, 0, "NONE", ""))
        ...     file.writeframes(bytes([0, 0, 0, 64]))
        >>> data = keras.utils.audio_dataset_from_directory(folder, labels=None, verbose=False)
        >>> next(iter(data))[0, :, 0]
        array([0. , 0.5], dtype=float32)
    """
    if ragged and output_sequence_length is not None:
        raise ValueError("ragged keeps each sound's length, output_sequence_length gives all the same: choose one")
    for name, value in (("sampling_rate", sampling_rate), ("output_sequence_length", output_sequence_length)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise ValueError(f"{name} must be a whole number of at least 1; received {name}={value!r}")

    def read(path: str) -> np.ndarray:
        sound, rate = read_sound(path)
        if sampling_rate is not None:
            sound = resampled(sound, rate, sampling_rate)
        return sound if output_sequence_length is None else _of_length(sound, output_sequence_length)

    def batched(data: Dataset, size: int) -> Dataset:
        if ragged:
            return data.ragged_batch(size)
        return data.padded_batch(size) if output_sequence_length is None else data.batch(size)

    return dataset_of(
        Folder(directory, labels, label_mode, class_names, (".wav",), "sounds", follow_links),
        Order(batch_size, shuffle, seed, validation_split, subset, verbose),
        read,
        batched,
    )


def read_sound(path: str) -> tuple[np.ndarray, int]:
    """The samples of a WAV file, `(samples, channels)`, as float32 from -1 to 1, and how many there are a second.

    Raises:
        ImportError: if it needs soundfile, which is not installed.
        OSError: if it is no WAV file, or damaged.
    """
    try:
        import soundfile
    except (ImportError, OSError):  # OSError: the package without the library that it binds
        return _read_pcm(path)
    try:
        return soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise OSError(f"the file {path} cannot be read as a sound: {error}") from error


def _read_pcm(path: str) -> tuple[np.ndarray, int]:
    try:
        with wave.open(path, "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, ZeroDivisionError) as error:
        if "unknown format" in str(error):
            need = f"the file {path} is compressed, or has floats, and needs soundfile"
            raise missing(need, "audio") from error
        raise OSError(f"the file {path} cannot be read as a sound: {error or 'it ends too early'}") from error
    raw = raw[: len(raw) - len(raw) % (channels * width)]
    if width == 3:  # to four bytes, the lowest of which is 0
        wide = np.zeros((len(raw) // 3, 4), "u1")
        wide[:, 1:] = np.frombuffer(raw, "u1").reshape(-1, 3)
        raw, width = wide.tobytes(), 4
    if width not in _PCM:
        raise OSError(f"the file {path} cannot be read as a sound: it has samples of {width} bytes")
    kind, largest = _PCM[width]
    numbers = np.frombuffer(raw, kind).astype(np.float32)
    middle = largest if kind == "u1" else 0  # bytes count from the bottom
    return ((numbers - middle) / largest).reshape(-1, channels), rate


def resampled(sound: np.ndarray, rate: int, new_rate: int) -> np.ndarray:
    """A sound with more or fewer samples a second and the same spectrum, as far as the lower rate can hold it.

    Args:
        sound: `(samples, channels)`.
        rate, new_rate: samples a second, before and after.

    Example:
        >>> tone = np.cos(2 * np.pi * np.arange(8) / 8)[:, None]
        >>> resampled(tone, 8, 4)[:, 0].round(6) + 0.0
        array([ 1.,  0., -1.,  0.])
    """
    count = len(sound)
    new = round(count * new_rate / rate)
    if count == new or not count:
        return sound
    spectrum = np.fft.rfft(sound, axis=0)[: new // 2 + 1]
    return (np.fft.irfft(spectrum, new, axis=0) * (new / count)).astype(sound.dtype)


def _of_length(sound: np.ndarray, length: int) -> np.ndarray:
    return np.pad(sound[:length], ((0, max(0, length - len(sound))), (0, 0)))
