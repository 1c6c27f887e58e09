"""The architecture, read from the imports: no file imports from a floor above its own, and no two import each other."""

import ast
import functools
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "kerasish"
LONGEST_FILE = 500

ABOVE_ALL = 7
FLOORS = {
    "_extras": -1,
    "_keras_names": -1,
    "_lazy": -1,
    "_older_names": -1,
    "version": -1,
    "backend": 0,
    "ops": 1,
    "activations": 2,
    "config": 2,
    "constraints": 2,
    "dtype_policies": 2,
    "initializers": 2,
    "losses": 2,
    "metrics": 2,
    "optimizers": 2,
    "quantizers": 2,
    "random": 2,
    "regularizers": 2,
    "saving": 2,
    "tree": 2,
    "layers": 3,
    "callbacks": 4,
    "trainers": 4,
    "utils": 4,
    "legacy": 5,
    "datasets": 5,
    "distribution": 5,
    "distillation": 6,
    "models": 5,
    "applications": 6,
    "explain": 6,
    "visualization": 6,
    "wrappers": 6,
    "__init__": ABOVE_ALL,
    "__main__": ABOVE_ALL,
    "_worker": ABOVE_ALL,
    "aliases": ABOVE_ALL,
    "command_line": ABOVE_ALL,
    "compat": ABOVE_ALL,
    "mixed_precision": ABOVE_ALL,
    "playground": ABOVE_ALL,
    "preprocessing": ABOVE_ALL,
}
# Nothing below may lean on a module that has no place yet.
UNPLACED = 6


class Import(NamedTuple):
    """An import statement of `source` that reaches the file `target`, both as paths from the package's parent."""

    source: str
    line: int
    target: str


