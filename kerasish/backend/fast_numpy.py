"""NumPy's own inner loops, called from compiled loops: the bits of `np.matmul` and `np.tanh` without the interpreter.

A ufunc holds, for each combination of types, the address of a function in C that computes it over an array. Those of
`matmul` call the BLAS that NumPy was built with. The layout that is read here is that of NumPy's public header
`ufuncobject.h`; it is compared with what Python says of the same ufunc before anything is called.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


class _UFunc(ctypes.Structure):
    _fields_ = (
        ("head", ctypes.c_byte * object.__basicsize__),
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
        ("reserved", ctypes.c_int),
        ("name", ctypes.c_char_p),
    )


def _loop(ufunc: np.ufunc, signature: str) -> tuple[int, int]:
    """The address of a ufunc's loop for these types, and that of the data that belongs to it."""
    inside = _UFunc.from_address(id(ufunc))
    said = (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes)
    if (inside.nin, inside.nout, inside.nargs, inside.ntypes) != said or inside.name != ufunc.__name__.encode():
        raise RuntimeError(f"This NumPy ({np.__version__}) keeps its ufuncs in another way than ufuncobject.h says")
    place = ufunc.types.index(signature)
    return inside.functions[place] or 0, inside.data[place] or 0


def addresses() -> np.ndarray:
    """What `matmul` and `tanh` need to know: the addresses of NumPy's loops for float32."""
    return np.array([*_loop(np.matmul, "ff->f"), *_loop(np.tanh, "f->f")], np.intp)


@intrinsic
def _call(typingctx: Any, function: Any, data: Any, words: Any, sizes: Any, strides: Any) -> Any:
    """Call a loop; its arguments are in an array of words, of which the sizes and the strides begin at these places."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(ctypes.sizeof(ctypes.c_ssize_t) * 8)
        kind = ir.FunctionType(ir.VoidType(), [word.as_pointer()] * 3 + [byte])
        first = context.make_array(signature.args[2])(context, builder, args[2]).data
        places = [first, builder.gep(first, [args[3]]), builder.gep(first, [args[4]])]
        loop = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(loop, [*places, builder.inttoptr(args[1], byte)])
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, words, types.intp, types.intp), generate


@numba.njit(inline="always")
def matmul(inner, a, b, out, words):
    """The product of two float32 matrices; `words` has room for 16 numbers."""
    words[0], words[1], words[2] = a.ctypes.data, b.ctypes.data, out.ctypes.data
    words[3], words[4], words[5], words[6] = 1, a.shape[0], a.shape[1], b.shape[1]
    words[7] = words[8] = words[9] = 0
    words[10], words[11] = a.strides
    words[12], words[13] = b.strides
    words[14], words[15] = out.strides
    _call(inner[0], inner[1], words, 3, 7)


@numba.njit(inline="always")
def tanh(inner, x, out, words):
    """The `tanh` of contiguous float32 numbers, which may be written over."""
    words[0], words[1] = x.ctypes.data, out.ctypes.data
    words[2] = x.size
    words[3] = words[4] = x.itemsize
    _call(inner[2], inner[3], words, 2, 3)


def sharing_numpy(source: Callable[..., None], types_of: tuple[Any, ...]) -> Callable[[], Callable[..., None]]:
    """What compiles a loop over a part, whose first arguments are the part's number and NumPy's addresses."""

    def make() -> Callable[..., None]:
        signature = numba.void(numba.intp, numba.intp[::1], *types_of)
        compiled = numba.njit(signature, cache=True, nogil=True, error_model="numpy")(source)
        inner = addresses()
        return lambda part, *args: compiled(part, inner, *args)

    return make
