"""Every layer, every format of file, both directions, each cell tried: `python tests/files/matrix.py` writes the page.

With the clone on PYTHONPATH. Some of Keras's preprocessing layers need TensorFlow; without it their cells are left out
of what is tried.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

import kerasish
from tests import layer_cases
from tests.layer_cases import Case
from tests.layer_cases.own import own

PAGE = Path(__file__).parents[2] / "docs" / "files-matrix.md"
FORMATS = {
    "model.keras": "`.keras`",
    "directory": "directory",
    "model.h5": "`.h5`",
    "model.weights.h5": "`.weights.h5`",
    "model.weights.json": "sharded",
    "weights.npz": "`.npz`",
}
BOTH, TO_KERAS, FROM_KERAS, NEITHER = "⇄", "→", "←", "✗"
NEED_TENSORFLOW = {"HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization"}
HAS_TENSORFLOW = importlib.util.find_spec("tensorflow") is not None

Make = Callable[[Any], Any]


class Tried:
    """A model of one layer or of several side by side, and the data that it is called on."""

    def __init__(self, *cases: Case) -> None:
        self.cases = cases

    def make(self, library: Any) -> Any:
        """The model in a library."""
        if len(self.cases) == 1 and len(self.cases[0].shapes) == 1 and self.cases[0].whole is None:
            (case,) = self.cases
            return library.Sequential([case.symbols(library), case.make(library)])
        inputs = [case.symbols(library) for case in self.cases]
        outputs = [case.make(library)(x) for case, x in zip(self.cases, inputs, strict=True)]
        return library.Model(library.tree.flatten(inputs), library.tree.flatten(outputs))

    def data(self) -> list[np.ndarray]:
        """Four samples of each input."""
        found = [case.data(4, seed=3) for case in self.cases]
        return [x for part in found for x in (part if isinstance(part, list) else [part])]


class _Model(Tried):
    """A whole model in place of one layer."""

    def __init__(self, whole: Make, *shapes: tuple[int, ...]) -> None:
        super().__init__(Case([*shapes]))
        self.whole = whole

    def make(self, library: Any) -> Any:
        return self.whole(library)


def _functional(library: Any) -> Any:
    layers = library.layers
    a, b = library.Input((4,), name="a"), library.Input((4,), name="b")
    x = layers.Concatenate()([layers.Dense(3, "relu")(a), layers.Dense(2)(b)])
    return library.Model([a, b], [layers.Dense(2, name="one")(x), layers.Softmax(name="two")(x * 2.0 + 1.0)])


def _shared(library: Any) -> Any:
    a, b = library.Input((4,)), library.Input((4,))
    dense = library.layers.Dense(4, "tanh")
    return library.Model([a, b], library.layers.Add()([dense(a), dense(dense(b))]))


def _nested(library: Any) -> Any:
    layers = library.layers
    inner = library.Sequential([library.Input((4,)), layers.Dense(3), layers.BatchNormalization()])
    x = library.Input((4,))
    graph = library.Model(x, layers.Dense(4)(layers.LeakyReLU()(x)))
    y = library.Input((4,))
    return library.Model(y, layers.Dense(1)(inner(graph(y))))


_MODELS: dict[str, Tried] = {
    "a functional model, two inputs and outputs": _Model(_functional, (4,), (4,)),
    "a shared layer": _Model(_shared, (4,), (4,)),
    "models inside a model": _Model(_nested, (4,)),
}
CASES: dict[str, Tried] = {**{kind: Tried(cases.in_file) for kind, cases in layer_cases.CASES.items()}, **_MODELS}


for _library in (kerasish, keras):  # what a file names is known before it is read
    own(_library)


# -- one cell ------------------------------------------------------------------------------------------------


def _filled(model: Any) -> Any:
    """A model whose weights are all random, its variances too."""
    rng = np.random.default_rng(5)
    model.set_weights([rng.uniform(0.2, 1.5, w.shape).astype(w.dtype) for w in model.get_weights()])
    return model


def _answers(model: Any, data: list[np.ndarray]) -> list[np.ndarray]:
    made = model(data if len(data) > 1 else data[0], training=False)  # some layers draw unless they are told not to
    return [np.asarray(y) for y in (made if isinstance(made, (list, tuple)) else [made])]


def _write(model: Any, path: Path) -> None:
    if path.suffix == ".npz":
        np.savez(path, *model.get_weights())
    elif path.name == "model.weights.h5":
        model.save_weights(path)
    elif path.suffix == ".json":
        model.save_weights(path, max_shard_size=1e-6)
    else:
        model.save(path, zipped=None if path.suffix else False)


class Side:
    """A library's models of a case: one that writes, and one that weights are read into."""

    def __init__(self, case: Tried, library: Any) -> None:
        self.case, self.library = case, library

    @cached_property
    def model(self) -> Any:
        return _filled(self.case.make(self.library))

    @cached_property
    def answers(self) -> list[np.ndarray]:
        return _answers(self.model, self.case.data())

    @cached_property
    def _other(self) -> Any:
        return self.case.make(self.library)

    def read(self, path: Path) -> Any:
        """The model of a file, or one of other weights with those of the file."""
        if _is_whole(path):
            return self.library.saving.load_model(path)
        model = self._other
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        if path.suffix == ".npz" and self.library is keras:
            with np.load(path) as arrays:
                model.set_weights([arrays[name] for name in arrays])
        else:
            model.load_weights(path)
        return model


