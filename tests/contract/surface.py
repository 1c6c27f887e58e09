"""Keras's public surface, as `keras-3.15.1.json` has it, beside kerasish's.

`python tests/contract/surface.py`, with the clone on PYTHONPATH, prints the shares and all differences, and raises the
floors in `floors.json` to what holds now.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import kerasish

HERE = Path(__file__).parent
_FILE: dict[str, Any] = json.loads((HERE / "keras-3.15.1.json").read_text())
API: dict[str, dict[str, Any]] = _FILE["api"]
VERSION: str = _FILE["keras"]
FLOORS = HERE / "floors.json"
KINDS = ("names", "parameters", "methods", "properties")
MISSING = object()
# Parameters of quantization and of LoRA, which the file leaves out.
_LEFT_OUT = re.compile(r"lora_|\w*quantiz")
# One class under all names in Keras, which only raises; here they make optimizers.
WORKING = "keras.optimizers.legacy."


class Fact(NamedTuple):
    """One thing that Keras's surface promises, and whether it holds here.

    Attributes:
        name: the public name, such as `keras.layers.Dense`.
        kind: `names`, `parameters`, `methods` or `properties`.
        trouble: what is different; empty if it holds.
    """

    name: str
    kind: str
    trouble: str

    @property
    def module(self) -> str:
        return self.name.rpartition(".")[0]


@cache
def resolve(name: str) -> Any:
    """What stands under a public name of Keras here, or MISSING."""
    found: Any = kerasish
    for part in name.split(".")[1:]:
        if isinstance(found, ModuleType) and part not in dir(found):
            return MISSING
        found = getattr(found, part, MISSING)
        if found is MISSING:
            return MISSING
    return found


def parameters(function: Any) -> list[str]:
    """The parameters of a function or class as the file spells them: `units`, `activation=None`, `**kwargs`."""
    spelled = []
    for p in inspect.signature(function).parameters.values():
        stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty else f"={p.default!r}"
        spelled.append(f"{stars}{p.name}{default}")
    return spelled


def difference(theirs: list[str], ours: list[str]) -> str:
    """How two lists of parameters differ, in a few words; empty if they do not.

    Whatever call Keras takes must be taken here: the same names in the same order with the same defaults. Options of
    our own may follow them, and what Keras needs may have a default. A class that defines no constructor shows as
    `(*args, **kwargs)` in Keras and as `()` here, and neither takes any.
    """
    if theirs == ["*args", "**kwargs"] and not ours:
        return ""
    if theirs[-1:] != ours[-1:] and theirs[-1:] == ["**kwargs"]:
        return f"expected **kwargs at the end of ({', '.join(ours)})"
    wanted = [p for p in theirs if p != "**kwargs"]
    ours = [p for p in ours if p in theirs or not _LEFT_OUT.match(p)]
    for place, parameter in enumerate(wanted):
        own = ours[place] if place < len(ours) else "nothing"
        if not _same(parameter, own):
            return f"parameter {place}: expected {parameter}, found {own} in ({', '.join(ours)})"
    needed = [p for p in ours[len(wanted) :] if "=" not in p and not p.startswith("*")]
    return f"more are needed than expected: {', '.join(needed)}" if needed else ""


def _same(theirs: str, ours: str) -> bool:
    (name, _, default), (own_name, _, own_default) = theirs.partition("="), ours.partition("=")
    if not default or name != own_name:
        return name == own_name
    return default == own_default or _value(default) == _value(own_default)


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def facts() -> Iterator[Fact]:
    """Everything that the surface promises."""
    for name, entry in API.items():
        yield from _facts_of(name, entry)


def _facts_of(name: str, entry: dict[str, Any]) -> Iterator[Fact]:
    found = resolve(name)
    target = entry.get("alias")
    wanted = API[target] if target else entry
    is_there = found is not MISSING
    apart = is_there and target is not None and resolve(target) is not found and not name.startswith(WORKING)
    yield Fact(name, "names", "missing" if not is_there else f"it is not {target}" if apart else "")
    if target or "params" not in wanted:
        return
    yield Fact(name, "parameters", _trouble(wanted["params"], found) if is_there else "missing")
    for method, theirs in wanted.get("methods", {}).items():
        own = getattr(found, method, None) if is_there else None
        if own is None:
            yield Fact(name, "methods", f"{method} is missing" if is_there else "missing")
            continue
        is_bound = isinstance(inspect.getattr_static(found, method), (classmethod, staticmethod))
        trouble = _trouble(theirs, own if is_bound else _without_self(own))
        yield Fact(name, "methods", f"{method}: {trouble}" if trouble else "")
    for property_name in wanted.get("properties", ()):
        has = is_there and _has_attribute(found, property_name)
        yield Fact(name, "properties", "" if has else f"{property_name} is missing" if is_there else "missing")


def _trouble(theirs: list[str], found: Any) -> str:
    try:
        return difference(theirs, found if isinstance(found, list) else parameters(found))
    except (TypeError, ValueError):
        return "it has no signature"


def _without_self(function: Any) -> list[str]:
    return parameters(function)[1:]


def _has_attribute(cls: type, name: str) -> bool:
    """Whether instances have an attribute: one of the class, or one that a method of it sets."""
    if hasattr(cls, name):
        return True
    written = re.compile(
        rf"\bself\.{name}\b(: [^=\n]+)? =|\bself\.\w+(, self\.\w+)*, self\.{name}\b[^=\n]* =|^    {name}: ", re.M
    )
    return any(
        written.search(inspect.getsource(owner)) for owner in cls.__mro__ if owner.__module__.startswith("kerasish.")
    )


def differences(found: list[Fact]) -> list[str]:
    """What is there and other than promised, a line for each."""
    return [f"{fact.name}: {fact.kind}: {fact.trouble}" for fact in found if fact.trouble not in ("", "missing")]


def counts(found: list[Fact]) -> dict[str, dict[str, list[int]]]:
    """For each module and kind, how many facts hold, and how many there are."""
    table: dict[str, dict[str, list[int]]] = {}
    for fact in found:
        row = table.setdefault(fact.module, {}).setdefault(fact.kind, [0, 0])
        row[0] += not fact.trouble
        row[1] += 1
    return dict(sorted(table.items()))


def table(found: list[Fact]) -> str:
    """The shares as lines of text."""
    rows = {**counts(found), "all": totals(found)}
    cells = [["", *KINDS]]
    for module, row in rows.items():
        cells.append([module, *("{}/{}".format(*row[kind]) if kind in row else "" for kind in KINDS)])
    return "\n".join(f"{name:<32}" + "".join(f"{cell:>12}" for cell in rest) for name, *rest in cells)


def totals(found: list[Fact]) -> dict[str, list[int]]:
    """How many facts of each kind hold, and how many there are."""
    return {
        kind: [sum(not f.trouble for f in found if f.kind == kind), sum(f.kind == kind for f in found)]
        for kind in KINDS
    }


def floors() -> dict[str, dict[str, int]]:
    """How many facts held when `floors.json` was written; they may only become more."""
    return json.loads(FLOORS.read_text())


def raise_floors() -> None:
    """Write down what holds now, where it is more than before."""
    before = floors() if FLOORS.exists() else {}
    for module, row in counts(list(facts())).items():
        kept = before.setdefault(module, {})
        for kind, (holds, _) in row.items():
            kept[kind] = max(kept.get(kind, 0), holds)
    FLOORS.write_text(json.dumps(before, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    raise_floors()
    everything = list(facts())
    print(table(everything), *differences(everything), sep="\n")
