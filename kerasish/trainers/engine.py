"""What a model keeps between calls."""

from __future__ import annotations

from typing import Any

from kerasish.trainers.data.epochs import Epochs
from kerasish.trainers.resumption import Resumption
from kerasish.trainers.session import Session
from kerasish.trainers.steps.guards import Stamp
from kerasish.trainers.steps.prediction import PredictingSteps


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
    """

    def __init__(self) -> None:
        self.session: Session | None = None
        self.data: Epochs | None = None
        self.resumption: Resumption | None = None
        self.reason: str | None = None
        self.is_advised = False
        self.is_nan_told = False
        self._stamp: Stamp | None = None
        self._kept: Session | None = None
        self._predictions: PredictingSteps | None = None

    def __reduce__(self) -> tuple[type[Engine], tuple[()]]:
        return Engine, ()

    def restart(self) -> None:
        """Forget what was true of the model as it was compiled before."""
        self.session = None
        self.is_advised = self.is_nan_told = False

    # -- what was recorded -----------------------------------------------------------------------------------

    def _forget_if_changed(self, model: Any) -> None:
        if self._stamp is None or not self._stamp.is_current():
            self._stamp = Stamp(model)
            self._kept = self._predictions = None

    def kept(self, model: Any) -> Session | None:
        """The session of the last fit or batch, if the model has not changed since."""
        self._forget_if_changed(model)
        return self._kept

    def keep(self, session: Session | None, model: Any) -> None:
        """Go on with a session in the next fit or batch; None begins anew."""
        self._forget_if_changed(model)
        self._kept = session

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
