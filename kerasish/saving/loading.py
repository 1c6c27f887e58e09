"""Values for variables, all of them checked and read before the first is set."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.callers import warn
from kerasish.backend.variable import Variable
from kerasish.saving import saveables
from kerasish.saving.guards import safe_h5
from kerasish.saving.weights_store import StoredVars, StoreReader

Assignment = tuple[Variable, np.ndarray]


def value_for(variable: Variable, dataset: Any) -> np.ndarray:
    """The array of a dataset, if it fits a variable.

    Raises:
        ValueError: if the shape or the kind of numbers differs; nothing is read then.
    """
    _check_fit(variable, tuple(dataset.shape), safe_h5.dtype_of(dataset), dataset.name)
    return safe_h5.read(dataset)


def fitting(variable: Variable, array: np.ndarray, name: str) -> np.ndarray:
    """An array that was read and changed, if it fits a variable.

    Raises:
        ValueError: if the shape or the kind of numbers differs.
    """
    _check_fit(variable, array.shape, array.dtype, name)
    return array


def _check_fit(variable: Variable, shape: tuple[int, ...], kind: np.dtype[Any], name: str) -> None:
    if shape != variable.shape:
        raise ValueError(f"the variable {variable.path!r} has shape {variable.shape}; {name} has {shape}")
    if kind.name != "bfloat16" and not np.can_cast(kind, variable._value.dtype, "same_kind"):
        raise ValueError(f"the variable {variable.path!r} holds {variable.dtype}; {name} holds {kind}")


def assign_all(assignments: list[Assignment]) -> None:
    """Set every variable."""
    for variable, value in assignments:
        variable.assign(value)


def own_variables(part: Any) -> list[Variable]:
    """The variables that a part keeps itself in files, not those of the parts below it."""
    return part.variables_in_files() if hasattr(part, "variables_in_files") else part.variables


class Loading:
    """What a file has for each part of a model, gathered by `saveables.walk` and set by `commit`.

    Args:
        reader: the file.
        skip_mismatch: whether a part that does not fit is left as it is, with a warning.
        random_state: whether sources of random numbers go on where the file left them.
    """

    def __init__(self, reader: StoreReader, skip_mismatch: bool = False, random_state: bool = False) -> None:
        self._reader = reader
        self._skip_mismatch = skip_mismatch
        self._random_state = random_state
        self._planned: dict[int, list[Assignment]] = {}
        self._others: dict[int, tuple[Any, StoredVars]] = {}
        self._failures: dict[int, tuple[Any, Exception]] = {}
        self._notes: list[str] = []

    def plan(self, part: Any, path: str) -> bool:
        """Read what the file has for the part at `path`; whether it fits."""
        if id(part) in self._planned or id(part) in self._others:
            return True
        try:
            store = self._reader.get(path)
            if id(part) in self._failures and not len(store):
                return False  # nothing at all is here, which does not make up for what did not fit elsewhere
            self._plan(part, store, path)
        except (ValueError, KeyError) as error:
            self._failures[id(part)] = (part, error)
            return False
        self._failures.pop(id(part), None)
        return True

    def _plan(self, part: Any, store: StoredVars, path: str) -> None:
        if saveables.has_random_state(part):
            known = self._random_state and "0" in store
            self._planned[id(part)] = [(part.state, value_for(part.state, store.dataset("0")))] if known else []
        elif not _has_plain_loader(part):
            self._others[id(part)] = (part, store)
        elif hasattr(type(part), "apply_gradients") and len(store) != len(own_variables(part)):
            self._planned[id(part)] = self._plan_old_optimizer(part, store)
        else:
            self._planned[id(part)] = _plan_in_order(part, store, path)

    def _plan_old_optimizer(self, optimizer: Any, store: StoredVars) -> list[Assignment]:
        """The values of an optimizer of tf.keras, which kept no learning rate; none if it is not like that either."""
        own = own_variables(optimizer)
        found = [store.dataset(str(i)) for i in range(len(store)) if str(i) in store]
        without_rate = [own[0], *own[2:]]
        if len(own) == 2 and optimizer.built:
            found = found[:1]  # SGD of tf.keras keeps momenta that are zero; the count of steps is all that matters
        if [v.shape for v in without_rate] == [tuple(d.shape) for d in found]:
            return [(v, value_for(v, dataset)) for v, dataset in zip(without_rate, found, strict=True)]
        self._note_other_size(optimizer, store)
        return []

    def _note_other_size(self, optimizer: Any, store: StoredVars) -> None:
        """Note that an optimizer starts anew, unless the file's has not begun either."""
        begun = "0" in store and store.dataset("0").shape == () and int(store["0"]) > 0
        if begun:
            self._notes.append(
                f"the optimizer {optimizer.name!r} has {len(own_variables(optimizer))} variables but the file holds "
                f"{len(store)}; it starts anew"
            )

    def commit(self) -> None:
        """Set the variables.

        Raises:
            ValueError: if anything did not fit; every variable is as before then.
        """
        if self._failures and not self._skip_mismatch:
            raise ValueError(self._told())
        assignments = [pair for pairs in self._planned.values() for pair in pairs]
        before = [(v, v.numpy()) for v, _ in assignments] if self._others else []
        assign_all(assignments)
        for part, store in self._others.values():
            own = [(v, v.numpy()) for v in own_variables(part)]
            before += own
            try:
                part.load_own_variables(store)
            except Exception as error:
                self._failures[id(part)] = (part, error)
                assign_all(own if self._skip_mismatch else before)
                if not self._skip_mismatch:
                    raise ValueError(self._told()) from error
        for note in [*self._notes, *([self._told()] if self._failures else [])]:
            warn(note)

    def _told(self) -> str:
        labels = [f"{type(part).__name__} {getattr(part, 'name', '')!r}" for part, _ in self._failures.values()]
        first = next(iter(self._failures.values()))[1]
        more = f" ({len(labels)} parts do not fit: {', '.join(labels[:8])})" if len(labels) > 1 else ""
        return f"{first}{more}"


def _has_plain_loader(part: Any) -> bool:
    """Whether a part reads "0", "1", ... into its variables in order and does nothing else; any other is called."""
    return getattr(type(part).load_own_variables, "in_order", False)


def _plan_in_order(part: Any, store: StoredVars, path: str) -> list[Assignment]:
    own = own_variables(part)
    if len(own) != len(store):
        hint = "" if own or getattr(part, "built", True) else ": it has not been built, so call it on data first"
        raise ValueError(
            f"{type(part).__name__} {part.name!r} has {len(own)} variables; the file holds {len(store)} at "
            f"{path or 'the top'}{hint}"
        )
    merged = part.variables_merged_in_files() if hasattr(part, "variables_merged_in_files") else []
    found = [(variable, value_for(variable, store.dataset(str(i)))) for i, variable in enumerate(own)]
    return found + [(variable, np.zeros(variable.shape)) for variable in merged]
