"""The state of the process that is not in any model."""

from __future__ import annotations

import gc

from kerasish.backend import names, random


def clear_session(free_memory: bool = True) -> None:
    """Forget the automatic names and the global seed, so that the next layer is `dense` again.

    Args:
        free_memory: whether to collect garbage at once; False saves the time it takes.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.clear_session()
        >>> keras.layers.Dense(1).name
        'dense'
    """
    names.reset_names()
    random._GLOBAL_SEED = None
    random._global_generator = None
    if free_memory:
        gc.collect()
