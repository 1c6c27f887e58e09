"""The weights of a layer in files of Keras 1 and 2, whose arrays may be others than those of today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.variable import Variable
from kerasish.saving.guards import safe_h5
from kerasish.saving.legacy.origin import Origin, Stored
from kerasish.saving.legacy.rules import Rule, rule_for
from kerasish.saving.loading import Assignment, fitting, value_for


class _Share(NamedTuple):
    """The weights that stand together in a file, of the layer whose rule they are read by."""

    layer: Any
    variables: list[Variable]
    rule: Rule


def weights_of(layer: Any) -> list[Variable]:
    """The weights of a layer in the order of a file: all that are trained, then the others."""
    return layer.trainable_weights + layer.non_trainable_weights


def planned(layer: Any, group: Any, origin: Origin) -> list[Assignment]:
    """The values that a file has for the weights of a layer, or of a model as a layer.

    Args:
        layer: the layer.
        group: the layer's group in the file.
        origin: which Keras wrote it.

    Raises:
        ValueError: if they are not as many, or one does not fit.
    """
    datasets = [safe_h5.dataset_at(group, name) for name in safe_h5.text_list(group, "weight_names")]
    shares = list(_shares(layer)) if origin.version < 3 else []
    if not any(share.rule.restore for share in shares):
        return in_order(weights_of(layer), datasets)
    counts = [_count(share, origin) for share in shares]
    together = [len(share.variables) for share in shares]
    if sum(together) == len(datasets):  # Keras 1 could keep the gates of a recurrent layer in one array, too
        counts = together
    if sum(counts) != len(datasets):
        raise ValueError(f"{sum(counts)} weights are expected; the file holds {len(datasets)}")
    plan: list[Assignment] = []
    for share, count in zip(shares, counts, strict=True):
        plan += _restored(share, datasets[:count], origin)
        datasets = datasets[count:]
    return plan


def are_rearranged(model: Any, origin: Origin) -> bool:
    """Whether weights of a model stand in another order in the file, and with them what an optimizer keeps of each."""
    is_other = origin.version == 1 or (origin.version == 2 and origin.backend == "theano")
    return is_other and any(share.rule.restore for share in _shares(model))


def in_order(variables: list[Variable], datasets: list[Any]) -> list[Assignment]:
    """The values of variables, one dataset for each.

    Raises:
        ValueError: if they are not as many, or one does not fit.
    """
    if len(datasets) != len(variables):
        raise ValueError(f"{len(variables)} weights are expected; the file holds {len(datasets)}")
    return [(v, value_for(v, dataset)) for v, dataset in zip(variables, datasets, strict=True)]


def _shares(layer: Any) -> Iterator[_Share]:
    """The weights of a layer and those below it in the order of a file: all that are trained, then the others."""
    owners: dict[int, tuple[Any, Rule]] = {}

    def visit(part: Any, owner: tuple[Any, Rule] | None) -> None:
        rule = rule_for(type(part).__name__)
        owner = owner or ((part, rule) if rule.restore else None)
        for variable in part._tracker.variables():
            owners.setdefault(id(variable), owner or (part, rule))
        for below in part._tracker.layers():
            visit(below, owner)

    visit(layer, None)
    for variables in (layer.trainable_weights, layer.non_trainable_weights):
        together: dict[int, list[Variable]] = {}
        for variable in variables:
            together.setdefault(id(owners[id(variable)][0]), []).append(variable)
        for group in together.values():
            owner, rule = owners[id(group[0])]
            yield _Share(owner, group, rule)


def _count(share: _Share, origin: Origin) -> int:
    return len(share.variables) if share.rule.pieces is None else share.rule.pieces(share.layer, origin)


def _restored(share: _Share, datasets: list[Any], origin: Origin) -> list[Assignment]:
    if share.rule.restore is None:
        return in_order(share.variables, datasets)
    stored = [Stored(dataset.name, safe_h5.read(dataset)) for dataset in datasets]
    arrays = share.rule.restore(share.layer, stored, origin)
    if len(arrays) != len(share.variables):
        raise ValueError(f"{len(share.variables)} weights are expected; the file holds {len(arrays)}")
    label = datasets[0].name if datasets else ""
    return [(v, fitting(v, np.asarray(array), label)) for v, array in zip(share.variables, arrays, strict=True)]
