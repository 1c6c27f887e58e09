"""The public names, parameters, methods and properties of Keras 3.15.1: the share that is here, which may only grow."""

import importlib.util
import sys
from pathlib import Path

import pytest


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = sys.modules.setdefault(name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


surface, reasons = _load("surface"), _load("reasons")
FACTS = list(surface.facts())


def test_the_share_does_not_fall(capsys):
    print(surface.table(FACTS))
    with capsys.disabled():
        shares = [f"{kind} {holds}/{count}" for kind, (holds, count) in surface.totals(FACTS).items()]
        print(f"\nof the surface of Keras {surface.VERSION}: {', '.join(shares)}")
    found, lost = surface.counts(FACTS), []
    for module, row in surface.floors().items():
        for kind, floor in row.items():
            holds = found[module][kind][0]
            if holds < floor:
                troubles = [
                    f"{f.name}: {f.trouble}" for f in FACTS if f.module == module and f.kind == kind and f.trouble
                ]
                lost.append(f"{module}: {holds} {kind}, {floor} before; not as promised: {troubles}")
    assert not lost, "\n".join(lost)


def test_every_module_has_a_floor():
    assert set(surface.floors()) == set(surface.counts(FACTS))


def test_no_name_that_is_there_has_other_parameters():
    wrong = [line for line in surface.differences(FACTS) if ": parameters: " in line or ": names: " in line]
    assert not wrong, "\n".join(wrong)


def test_every_difference_of_a_method_or_property_has_a_reason():
    lines = surface.differences(FACTS)
    print("\n".join(lines))
    places = {f"{name} {rest.split(':')[0].split()[0]}" for name, _, rest in (line.split(": ", 2) for line in lines)}
    assert places <= set(reasons.REASONS), "\n".join(sorted(places - set(reasons.REASONS)))


# The comparison itself.


@pytest.mark.parametrize(
    ("theirs", "ours", "trouble"),
    [
        (["x", "axis=None"], ["x", "axis=None"], ""),
        (["x", "axis=1"], ["x", "axis=1.0"], ""),
        (["x", "size=(2, 2)"], ["x", "size=(2, 2)", "own=None"], ""),
        (["x", "**kwargs"], ["x", "own=None", "**kwargs"], ""),
        (["*args", "**kwargs"], [], ""),
        (["x"], ["x=None"], ""),
        (["x", "axis=None"], ["x"], "parameter 1: expected axis=None, found nothing"),
        (["x", "axis=None"], ["x", "axis=-1"], "expected axis=None, found axis=-1"),
        (["x", "axis=None"], ["x", "axis"], "expected axis=None, found axis"),
        (["x", "y"], ["y", "x"], "parameter 0: expected x, found y"),
        (["x", "**kwargs"], ["x"], "expected **kwargs"),
        (["x"], ["x", "y"], "more are needed than expected: y"),
    ],
)
def test_difference(theirs, ours, trouble):
    found = surface.difference(theirs, ours)
    assert trouble in found and bool(trouble) == bool(found)


def test_what_is_not_there_is_missing():
    assert surface.resolve("keras.layers.Dense").__name__ == "Dense"
    assert surface.resolve("keras.layers.NoSuchLayer") is surface.MISSING
    assert surface.resolve("keras.no_such_module.Dense") is surface.MISSING
    assert surface._has_attribute(surface.resolve("keras.layers.Dense"), "kernel")
    assert not surface._has_attribute(surface.resolve("keras.layers.Dense"), "no_such_attribute")
