"""Labels without their times: the loss and what is read of outputs, with the steps first as TensorFlow has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.sparse import SparseTensor, to_dense


def ctc_loss(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: Any = None,
    name: str | None = None,
) -> Any:
    """As `keras.ops.ctc_loss`, the steps first; labels may be sparse, which say their lengths themselves."""
    outputs = tensor(logits)
    outputs = ops.swapaxes(outputs, 0, 1) if logits_time_major else outputs
    if isinstance(labels, SparseTensor):
        if blank_index is None:
            raise ValueError("ctc_loss needs blank_index where labels are sparse: -1, say, for the last class")
        label_length = np.bincount(np.asarray(labels.indices)[:, 0], minlength=labels.shape[0])
        labels = to_dense(labels)
    blank = int(blank_index or 0)
    return ops.ctc_loss(labels, outputs, label_length, logit_length, blank % outputs.shape[-1])


def _read(inputs: Any, sequence_length: Any, **settings: Any) -> tuple[list[SparseTensor], Any]:
    outputs = ops.swapaxes(tensor(inputs), 0, 1)
    blank = settings.pop("blank", -1) % outputs.shape[-1]
    paths, scores = ops.ctc_decode(outputs, np.asarray(sequence_length), mask_index=blank, **settings)
    found = []
    for path in np.asarray(paths):
        places = np.argwhere(path >= 0)
        longest = int((path >= 0).sum(1).max(initial=0))
        found.append(SparseTensor(places, path[tuple(places.T)].astype("int64"), (len(path), longest)))
    return found, scores


def ctc_greedy_decoder(
    inputs: Any, sequence_length: Any, merge_repeated: bool = True, blank_index: Any = None
) -> tuple[list[SparseTensor], Any]:
    blank = -1 if blank_index is None else int(blank_index)
    return _read(inputs, sequence_length, strategy="greedy", merge_repeated=merge_repeated, blank=blank)


def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[SparseTensor], Any]:
    return _read(inputs, sequence_length, strategy="beam_search", beam_width=beam_width, top_paths=top_paths)


def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Any, Any]:
    """Labels that follow themselves once, filled up with 0, and the lengths that are left."""
    given, lengths = np.asarray(labels), np.asarray(seq_length)
    kept = np.arange(given.shape[1]) < lengths[:, None]
    kept[:, 1:] &= given[:, 1:] != given[:, :-1]
    counts = kept.sum(1)
    made = np.zeros((len(given), int(counts.max(initial=0))), given.dtype)
    for row, chosen, line in zip(made, kept, given, strict=True):
        row[: chosen.sum()] = line[chosen]
    return eager(made), eager(counts.astype("int32"))
