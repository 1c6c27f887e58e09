"""What a model keeps between calls."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from kerasish.trainers.data.epochs import Epochs
from kerasish.trainers.resumption import Resumption
from kerasish.trainers.session import Session
from kerasish.trainers.steps.guards import Stamp
from kerasish.trainers.steps.prediction import PredictingSteps

# The most memory that the recorded steps of all models together hold on to between two fits. The models that were
# trained last keep theirs, for to record a step anew takes as long as two or three steps on the tape.
KEPT_BYTES = 2**28


class _Recent:
    """The models that keep recorded steps, the one that was trained last at the end."""

    def __init__(self) -> None:
        self._engines: list[weakref.ref[Engine]] = []
        self._lock = threading.Lock()

    def add(self, engine: Engine, always: bool) -> None:
        """Let a model keep its steps, at the cost of those that were trained before if all together are too large."""
        with self._lock:
            others = [found for ref in self._engines if (found := ref()) is not None and found is not engine]
            keeping = [found for found in (*others, engine) if found.kept_bytes]
            total = sum(found.kept_bytes for found in keeping)
            while total > KEPT_BYTES and not (always and keeping == [engine]):
                oldest = keeping.pop(0)
                total -= oldest.kept_bytes
                oldest.let_go()
            self._engines = [weakref.ref(found) for found in keeping]


_recent = _Recent()


class Engine:
    """The steps that were recorded of a model, and where its `fit` is; a copy of the model begins with a new one.

    What was recorded is kept until an attribute of a layer, or what is trained, changes.

    Attributes:
        session: the parts of the model while it is trained or judged; None outside.
        data: the batches of the `fit` that is under way; None outside.
        resumption: where the `fit` that begins is to go on, if a callback has found an earlier one.
        reason: why the last training steps were not recorded.
        is_advised: whether settings that do not go with the targets were told of since `compile`.
        is_nan_told: whether a loss that is NaN was told of since `compile`.
        alike: with which processes the model was made to begin alike, by `"train"`, `"test"` or `"predict"`.
    """

    def __init__(self) -> None:
        self.session: Session | None = None
        self.data: Epochs | None = None
        self.resumption: Resumption | None = None
        self.reason: str | None = None
        self.is_advised = False
        self.is_nan_told = False
        self.alike: dict[str, Any] = {}
        self._stamp: Stamp | None = None
        self._kept: Session | None = None
        self._predictions: PredictingSteps | None = None

    def __reduce__(self) -> tuple[type[Engine], tuple[()]]:
        return Engine, ()

    def restart(self) -> None:
        """Forget what was true of the model as it was compiled before."""
        self.session = None
        self.is_advised = self.is_nan_told = False
        self.alike = {}

    # -- what was recorded -----------------------------------------------------------------------------------

    def _forget_if_changed(self, model: Any) -> None:
        if self._stamp is None or not self._stamp.is_current():
            self._stamp = Stamp(model)
            self._kept = self._predictions = None

    def kept(self, model: Any) -> Session | None:
        """The session of the last fit or batch, if the model has not changed since."""
        self._forget_if_changed(model)
        return self._kept

    def keep(self, session: Session | None, model: Any, always: bool) -> None:
        """Go on with a session in the next fit or batch, `always` or if it is not too large; None begins anew."""
        self._forget_if_changed(model)
        self._kept = session
        _recent.add(self, always)

    @property
    def kept_bytes(self) -> int:
        """The memory of the steps that are kept."""
        session = self._kept
        return 0 if session is None else session.room.nbytes

    def let_go(self) -> None:
        """Keep no steps, so that there is room for those of another model."""
        self._kept = None

    def predictions(self, model: Any) -> PredictingSteps:
        """The passes that were recorded since the model has changed for the last time."""
        self._forget_if_changed(model)
        found = self._predictions
        if found is None:
            found = self._predictions = PredictingSteps(model)
        return found

    # -- what callbacks ask ----------------------------------------------------------------------------------

    def remember_order(self) -> None:
        """Keep from now on what `position` tells of the order of the data."""
        if self.data is not None:
            self.data.remember_order()

    def position(self, begun: int) -> tuple[dict[str, Any] | None, int]:
        """Where the fit is in its data when so many batches of the epoch were used; see `Epochs.position`."""
        return (None, begun) if self.data is None else self.data.position(begun)

    def resume(self, resumption: Resumption) -> None:
        """Let the fit that begins go on where another process had been."""
        self.resumption = resumption
