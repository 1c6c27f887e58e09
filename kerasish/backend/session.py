"""What a process remembers between models, and how to make it forget."""

from __future__ import annotations

import gc

from kerasish.backend import config, names, random


def clear_session(free_memory: bool = True) -> None:
    """Forget the automatic names, the default dtype policy and the generator of unseeded draws.

    The next model counts its layers from the start again: `dense`, not `dense_7`. `floatx`, `epsilon` and the image
    layout stay as they were set.

    Args:
        free_memory: whether to collect garbage at once; it takes a moment, so a short loop may go without.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.clear_session()
        >>> keras.layers.Dense(10).name
        'dense'
    """
    names.reset_names()
    random.reset_global_generator()
    config.set_default_policy(None)
    if free_memory:
        gc.collect()
