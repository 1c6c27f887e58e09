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
from tests.files import matrix

pytestmark = pytest.mark.parity
TEXT = matrix.PAGE.read_text(encoding="utf-8")
ROWS = matrix.page_rows(TEXT)
HERE = [name for name in matrix.CASES if matrix.HAS_TENSORFLOW or name not in matrix.NEED_TENSORFLOW]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keras warns of every `.h5` file."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def test_every_layer_has_a_row_and_the_page_is_as_written() -> None:
    assert set(matrix.layer_names()) == {name for name in matrix.CASES if name[:1].isupper()}
    assert list(ROWS) == list(matrix.CASES)
    assert matrix.render(ROWS) == TEXT


@pytest.mark.parametrize("name", HERE)
def test_the_cells_of_a_row(name: str) -> None:
    found = dict(matrix.row(name))
    assert list(found.values()) == ROWS[name]
    for file, cell in found.items():
        if cell != matrix.BOTH:  # only what Keras cannot do with itself
            assert cell in (matrix.FROM_KERAS, matrix.TO_KERAS)
            assert matrix.trouble(name, file, keras, keras)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("name", sorted(matrix.NEED_TENSORFLOW))
def test_files_of_keras_with_tensorflow(name: str, ending: str, tmp_path: Path) -> None:
    stored = Path(__file__).parent / "vocabularies" / f"{name}.{ending}.gz"
    path = tmp_path / f"model.{ending}"
    path.write_bytes(gzip.decompress(stored.read_bytes()))
    found = matrix._answers(kerasish.saving.load_model(path), matrix.CASES[name].data())
    assert np.array_equal(found[0], np.load(stored.with_name(f"{name}.npy")))


def test_a_difference_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not matrix.trouble("Dense", "model.keras", kerasish, kerasish)
    read = matrix._read

    def changed(*args: Any) -> Any:
        model = read(*args)
        model.set_weights([w + 1 for w in model.get_weights()])
        return model

    monkeypatch.setattr(matrix, "_read", changed)
    assert "another result" in matrix.trouble("Dense", "model.keras", kerasish, kerasish)
    monkeypatch.setattr(matrix, "_read", lambda *args: 1 / 0)
    assert "ZeroDivisionError" in matrix.trouble("Dense", "model.keras", kerasish, kerasish)
