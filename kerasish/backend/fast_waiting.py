"""To wait without sleeping, for Numba: a look at a number, again and again, that leaves the interpreter to others."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from kerasish.backend.fast_loops import maker

_LOOKS = 1_000_000


@intrinsic
def _seen(typingctx: Any, numbers: Any) -> Any:
    """The first number as it is now, whoever has changed it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.load_atomic(first, "seq_cst", context.get_abi_sizeof(ir.IntType(64)))

    return types.intp(numbers), generate


def _watch(numbers, known, looks, more):
    for _ in range(looks):
        if _seen(numbers) != known:
            for _ in range(more):
                _seen(numbers)
            break


def looks_a_microsecond(watch: Callable[..., None]) -> int:
    """How often a number is looked at in a microsecond."""
    begun = time.perf_counter()
    watch(np.zeros(1, np.intp), 0, _LOOKS, 0)
    return max(1, int(_LOOKS * 1e-6 / (time.perf_counter() - begun)))


LOOPS = {"watch": maker(_watch, (numba.intp[::1], numba.intp, numba.intp, numba.intp))}
