"""Operations that processes do together, each with the derivative that is its transpose.

Where the weights of a layer are cut over processes, all of these hold the same values outside of it, and so the same
gradients. Two pairs are enough then (the first is f and g of Shoeybi et al., Megatron-LM, 2019, section 3,
https://arxiv.org/abs/1909.08053):

| | value | gradient |
| --- | --- | --- |
| `sent` | the same | the sum over the processes |
| `summed` | the sum over the processes | the same |
| `own_part` | this process's part of the last axis | all parts joined |
| `joined` | all parts joined | this process's part |

Where processes share the rows of a batch, each knows the gradient `g` of the mean loss of its own rows, which have the
share `w` of the whole batch; the loss is the sum of `w` times theirs. A sum over all rows is `summed_rows`, whose
gradient is the sum of `w g` over the processes, divided by `w` since it will be multiplied by that in the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.primitive import Primitive, primitive
from kerasish.backend.ranks import Ranks, Replicas
from kerasish.backend.symbolic import KerasTensor


def _sum(x: Any, *, ranks: Ranks) -> Any:
    total = np.array(x)
    ranks.add(total)
    return total


def _part(x: Any, *, ranks: Ranks) -> Any:
    size = x.shape[-1] // ranks.count
    return np.ascontiguousarray(x[..., ranks.rank * size : (ranks.rank + 1) * size])


def _join(x: Any, *, ranks: Ranks) -> Any:
    return ranks.join(x, x.ndim - 1)


def _same_shape(x: Any, **_: Any) -> KerasTensor:
    return KerasTensor(x.shape, x.dtype)


def _part_shape(x: Any, *, ranks: Ranks) -> KerasTensor:
    return KerasTensor((*x.shape[:-1], x.shape[-1] // ranks.count), x.dtype)


def _joined_shape(x: Any, *, ranks: Ranks) -> KerasTensor:
    return KerasTensor((*x.shape[:-1], x.shape[-1] * ranks.count), x.dtype)


def _rows(x: Any, *, replicas: Replicas) -> Any:
    total = np.array(x) if replicas.weight else np.zeros_like(x)  # else its row is another's
    replicas.add(total)
    return total


def _weighed_rows(g: Any, *, replicas: Replicas) -> Any:
    total = np.array(g) * g.dtype.type(replicas.weight)
    replicas.add(total)
    return total / g.dtype.type(replicas.weight or 1.0)


def _backward(forward: Any) -> Any:
    """A gradient on plain arrays; where there is one, no recorded step runs the derivative to see what it does."""
    return lambda g, y, arrays, params, needs, into: [forward(g, **params)]


sent: Primitive = primitive(
    "sent", lambda x, ranks: x, lambda g, y, x, ranks: summed(g, ranks=ranks),
    backward=_backward(_sum), shape=_same_shape, view=True,
)  # fmt: skip
summed: Primitive = primitive(
    "summed", _sum, lambda g, y, x, ranks: sent(g, ranks=ranks),
    backward=_backward(lambda g, ranks: g), shape=_same_shape,
)  # fmt: skip
own_part: Primitive = primitive(
    "own_part", _part, lambda g, y, x, ranks: joined(g, ranks=ranks), backward=_backward(_join), shape=_part_shape
)
joined: Primitive = primitive(
    "joined", _join, lambda g, y, x, ranks: own_part(g, ranks=ranks), backward=_backward(_part), shape=_joined_shape
)
summed_rows: Primitive = primitive(
    "summed_rows", _rows, lambda g, y, x, replicas: weighed_rows(g, replicas=replicas),
    backward=_backward(_weighed_rows), shape=_same_shape,
)  # fmt: skip
weighed_rows: Primitive = primitive(
    "weighed_rows", _weighed_rows, lambda g, y, x, replicas: summed_rows(g, replicas=replicas),
    backward=_backward(_rows), shape=_same_shape,
)  # fmt: skip


def _checked(indices: Any, *, ranks: Ranks, size: int) -> Any:
    """The numbers among this process's rows, of which each has `size`; -1 for those of others.

    Raises:
        IndexError: if there is no such row in any process.
    """
    if indices.size and not (-size * ranks.count <= indices.min() and indices.max() < size * ranks.count):
        raise IndexError(f"an index of {size * ranks.count} rows is out of their range")
    own = np.where(indices < 0, indices + size * ranks.count, indices) - ranks.rank * size
    return np.where((own >= 0) & (own < size), own, -1)


# For each index its row among those that lie here, or -1.
rows_here: Primitive = primitive("rows_here", _checked, shape=lambda x, **_: KerasTensor(x.shape, x.dtype))
