"""The losses that `compile` was given, matched with a model's outputs."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from kerasish import losses
from kerasish.backend import nest
from kerasish.losses.loss import Loss, LossFunctionWrapper
from kerasish.metrics.reduction_metrics import Mean
from kerasish.trainers.compiling.outputs import Outputs, align, named, task_of

_CROSSENTROPY = ("crossentropy", "ce")


def as_loss(loss: Any, y_true: Any = None, y_pred: Any = None) -> Callable[..., Any] | None:
    """A loss object for a name, function or object; None for None.

    `"crossentropy"` means the binary, sparse or categorical kind, by the shapes of the data.
    """
    name = loss if isinstance(loss, str) else None
    if name is not None and name.lower() in _CROSSENTROPY:
        loss = f"{task_of(y_true, y_pred)}_crossentropy"
    found = losses.get(loss)
    if found is None or isinstance(found, Loss):
        return found
    return LossFunctionWrapper(found, name=name or getattr(found, "__name__", type(found).__name__))


class Term(NamedTuple):
    """One loss of one output, and the number that it is multiplied by."""

    place: int
    loss: Callable[..., Any]
    weight: Any


class CompileLoss:
    """One number from all outputs: the sum of their losses, each times its weight.

    Args:
        loss: a loss, or a list or dict of losses by output; None where an output has none, a list where it has several.
        loss_weights: numbers in the same arrangement.
        output_names: the names of a model's outputs, if they are known.

    Attributes:
        trackers: the running mean of each output's loss, where there are several; of each loss, where there are several
            of a single output.
        needed: whether each output has a loss, and so needs a target; known once it is built.
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
        """Decide which losses each output has."""
        self.outputs = Outputs(y_pred, self.output_names)
        chosen = [_as_list(part) for part in align(self.user_loss, self.outputs, "loss", spread=True)]
        weights = align(self.user_weights, self.outputs, "loss_weights", spread=True)
        self.needed = [bool(losses) for losses in chosen]
        targets = self.outputs.targets(y_true, self.needed)
        predictions = self.outputs.flatten(y_pred, "the prediction")
        self.terms: list[Term] = []
        for place, (own, weight) in enumerate(zip(chosen, weights, strict=True)):
            found = [as_loss(loss, targets[place], predictions[place]) for loss in own]
            spread = _spread(weight, len(found), self.outputs.names[place])
            self.terms += [Term(place, *parts) for parts in zip(found, spread, strict=True)]  # type: ignore[arg-type]
        self._make_trackers()
        alone = len(self.terms) == len(self.needed) == 1 and self.terms[0].weight is None
        self.single = self.terms[0].loss if alone else None
        self.built = True

    def _make_trackers(self) -> None:
        """Decide what logs tell besides the sum: the places in `terms` that each of the trackers adds up."""
        of_output: dict[int, list[int]] = {}
        for number, term in enumerate(self.terms):
            of_output.setdefault(term.place, []).append(number)
        if isinstance(self.user_loss, dict) and self.outputs.keyed:  # `evaluate` lists them as they were given
            given = {str(key): order for order, key in enumerate(self.user_loss)}
            by_key = sorted(of_output.items(), key=lambda item: given.get(self.outputs.names[item[0]], len(given)))
            of_output = dict(by_key)
        if len(of_output) > 1:
            self._groups = list(of_output.values())
            firsts = [self.terms[group[0]] for group in self._groups]
            labels = [self.outputs.label(term.place, _name(term.loss)) for term in firsts]
        else:
            self._groups = [[number] for number in range(len(self.terms))] if len(self.terms) > 1 else []
            labels = [_name(self.terms[number].loss) for (number,) in self._groups]
        self.trackers = [Mean(name=f"{label}_loss") for label in labels]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss of a batch; None if no output has one."""
        if not self.built:
            self.build(y_true, y_pred)
        if self.single is not None and not nest.is_nested(y_pred) and not nest.is_nested(y_true):
            return self.single(y_true, y_pred, sample_weight)
        targets = self.outputs.targets(y_true, self.needed)
        predictions = self.outputs.flatten(y_pred, "the prediction")
        weights = self.outputs.flatten_weights(sample_weight, self.needed)
        values = []
        for i, loss, _ in self.terms:
            with named("loss of the output", self.outputs.names[i]):
                values.append(loss(targets[i], predictions[i], weights[i]))
        for tracker, group in zip(self.trackers, self._groups, strict=True):
            size = len(predictions[self.terms[group[0]].place])
            tracker.update_state(_sum([values[number] for number in group]), sample_weight=size)
        scaled = [
            value if term.weight is None else value * np.float32(term.weight)
            for term, value in zip(self.terms, values, strict=True)
        ]
        return _sum(scaled) if scaled else None


def _as_list(setting: Any) -> list[Any]:
    """The losses of one output, which may be given as a nested list."""
    parts = nest.flatten(setting) if isinstance(setting, (list, tuple)) else [setting]
    return [part for part in parts if part is not None]


def _spread(weight: Any, count: int, name: str) -> list[Any]:
    """A weight for each loss of an output.

    Raises:
        ValueError: if there are several weights, but not one for each loss.
    """
    weights = nest.flatten(weight) if isinstance(weight, (list, tuple)) else [weight] * count
    if len(weights) != count:
        raise ValueError(f"the output {name!r} has {count} losses, but loss_weights has {len(weights)} numbers for it")
    return weights


def _sum(values: list[Any]) -> Any:
    return functools.reduce(operator.add, values)


def _name(loss: Any) -> str:
    return str(getattr(loss, "name", type(loss).__name__))
