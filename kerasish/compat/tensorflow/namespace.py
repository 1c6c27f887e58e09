"""Modules that stand under TensorFlow's names, and fill themselves from the table when they are asked."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from kerasish.backend import array
from kerasish.compat.tensorflow import table


class Namespace(ModuleType):
    """`tensorflow`, `tensorflow.math` and the others: names are looked up in the table on first use.

    Raises:
        AttributeError: for a name that is not in the table, with what to write in its place.
    """

    __path__: list[str]

    def __init__(self, name: str = "tensorflow") -> None:
        super().__init__(name, "A stand-in for TensorFlow, which is not installed; see kerasish.compat.tensorflow.")
        self.__path__ = []
        self.__dict__["__file__"] = __file__
        array.let_scalars_be_tensors()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__version__",):
            raise AttributeError(name)
        inner = f"{self.__name__}.{name}".partition(".")[2]
        if inner in table.entries():
            value = table.found(inner)
        elif inner in table.namespaces():
            value = Namespace(f"tensorflow.{inner}")
        else:
            raise AttributeError(table.missing(inner))
        self.__dict__[name] = value
        return value

    def __dir__(self) -> list[str]:
        prefix = f"{self.__name__}.".partition(".")[2]
        known = (*table.entries(), *table.namespaces())
        return sorted({name[len(prefix) :].partition(".")[0] for name in known if name.startswith(prefix)})


def module_for(rest: str) -> ModuleType:
    """The module that is imported as `tensorflow.<rest>`.

    Raises:
        ModuleNotFoundError: if there is none.
    """
    found: Any = _ROOT
    for name in rest.split(".") if rest else ():
        try:
            found = getattr(found, name)
        except AttributeError as error:
            raise ModuleNotFoundError(str(error), name=f"tensorflow.{rest}") from None
    if not isinstance(found, ModuleType):
        raise ModuleNotFoundError(f"'tensorflow.{rest}' is no module", name=f"tensorflow.{rest}")
    return found


_ROOT = Namespace()
whole = _ROOT
