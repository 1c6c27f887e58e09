"""The shape of each plain operation's result, from the shapes of its inputs and its settings.

A shape is a tuple of sizes, None where a size is not known. A rule takes the shapes of the inputs in order, a list of
shapes where an input is a list of tensors, and the settings by name; it returns a shape, or several.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend import dtypes, nest
from kerasish.backend.operators import broadcast_shapes

Size = int | None
Shape = tuple[Size, ...]
Settings = dict[str, Any]
Rule = Callable[[list[Any], Settings], Any]

# The most results of one operation.
MOST_RESULTS = 10_000


def product(sizes: Sequence[Size]) -> Size:
    """The product of sizes."""
    return None if None in sizes else math.prod(sizes)  # type: ignore[arg-type]


def total(sizes: Sequence[Size]) -> Size:
    """The sum of sizes."""
    return None if None in sizes else sum(sizes)  # type: ignore[arg-type]


def whole(value: Any) -> int:
    """A setting that must be a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected a whole number; received {value!r:.100}")
    return value


def axis_of(axis: Any, rank: int) -> int:
    """An axis counted from the front."""
    if not -rank <= whole(axis) < rank:
        raise IndexError(f"axis={axis} of {rank} dimensions")
    return axis % rank


def replaced(shape: Shape, axis: int, *sizes: Size) -> Shape:
    """A shape with other sizes in place of an axis, perhaps none."""
    return (*shape[:axis], *sizes, *shape[axis + 1 :])


def flat(shapes: list[Any]) -> list[Shape]:
    """The shapes in a list of shapes and of lists of them."""
    return [s for x in shapes for s in (flat(x) if isinstance(x, list) else [x]) if s is not None]


# -- of one input --------------------------------------------------------------------------------------------


def first(shapes: list[Any], settings: Settings) -> Shape:
    """That of the first input."""
    return shapes[0]


def second(shapes: list[Any], settings: Settings) -> Shape:
    """That of the second input."""
    return shapes[1]


def scalar(shapes: list[Any], settings: Settings) -> Shape:
    """That of a number."""
    return ()


def broadcast(shapes: list[Any], settings: Settings) -> Shape:
    """What all inputs broadcast to."""
    return broadcast_shapes(*flat(shapes))


def along_axis(shapes: list[Any], settings: Settings) -> Shape:
    """That of the first input; flat, where no axis is given."""
    if settings["axis"] is None:
        return (product(shapes[0]),)
    axis_of(settings["axis"], len(shapes[0]))
    return shapes[0]


def reduced(shapes: list[Any], settings: Settings) -> Shape:
    """Without the axes, or with size 1 there."""
    rank = len(shapes[0])
    axis = settings.get("axis", settings.get("axes"))
    axes = range(rank) if axis is None else nest.listed(axis)
    gone = {axis_of(a, rank) for a in axes}
    if settings.get("keepdims"):
        return tuple(1 if i in gone else n for i, n in enumerate(shapes[0]))
    return tuple(n for i, n in enumerate(shapes[0]) if i not in gone)


def _quantiles(shapes: list[Any], settings: Settings) -> Shape:
    return (*shapes[1], *reduced(shapes, settings))


def _moments(shapes: list[Any], settings: Settings) -> tuple[Shape, Shape]:
    one = reduced(shapes, settings)
    return one, one


def _difference(shapes: list[Any], settings: Settings) -> Shape:
    axis = axis_of(settings["axis"], len(shapes[0]))
    size = shapes[0][axis]
    if whole(settings["n"]) < 0:
        raise IndexError("n is negative")
    return replaced(shapes[0], axis, None if size is None else max(size - settings["n"], 0))


