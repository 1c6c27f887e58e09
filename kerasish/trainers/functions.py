"""Steps as functions: of the values of all variables, or of an iterator of batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kerasish.backend.stateless_scope import StatelessScope
from kerasish.trainers.batch_steps import BatchSteps
from kerasish.utils.data_utils import unpack_x_y_sample_weight

StepFunction = Callable[[Iterator[Any]], Any]


class StepFunctions(BatchSteps):
    """What a training loop of one's own may be made of."""

    train_function: StepFunction | None = None
    test_function: StepFunction | None = None
    predict_function: StepFunction | None = None

    # -- of the values of variables ----------------------------------------------------------------------------------

    def stateless_compute_loss(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        metrics_variables: Any,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """`compute_loss` with these values in place of the variables, which stay as they are.

        Args:
            trainable_variables, non_trainable_variables, metrics_variables: a value for each.
            x, y, y_pred, sample_weight, training: the arguments of `compute_loss`.

        Returns:
            `(loss, (trainable_variables, non_trainable_variables, metrics_variables))`, the latter two with the values
            that the computation changed.
        """
        scope = self._scope(trainable_variables, non_trainable_variables, metrics_variables)
        with scope:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training)
        return loss, (trainable_variables, *self._after(scope))

    def _scope(self, *values: Any) -> StatelessScope:
        own = (self.trainable_variables, self.non_trainable_variables, self.metrics_variables)  # type: ignore[attr-defined]
        pairs: list[Any] = []
        for variables, given in zip(own, values, strict=True):
            if len(variables) != len(given):
                raise ValueError(f"the model has {len(variables)} variables of a kind; received {len(given)} values")
            pairs += zip(variables, given, strict=True)
        return StatelessScope(pairs)

    def _after(self, scope: StatelessScope) -> list[list[Any]]:
        """The values of the variables that no optimizer changes, as a computation has left them."""
        kinds = (self.non_trainable_variables, self.metrics_variables)  # type: ignore[attr-defined]
        return [[scope.get_current_value(v) for v in variables] for variables in kinds]

    def compute_loss_and_updates(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        metrics_variables: Any,
        x: Any,
        y: Any,
        sample_weight: Any,
        training: bool = False,
        optimizer_variables: Any = None,
    ) -> Any:
        """A pass forward and its loss with these values in place of the variables, which stay as they are.

        To differentiate, watch the values with a `GradientTape` and give what `watch` returned.

        Args:
            trainable_variables, non_trainable_variables, metrics_variables: a value for each.
            x, y, sample_weight: a batch.
            training: whether layers behave as in training.
            optimizer_variables: a value for each variable of the optimizer, on which the scale of the loss may depend.

        Returns:
            `(loss, (unscaled_loss, y_pred, non_trainable_variables, metrics_variables))`.

        Example:
            >>> import numpy as np
            >>> import kerasish as keras
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
            >>> model.compile(loss="mse")
            >>> one = np.ones((1, 2), "float32")
            >>> zeros = [v.numpy() for v in model.metrics_variables]
            >>> loss, _ = model.compute_loss_and_updates([np.ones((2, 1))], [], zeros, one, [[3.0]], None)
            >>> float(loss)
            1.0
        """
        scope = self._scope(trainable_variables, non_trainable_variables, metrics_variables)
        with scope:
            y_pred = self(x, training=training)  # type: ignore[operator]
            loss = self.compute_loss(x, y, y_pred, sample_weight, training)
        scaled = loss
        if training and self.optimizer is not None:
            pairs = list(
                zip(self.optimizer.variables, optimizer_variables or (), strict=optimizer_variables is not None)
            )
            with StatelessScope(pairs):
                scaled = self.optimizer.scale_loss(loss)
        return scaled, (loss, y_pred, *self._after(scope))

    # -- of an iterator ----------------------------------------------------------------------------------------------

    def make_train_function(self, force: bool = False) -> StepFunction:
        """The function that takes the next batch of an iterator and learns from it; also kept in `train_function`.

        `fit` does not call it, for it keeps its steps from one to the next: to change what a step does, override
        `train_step`.

        Args:
            force: whether it is made anew where there is one.

        Returns:
            `iterator -> logs`.
        """
        if self.train_function is None or force:
            self.train_function = lambda iterator: self.train_on_batch(
                *unpack_x_y_sample_weight(next(iterator)), return_dict=True
            )
        return self.train_function

    def make_test_function(self, force: bool = False) -> StepFunction:
        """The function that takes the next batch of an iterator and judges it; see `make_train_function`."""
        if self.test_function is None or force:
            self.test_function = lambda iterator: self.test_on_batch(
                *unpack_x_y_sample_weight(next(iterator)), return_dict=True
            )
        return self.test_function

    def make_predict_function(self, force: bool = False) -> StepFunction:
        """The function that takes the next batch of an iterator and predicts it; see `make_train_function`."""
        if self.predict_function is None or force:
            self.predict_function = lambda iterator: self.predict_on_batch(unpack_x_y_sample_weight(next(iterator))[0])
        return self.predict_function

    def _refuse_own_function(self, name: str) -> None:
        """What a subclass says of a step in a way that would not be heard.

        Raises:
            NotImplementedError: if it overrides the method that makes a function of it.
        """
        method = f"make_{name}_function"
        if getattr(type(self), method) is not getattr(StepFunctions, method):
            raise NotImplementedError(
                f"{type(self).__name__} overrides {method}, which is not called here. Override `{name}_step` instead, "
                "whose steps are recorded as well."
            )