class House:
    """The Python files under one package directory, and what each of them imports from the others."""

    def __init__(self, package: Path) -> None:
        self.root = package.parent
        self.name = package.name
        self.files = {self._module(path): path for path in sorted(package.rglob("*.py"))}

    def _module(self, path: Path) -> str:
        parts = path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def label(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    @functools.cached_property
    def imports(self) -> list[Import]:
        return [found for module in self.files for found in self.imports_of(module)]

    def imports_of(self, module: str) -> Iterator[Import]:
        source = self.files[module]
        tree = ast.parse(source.read_text(encoding="utf-8"), str(source))
        for node in _running_nodes(tree):
            for name in self._imported_names(node, module):
                target = self._file_behind(name)
                if target is not None and target != source:
                    yield Import(self.label(source), getattr(node, "lineno", 0), self.label(target))

    def _imported_names(self, node: ast.AST, module: str) -> Iterator[str]:
        """The absolute dotted names that a statement imports, each a module or a name inside one."""
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = self._base(node, module)
            yield from (base if alias.name == "*" else f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            yield from _literal_import(node)

    def _base(self, node: ast.ImportFrom, module: str) -> str:
        """The absolute module after `from`, with leading dots resolved."""
        if node.level == 0:
            return node.module or ""
        is_package = self.files[module].name == "__init__.py"
        parents = module.split(".")[: None if is_package and node.level == 1 else is_package - node.level]
        return ".".join([*parents, *([node.module] if node.module else [])])

    def _file_behind(self, name: str) -> Path | None:
        """The file of the longest prefix of `name` that is a module; None where it is not of this package."""
        while name:
            if name in self.files:
                return self.files[name]
            name = name.rpartition(".")[0]
        return None


def _running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that can run: all but what stands under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            for branch in node.orelse:
                yield branch
                yield from _running_nodes(branch)
        else:
            yield node
            yield from _running_nodes(node)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def _literal_import(call: ast.Call) -> Iterator[str]:
    """The name in `import_module("a.b")` or `__import__("a.b")`; a name that is computed is a table's affair."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    if function in ("import_module", "__import__") and call.args:
        name = call.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield name.value


def _floor(label: str) -> int:
    top = label.split("/")[1].removesuffix(".py")
    return FLOORS.get(top, UNPLACED)


def _upward(house: House) -> list[str]:
    return [
        f"{source}:{line} (floor {_floor(source)}) imports {target} (floor {_floor(target)})"
        for source, line, target in house.imports
        if _floor(target) > _floor(source)
    ]


def _cycle(house: House) -> list[str]:
    """One cycle of files that import each other, or an empty list."""
    graph: dict[str, set[str]] = {}
    for found in house.imports:
        graph.setdefault(found.source, set()).add(found.target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return []


@pytest.fixture(scope="module")
def kerasish() -> House:
    return House(ROOT / PACKAGE)


def test_no_file_imports_from_a_floor_above(kerasish: House) -> None:
    upward = _upward(kerasish)
    assert not upward, "\n".join(["Imports from a floor above (the table is in this test):", *upward])


def test_no_two_files_import_each_other(kerasish: House) -> None:
    assert not _cycle(kerasish), "files import each other: " + " -> ".join(_cycle(kerasish))


def test_no_file_is_two_ideas(kerasish: House) -> None:
    lengths = {
        kerasish.label(path): len(path.read_text(encoding="utf-8").splitlines()) for path in kerasish.files.values()
    }
    long = {label: length for label, length in lengths.items() if length > LONGEST_FILE}
    assert not long, f"files over {LONGEST_FILE} lines: {long}"


def test_contributors_are_told_the_same_floors() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| floor | packages |")[2].partition("\n\n")[0]
    named = {"above all": ABOVE_ALL, "ground": -1}
    told = {}
    for floor, packages in re.findall(r"^\| ([\w ]+) \| (.+) \|$", table, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", packages):
            told[name.removeprefix(f"{PACKAGE}/").removesuffix(".py")] = named[floor] if floor in named else int(floor)
    assert told == FLOORS


def test_every_module_has_a_place(kerasish: House) -> None:
    assert {kerasish.label(path).split("/")[1].removesuffix(".py") for path in kerasish.files.values()} == set(FLOORS)


def test_the_data_sets_know_nothing_of_kerasish(kerasish: House) -> None:
    both = House(ROOT / "kerasish_datasets")
    own = list(both.files)
    both.files |= kerasish.files
    outward = [found for module in own for found in both.imports_of(module)]
    assert outward and not [found for found in outward if found.target.startswith(f"{PACKAGE}/")]


# The rules themselves, on houses small enough to see through.


def _build(tmp_path: Path, files: dict[str, str]) -> House:
    for name, text in files.items():
        path = tmp_path / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        (path.parent / "__init__.py").touch()
    (tmp_path / PACKAGE / "__init__.py").touch()
    return House(tmp_path / PACKAGE)


@pytest.mark.parametrize(
    "statement",
    [
        "import kerasish.layers.dense",
        "import kerasish.layers.dense as d",
        "from kerasish.layers.dense import Dense",
        "from kerasish.layers import dense",
        "from kerasish import layers",
        "from kerasish import Sequential",
        "import kerasish",
        "from ..layers.dense import Dense",
        "from ..layers import dense",
        "from .. import layers",
        "from ..layers.dense import *",
        "from kerasish.layers import Dense",
        "def f():\n    from kerasish.layers import dense",
        "class C:\n    def f(self):\n        import kerasish.layers",
        "try:\n    from ..layers import dense\nexcept ImportError:\n    pass",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import kerasish.layers",
        "import importlib\nimportlib.import_module('kerasish.layers')",
        "from kerasish import unplaced",
    ],
)
def test_an_upward_import_is_seen(tmp_path: Path, statement: str) -> None:
    house = _build(tmp_path, {"ops/core.py": statement, "layers/dense.py": "", "unplaced.py": ""})
    assert len(_upward(house)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "import numpy",
        "from kerasish import backend, version",
        "from kerasish.backend.tensor import Tensor",
        "from ..backend import tensor",
        "from . import other",
        "from .other import name",
        "import kerasish_datasets.layers",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from kerasish.layers import dense",
        "import typing\nif typing.TYPE_CHECKING:\n    from kerasish.layers import dense",
        "lazy = attach(__name__, {'kerasish.layers': ['Dense']})",
    ],
)
def test_a_downward_or_level_import_is_free(tmp_path: Path, statement: str) -> None:
    files = {"ops/core.py": statement, "ops/other.py": "", "backend/tensor.py": "", "layers/dense.py": ""}
    house = _build(tmp_path, files | {"version.py": ""})
    assert _upward(house) == [] and _cycle(house) == []


def test_the_top_may_import_everything(tmp_path: Path) -> None:
    house = _build(tmp_path, {"explain/flow.py": "", "__main__.py": "from . import explain\nimport kerasish"})
    assert _upward(house) == []


@pytest.mark.parametrize(
    "files",
    [
        {"ops/a.py": "from . import b", "ops/b.py": "def f():\n    from kerasish.ops.a import x"},
        {"ops/a.py": "from .b import x", "ops/b.py": "from .c import x", "ops/c.py": "import kerasish.ops.a"},
        {"ops/a.py": "from kerasish.ops import x", "ops/__init__.py": "from .a import x"},
        {"losses/a.py": "from kerasish.metrics import b", "metrics/b.py": "from kerasish.losses import a"},
    ],
)
def test_a_cycle_is_seen(tmp_path: Path, files: dict[str, str]) -> None:
    house = _build(tmp_path, files)
    assert _upward(house) == []
    cycle = _cycle(house)
    assert len(cycle) >= 3 and cycle[0] == cycle[-1]


def test_files_that_share_an_import_are_no_cycle(tmp_path: Path) -> None:
    files = {"ops/a.py": "from . import c", "ops/b.py": "from . import a, c", "ops/c.py": ""}
    assert _cycle(_build(tmp_path, files)) == []


def test_a_package_that_gathers_its_files_is_no_cycle(tmp_path: Path) -> None:
    files = {"ops/a.py": "from . import b", "ops/b.py": "x = 1", "ops/__init__.py": "from . import a\nfrom .b import x"}
    assert _cycle(_build(tmp_path, files)) == []


def test_unit_tests_stand_in_directories_that_mirror_the_packages() -> None:
    unit = ROOT / "tests" / "unit"
    homes = {path.parent.relative_to(unit) for path in unit.rglob("test_*.py")}
    assert [home.as_posix() for home in sorted(homes) if not (ROOT / PACKAGE / home / "__init__.py").exists()] == []
