"""Text for terminals that have not every letter."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerasish.utils import terminal

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import numpy as np
import kerasish as keras
L = keras.layers
x = keras.Input((2,))
inner = keras.Sequential([keras.Input((2,)), L.Dense(2, name="größe_λ")], name="inner")
model = keras.Model(x, L.Dense(1, name="a_name_that_is_too_long_for_its_column_in_the_table")(inner(x)))
model.compile("sgd", "mse")
model.summary(line_length=60, expand_nested=True, show_trainable=True)
print(keras.explain.backprop(model, np.ones((1, 2)), np.ones((1, 1))))
print(keras.explain.backprop(model, np.ones((1, 2)), np.ones((1, 1)), detail=False))
print(keras.explain.gradient_flow(model, np.ones((4, 2)), np.ones((4, 1))))
model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=1)
"""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_whatever_is_printed_can_be_written(encoding):
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, env=variables, check=False)
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode(encoding)
    if encoding == "utf-8":
        assert "┏━" in text and "└ größe_λ" in text and "×" in text and "━━" in text
        return
    assert "+---" in text and "| inner (Sequential)" in text and "+ gr" in text and "====" in text
    assert ("×" in text) == (encoding == "cp1252") or "*" in text
    assert "dJ/dw" in text


def test_lines_become_those_of_ascii(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert terminal.printable("┏━┓ │a…│ 2 × 3 λ") == "+-+ |a.| 2 * 3 ?"
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert terminal.printable("┏━┓ λ") == "┏━┓ λ"
    monkeypatch.setattr(sys, "stdout", None)
    assert terminal.printable("┏━┓ λ") == "┏━┓ λ"


def test_what_is_no_terminal_has_no_width(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert terminal.columns() is None
    monkeypatch.setattr(sys, "stdout", None)
    assert terminal.columns() is None
