"""`.weights.h5`: the variables of every part of a model in one HDF5 file, in Keras 3's layout."""

from __future__ import annotations

from typing import Any

from kerasish.saving import atomic, saveables
from kerasish.saving.errors import reading
from kerasish.saving.guards import safe_h5
from kerasish.saving.loading import Loading
from kerasish.saving.weights_store import StoreReader, StoreWriter


def save(model: Any, path: str, skip: Any = ()) -> None:
    """Write the weights, and the state of the optimizer, of a built model."""
    with atomic.replacing(path) as temporary, safe_h5.creating(temporary) as file:
        write_state(model, StoreWriter(file), skip=skip)


def load(model: Any, path: str, skip_mismatch: bool = False, skip: Any = ()) -> None:
    """Read the weights, and the state of the optimizer.

    Raises:
        ValueError: if they do not fit; nothing is changed then.
    """
    with reading(path, "weights"), safe_h5.open_file(path) as file:
        read_state(model, StoreReader(file), skip_mismatch, skip=skip)


def write_state(model: Any, writer: StoreWriter, random_state: bool = False, skip: Any = ()) -> None:
    """Write the variables of every part of a model.

    Args:
        model: the model.
        writer: where to.
        random_state: whether the sources of random numbers are written too; Keras passes over them.
        skip: parts to leave out.
    """

    def write(part: Any, path: str) -> bool:
        if not saveables.has_random_state(part):
            name = getattr(part, "name", None)
            part.save_own_variables(writer.make(path, name if isinstance(name, str) else None))
        elif random_state:
            writer.make(path, None)["0"] = part.state.numpy()
        return True

    saveables.walk(model, write, skip)


def read_state(
    model: Any, reader: StoreReader, skip_mismatch: bool = False, random_state: bool = False, skip: Any = ()
) -> None:
    """Set the variables of every part of a model, or none.

    Raises:
        ValueError: if they do not fit; nothing is changed then.
    """
    loading = Loading(reader, skip_mismatch, random_state)
    saveables.walk(model, loading.plan, skip)
    loading.commit()
