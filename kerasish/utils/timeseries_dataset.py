"""Windows that slide over a series, as a data set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.utils.dataset import Dataset


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Windows of a series, each with the target of its first time step.

    Window `i` has the time steps `s, s + r, ..., s + (L - 1) r` with `s = i * sequence_stride`, `r = sampling_rate` and
    `L = sequence_length`; its target is `targets[s]`. To forecast, pass `data[:-L]` and targets moved by `L`.

    Args:
        data: the series, shape `(time, ...)`.
        targets: a target for each time step at which a window may start, or None for windows alone.
        sequence_length: time steps in a window.
        sequence_stride: time steps from one window's start to the next.
        sampling_rate: time steps between two entries of a window.
        batch_size: windows a batch; None gives single windows.
        shuffle: whether the windows come in random order, a new one in each iteration.
        seed: makes the order repeatable.
        start_index, end_index: only time steps from the first up to the second are used.
        format: `"tf"` or `"grain"`, accepted for compatibility: either way the elements are NumPy arrays.

    Returns:
        A pipeline that `fit` takes, of windows of shape `(batch, sequence_length, ...)` or pairs of these and their
        targets. The windows are cut when they are asked for.

    Raises:
        ValueError: if an argument does not fit the length of the series.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> series = np.arange(7)
        >>> windows = keras.utils.timeseries_dataset_from_array(series[:-3], series[3:], sequence_length=3)
        >>> for inputs, targets in windows:
        ...     print(inputs.tolist(), targets.tolist())
        [[0, 1, 2], [1, 2, 3]] [3, 4]
    """
    series = np.asanyarray(data)
    wanted = None if targets is None else np.asanyarray(targets)
    _check(len(series), sequence_stride, sampling_rate, start_index, end_index)
    if format not in ("tf", "grain"):
        raise ValueError(f"format must be 'tf' or 'grain'; received {format!r}")
    first, last = start_index or 0, end_index or len(series)
    count = last - first - (sequence_length - 1) * sampling_rate
    if wanted is not None:
        count = min(count, len(wanted))
    starts = np.arange(0, count, sequence_stride)
    within = np.arange(0, sequence_length * sampling_rate, sampling_rate)
    series = series[first:last]
    if wanted is not None:
        wanted = wanted[first:last]
        if count > len(wanted):
            raise ValueError(f"there are {count} windows from start_index={first} on, but {len(wanted)} targets")
    random = np.random.default_rng(seed)

    def make() -> Iterator[Any]:
        order = random.permutation(starts) if shuffle else starts
        size = batch_size or 1
        for place in range(0, len(order), size):
            chosen = order[place : place + size]
            if batch_size is None:
                chosen = chosen[0]
            windows = np.asarray(series[np.add.outer(chosen, within)])
            yield windows if wanted is None else (windows, np.asarray(wanted[chosen]))

    batches = Dataset(make, -(-len(starts) // (batch_size or 1)))
    batches._batch_size = batch_size
    return batches


def _check(length: int, stride: int, rate: int, start: int | None, end: int | None) -> None:
    """Raise ValueError unless the arguments fit a series of this length."""
    if start and not 0 <= start < length:
        raise ValueError(f"start_index must be from 0 to {length - 1}, for data of length {length}; received {start}")
    if end and not (start or 0) < end < length:
        raise ValueError(
            f"end_index must be above start_index={start or 0} and below the {length} time steps; received {end}"
        )
    for name, value in (("sampling_rate", rate), ("sequence_stride", stride)):
        if not 0 < value < length:
            raise ValueError(f"{name} must be at least 1 and below the {length} time steps; received {value}")
