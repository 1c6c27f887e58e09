"""Batch normalization by what Keras 1 called its modes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.normalization.batch_normalization import BatchNormalization
from kerasish.ops.batch_norm import batch_norm
from kerasish.ops.elementwise import sqrt
from kerasish.ops.reduction import mean, var
from kerasish.ops.shape import moveaxis

_EACH_SAMPLE, _EACH_BATCH = 1, 2


class BatchNormalizationByMode(BatchNormalization):
    """The modes 1 and 2 of Keras 1's `BatchNormalization`, which have no moving averages.

    Mode 1 normalizes every sample along its last axis: `gamma (x - mean) / (√(variance + epsilon) + epsilon) + beta`.
    Mode 2 normalizes by the batch, in inference too. The moving averages are in the files of Keras 1, and here among
    the weights, but nothing reads or changes them.

    Args:
        mode: 1 or 2.
        axis, momentum, epsilon, **kwargs: those of `BatchNormalization`.

    Shapes: the output has the shape of the input; all weights have the size along `axis`.

    Raises:
        ValueError: if `mode` is another one.

    Example:
        >>> import numpy as np
        >>> BatchNormalizationByMode(mode=2, epsilon=0.0)(np.array([[1.0], [3.0]], "float32"))
        array([[-1.],
               [ 1.]], dtype=float32)

    Source: Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167
    """

    def __init__(self, mode: int, axis: int = -1, momentum: float = 0.99, epsilon: float = 1e-3, **kwargs: Any) -> None:
        super().__init__(axis=axis, momentum=momentum, epsilon=epsilon, **kwargs)
        if mode not in (_EACH_SAMPLE, _EACH_BATCH):
            raise ValueError(f"BatchNormalizationByMode has the modes 1 and 2; received mode={mode!r}")
        self.mode = mode

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The inputs normalized, by their own means in training and in inference."""
        if self.mode == _EACH_SAMPLE:
            spread = sqrt(var(inputs, axis=-1, keepdims=True) + self.epsilon) + self.epsilon
            return self.gamma * (inputs - mean(inputs, axis=-1, keepdims=True)) / spread + self.beta
        x = moveaxis(inputs, self.axis, -1)
        return moveaxis(batch_norm(x, self.gamma, self.beta, self.epsilon, _forget), -1, self.axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {**super().get_config(), "mode": self.mode}


def _forget(batch_mean: np.ndarray, batch_variance: np.ndarray) -> None:
    """Keep no averages."""
