"""Stop when the loss is no number any more."""

from __future__ import annotations

import math

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs
from kerasish.utils.progbar import print_line


class TerminateOnNaN(Callback):
    """End the training at the first batch after which the loss is NaN or infinite.

    Args:
        raise_error: whether to raise instead of ending the training in good order, so that no callback's
            `on_train_end` runs.

    Raises:
        RuntimeError: at a batch's end, if the loss is not finite and `raise_error=True`.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x, y = np.ones((4, 2)), np.full((4, 1), np.nan)
        >>> _ = model.fit(x, y, epochs=5, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])
        Batch 0: Invalid loss, terminating training
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"the loss after batch {batch} is {loss}. Likely causes: a learning rate that is too high, NaN in the "
                "data, or the logarithm of zero in a loss of one's own."
            )
        print_line(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
