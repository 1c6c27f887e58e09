"""The forms in which `fit` takes a batch: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`."""

from __future__ import annotations

from typing import Any


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """The features, targets and sample weights of a batch, None where the batch has none.

    Args:
        data: `x`, or a tuple or list `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Raises:
        ValueError: if there are no parts, or more than three.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.unpack_x_y_sample_weight(("features", "targets"))
        ('features', 'targets', None)
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            "a batch is `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`; received a "
            f"{type(data).__name__} of {len(data)} parts. Several inputs or targets go into one nested tuple or dict."
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Features, targets and sample weights in the form that `fit` takes.

    Args:
        x: the features.
        y: the targets; without them the sample weights are left out as well.
        sample_weight: a weight for every sample.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.pack_x_y_sample_weight("features", "targets")
        ('features', 'targets')
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
