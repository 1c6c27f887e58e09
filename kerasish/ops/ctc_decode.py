"""Reading an output of connectionist temporal classification: the labels that it says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import to_array
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite_by
from kerasish.ops.specs import float_kind, shape_of

_PRIME = np.uint64(0x9E3779B97F4A7C15)


class _Beams(NamedTuple):
    """The likeliest beginnings of each sample, `(batch, width)`; a place that none takes has the probability 0.

    Attributes:
        labels: `(batch, width, steps)`, -1 behind the last label.
        sizes: how many labels.
        last: the last label, -1 for none.
        key: a number for the labels.
        parent: the number of the labels without the last.
        blank: the logarithm of the probability of the paths that end in a blank.
        said: that of those that end in the last label.
    """

    labels: np.ndarray
    sizes: np.ndarray
    last: np.ndarray
    key: np.ndarray
    parent: np.ndarray
    blank: np.ndarray
    said: np.ndarray


def _first(batch: int, width: int, steps: int, kind: Any) -> _Beams:
    """Nothing said yet, with certainty."""
    shape = (batch, width)
    blank = np.full(shape, -np.inf, kind)
    blank[:, 0] = 0
    sizes, last = np.zeros(shape, np.int64), np.full(shape, -1)
    key, parent = np.ones(shape, np.uint64), np.zeros(shape, np.uint64)
    return _Beams(np.full((*shape, steps), -1, np.int32), sizes, last, key, parent, blank, np.full_like(blank, -np.inf))


def _advanced(beams: _Beams, logs: np.ndarray, blank: int, width: int) -> _Beams:
    """The likeliest beginnings one time later: each as it was, or with one label more.

    Args:
        beams: those before.
        logs: `(batch, classes)`, the logarithms of the probabilities at that time.
        blank: the class of the blank.
        width: how many are kept.
    """
    batch = len(beams.last)
    total = np.logaddexp(beams.blank, beams.said)
    of_last = np.take_along_axis(logs, np.maximum(beams.last, 0), 1)
    stay_blank = total + logs[:, blank, None]
    stay_said = np.where(beams.last >= 0, beams.said + of_last, -np.inf)
    # a label that repeats the last one is a new one only after a blank
    repeats = beams.last[..., None] == np.arange(logs.shape[1])
    grown = np.where(repeats, beams.blank[..., None], total[..., None]) + logs[:, None]
    grown[..., blank] = -np.inf
    # one that grows into another that is there: what it brings is added to that one
    meets = (beams.key[:, :, None] == beams.parent[:, None, :]) & (beams.last[:, None, :] >= 0)
    sample, shorter, longer = np.nonzero(meets)
    label = beams.last[sample, longer]
    brought = grown[sample, shorter, label]
    stay_said[sample, longer] = np.logaddexp(stay_said[sample, longer], brought)
    grown[sample, shorter, label] = -np.inf
    scores = np.concatenate([np.logaddexp(stay_blank, stay_said), grown.reshape(batch, -1)], axis=1)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :width]
    return _chosen(beams, best, stay_blank, stay_said, grown)


def _chosen(
    beams: _Beams, best: np.ndarray, stay_blank: np.ndarray, stay_said: np.ndarray, grown: np.ndarray
) -> _Beams:
    """The beams at these places among those that stayed and, behind them, those that grew."""
    batch, before = beams.last.shape
    classes = grown.shape[2]
    rows = np.arange(batch)[:, None]
    is_new = best >= before
    source = np.where(is_new, (best - before) // classes, best)
    label = np.where(is_new, (best - before) % classes, beams.last[rows, source])
    labels, sizes, key = beams.labels[rows, source], beams.sizes[rows, source], beams.key[rows, source]
    sample, place = np.nonzero(is_new)
    labels[sample, place, sizes[sample, place]] = label[sample, place]
    longer = key * _PRIME + label.astype(np.uint64) + np.uint64(1)
    parent = np.where(is_new, key, beams.parent[rows, source])
    key = np.where(is_new, longer, key)
    blank = np.where(is_new, -np.inf, stay_blank[rows, source])
    said = np.where(is_new, grown.reshape(batch, -1)[rows, np.maximum(best - before, 0)], stay_said[rows, source])
    sizes = sizes + is_new
    empty = np.logaddexp(blank, said) == -np.inf  # nothing may grow into what only fills a place
    labels[empty] = label[empty] = -1
    sizes[empty] = key[empty] = parent[empty] = 0
    return _Beams(labels, sizes, label, key, parent, blank, said)


def _at_least_single(x: Any) -> np.ndarray:
    x = to_array(x)
    return x.astype(dtypes.numpy_dtype(dtypes.result_type(float_kind(x), "float32")), copy=False)


def _search(x: Any, lengths: Any, *, width: int, paths: int, blank: int) -> tuple[Any, Any]:
    x, lengths = _at_least_single(x), to_array(lengths)
    logs = x - x.max(-1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(-1, keepdims=True))
    batch, steps, _ = x.shape
    beams = _first(batch, width, steps, x.dtype)
    with np.errstate(invalid="ignore"):  # of two that cannot be
        for t in range(steps):
            after = _advanced(beams, logs[:, t], blank, width)
            counts = t < lengths
            beams = _Beams(*(_where_rows(counts, new, old) for new, old in zip(after, beams, strict=True)))
        total = np.logaddexp(beams.blank, beams.said)
    best = np.argsort(-total, axis=1, kind="stable")[:, :paths]
    rows = np.arange(batch)[:, None]
    return np.moveaxis(beams.labels[rows, best], 1, 0), total[rows, best]


def _where_rows(counts: np.ndarray, new: np.ndarray, old: np.ndarray) -> np.ndarray:
    if counts.all():
        return new
    return np.where(counts.reshape(-1, *(1,) * (new.ndim - 1)), new, old)


def _likeliest(x: Any, lengths: Any, *, merge_repeated: bool, blank: int) -> tuple[Any, Any]:
    x, lengths = _at_least_single(x), to_array(lengths)
    steps = np.arange(x.shape[1])
    counts = steps < lengths[:, None]
    labels = np.where(counts, x.argmax(-1), blank)
    said = labels != blank
    if merge_repeated:
        said[:, 1:] &= labels[:, 1:] != labels[:, :-1]
    order = np.argsort(~said, axis=1, kind="stable")
    labels = np.take_along_axis(np.where(said, labels, -1), order, 1).astype(np.int32)
    return labels[None], -np.where(counts, x.max(-1), 0).sum(1, keepdims=True)


# What is said has no derivative.
_beam_search = primitive("ctc_beam_search", _search)
_greedy = primitive("ctc_greedy", _likeliest)


def _decode_spec(
    inputs: Any, sequence_lengths: Any, strategy: str = "greedy", beam_width: int = 100, top_paths: int = 1,
    merge_repeated: bool = True, mask_index: int = 0,
) -> tuple[KerasTensor, KerasTensor]:  # fmt: skip
    shape = shape_of(inputs)
    if strategy not in ("greedy", "beam_search"):
        raise ValueError(f"strategy must be 'greedy' or 'beam_search'; received strategy={strategy!r}")
    if len(shape) != 3 or len(shape_of(sequence_lengths)) != 1:
        raise ValueError(
            "ctc_decode takes inputs (batch, steps, classes) and sequence_lengths (batch,); received shapes "
            f"{shape} and {shape_of(sequence_lengths)}"
        )
    if strategy == "beam_search" and not 1 <= top_paths <= beam_width:
        raise ValueError(
            f"top_paths must lie between 1 and beam_width; received top_paths={top_paths}, beam_width={beam_width}"
        )
    if shape[2] is not None and not 0 <= mask_index < shape[2]:
        raise ValueError(f"mask_index must name one of the {shape[2]} classes; received mask_index={mask_index}")
    paths = top_paths if strategy == "beam_search" else 1
    kind = dtypes.result_type(float_kind(inputs), "float32")
    return KerasTensor((paths, *shape[:2]), "int32"), KerasTensor((shape[0], paths), kind)


@composite_by(_decode_spec)
def ctc_decode(
    inputs: Any, sequence_lengths: Any, strategy: str = "greedy", beam_width: int = 100, top_paths: int = 1,
    merge_repeated: bool = True, mask_index: int = 0,
) -> Any:  # fmt: skip
    """The labels that an output says: repeated ones merged, blanks taken out.

    Args:
        inputs: `(batch, steps, classes)`, logits.
        sequence_lengths: `(batch,)`, how many steps count.
        strategy: `"greedy"` reads the likeliest class at each step; `"beam_search"` sums up the paths that spell the
            same labels, and follows the `beam_width` likeliest beginnings.
        beam_width: how many.
        top_paths: how many sequences the beam search returns.
        merge_repeated: whether the greedy strategy merges labels that repeat; the beam search always does.
        mask_index: the class of the blank.

    Returns:
        `(top_paths, batch, steps)` labels, with -1 behind the last; and `(batch, top_paths)`: of the beam search the
        logarithms of their probabilities, of the greedy one, as in Keras, the negated sum of the largest logits.

    Raises:
        ValueError: if the strategy has another name, or shapes or numbers do not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> said = np.eye(3, dtype="float32")[[[1, 1, 0, 2]]] * 9
        >>> keras.ops.ctc_decode(said, [4])[0]
        array([[[ 1,  2, -1, -1]]], dtype=int32)

    Source: Graves et al. (2006); Hannun et al., https://arxiv.org/abs/1408.2873 (2014), algorithm 1.
    """
    x, lengths = (a if hasattr(a, "shape") else to_array(a) for a in (inputs, sequence_lengths))
    _decode_spec(x, lengths, strategy, beam_width, top_paths, mask_index=mask_index)
    if strategy == "greedy":
        return _greedy(x, lengths, merge_repeated=bool(merge_repeated), blank=int(mask_index))
    return _beam_search(x, lengths, width=int(beam_width), paths=int(top_paths), blank=int(mask_index))
