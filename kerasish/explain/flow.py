"""Vanishing and exploding gradients, dead and saturated units: seen, named, and what to try."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend import nest
from kerasish.explain.drawing import BLUE, ORANGE, VERMILION, canvas
from kerasish.explain.layer_flow import ADVICE, LayerFlow, measure_flow, overall
from kerasish.explain.probe import one_batch
from kerasish.explain.result import Explanation, Table, number, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.backend.typing import Data, PerOutput
    from kerasish.models.model import Model


@dataclass(repr=False)
class GradientFlow(Explanation):
    """What passes through each layer in one forward and backward pass.

    Attributes:
        model: the model's name.
        layers: one `LayerFlow` for each layer, in the order in which they compute.
        verdict: "exploding", "vanishing", "dead", "saturated" or "healthy"; "not finite" where the data or the weights
            hold nan or infinity already.
        advice: what to try.
    """

    model: str
    layers: list[LayerFlow]
    verdict: str
    advice: str

    def blocks(self) -> list[str | Table]:
        rows = [
            (
                layer.name,
                layer.activation or layer.kind,
                number(layer.output),
                number(layer.gradient),
                number(layer.weight_gradient),
                number(layer.weight_gradient / layer.weight if layer.weight and layer.weight_gradient else None),
                percent(layer.dead),
                percent(layer.saturated),
                layer.verdict,
            )
            for layer in self.layers
        ]
        header = (
            "layer",
            "activation",
            "output rms",
            "|dJ/dz|",
            "|dJ/dw|",
            "|dJ/dw|/|w|",
            "dead",
            "saturated",
            "verdict",
        )
        return [
            Table(header, rows, f"gradient flow of {self.model}"),
            f"{self.verdict}{self._ratio()}. {self.advice}",
        ]

    def _ratio(self) -> str:
        """How the bottom compares with the top, in words."""
        sizes = [flow.gradient for flow in self.layers if flow.weight_gradient is not None and flow.gradient]
        if len(sizes) < 2 or not np.isfinite(sizes).all():
            return ""
        ratio = sizes[0] / sizes[-1]
        return f": the first layer's gradient is {number(ratio, 2)} times the last one's"

    def plot(self) -> Figure:
        """Sizes by layer on a logarithmic scale, and the shares of dead and saturated units."""
        names = [layer.name for layer in self.layers]
        places = np.arange(len(names))
        figure, axes = canvas(1, 2, width=max(3.5, 1.4 + 0.28 * len(names)), height=3.6)
        left, right = axes[0]
        series: dict[str, tuple[list[float | None], str, str]] = {
            "outputs (rms)": ([f.output for f in self.layers], BLUE, "o"),
            "|dJ/dz|": ([f.gradient for f in self.layers], VERMILION, "s"),
            "|dJ/dw|": ([f.weight_gradient for f in self.layers], ORANGE, "^"),
        }
        for label, (values, color, marker) in series.items():
            shown = [(i, v) for i, v in enumerate(values) if v and np.isfinite(v)]
            left.plot(*zip(*shown, strict=True) if shown else ([], []), color=color, marker=marker, label=label)
        left.set_yscale("log")
        left.margins(y=0.25)  # room for the legend
        left.set_ylabel("size", fontsize=9)
        left.set_title(f"{self.model}: {self.verdict}", fontsize=10)
        left.legend(fontsize=8)
        right.bar(places - 0.2, [100 * (f.dead or 0.0) for f in self.layers], 0.4, color=BLUE, label="dead units")
        saturated = [100 * (f.saturated or 0.0) for f in self.layers]
        right.bar(places + 0.2, saturated, 0.4, color=ORANGE, label="saturated outputs")
        right.set_ylim(0, 100)
        right.set_ylabel("%")
        right.set_title("units that do not pass the gradient on", fontsize=10)
        right.legend(fontsize=8)
        for ax in (left, right):
            ax.set_xticks(places, names, rotation=40, ha="right", fontsize=8)
        return figure


def gradient_flow(
    model: Model, x: Data, y: Data | None = None, loss: PerOutput = None, sample_weight: Data | None = None
) -> GradientFlow:
    """The size of activations and gradients in each layer, with a verdict and what to try.

    In a deep network the gradient of a lower layer is a product of one factor for each layer above it. Factors below
    one make it vanish, factors above one make it explode; either way the lower layers do not learn.

    Args:
        model: a model; compiled, unless `loss` is given.
        x, y, sample_weight: the data, taken as one batch; a few dozen samples are enough.
        loss: a name, function or object in place of the compiled loss.

    Returns:
        A `GradientFlow`: print it, or look at its `layers` and `verdict`, or `.plot()` it. The model stays as it was.

    Raises:
        ValueError: if there is no loss, or the data does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.utils.set_random_seed(0)
        >>> layers = [keras.layers.Dense(8, activation="sigmoid") for _ in range(10)]
        >>> model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1)])
        >>> x, y = keras.datasets.xor.load_data()
        >>> keras.explain.gradient_flow(model, x, y, loss="mse").verdict
        'vanishing'

    Source: Glorot & Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks
    """
    layers = measure_flow(model, x, y, sample_weight, loss)
    cause = _what_is_not_finite(model, one_batch(model, x, y, sample_weight))
    if cause:
        layers = [replace(f, verdict="not finite") if f.verdict == "exploding" else f for f in layers]
        return GradientFlow(model.name, layers, "not finite", cause)
    verdict = overall(layers)
    return GradientFlow(model.name, layers, verdict, ADVICE[verdict])


def _what_is_not_finite(model: Any, batch: tuple[Any, Any, Any]) -> str:
    """What holds nan or infinity before anything is computed, and what to do; "" if nothing does."""
    for name, given in zip(("x", "y", "sample_weight"), batch, strict=True):
        for leaf in nest.iterate(given):
            array = np.asarray(0.0 if leaf is None else leaf)
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                return (
                    f"{name} holds {_places(array)}: every number that it meets becomes nan. Leave these samples out, "
                    "or put numbers in their place (np.nan_to_num)."
                )
    paths = [v.path for v in model.weights if v._value.dtype.kind == "f" and not np.isfinite(v._value).all()]
    if paths:
        return (
            f"the weights {', '.join(paths[:3])} hold nan or infinity: start again from new ones, with a smaller "
            "learning rate or clipnorm=1.0 in the optimizer, and look for nan in the data that they were trained on."
        )
    return ""


def _places(array: np.ndarray) -> str:
    """How many samples hold nan or infinity, and in which columns."""
    bad = ~np.isfinite(array)
    rows = bad.reshape(len(array), -1).any(axis=1).sum() if array.ndim else 1
    text = f"nan or infinity in {rows} of {len(array) if array.ndim else 1} samples"
    if array.ndim != 2 or array.shape[1] == 1:
        return text
    columns = np.flatnonzero(bad.any(axis=0))
    shown = ", ".join(map(str, columns[:5])) + (", ..." if len(columns) > 5 else "")
    return f"{text}, column{'s' if len(columns) > 1 else ''} {shown}"
