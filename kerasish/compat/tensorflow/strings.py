"""`tf.strings` beyond the simplest: parts of texts, what is made of several, and their characters."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.layers.preprocessing.string_hashes import fingerprint64


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    given, first, count = np.broadcast_arrays(np.asarray(tensor(input), object), np.asarray(pos), np.asarray(len))
    made = np.empty(given.shape, object)
    for place in np.ndindex(given.shape):
        letters: Any = given[place]
        text = letters if unit == "BYTE" else letters.decode()
        start = int(first[place])
        start = max(start + text.__len__(), 0) if start < 0 else start
        if start > text.__len__():
            raise ValueError(f"strings.substr: there is no place {start} in a text of {text.__len__()}")
        part = text[start : start + int(count[place])]
        made[place] = part if unit == "BYTE" else part.encode()
    return eager(made)


def _single(input: Any, function: str) -> bytes:
    given = tensor(input)
    if given.ndim:
        raise NotImplementedError(f"{function} of several texts makes a ragged tensor; call it for one after the other")
    text: bytes = given.item()
    return text


def bytes_split(input: Any, name: str | None = None) -> Any:
    text = _single(input, "strings.bytes_split")
    return eager(np.array([text[n : n + 1] for n in range(len(text))], object))


def unicode_split(input: Any, input_encoding: str, *args: Any, **kwargs: Any) -> Any:
    text = _single(input, "strings.unicode_split").decode(input_encoding)
    return eager(np.array([letter.encode(input_encoding) for letter in text], object))


def unicode_decode(input: Any, input_encoding: str, *args: Any, **kwargs: Any) -> Any:
    text = _single(input, "strings.unicode_decode").decode(input_encoding)
    return eager(np.array([ord(letter) for letter in text], "int32"))


def unicode_encode(input: Any, output_encoding: str, *args: Any, **kwargs: Any) -> Any:
    """Texts of the numbers of their characters along the last axis."""
    numbers = np.asarray(input)
    rows = numbers.reshape(-1, numbers.shape[-1])
    made = np.empty(len(rows), object)
    made[:] = ["".join(map(chr, row)).encode(output_encoding) for row in rows.tolist()]
    return eager(made.reshape(numbers.shape[:-1]))


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Any:
    """Texts joined along axes, all of them by default."""
    given = np.asarray(tensor(inputs), object)
    axes = range(given.ndim) if axis is None else [int(n) % given.ndim for n in np.ravel(np.asarray(axis))]
    rest = [n for n in range(given.ndim) if n not in axes]
    rows = given.transpose(*rest, *axes).reshape(*(given.shape[n] for n in rest), -1)
    made = np.empty(rows.shape[:-1], object)
    for place in np.ndindex(made.shape):
        made[place] = separator.encode().join(rows[place].tolist())
    shape = tuple(1 if n in axes else size for n, size in enumerate(given.shape))
    return eager(made.reshape(shape) if keepdims else made)


def ngrams(
    data: Any,
    ngram_width: Any,
    separator: str = " ",
    pad_values: Any = None,
    padding_width: Any = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Any:
    """Neighbouring texts of the last axis joined; of several widths one after the other."""
    if pad_values is not None or padding_width is not None or preserve_short_sequences:
        raise NotImplementedError("strings.ngrams: pad the texts by yourself; only width and separator are known here")
    given = np.asarray(tensor(data), object)
    rows = given.reshape(-1, given.shape[-1]).tolist()
    widths = [int(n) for n in np.ravel(np.asarray(ngram_width))]
    joined = [
        [separator.encode().join(row[n : n + width]) for width in widths for n in range(len(row) - width + 1)]
        for row in rows
    ]
    made = np.empty((len(rows), len(joined[0]) if joined else 0), object)
    made[:] = joined
    return eager(made.reshape(*given.shape[:-1], -1))


def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """A number below `num_buckets` for each text, by the hash that the layer Hashing uses, too."""
    given = np.asarray(tensor(input), object)
    texts = np.empty(given.size, object)
    texts[:] = [text.decode() for text in given.ravel().tolist()]
    return eager((fingerprint64(texts) % np.uint64(num_buckets)).astype("int64").reshape(given.shape))


def format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None) -> Any:
    """A text with tensors in the place of its placeholders, as they are printed."""
    parts = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    pieces = template.split(placeholder)
    if len(pieces) != len(parts) + 1:
        raise ValueError(f"strings.format: {len(pieces) - 1} placeholders and {len(parts)} inputs do not go together")
    shown = [*(_shown(np.asarray(tensor(part)), int(summarize)) for part in parts), ""]
    return eager(np.array("".join(a + b for a, b in zip(pieces, shown, strict=True)).encode(), object))


def _shown(x: np.ndarray, most: int) -> str:
    """Numbers in brackets, the first and the last of many."""
    if x.ndim:
        inner = [_shown(part, most) for part in x]
        if 0 <= 2 * most < len(inner):
            inner = [*inner[:most], "...", *inner[len(inner) - most :]]
        return f"[{(chr(10) + ' ' if x.ndim > 1 else ' ').join(inner)}]"
    return f'"{x.item().decode()}"' if x.dtype == object else f"{x.item():g}" if x.dtype.kind == "f" else str(x.item())
