"""The shapes of plain operations in configs that transform signals, and read labels from them; see `shape_rules`."""

from __future__ import annotations

from typing import Any

from kerasish.models.operations.shape_rules import Rule, Settings, Shape, Size, whole

# The longest frame that a config may ask for: its window is made when the operation runs.
_LONGEST = 2**24


def _length(value: Any) -> int:
    if not 1 <= whole(value) <= _LONGEST:
        raise ArithmeticError(f"a length of {value}")
    return value


def _parts(shapes: list[Any]) -> Shape:
    """The shape of both parts of a complex array."""
    real, imag = shapes[0]
    if len(real) != len(imag) or any(None not in pair and len(set(pair)) > 1 for pair in zip(real, imag, strict=True)):
        raise IndexError("two parts of different shapes")
    return real


def _transformed(shapes: list[Any], settings: Settings) -> list[Shape]:
    return [_parts(shapes)] * 2


def _bins(size: Size) -> Size:
    return None if size is None else size // 2 + 1


def _half(shapes: list[Any], settings: Settings) -> list[Shape]:
    *rest, size = shapes[0]
    length = settings["fft_length"]
    return [(*rest, _bins(size if length is None else _length(length)))] * 2


def _whole(shapes: list[Any], settings: Settings) -> Shape:
    *rest, bins = _parts(shapes)
    length = settings["fft_length"]
    if length is not None:
        return (*rest, _length(length))
    return (*rest, None if bins is None else 2 * (bins - 1))


def _frame(settings: Settings) -> tuple[int, int]:
    size, stride = _length(settings["fft_length"]), _length(settings["sequence_stride"])
    if _length(settings["sequence_length"]) > size:
        raise IndexError("a window that is longer than a frame")
    return size, stride


def _frames(shapes: list[Any], settings: Settings) -> list[Shape]:
    size, stride = _frame(settings)
    *rest, samples = shapes[0]
    if samples is not None:
        samples = 1 + (samples + (size // 2 * 2 if settings["center"] else 0) - size) // stride
        if samples < 1:
            raise IndexError("fewer samples than a frame has")
    return [(*rest, samples, _bins(size))] * 2


def _signal(shapes: list[Any], settings: Settings) -> Shape:
    size, stride = _frame(settings)
    *rest, frames, _ = _parts(shapes)
    if frames is None:
        return (*rest, None)
    total = size + stride * (frames - 1)
    half = size // 2 if settings["center"] else 0
    length = settings["length"]
    end = total - half if length is None else min(half + whole(length), total)
    return (*rest, max(end - half, 0))


def _spelled(shapes: list[Any], settings: Settings) -> Shape:
    return shapes[1][:1]


def _read(shapes: list[Any], settings: Settings) -> list[Shape]:
    beams = settings["strategy"] == "beam_search"
    width, paths = whole(settings["beam_width"]), whole(settings["top_paths"])
    if beams and not 1 <= paths <= width <= _LONGEST:
        raise ArithmeticError(f"{paths} of {width} paths")
    batch, steps, _ = shapes[0]
    paths = paths if beams else 1
    return [(paths, batch, steps), (batch, paths)]


RULES: dict[str, Rule] = {
    "ctc_decode": _read,
    "ctc_loss": _spelled,
    "fft": _transformed,
    "fft2": _transformed,
    "ifft2": _transformed,
    "irfft": _whole,
    "istft": _signal,
    "rfft": _half,
    "stft": _frames,
}
