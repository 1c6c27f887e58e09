"""The shapes of products, of what linear algebra makes of matrices, and of windows that move over images."""

from __future__ import annotations

from typing import Any

from kerasish.backend import nest
from kerasish.backend.operators import broadcast_shapes
from kerasish.backend.sizes import tuple_of
from kerasish.models.operations.shape_rules import (
    Rule,
    Settings,
    Shape,
    Size,
    axis_of,
    flat,
    many,
    product,
    replaced,
    same,
    whole,
)
from kerasish.ops import windows

# -- products ------------------------------------------------------------------------------------------------


def _matrix_product(shapes: list[Any], settings: Settings) -> Shape:
    x, y = shapes
    left, right = x if len(x) > 1 else (1, *x), y if len(y) > 1 else (*y, 1)
    same([left[-1:], right[-2:-1]])
    out = (*broadcast_shapes(left[:-2], right[:-2]), left[-2], right[-1])
    out = out if len(y) > 1 else out[:-1]
    return out if len(x) > 1 else replaced(out, len(out) - (2 if len(y) > 1 else 1))


def _outer(shapes: list[Any], settings: Settings) -> Shape:
    return (product(shapes[0]), product(shapes[1]))


def _kronecker(shapes: list[Any], settings: Settings) -> Shape:
    rank = max(map(len, shapes))
    a, b = ((1,) * (rank - len(shape)) + shape for shape in shapes)
    return tuple(product(pair) for pair in zip(a, b, strict=True))


def _dot(shapes: list[Any], settings: Settings) -> Shape:
    x, y = shapes
    if not x or not y:
        return x or y
    if len(y) == 1:
        same([x[-1:], y])
        return x[:-1]
    same([x[-1:], y[-2:-1]])
    return (*x[:-1], *y[:-2], y[-1])


def _inner(shapes: list[Any], settings: Settings) -> Shape:
    x, y = shapes
    if not x or not y:
        return x or y
    same([x[-1:], y[-1:]])
    return (*x[:-1], *y[:-1])


def _tensor_product(shapes: list[Any], settings: Settings) -> Shape:
    x, y = shapes
    axes = settings["axes"]
    if isinstance(axes, (list, tuple)):
        left, right = map(nest.listed, axes)
    else:
        count = whole(axes)
        if not 0 <= count <= min(len(x), len(y)):
            raise IndexError(f"axes={count}")
        left, right = list(range(len(x) - count, len(x))), list(range(count))
    a, b = [axis_of(i, len(x)) for i in left], [axis_of(i, len(y)) for i in right]
    same([tuple(x[i] for i in a), tuple(y[i] for i in b)])
    return tuple(n for i, n in enumerate(x) if i not in a) + tuple(n for i, n in enumerate(y) if i not in b)


def _summed(shapes: list[Any], settings: Settings) -> Shape:
    terms, arrow, result = settings["subscripts"].replace(" ", "").partition("->")
    names = terms.split(",")
    sizes: dict[str, Size] = {}
    rest: list[Shape] = []
    for name, shape in zip(names, shapes, strict=True):
        before, dots, after = name.partition("...")
        if len(before + after) > len(shape) or (not dots and len(before) != len(shape)):
            raise IndexError(f"{name!r} of {len(shape)} dimensions")
        end = len(shape) - len(after)
        rest.append(shape[len(before) : end])
        for letter, n in [*zip(before, shape, strict=False), *zip(after, shape[end:], strict=True)]:
            sizes[letter] = broadcast_shapes((sizes[letter],), (n,))[0] if letter in sizes else n
    if not arrow:
        letters = terms.replace(",", "").replace("...", "")
        result = ("..." if "..." in terms else "") + "".join(c for c in sorted(sizes) if letters.count(c) == 1)
    before, dots, after = result.partition("...")
    middle = broadcast_shapes(*rest) if dots else ()
    return (*(sizes[c] for c in before), *middle, *(sizes[c] for c in after))


def _crossed(shapes: list[Any], settings: Settings) -> Shape:
    given = settings["axis"]
    keys = ("axisa", "axisb", "axisc")
    axes = [settings[key] if given is None else given for key in keys]
    x, y = shapes
    a, b = axis_of(axes[0], len(x)), axis_of(axes[1], len(y))
    sizes = {x[a], y[b]}
    if not sizes <= {2, 3, None}:
        raise IndexError(f"vectors of {x[a]} and {y[b]} numbers")
    rest = broadcast_shapes(replaced(x, a), replaced(y, b))
    if sizes == {2}:
        return rest
    c = axis_of(axes[2], len(rest) + 1)
    return (*rest[:c], 3 if 3 in sizes else None, *rest[c:])


def _distances(shapes: list[Any], settings: Settings) -> Shape:
    x, y = shapes
    same([x[-1:], y[-1:]])
    return (*broadcast_shapes(x[:-2], y[:-2]), x[-2], y[-2])


def _grids(shapes: list[Any], settings: Settings) -> list[Shape]:
    sizes = [product(shape) for shape in flat(shapes)]
    if settings["indexing"] == "xy":
        sizes[:2] = sizes[1::-1]
    return [tuple(sizes)] * many(len(sizes))


def _attention(shapes: list[Any], settings: Settings) -> Shape:
    query, _, value = shapes[:3]
    return (*query[:-1], value[-1])


# -- matrices ------------------------------------------------------------------------------------------------


def _of_matrices(shapes: list[Any], settings: Settings) -> Shape:
    if len(shapes[0]) < 2:
        raise IndexError("no matrix")
    return shapes[0][:-2]


