"""Connectionist temporal classification: sequences whose labels are known, and not when each is said."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.typing import DTypeLike
from kerasish.losses.loss import BuiltinLoss
from kerasish.losses.reduction import as_tensor, constant
from kerasish.ops.ctc import ctc_loss


def ctc(y_true: Any, y_pred: Any) -> Any:
    """How unlikely an output makes its labels, whenever each is said; see `keras.ops.ctc_loss`.

    Args:
        y_true: labels from 1, shape `(batch, labels)`. A 0 is the blank, which fills up targets that are shorter.
        y_pred: logits, shape `(batch, steps, classes)`, the blank's first.

    Returns:
        Losses of shape `(batch,)`.

    Raises:
        ValueError: if the shapes are others, or a label is none of the classes.

    Example:
        >>> import numpy as np
        >>> ctc([[1]], np.zeros((1, 2, 2), "float32")).round(4)  # 3 of the 4 paths spell it: -log(3 / 4)
        array([0.2877], dtype=float32)

    Source: Graves et al., Connectionist temporal classification (2006).
    """
    y_true, y_pred = constant(y_true), as_tensor(y_pred)
    if len(y_true.shape) != 2 or len(y_pred.shape) != 3:
        raise ValueError(
            "CTC needs targets y_true of shape (batch, labels) and logits y_pred of shape (batch, steps, classes); "
            f"received y_true of shape {tuple(y_true.shape)} and y_pred of shape {tuple(y_pred.shape)}"
        )
    sizes = np.sum(y_true != 0, axis=-1)
    return ctc_loss(y_true, y_pred, sizes, np.full(y_pred.shape[:1], y_pred.shape[1]))


class CTC(BuiltinLoss):
    """Connectionist temporal classification, `ctc`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> import numpy as np
        >>> round(float(CTC()([[1]], np.zeros((1, 2, 2), "float32"))), 4)
        0.2877
    """

    _integer_labels = True

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "ctc", dtype: DTypeLike = None
    ) -> None:
        super().__init__(ctc, name=name, reduction=reduction, dtype=dtype)
