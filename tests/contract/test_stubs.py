"""The stubs that type checkers read say what the tables say that fill the packages."""

import importlib
import runpy
from pathlib import Path
from types import ModuleType

import pytest

import kerasish
from kerasish import _lazy

ROOT = Path(__file__).resolve().parents[2]
WRITER = runpy.run_path(str(ROOT / ".ci" / "write_stubs.py"))
STUBS: dict[Path, str] = WRITER["stubs"]()


def test_every_stub_is_written_from_its_table() -> None:
    outdated = [path.relative_to(ROOT).as_posix() for path in WRITER["outdated"]()]
    assert not outdated, f"run `python .ci/write_stubs.py`: {outdated}"


@pytest.mark.parametrize("path", STUBS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_stub_names_what_the_package_has(path: Path) -> None:
    module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    package = importlib.import_module(module)
    seen: dict[str, object] = {}
    exec(path.read_text(encoding="utf-8"), seen)
    del seen["__builtins__"]
    assert sorted(seen) == sorted(package.__all__) == sorted(dir(package))
    assert all(getattr(package, name) is value for name, value in seen.items())


def _belongs(value: object) -> bool:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or "kerasish"
    return name.startswith("kerasish") or isinstance(value, str | int | tuple)


def test_completion_shows_public_names_and_nothing_else() -> None:
    packages = [
        kerasish,
        *(value for name in dir(kerasish) if isinstance(value := getattr(kerasish, name), ModuleType)),
    ]
    packages += [getattr(kerasish.datasets, name) for name in dir(kerasish.datasets)]
    shown = [(package, name) for package in packages for name in dir(package)]
    assert len(shown) > 1000
    foreign = [
        f"{package.__name__}.{name}"
        for package, name in shown
        if (name.startswith("_") and name != "__version__") or not _belongs(getattr(package, name))
    ]
    assert not foreign


def test_another_name_in_a_table_makes_its_stub_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WRITER["outdated"]() == []
    monkeypatch.setitem(_lazy.tables["kerasish.layers"], "Perceptron", ("kerasish.layers.core.dense", "Dense"))
    assert WRITER["outdated"]() == [ROOT / "kerasish" / "layers" / "__init__.pyi"]
