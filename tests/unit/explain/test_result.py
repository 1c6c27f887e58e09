"""Every explanation prints, renders and draws; matplotlib is asked for by name only where something is drawn."""

import builtins
import dataclasses
import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from kerasish.explain.result import Explanation, Table, number, percent

sys.path.insert(0, str(Path(__file__).parent))
from sample_models import make, points

ROOT = Path(__file__).resolve().parents[3]
EXPLAIN = keras.explain


def _results():
    model, (x, y) = make("sequential"), points()
    wide = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
    return {
        "backprop": EXPLAIN.backprop(model, x[:2], y[:2]),
        "backprop, large": EXPLAIN.backprop(model, x, y, detail=False),
        "backprop, softmax": EXPLAIN.backprop(wide, x[:2], [0, 2], loss="sparse_categorical_crossentropy"),
        "backprop, skip": EXPLAIN.backprop(make("functional"), x[:2], y[:2], detail=True),
        "gradient_flow": EXPLAIN.gradient_flow(model, x, y),
        "decision_boundary": EXPLAIN.decision_boundary(model, x, y, resolution=9),
        "decision_boundary, units": EXPLAIN.decision_boundary(model, x, y, layer=model.layers[0].name, resolution=9),
        "decision_boundary, classes": EXPLAIN.decision_boundary(wide, x, y, resolution=9),
        "decision_boundary, regression": EXPLAIN.decision_boundary(model, x, y - 0.5, resolution=9),
        "decision_boundary, no labels": EXPLAIN.decision_boundary(model, x, resolution=9),
        "training": EXPLAIN.training({"loss": [1.0, 0.5], "val_loss": [1.0, 0.6], "mae": [1.0, 0.9]}),
        "activations": EXPLAIN.activations(),
        "loss_surface": EXPLAIN.loss_surface(model, x, y, resolution=5),
        "loss_surface, paths": EXPLAIN.loss_surface(model, x, y, resolution=5, steps=4, optimizers="sgd"),
    }


RESULTS = _results()


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_prints_renders_and_draws(name):
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.use("Agg")
    result = RESULTS[name]
    assert dataclasses.is_dataclass(result) and isinstance(result, Explanation)
    assert str(result) == repr(result) and "object at" not in str(result)
    assert str(result) == "\n".join(line.rstrip() for line in str(result).splitlines())
    markup = result._repr_html_()
    assert markup.count("<table>") == markup.count("</table>") and markup.startswith("<")
    figure = result.plot()
    assert isinstance(figure, Figure)
    figure.canvas.draw()
    matplotlib.pyplot.close(figure)


@pytest.mark.parametrize("name", RESULTS)
def test_without_matplotlib_plot_names_the_extra(name, monkeypatch):
    real = builtins.__import__

    def refuse(module, *args, **kwargs):
        if module.startswith("matplotlib"):
            raise ImportError(module)
        return real(module, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"pip install matplotlib pydot"):
        RESULTS[name].plot()


def test_nothing_but_plot_imports_matplotlib():
    code = (
        "import sys, kerasish as k\n"
        "m = k.Sequential([k.Input((2,)), k.layers.Dense(1)])\n"
        "print(k.explain.backprop(m, [[1., 2.]], [[1.]], loss='mse'))\n"
        "k.explain.activations()._repr_html_()\n"
        "[getattr(k.explain, name) for name in k.explain.__all__]\n"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


def test_functions_are_functions_whatever_is_imported_first():
    code = "import kerasish.explain.flow, kerasish.explain.curves, kerasish as k; k.explain.training({'loss': [1.0]})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_table():
    table = Table(("name", "value"), [("a", "1"), ("long <name>", "20")], "title")
    assert table.text().splitlines() == [
        "title",
        "name         value",
        "-----------  -----",
        "a                1",
        "long <name>     20",
    ]
    assert "long &lt;name&gt;" in table.html() and "<caption>title</caption>" in table.html()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.00001, "-1e-05"), (1.5, "1.5"), (123456789.0, "1.23e+08"), (np.nan, "nan"), (-np.inf, "-inf")],
)
def test_number(value, text):
    assert number(value) == text


def test_percent():
    assert (percent(0.256), percent(None)) == ("26 %", "-")


@pytest.mark.parametrize("name", [found.name for found in pkgutil.iter_modules(EXPLAIN.__path__)])
def test_docstring_examples_run(name):
    assert doctest.testmod(importlib.import_module(f"kerasish.explain.{name}")).failed == 0


def test_every_public_name_has_a_docstring():
    assert not [name for name in EXPLAIN.__all__ if not getattr(EXPLAIN, name).__doc__]
