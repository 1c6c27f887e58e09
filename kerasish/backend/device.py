"""Where arrays live: in the memory of this computer."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext


def device(device_name: str) -> AbstractContextManager[None]:
    """A block whose arrays are on a device; there is one device, `"cpu:0"`.

    Args:
        device_name: `"cpu"` or `"cpu:0"`, in any case.

    Raises:
        ValueError: if another device is asked for.

    Example:
        >>> import kerasish as keras
        >>> with keras.device("cpu:0"):
        ...     x = keras.ops.ones(2)
    """
    if not isinstance(device_name, str) or not re.fullmatch(r"/?(device:)?cpu(:0)?", device_name.lower()):
        raise ValueError(f"the only device here is 'cpu:0'; received device_name={device_name!r}")
    return nullcontext()
