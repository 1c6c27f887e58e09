"""What a symbolic tensor is made of."""

from __future__ import annotations

from typing import Any

from kerasish.backend.symbolic import KerasTensor


def get_source_inputs(tensor: Any) -> list[Any]:
    """The inputs that a symbolic tensor is computed from, each once, in the order in which they are found.

    Args:
        tensor: what a layer has returned for symbolic inputs. An input is its own source.

    Raises:
        TypeError: if it is not symbolic.

    Example:
        >>> import kerasish as keras
        >>> a, b = keras.Input((3,)), keras.Input((3,))
        >>> total = keras.layers.Dense(2)(keras.layers.Add()([a, b]))
        >>> [source is x for source, x in zip(keras.utils.get_source_inputs(total), [a, b])]
        [True, True]
    """
    if not isinstance(tensor, KerasTensor):
        raise TypeError(f"get_source_inputs needs a symbolic tensor, such as keras.Input gives; received {tensor!r}")
    sources: dict[int, KerasTensor] = {}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        made_of = [] if found.history is None else found.history.inputs
        if made_of:
            waiting += reversed(made_of)
        else:
            sources[id(found)] = found
    return list(sources.values())
