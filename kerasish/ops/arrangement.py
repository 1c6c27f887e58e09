"""Axes by name: a pattern says how they are split, ordered and merged (after einops, Rogozhnikov, ICLR 2022)."""

from __future__ import annotations

import math
import re
from typing import Any

from kerasish.backend import config
from kerasish.backend.operators import to_array
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import TensorLike
from kerasish.ops.composite import composite_by
from kerasish.ops.shape import reshape, transpose
from kerasish.ops.specs import Sizes, kind_of, product, shape_of


def _groups(side: str, pattern: str) -> list[list[str]]:
    """The axes of one side of a pattern; those in parentheses are one axis made of several."""
    found = [part.strip("()").split() for part in re.findall(r"\w+|\([^()]*\)", side)]
    names = [name for group in found for name in group]
    if len(set(names)) != len(names) or re.sub(r"[\w\s]|\([^()]*\)", "", side):
        raise ValueError(f"rearrange cannot read {side.strip()!r} in the pattern {pattern!r}")
    return found


def _sizes(groups: list[list[str]], shape: Sizes, known: dict[str, int], pattern: str) -> dict[str, int | None]:
    """The size of every name, from the shape and from what the caller gave; None where the shape's is."""
    sizes: dict[str, int | None] = dict(known)
    for group, whole in zip(groups, shape, strict=True):
        missing = [name for name in group if name not in sizes]
        rest = product(tuple(sizes[name] for name in group if name in sizes))
        if len(missing) > 1:
            raise ValueError(f"rearrange {pattern!r}: give the size of all but one of {missing} as keyword arguments")
        if missing:
            sizes[missing[0]] = None if whole is None else whole // rest if rest else 0
        if whole is not None and product(tuple(sizes[name] for name in group)) != whole:
            raise ValueError(f"rearrange {pattern!r}: the axis {' '.join(group)!r} of size {whole} does not divide "
                             f"into {[sizes[name] for name in group]}; shape {shape}")  # fmt: skip
    return sizes


def _split(pattern: str, shape: Sizes, lengths: dict[str, int]) -> tuple[list[list[str]], list[list[str]], Any]:
    """The axes on both sides of a pattern, and the size of each name."""
    left, arrow, right = pattern.partition("->")
    before, after = _groups(left, pattern), _groups(right, pattern)
    names, wanted = [n for group in before for n in group], [n for group in after for n in group]
    if not arrow or sorted(names) != sorted(wanted):
        raise ValueError(f"rearrange needs the same names on both sides of '->'; received {pattern!r}")
    if len(before) != len(shape):
        raise ValueError(f"rearrange {pattern!r} names {len(before)} axes; received shape {shape}")
    return before, after, _sizes(before, shape, lengths, pattern)


def _rearrange_spec(tensor: Any, pattern: str, **axes_lengths: int) -> KerasTensor:
    _, after, sizes = _split(pattern, shape_of(tensor), axes_lengths)
    return KerasTensor([product(tuple(sizes[name] for name in group)) for group in after], kind_of(tensor))


@composite_by(_rearrange_spec)
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """An array with its axes split, ordered and merged as a pattern says.

    Args:
        tensor: array.
        pattern: names of the axes before and after `->`; names in parentheses share one axis.
        **axes_lengths: the sizes of names that the shape does not tell.

    Raises:
        ValueError: if the pattern does not fit the shape.

    Example:
        >>> import kerasish as keras
        >>> images = keras.ops.ones((2, 4, 6, 3))
        >>> keras.ops.rearrange(images, "b h w c -> b c (h w)").shape
        (2, 3, 24)
    """
    x = tensor if hasattr(tensor, "shape") else to_array(tensor)
    before, after, sizes = _split(pattern, tuple(x.shape), axes_lengths)
    names, wanted = [n for group in before for n in group], [n for group in after for n in group]
    x = reshape(x, tuple(sizes[name] for name in names))
    x = transpose(x, tuple(names.index(name) for name in wanted))
    return reshape(x, tuple(math.prod(sizes[name] for name in group) for group in after))


def _blocks(x: Any, block_size: int, data_format: str, last: str, first: str) -> Any:
    if block_size < 2:
        raise ValueError(f"block_size must be at least 2; received {block_size}")
    pattern = last if config.standardize_data_format(data_format) == "channels_last" else first
    return rearrange(x, pattern, i=block_size, j=block_size)


def depth_to_space(x: TensorLike, block_size: int, data_format: str = "channels_last") -> Any:
    """Channels as blocks of pixels: height and width grow by `block_size` (Shi et al., 2016, arXiv:1609.05158).

    Args:
        x: (batch, height, width, channels); the channels divide by `block_size²`.
        block_size: the side of a block.
        data_format: `"channels_last"` or `"channels_first"`.
    """
    last, first = "n h w (i j c) -> n (h i) (w j) c", "n (c i j) h w -> n c (h i) (w j)"
    return _blocks(x, block_size, data_format, last, first)


def space_to_depth(x: TensorLike, block_size: int, data_format: str = "channels_last") -> Any:
    """Blocks of pixels as channels: the inverse of `depth_to_space`.

    Args:
        x: (batch, height, width, channels); height and width divide by `block_size`.
        block_size: the side of a block.
        data_format: `"channels_last"` or `"channels_first"`.
    """
    last, first = "n (h i) (w j) c -> n h w (i j c)", "n c (h i) (w j) -> n (c i j) h w"
    return _blocks(x, block_size, data_format, last, first)
