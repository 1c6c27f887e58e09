"""How much of the public signatures is `Any`: `python tests/contract/annotations.py` prints it by package."""

import importlib
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator

PACKAGES = (
    "",
    *(".activations", ".backend", ".callbacks", ".config", ".constraints", ".dtype_policies", ".explain"),
    *(".initializers", ".layers", ".losses", ".metrics", ".models", ".ops", ".optimizers", ".optimizers.schedules"),
    *(".quantizers", ".random", ".regularizers", ".saving", ".trainers", ".tree", ".utils"),
)
SPECIAL = ("__init__", "__call__")


def functions(value: object) -> Iterator[object]:
    """A public function, or the public methods of a class, inherited ones included, that are written here."""
    if inspect.isfunction(value):
        yield value
    if isinstance(value, type):
        for name in dir(value):
            if not name.startswith("_") or name in SPECIAL:
                yield from _written_here(inspect.getattr_static(value, name))


def _written_here(attribute: object) -> Iterator[object]:
    if isinstance(attribute, property):
        attribute = attribute.fget
    function = inspect.unwrap(getattr(attribute, "__func__", attribute))
    if inspect.isfunction(function) and function.__module__.startswith("kerasish"):
        yield function


def slots(function: object) -> list[str]:
    """The annotation of each parameter, and of what is returned, as written."""
    return [str(annotation) for annotation in function.__annotations__.values()]


def counts() -> dict[str, tuple[int, int, int]]:
    """For each package: how many annotations are `Any`, how many contain it, how many there are; each function once."""
    seen: set[object] = set()
    found: dict[str, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for package in PACKAGES[1:] + PACKAGES[:1]:
        module = importlib.import_module(f"kerasish{package}")
        for name in module.__all__:
            for function in functions(getattr(module, name)):
                if function in seen:
                    continue
                seen.add(function)
                bare, within, total = found[module.__name__]
                written = slots(function)
                bare += sum(annotation == "Any" for annotation in written)
                within += sum(re.search(r"\bAny\b", annotation) is not None for annotation in written)
                found[module.__name__] = (bare, within, total + len(written))
    return dict(found)


def total() -> tuple[int, int, int]:
    """The sum of `counts` over the packages."""
    bare, within, all_of_them = (sum(column) for column in zip(*counts().values(), strict=True))
    return bare, within, all_of_them


if __name__ == "__main__":
    for package, row in {**counts(), "all": total()}.items():
        print(f"{package:32}", *(f"{number:6}" for number in row), f"{row[0] / row[2]:7.1%}")
