"""Training that several processes share: whose rows of a batch are whose, and where results become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from kerasish.backend import nest, random
from kerasish.backend.array import bare
from kerasish.backend.pieces import piece_of
from kerasish.backend.ranks import Ranks, Replicas, active, set_active
from kerasish.backend.variable import Variable
from kerasish.callbacks.callback_list import CallbackList
from kerasish.callbacks.logs import plain_logs
from kerasish.optimizers.optimizer import Optimizer
from kerasish.trainers.data.array_data import Picked
from kerasish.trainers.data.batches import Batch

# What callbacks set to end a loop.
STOPS = {"train": "stop_training", "test": "stop_evaluating", "predict": "stop_predicting"}


def activate(replicas: Replicas | None) -> None:
    """Let models be trained, judged and asked by all of these together from now on; None for this process alone."""
    set_active(replicas)
    draw_alike()


def draw_alike() -> None:
    """Let all processes draw the random numbers of the first, so that their data comes in one order."""
    replicas = active()
    if replicas is not None:
        random.global_seed_generator()  # which draws its seed now, if it was given none
        random.set_process_state(replicas.everyone.first(random.process_state()))


def agreed(flag: bool) -> bool:
    """Whether any process says so."""
    replicas = active()
    return flag if replicas is None else any(replicas.everyone.gather(bool(flag)))


def is_first() -> bool:
    """Whether this process writes the files: the first, or the only one."""
    replicas = active()
    return replicas is None or replicas.everyone.rank == 0


def begins_sums() -> bool:
    """Whether what was summed over the processes that share batches goes on here; in the others from 0."""
    replicas = active()
    return replicas is None or replicas.rank == 0


def is_cut() -> bool:
    """Whether processes hold pieces of a model, so that all of them must come where the first one saves it."""
    replicas = active()
    return replicas is not None and replicas.everyone.count > replicas.count


def as_first(value: Any) -> Any:
    """What the first process has given, where all of them save a model; else the value itself."""
    replicas = active()
    return replicas.everyone.first(value) if replicas is not None and is_cut() else value


def totals(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """The sums of arrays over all processes, which stay as they are."""
    replicas = active()
    if replicas is None:
        return arrays
    found = [np.array(array) for array in arrays]
    for array in found:
        replicas.add(array)
    return found


def heard(callbacks: Any, verbose: Any) -> tuple[Any, Any]:
    """The callbacks and the verbosity of this process: what writes does so in the first alone."""
    if is_first() or isinstance(callbacks, CallbackList):
        return callbacks, verbose
    every = nest.flatten(callbacks) if callbacks else []
    return [callback for callback in every if _listens_here(callback)], 0


def _listens_here(callback: Any) -> bool:
    """Whether a callback is told of a training in this process, which is not the first."""
    if getattr(callback, "saves_the_model", False) and is_cut():
        return True
    return not getattr(callback, "only_in_first_process", False)


class Share:
    """One loop of `fit`, `evaluate` or `predict` over the rows that are this process's own.

    With b of a batch's B rows here, the gradient of the whole batch's mean loss is the sum over the processes of b / B
    times theirs. Where a batch has fewer rows than there are processes, those without take a row of another's with the
    weight 0, since all must come to the sum.

    Args:
        replicas: the processes.
        model: the model.
        kind: `"train"`, `"test"` or `"predict"`.
        once: whether the loop is one of many, of a batch each, of which only the first makes the processes begin alike.
    """

    def __init__(self, replicas: Replicas, model: Any, kind: str, once: bool = False) -> None:
        self._replicas = replicas
        self._once = once
        self._model = model
        self._kind = kind
        self._weight = 1.0
        self._is_open = False
        self._agrees = False
        self._optimizers: list[Any] = []

    # -- the gradient ----------------------------------------------------------------------------------------

    def __enter__(self) -> Share:
        if self._kind == "train":
            own = (getattr(self._model, "optimizer", None), *vars(self._model).values())
            self._optimizers = list({id(o): o for o in own if isinstance(o, Optimizer)}.values())
        for optimizer in self._optimizers:
            _check_direct(optimizer)
            optimizer.__dict__["step"] = self._summing(optimizer, optimizer.step)
        return self

    def __exit__(self, *exception: object) -> None:
        for optimizer in self._optimizers:
            del optimizer.__dict__["step"]

    def _summing(self, optimizer: Any, step: Callable[..., None]) -> Callable[..., None]:
        """The optimizer's step, with the gradients of all processes."""
        add = self._replicas.add

        def summed_step(only: list[Variable] | None = None) -> None:
            self._check_reductions()
            for group in optimizer._groups:
                group.gradients *= self._weight
                add(group.gradients)
            step(only)

        return summed_step

    def _check_reductions(self) -> None:
        for term in getattr(self._model._compile_loss, "terms", ()):
            reduction = getattr(term.loss, "reduction", "mean")
            if reduction not in ("mean", "sum_over_batch_size"):
                raise NotImplementedError(
                    f"the loss {getattr(term.loss, 'name', term.loss)!r} has reduction={reduction!r}; several "
                    "processes train with 'sum_over_batch_size' (or 'mean') alone, as each weighs its own by its rows"
                )

    # -- the data --------------------------------------------------------------------------------------------

    def batches(self, data: Iterable[Batch], listened: bool) -> Iterator[Batch]:
        """This process's share of every batch.

        Args:
            data: the batches, whole.
            listened: whether a callback hears of them, which may end the loop.
        """
        known = 0
        # what is heard in the first process alone does not end loops
        self._agrees = agreed(self._replicas.everyone.rank > 0 and listened)
        for whole in data:
            batch = self._share(whole)
            if not known:
                self._model._ensure_ready(batch, train=self._kind == "train")
                engine = self._model._engine
                # else it is a later epoch of a fit, or its validation, or a later batch
                if engine.session is None and not (self._once and engine.alike.get(self._kind) is self._replicas):
                    self._equalize()
                engine.alike[self._kind] = self._replicas
                known = len(self._model.variables)
            self._is_open = True
            yield batch
            self._is_open = False
            if known < len(self._model.variables):  # a step of the model's own has made its weights
                self._equalize()
                known = len(self._model.variables)
            if self._agrees and agreed(False):
                setattr(self._model, STOPS[self._kind], True)
                return

    def each(self, batch: Batch, step: Callable[[Batch], Any]) -> Any:
        """What a step returns on this process's share of one batch."""
        returned = None
        for own in self.batches([batch], listened=False):
            returned = self.step(step)(own)
        self._replicas.weight = 1.0
        return returned

    def _share(self, whole: Batch) -> Batch:
        replicas, size = self._replicas, whole.size
        if not replicas.shards and not isinstance(whole, Picked):
            replicas.weight = self._weight = size / sum(replicas.gather(size))
            return whole
        start, stop = (size * (replicas.rank + i) // replicas.count for i in (0, 1))
        replicas.weight = self._weight = (stop - start) / size
        return whole.part(start, stop) if start < stop else whole.part(0, 1)

    def _equalize(self) -> None:
        """Let all processes begin with the weights of the first, but draw noise of their own."""
        model, replicas = self._model, self._replicas
        counted = {id(v) for v in _metric_variables(model)}
        optimizers = [v for o in self._optimizers for v in o.variables]
        every = {id(v): v for v in (*model.variables, *optimizers) if id(v) not in counted}.values()
        mine = [(v.shape, v.dtype) for v in every]
        if replicas.everyone.first(mine) != mine:
            raise ValueError(
                f"rank {replicas.everyone.rank} has built another model {model.name!r} than rank 0: their weights "
                "differ in number or shape. All processes must run the same script."
            )
        for cut in (False, True):
            among = replicas if cut else replicas.everyone
            self._hold_alike(among, [v for v in every if (piece_of(v) is not None) is cut])

    def _hold_alike(self, among: Ranks, variables: list[Variable]) -> None:
        replicas = self._replicas
        values = among.first([v._value for v in variables])
        for variable, value in zip(variables, values, strict=True):
            if variable.name == "seed_generator_state" and replicas.rank:
                value = value ^ np.array([replicas.rank * 0x9E3779B9 & 0xFFFFFFFF, 0], value.dtype)
            if not np.array_equal(variable._value, value):
                variable.put(value)

    # -- steps and results -----------------------------------------------------------------------------------

    def step(self, step: Callable[[Batch], Any]) -> Callable[[Batch], Any]:
        """A step on this process's share; one on a row of another's leaves the metrics as they are."""
        if self._kind == "predict":
            return step

        def own_step(batch: Batch) -> Any:
            if self._weight:
                return step(batch)
            held = {id(v): v._value.copy() for v in _metric_variables(self._model)}
            returned = step(batch)
            for metric in self._model.metrics:
                if any(id(v) not in held for v in metric.variables):
                    metric.reset_state()
            for variable in _metric_variables(self._model):
                variable._value[...] = held.get(id(variable), variable._value)
            return returned

        return own_step

    def outputs(self, mine: Any) -> Any:
        """The outputs for a whole batch from those for this process's share, in every process."""
        rows = [bare(leaf) if self._weight else bare(leaf)[:0] for leaf in nest.flatten(mine)]
        parts = zip(*self._replicas.gather(rows), strict=True)
        return nest.pack_sequence_as(mine, [np.concatenate(part) for part in parts])

    def whole(self, returned: Any) -> Any:
        """The results of the whole data, in every process, where the loop has ended.

        Args:
            returned: what the last step returned.
        """
        self._replicas.weight = 1.0
        if self._is_open and self._agrees:
            agreed(True)
        if self._kind == "predict":
            return returned
        self._check_reductions()
        for variable in _metric_variables(self._model):
            self._replicas.add(variable._value)
        if self._kind == "train":
            self._average()
        return self._told(returned) if returned and isinstance(returned, dict) else returned

    def _average(self) -> None:
        """Let the statistics that layers gather, such as moving means, be those of all processes."""
        for variable in self._model.non_trainable_variables:
            if variable._value.dtype.kind == "f":
                total = variable._value.astype(np.float64)
                self._replicas.add(total)
                variable.put((total / self._replicas.count).astype(variable._value.dtype))

    def _told(self, returned: dict[str, Any]) -> dict[str, Any]:
        """The results that a step of the model's own returned: of its metrics those of all data, of others the mean."""
        every = self._replicas.gather(plain_logs(returned))
        means = {name: float(np.mean([told[name] for told in every])) for name in every[0]}
        results = plain_logs(self._model.get_metrics_result())
        return {name: results.get(name, value) for name, value in means.items()}


def share_of(model: Any, kind: str, once: bool = False) -> Share | None:
    """This process's part in a loop; None if it is alone."""
    replicas = active()
    return None if replicas is None else Share(replicas, model, kind, once)


def _metric_variables(model: Any) -> list[Variable]:
    return list({id(v): v for metric in model.metrics for v in metric.variables}.values())


def _check_direct(optimizer: Any) -> None:
    if not optimizer.steps_directly:
        raise NotImplementedError(
            f"the optimizer {optimizer.name!r} overrides `apply` or `apply_gradients`, so several processes cannot add "
            "their gradients before it sees them; override `update` or `update_step` instead"
        )
