"""The page of layers and files is true: each cell is tried, and no layer is without a row."""

import gzip
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerasish
from tests import layer_cases
from tests.files import matrix

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("quick_weights")]
TEXT = matrix.PAGE.read_text(encoding="utf-8")
ROWS = matrix.page_rows(TEXT)
# Each model in a file costs the same, with one layer or many: layers that go everywhere go together.
BATCH = 12
HERE = [name for name in matrix.CASES if matrix.HAS_TENSORFLOW or name not in matrix.NEED_TENSORFLOW]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keras warns of every `.h5` file."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def test_every_layer_has_a_row_and_the_page_is_as_written() -> None:
    assert list(ROWS) == list(matrix.CASES)
    assert matrix.render(ROWS) == TEXT


def everywhere(name: str) -> bool:
    return set(ROWS[name]) == {matrix.BOTH}


TOGETHER = [name for name in HERE if everywhere(name) and name in layer_cases.CASES]


@pytest.mark.parametrize("names", [TOGETHER[i : i + BATCH] for i in range(0, len(TOGETHER), BATCH)], ids="-".join)
def test_layers_that_go_everywhere(names: list[str]) -> None:
    case = matrix.Tried(*(case for name in names for case in matrix.CASES[name].cases))
    found = dict(matrix.row(case))
    if set(found.values()) != {matrix.BOTH}:
        alone = {name: [*dict(matrix.row(matrix.CASES[name])).values()] for name in names}
        wrong = {name: cells for name, cells in alone.items() if cells != ROWS[name]}
        sides = [matrix.Side(case, library) for library in (kerasish, keras)]
        told = [matrix.trouble(file, *pair) for file in matrix.FORMATS for pair in (sides, sides[::-1])]
        pytest.fail(f"in one model {told}; by themselves, these differ from the page: {wrong}")


@pytest.mark.parametrize("name", [name for name in HERE if name not in TOGETHER])
def test_the_cells_of_a_row(name: str) -> None:
    found = dict(matrix.row(matrix.CASES[name]))
    assert list(found.values()) == ROWS[name]
    for file, cell in found.items():
        if cell != matrix.BOTH:  # only what Keras cannot do with itself
            assert cell in (matrix.FROM_KERAS, matrix.TO_KERAS)
            keras_itself = (matrix.Side(matrix.CASES[name], keras) for _ in range(2))
            assert matrix.trouble(file, *keras_itself)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("name", sorted(matrix.NEED_TENSORFLOW))
def test_files_of_keras_with_tensorflow(name: str, ending: str, tmp_path: Path) -> None:
    stored = Path(__file__).parent / "vocabularies" / f"{name}.{ending}.gz"
    path = tmp_path / f"model.{ending}"
    path.write_bytes(gzip.decompress(stored.read_bytes()))
    found = matrix._answers(kerasish.saving.load_model(path), matrix.CASES[name].data())
    assert np.array_equal(found[0], np.load(stored.with_name(f"{name}.npy")))


def test_a_difference_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def trouble(file: str) -> str:
        return matrix.trouble(file, *(matrix.Side(matrix.CASES["Dense"], kerasish) for _ in range(2)))

    assert not trouble("model.keras") and not trouble("weights.npz")
    read = matrix.Side.read

    def changed(*args: Any) -> Any:
        model = read(*args)
        model.set_weights([w + 1 for w in model.get_weights()])
        return model

    monkeypatch.setattr(matrix.Side, "read", changed)
    assert "another result" in trouble("model.keras") and "another result" in trouble("weights.npz")
    monkeypatch.setattr(matrix.Side, "read", lambda *args: 1 / 0)
    assert "ZeroDivisionError" in trouble("model.keras")
