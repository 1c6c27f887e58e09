"""What holds for one call of a model and all layers in it: training or not, and who called first."""

from __future__ import annotations

import threading
from typing import Any


class CallContext(threading.local):
    """The call that is going on in this thread.

    Attributes:
        root: the outermost layer being called; None between calls.
        training: what the outermost caller said, passed down to layers that ask; None when nobody said.
        loss_owners: the layers that added losses during the call, to be cleared by the next one.
    """

    def __init__(self) -> None:
        self.root: Any = None
        self.training: bool | None = None
        self.building = False


context = CallContext()

# One thread at a time makes weights, so that a model that is first called by several has them once.
making_weights = threading.RLock()


class Structure:
    """How often an attribute of any layer was set, and which was set last: the names of the layer and of it."""

    version = 0
    last = ("", "")