def _halved(shapes: list[Any], settings: Settings) -> Shape:
    axis = axis_of(settings["axis"], len(shapes[0]))
    size = shapes[0][axis]
    if size is not None and size % 2:
        raise IndexError(f"an odd size, {size}, cannot be halved")
    return replaced(shapes[0], axis, None if size is None else size // 2)


def _trace(shapes: list[Any], settings: Settings) -> Shape:
    return reduced(shapes, {"axis": (settings["axis1"], settings["axis2"])})


def _diagonal_matrix(shapes: list[Any], settings: Settings) -> Shape:
    offset = whole(settings["k"])
    (shape,) = shapes
    if len(shape) == 1:
        return (total([shape[0], abs(offset)]),) * 2
    rows, columns = shape
    if rows is None or columns is None:
        return (None,)
    return (max(min(rows + min(offset, 0), columns - max(offset, 0)), 0),)


def _flat_diagonal_matrix(shapes: list[Any], settings: Settings) -> Shape:
    return (total([product(shapes[0]), abs(whole(settings["k"]))]),) * 2


def _nonzero(shapes: list[Any], settings: Settings) -> tuple[Shape, ...]:
    return tuple((None,) for _ in shapes[0])


def _chosen(shapes: list[Any], settings: Settings) -> Any:
    return broadcast(shapes, settings) if len(flat(shapes)) > 1 else _nonzero(shapes, settings)


def _ravelled(shapes: list[Any], settings: Settings) -> Shape:
    return (product(shapes[0]),)


def _integrated(shapes: list[Any], settings: Settings) -> Shape:
    return reduced(shapes[:1], {"axis": settings["axis"]})


def _without_last(shapes: list[Any], settings: Settings) -> Shape:
    return shapes[0][:-1]


def _with_pairs(shapes: list[Any], settings: Settings) -> Shape:
    return (*shapes[0], 2)


def _without_classes(shapes: list[Any], settings: Settings) -> Shape:
    return replaced(shapes[1], axis_of(settings["axis"], len(shapes[1])))


def _reshaped(shapes: list[Any], settings: Settings) -> Shape:
    sizes = [whole(n) for n in settings["newshape"]]
    total, rest = product(shapes[0]), math.prod(n for n in sizes if n != -1)
    if sizes.count(-1) > 1 or min(sizes, default=0) < -1:
        raise IndexError(f"the shape {sizes}")
    if total is None:
        return tuple(None if n == -1 else n for n in sizes)
    if total % max(rest, 1) or (-1 not in sizes and total != rest):
        raise IndexError(f"{total} numbers")
    return tuple(total // max(rest, 1) if n == -1 else n for n in sizes)


def _viewed(shapes: list[Any], settings: Settings) -> Shape:
    if settings["dtype"] is None:
        return shapes[0]
    old, new = dtypes.numpy_dtype(settings["from"]).itemsize, dtypes.numpy_dtype(settings["dtype"]).itemsize
    size = shapes[0][-1]
    return (*shapes[0][:-1], None if size is None else size * old // new)


# -- repeated, joined and taken ------------------------------------------------------------------------------


def _repeated(shapes: list[Any], settings: Settings) -> Shape:
    repeats, axis, shape = settings["repeats"], settings["axis"], shapes[0]
    if axis is None:
        shape, axis = (product(shape),), 0
    axis = axis_of(axis, len(shape))
    if isinstance(repeats, (list, tuple)) and len(repeats) == 1:
        repeats = repeats[0]
    if isinstance(repeats, (list, tuple)):
        return replaced(shape, axis, sum(map(whole, repeats)))
    return replaced(shape, axis, product([shape[axis], whole(repeats)]))


def _tiled(shapes: list[Any], settings: Settings) -> Shape:
    times = [whole(n) for n in nest.listed(settings["repeats"])]
    rank = max(len(times), len(shapes[0]))
    sizes = (1,) * (rank - len(shapes[0])) + shapes[0]
    times = [1] * (rank - len(times)) + times
    return tuple(product([n, t]) for n, t in zip(sizes, times, strict=True))


def _padded(shapes: list[Any], settings: Settings) -> Shape:
    widths, shape = nest.listed(settings["pad_width"]), shapes[0]
    if not any(isinstance(pair, (list, tuple)) for pair in widths):
        widths = [widths]
    pairs = [tuple(map(whole, pair)) for pair in widths]
    pairs = pairs * len(shape) if len(pairs) == 1 else pairs
    # of a single number both margins
    return tuple(total([n, pair[0], pair[-1]]) for n, pair in zip(shape, pairs, strict=True))


def _one_hot(shapes: list[Any], settings: Settings) -> Shape:
    axis = axis_of(settings["axis"], len(shapes[0]) + 1)
    return (*shapes[0][:axis], whole(settings["num_classes"]), *shapes[0][axis:])


def _multi_hot(shapes: list[Any], settings: Settings) -> Shape:
    encoded = _one_hot(shapes, settings)
    rank = len(shapes[0])
    return replaced(encoded, 1 if rank > 1 else 0) if rank else encoded


def _joined(shapes: list[Any], settings: Settings) -> Shape:
    (parts,) = shapes
    axis = axis_of(settings["axis"], len(parts[0]))
    rests = [replaced(part, axis, 1) for part in parts]
    if len({len(part) for part in parts}) > 1:
        raise IndexError("the numbers of dimensions differ")
    return replaced(same(rests), axis, total([part[axis] for part in parts]))


def same(shapes: list[Shape]) -> Shape:
    """The shape that all of these are, sizes known from any of them."""
    out: list[Size] = []
    for sizes in zip(*shapes, strict=True):
        known = set(sizes) - {None}
        if len(known) > 1:
            raise IndexError(f"the sizes {sorted(known)} differ")
        out.append(known.pop() if known else None)
    return tuple(out)


def _stacked(shapes: list[Any], settings: Settings) -> Shape:
    (parts,) = shapes
    one = same(parts)
    axis = axis_of(settings["axis"], len(one) + 1)
    return (*one[:axis], len(parts), *one[axis:])


def _joined_along(least: int, axis: int) -> Rule:
    """The shape of parts, given at least so many dimensions, joined along an axis."""

    def at_least(shape: Shape) -> Shape:
        if least == 3 and len(shape) < 3:
            return {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}[len(shape)]
        return (1,) * (least - len(shape)) + shape

    def rule(shapes: list[Any], settings: Settings) -> Shape:
        parts = [at_least(part) for part in shapes[0]]
        return _joined([parts], {"axis": min(axis, len(parts[0]) - 1)})

    return rule


def _appended(shapes: list[Any], settings: Settings) -> Shape:
    if settings["axis"] is None:
        return (total([product(shape) for shape in shapes]),)
    return _joined([shapes], settings)


def _taken(shapes: list[Any], settings: Settings) -> Shape:
    x, indices = shapes
    return indices if settings["axis"] is None else replaced(x, axis_of(settings["axis"], len(x)), *indices)


def _taken_along(shapes: list[Any], settings: Settings) -> Shape:
    x, indices = shapes
    if settings["axis"] is None:
        return (product(indices),)
    axis = axis_of(settings["axis"], len(x))
    return replaced(broadcast_shapes(replaced(x, axis, 1), replaced(indices, axis, 1)), axis, indices[axis])


def _window(shapes: list[Any], settings: Settings) -> Shape:
    sizes = tuple(map(whole, settings["shape"]))
    for n, most in zip(sizes, shapes[0], strict=True):
        if n < 0 or (most is not None and n > most):
            raise IndexError(f"a window of {sizes}")
    return sizes


def _scattered(shapes: list[Any], settings: Settings) -> Shape:
    return tuple(map(whole, settings["shape"]))


def _segments(shapes: list[Any], settings: Settings) -> Shape:
    count = settings["num_segments"]
    return (None if count is None else whole(count), *shapes[0][1:])


def _sequences(shapes: list[Any], settings: Settings) -> Shape:
    length, stride = whole(settings["sequence_length"]), whole(settings["sequence_stride"])
    if min(length, stride) < 1:
        raise IndexError("windows are at least 1 long, and 1 apart")
    size = shapes[0][-1]
    return (*shapes[0][:-1], None if size is None else max((size - length) // stride + 1, 0), length)


def _largest(shapes: list[Any], settings: Settings) -> tuple[Shape, Shape]:
    found = (*shapes[0][:-1], whole(settings["k"]))
    return found, found


# -- pieces --------------------------------------------------------------------------------------------------


def _split_along(axis: int | None = None, even: bool = True) -> Rule:
    """The pieces of an array along an axis, that of the settings by default."""

    def rule(shapes: list[Any], settings: Settings) -> list[Shape]:
        shape, sections = shapes[0], settings["indices_or_sections"]
        at = axis_of(settings["axis"] if axis is None else min(axis, len(shape) - 1), len(shape))
        if isinstance(sections, (list, tuple)):
            return [replaced(shape, at, n) for n in _between([whole(i) for i in sections], shape[at])]
        return [replaced(shape, at, n) for n in _parts(shape[at], whole(sections), even)]

    return rule


def _between(cuts: list[int], size: Size) -> list[Size]:
    if size is None and (not cuts or min(cuts) < 0 or sorted(cuts) != cuts):
        return [None] * (len(cuts) + 1)
    if size is None:
        return [end - start for start, end in zip([0, *cuts], cuts, strict=False)] + [None]
    ends = [*cuts, size]
    return [len(range(size)[start:end]) for start, end in zip([0, *cuts], ends, strict=True)]


def _parts(size: Size, count: int, even: bool) -> list[Size]:
    if count < 1 or (size is not None and even and size % count):
        raise IndexError(f"{size} cannot be cut into {count} equal parts")
    if size is None:
        return [None] * many(count)
    return [size // count + (i < size % count) for i in range(many(count))]


def many(count: int) -> int:
    """A number of results, if it is not beyond reason."""
    if count > MOST_RESULTS:
        raise IndexError(f"{count} results; at most {MOST_RESULTS} are made")
    return count


def _unstacked(shapes: list[Any], settings: Settings) -> list[Shape]:
    axis = axis_of(settings["axis"], len(shapes[0]))
    size = shapes[0][axis] if settings["num"] is None else whole(settings["num"])
    if size is None:
        raise IndexError("num is needed, as the size of the axis is not known")
    if shapes[0][axis] not in (None, size):
        raise IndexError(f"num={size} of {shapes[0][axis]}")
    return [replaced(shapes[0], axis)] * many(size)


# -- the table -----------------------------------------------------------------------------------------------

_BY_RULE: dict[Rule, str] = {
    first: """array batch_normalization cast celu cholesky cholesky_inverse clip convert_to_tensor copy digitize
        elu empty_like full_like gelu hard_shrink inv isin layer_normalization leaky_relu log_softmax
        nan_to_num normalize ones_like relu rms_normalization roll round saturate_cast scatter_update selu
        slice_update soft_shrink softmax sort sparsemax squareplus stop_gradient threshold tril triu
        zeros_like""",
    second: "searchsorted",
    scalar: "allclose psnr size vdot",
    broadcast: """abs absolute add angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh binary_crossentropy
        bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
        cbrt ceil conj conjugate cos cosh deg2rad divide divide_no_nan equal erf erfc erfinv exp exp2 expm1
        fabs floor floor_divide fmax fmin fmod gcd greater greater_equal hard_sigmoid hard_silu hard_tanh
        heaviside hypot i0 imag isclose isfinite isinf isnan isneginf isposinf isreal lcm ldexp left_shift
        less less_equal log log10 log1p log2 log_sigmoid logaddexp logaddexp2 logical_and logical_not
        logical_or logical_xor maximum minimum mod multiply negative nextafter not_equal polar power rad2deg
        real reciprocal relu6 right_shift rsqrt select sigmoid sign signbit silu sin sinc sinh softplus
        softsign sparse_plus sparse_sigmoid sqrt square subtract tan tanh tanh_shrink true_divide trunc""",
    along_axis: "argpartition argsort cumprod cumsum nancumprod nancumsum",
    reduced: """all amax amin any argmax argmin average count_nonzero logsumexp max mean median min nanargmax
        nanargmin nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar norm prod ptp std sum var""",
    _quantiles: "nanpercentile nanquantile percentile quantile",
    _segments: "segment_max segment_min segment_prod segment_sum",
}
RULES: dict[str, Rule] = {name: rule for rule, names in _BY_RULE.items() for name in names.split()} | {
    "append": _appended,
    "array_split": _split_along(even=False),
    "broadcast_to": _scattered,
    "categorical_crossentropy": _without_classes,
    "concatenate": _joined,
    "diag": _diagonal_matrix,
    "diagflat": _flat_diagonal_matrix,
    "diff": _difference,
    "dsplit": _split_along(2),
    "dstack": _joined_along(3, 2),
    "extract_sequences": _sequences,
    "glu": _halved,
    "hsplit": _split_along(1),
    "hstack": _joined_along(1, 1),
    "in_top_k": first,
    "moments": _moments,
    "multi_hot": _multi_hot,
    "nonzero": _nonzero,
    "one_hot": _one_hot,
    "pad": _padded,
    "ravel": _ravelled,
    "repeat": _repeated,
    "reshape": _reshaped,
    "scatter": _scattered,
    "slice": _window,
    "sparse_categorical_crossentropy": _without_classes,
    "split": _split_along(),
    "stack": _stacked,
    "take": _taken,
    "take_along_axis": _taken_along,
    "tile": _tiled,
    "top_k": _largest,
    "trace": _trace,
    "trapezoid": _integrated,
    "unstack": _unstacked,
    "view": _viewed,
    "view_as_complex": _without_last,
    "view_as_real": _with_pairs,
    "vsplit": _split_along(0),
    "vstack": _joined_along(2, 0),
    "where": _chosen,
}
