"""`tf.audio`: sounds as WAV files of 16 bits."""

from __future__ import annotations

import io
import wave
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.array import eager


class Decoded(NamedTuple):
    """Samples from -1 to 1, `(samples, channels)`, and how many there are a second."""

    audio: Any
    sample_rate: Any


def decode_wav(
    contents: Any, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None
) -> Decoded:
    """The sound in a file's bytes.

    Raises:
        ValueError: if it is no WAV file of 16 bits, or has another number of channels than `desired_channels`.
    """
    raw = contents.item() if isinstance(contents, np.ndarray) else contents
    try:
        with wave.open(io.BytesIO(raw)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"decode_wav: the bytes are no WAV file that is read here: {error}") from error
    if width != 2:
        raise ValueError(f"decode_wav reads samples of 16 bits; this file's have {8 * width}")
    if desired_channels not in (-1, channels):
        raise ValueError(f"decode_wav: the file has {channels} channels; received desired_channels={desired_channels}")
    samples = np.frombuffer(frames, "<i2").reshape(-1, channels).astype("float32") / 32768
    if desired_samples >= 0:
        samples = np.pad(samples[:desired_samples], ((0, max(0, desired_samples - len(samples))), (0, 0)))
    return Decoded(eager(samples), eager(np.array(rate, "int32")))


def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> Any:
    """The bytes of a file with samples from -1 to 1, `(samples, channels)`."""
    samples = np.asarray(audio, "float32")
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(int(sample_rate))
        file.writeframes(np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes())
    return eager(np.array(held.getvalue(), object))
