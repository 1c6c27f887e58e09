"""The losses that `compile` was given, matched with a model's outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish import losses
from kerasish.backend import nest
from kerasish.losses.loss import Loss, LossFunctionWrapper
from kerasish.metrics.reduction_metrics import Mean
from kerasish.trainers.outputs import Outputs, align, is_binary_or_sparse

_CROSSENTROPY = ("crossentropy", "ce")


def as_loss(loss: Any, y_true: Any = None, y_pred: Any = None) -> Callable[..., Any] | None:
    """A loss object for a name, function or object; None for None.

    `"crossentropy"` means the binary, sparse or categorical kind, by the shapes of the data.
    """
    name = loss if isinstance(loss, str) else None
    if name is not None and name.lower() in _CROSSENTROPY:
        binary, sparse = is_binary_or_sparse(y_true, y_pred)
        kind = "binary" if binary else "sparse_categorical" if sparse else "categorical"
        loss = f"{kind}_crossentropy"
    found = losses.get(loss)
    if found is None or isinstance(found, Loss):
        return found
    return LossFunctionWrapper(found, name=name or getattr(found, "__name__", type(found).__name__))


class CompileLoss:
    """One number from all outputs: the sum of their losses, each times its weight.

    Args:
        loss: a loss, or a list or dict of losses by output; None where an output has none.
        loss_weights: numbers in the same arrangement.
        output_names: the names of a model's outputs, if they are known.

    Attributes:
        trackers: the running mean of each output's loss, where there are several.
    """

    def __init__(self, loss: Any, loss_weights: Any = None, output_names: list[str] | None = None) -> None:
        self.user_loss = loss
        self.user_weights = loss_weights
        self.output_names = output_names
        self.built = False
        self.trackers: list[Mean] = []
        # Wrong names are told at compile time, not in the first step.
        nest.map_structure(as_loss, loss) if not isinstance(loss, dict) or "class_name" not in loss else as_loss(loss)

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Decide which loss each output has."""
        self.outputs = Outputs(y_pred, self.output_names)
        chosen = align(self.user_loss, self.outputs, "loss", spread=True)
        self.weights = align(self.user_weights, self.outputs, "loss_weights", spread=True)
        targets = self.outputs.flatten(y_true, "y")
        predictions = self.outputs.flatten(y_pred, "the prediction")
        self.losses = [as_loss(*parts) for parts in zip(chosen, targets, predictions, strict=True)]
        if all(loss is None for loss in self.losses):
            raise ValueError("every output's loss is None: there is nothing to minimize")
        if sum(loss is not None for loss in self.losses) > 1:
            labels = [self.outputs.label(i, _name(loss)) for i, loss in enumerate(self.losses) if loss is not None]
            self.trackers = [Mean(name=f"{label}_loss") for label in labels]
        self.single = self.losses[0] if len(self.losses) == 1 and self.weights[0] is None else None
        self.built = True

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss of a batch."""
        if not self.built:
            self.build(y_true, y_pred)
        if self.single is not None and not nest.is_nested(y_pred) and not nest.is_nested(y_true):
            return self.single(y_true, y_pred, sample_weight)
        targets = self.outputs.flatten(y_true, "y")
        predictions = self.outputs.flatten(y_pred, "the prediction")
        weights = self.outputs.flatten_weights(sample_weight)
        total: Any = None
        trackers = iter(self.trackers)
        for loss, weight, y, p, w in zip(self.losses, self.weights, targets, predictions, weights, strict=True):
            if loss is None:
                continue
            value = loss(y, p, w)
            tracker = next(trackers, None)
            if tracker is not None:
                tracker.update_state(value, sample_weight=len(p))
            if weight is not None:
                value = value * np.float32(weight)
            total = value if total is None else total + value
        return total


def _name(loss: Any) -> str:
    return str(getattr(loss, "name", type(loss).__name__))