def _determinants(shapes: list[Any], settings: Settings) -> tuple[Shape, Shape]:
    return shapes[0][:-2], shapes[0][:-2]


def _eigen(shapes: list[Any], settings: Settings) -> tuple[Shape, Shape]:
    return shapes[0][:-1], shapes[0]


def _lesser(shape: Shape) -> Size:
    return None if None in shape[-2:] else min(shape[-2:])  # type: ignore[type-var]


def _factored(shapes: list[Any], settings: Settings) -> tuple[Shape, Shape]:
    return shapes[0], (*shapes[0][:-2], _lesser(shapes[0]))


def _inverted(shapes: list[Any], settings: Settings) -> Shape:
    *rest, rows, columns = shapes[0]
    return (*rest, columns, rows)


def _qr(shapes: list[Any], settings: Settings) -> tuple[Shape, Shape]:
    *rest, rows, columns = shapes[0]
    k = rows if settings["mode"] == "complete" else _lesser(shapes[0])
    return (*rest, rows, k), (*rest, k, columns)


def _solved(shapes: list[Any], settings: Settings) -> Shape:
    a, b = shapes
    if len(b) == 1:
        return (*a[:-2], a[-1])
    return (*broadcast_shapes(a[:-2], b[:-2]), a[-1], b[-1])


def _least_squares(shapes: list[Any], settings: Settings) -> Shape:
    a, b = shapes
    return (a[1], *b[1:])


def _singular(shapes: list[Any], settings: Settings) -> Any:
    *rest, rows, columns = shapes[0]
    k = _lesser(shapes[0])
    if not settings["compute_uv"]:
        return (*rest, k)
    left, right = (rows, columns) if settings["full_matrices"] else (k, k)
    return (*rest, rows, left), (*rest, k), (*rest, right, columns)


# -- windows over images -------------------------------------------------------------------------------------


def _over_places(shape: Shape, kernel: Any, settings: Settings, channels: Size, strides: Any = None) -> Shape:
    """An image with the places of a window in place of its spatial sizes; with other channels, unless None."""
    first_axis = windows.channels_first(settings["data_format"])
    sizes, own = (shape[2:], shape[1]) if first_axis else (shape[1:-1], shape[-1])
    rank = len(sizes)
    reach, steps, apart = (
        tuple_of(value, rank, what, "the operation")
        for value, what in ((kernel, "window"), (strides, "strides"), (settings.get("dilation_rate", 1), "dilation"))
    )
    found = windows.places(sizes, reach, steps, windows.standardized_padding(settings["padding"]), apart)
    return _image(shape[0], found, own if channels is None else channels, first_axis)


def _image(samples: Size, sizes: Shape, channels: Size, first_axis: bool) -> Shape:
    return (samples, channels, *sizes) if first_axis else (samples, *sizes, channels)


def _pooled(shapes: list[Any], settings: Settings) -> Shape:
    size, steps = settings["pool_size"], settings["strides"]
    return _over_places(shapes[0], size, settings, None, size if steps is None else steps)


def _convolved(shapes: list[Any], settings: Settings) -> Shape:
    kernel = shapes[1]
    return _over_places(shapes[0], kernel[:-2], settings, kernel[-1], settings["strides"])


def _convolved_by_channel(shapes: list[Any], settings: Settings) -> Shape:
    kernel = shapes[1]
    return _over_places(shapes[0], kernel[:-2], settings, product(kernel[-2:]), settings["strides"])


def _convolved_in_two_steps(shapes: list[Any], settings: Settings) -> Shape:
    return _over_places(shapes[0], shapes[1][:-2], settings, shapes[2][-1], settings["strides"])


def _spread(shapes: list[Any], settings: Settings) -> Shape:
    shape, kernel = shapes[0], shapes[1]
    first_axis = windows.channels_first(settings["data_format"])
    sizes = shape[2:] if first_axis else shape[1:-1]
    rank = len(sizes)
    steps, apart = (tuple_of(settings[key], rank, key, "conv_transpose") for key in ("strides", "dilation_rate"))
    more = settings["output_padding"]
    extra = None if more is None else tuple_of(more, rank, "output_padding", "conv_transpose", 0)
    padding = windows.standardized_padding(settings["padding"])

    def length(i: int) -> Size:
        if sizes[i] is None:
            return None
        own = None if extra is None else extra[i : i + 1]
        at = slice(i, i + 1)
        return windows.spreading(sizes[at], kernel[at], steps[at], padding, own, apart[at]).size[0]

    return _image(shape[0], tuple(map(length, range(rank))), kernel[-2], first_axis)


# -- the table -----------------------------------------------------------------------------------------------

_BY_RULE: dict[Rule, str] = {
    _of_matrices: "det logdet matrix_rank",
    _pooled: "average_pool max_pool",
    _solved: "solve solve_triangular",
}
RULES: dict[str, Rule] = {name: rule for rule, names in _BY_RULE.items() for name in names.split()} | {
    "cdist": _distances,
    "conv": _convolved,
    "conv_transpose": _spread,
    "cross": _crossed,
    "depthwise_conv": _convolved_by_channel,
    "dot": _dot,
    "dot_product_attention": _attention,
    "eig": _eigen,
    "eigh": _eigen,
    "einsum": _summed,
    "inner": _inner,
    "kron": _kronecker,
    "lstsq": _least_squares,
    "lu_factor": _factored,
    "matmul": _matrix_product,
    "meshgrid": _grids,
    "outer": _outer,
    "pinv": _inverted,
    "qr": _qr,
    "separable_conv": _convolved_in_two_steps,
    "slogdet": _determinants,
    "svd": _singular,
    "tensordot": _tensor_product,
}