def _is_whole(path: Path) -> bool:
    return path.suffix in ("", ".keras") or path.name == "model.h5"


def trouble(file: str, writer: Side, reader: Side) -> str:
    """Why a model does not come from one library to the other in a file; empty if it does."""
    with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(directory) / file
        try:
            _write(writer.model, path)
            copy = reader.read(path)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    if _is_whole(path):
        found, expected = _answers(copy, reader.case.data()), writer.answers
    else:  # models of the same weights answer the same, or a whole one would not
        found, expected = copy.get_weights(), writer.model.get_weights()
    for ours, theirs in zip(found, expected, strict=True):
        if ours.shape != theirs.shape or not np.allclose(ours, theirs, atol=1e-5, rtol=1e-5):
            return f"another result: {ours.ravel()[:4]}, not {theirs.ravel()[:4]}"
    return ""


def row(case: Tried) -> Iterator[tuple[str, str]]:
    """The formats, and in which directions each takes a model."""
    ours, theirs = Side(case, kerasish), Side(case, keras)
    for file in FORMATS:
        there, back = not trouble(file, ours, theirs), not trouble(file, theirs, ours)
        yield file, {(1, 1): BOTH, (1, 0): TO_KERAS, (0, 1): FROM_KERAS, (0, 0): NEITHER}[there, back]


# -- the page ------------------------------------------------------------------------------------------------

_HEAD = """# Layers and files

Every layer in every format of file: ⇄ says that a file written here opens in Keras 3.15.1, that Keras's opens here, and
that the two models answer the same. A test tries each cell anew; `python tests/files/matrix.py` writes this page.

"""
_FOOT = """
The directory is what `model.save(path, zipped=False)` writes, and *sharded* stands for `.weights.json` and its parts.
`Layer` and `Wrapper` are tried as a class of the user's own, registered on both sides, and `Lambda` with a function
that is. Keras reads no `.npz` of weights itself: there, `model.set_weights` takes the arrays that `np.load` gives, and
`np.savez(path, *model.get_weights())` writes what `load_weights` takes here. Of a file of weights alone,
the weights are compared. A ← alone in `.h5`: Keras does not open
the file that it writes itself either; a → alone: Keras does not write that file.
"""


def page_rows(text: str) -> dict[str, list[str]]:
    """The cells of a page by the names of their rows."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {cells[0].strip("`"): cells[1:] for cells in lines[2:]}


def render(rows: dict[str, list[str]]) -> str:
    """The page of these rows."""
    table = [["", *FORMATS.values()], ["---", *["---"] * len(FORMATS)]]
    table += [[f"`{name}`" if name in layer_cases.CASES else name, *cells] for name, cells in rows.items()]
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in table) + _FOOT


def main() -> None:
    """Try every cell that can be tried here, and write the page; rows that cannot be stay as they are."""
    before = page_rows(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    rows = {}
    for name in CASES:
        can = HAS_TENSORFLOW or name not in NEED_TENSORFLOW
        rows[name] = [cell for _, cell in row(CASES[name])] if can else before[name]
    PAGE.write_text(render(rows), encoding="utf-8")
    for name, cells in rows.items():
        for file, cell in zip(FORMATS, cells, strict=True):
            if cell != BOTH and (HAS_TENSORFLOW or name not in NEED_TENSORFLOW):
                for sides in ((kerasish, keras), (keras, kerasish)):
                    told = trouble(file, *(Side(CASES[name], library) for library in sides))
                    print(name, file, sides[0].__name__, told, file=sys.stderr)


if __name__ == "__main__":
    main()
