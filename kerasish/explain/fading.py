"""How much of the gradient reaches each step of a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kerasish.explain.drawing import COLORS, MARKERS, canvas
from kerasish.explain.layer_flow import FAR
from kerasish.explain.probe import one_batch, preserved, record
from kerasish.explain.result import Explanation, Table, number
from kerasish.explain.unrolling import Unrolled, recurrent_layers, unrolling
from kerasish.trainers.steps.run import untraced

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.backend.typing import Data, PerOutput
    from kerasish.models.model import Model

# As many steps as a table shows at most.
_MOST_ROWS = 12


@dataclass(repr=False)
class GradientOverTime(Explanation):
    """The size of the loss's gradient with respect to the state at each step of a sequence.

    Attributes:
        model: the model's name.
        norms: for each state of each recurrent layer, such as `"lstm c"`, the norm for each step, in the order of the
            sequence.
        verdicts: for each of them "vanishing", "exploding" or "healthy": the farthest step beside the nearest.
    """

    model: str
    norms: dict[str, np.ndarray]
    verdicts: dict[str, str]

    def blocks(self) -> list[str | Table]:
        longest = max(len(values) for values in self.norms.values())
        places = np.unique(np.linspace(0, longest - 1, min(longest, _MOST_ROWS)).round().astype(int))
        rows = [(str(t), *(number(v[t]) if t < len(v) else "" for v in self.norms.values())) for t in places.tolist()]
        table = Table(("step", *(f"|dJ/d {name}|" for name in self.norms)), rows, f"gradient over time of {self.model}")
        return [table, "\n".join(f"{name}: {verdict}" for name, verdict in self.verdicts.items())]

    def plot(self) -> Figure:
        """The norms by step, on a logarithmic scale."""
        figure, axes = canvas(1, 1, width=5.0, height=3.2)
        ax = axes[0, 0]
        for i, (name, values) in enumerate(self.norms.items()):
            shown = np.where(values > 0, values, np.nan)
            style = {"color": COLORS[i % len(COLORS)], "marker": MARKERS[i % len(MARKERS)], "markersize": 4}
            ax.plot(range(len(values)), shown, label=f"{name}: {self.verdicts[name]}", **style)
        ax.set_yscale("log")
        ax.set_xlabel("step of the sequence")
        ax.locator_params("x", integer=True)
        ax.set_ylabel("norm of the state's gradient")
        ax.set_title(self.model, fontsize=10)
        ax.legend(fontsize=8)
        return figure


def gradient_over_time(
    model: Model, x: Data, y: Data | None = None, loss: PerOutput = None, sample_weight: Data | None = None
) -> GradientOverTime:
    """The norm of dJ/dh at each step, for every state of every recurrent layer: what can be learned of far steps.

    On its way from a step to the one before, the gradient of a `SimpleRNN` is multiplied by the recurrent kernel and
    by the activation's slopes, over and over: it vanishes or explodes. The carry `c` of an `LSTM` has a way of its own,
    on which it is multiplied by the forget gate alone; its gradient here has what reaches it through `h`, too. A step
    that a mask leaves out makes no state, and gets no gradient.

    Args:
        model: a model with recurrent layers; compiled, unless `loss` is given.
        x, y, sample_weight: the data, taken as one batch.
        loss: a name, function or object in place of the compiled loss.

    Returns:
        A `GradientOverTime`: print it, look at its `norms` and `verdicts`, or `.plot()` it. The model stays as it was.

    Raises:
        ValueError: if there is no recurrent layer or no loss, or the data does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.utils.set_random_seed(0)
        >>> model = keras.Sequential(
        ...     [keras.Input((30, 1)), keras.layers.SimpleRNN(4, name="rnn"), keras.layers.Dense(1)]
        ... )
        >>> x, y = np.ones((8, 30, 1), "float32"), np.ones((8, 1), "float32")
        >>> found = keras.explain.gradient_over_time(model, x, y, loss="mse")
        >>> found.norms["rnn h"].shape, found.verdicts["rnn h"]
        ((30,), 'vanishing')

    Source: Bengio, Simard and Frasconi, Learning long-term dependencies with gradient descent is difficult (1994).
    """
    one_batch(model, x, y, sample_weight)  # builds it, so that what the block keeps is there
    layers = recurrent_layers(model)
    with preserved(model), unrolling(layers) as calls:
        recording = record(model, x, y, sample_weight, loss)
    norms: dict[str, np.ndarray] = {}
    verdicts: dict[str, str] = {}
    for call in calls:
        made = call.in_time(call.made)
        for i, state in enumerate(_names(call)):
            name = f"{call.name} {state}"
            gradients = recording.gradients([states[i] for states in made])
            norms[name] = np.array([0.0 if g is None else np.sqrt(np.square(g, dtype=float).sum()) for g in gradients])
            verdicts[name] = _verdict(call, norms[name])
    return GradientOverTime(model.name, norms, verdicts)


def _names(call: Unrolled) -> list[str]:
    count = len(call.made[0])
    return ["h", "c"][:count] if count <= 2 else [f"state {i}" for i in range(count)]


def _verdict(call: Unrolled, norms: np.ndarray) -> str:
    """What the first step that is computed gets, beside the last that gets anything."""
    if call.mask is not None:
        norms = norms[np.asarray(untraced(call.mask)).any(axis=0)]
    norms = norms[::-1] if call.layer.go_backwards else norms
    reached = norms[norms > 0]
    if not len(reached):
        return "nothing arrives"
    share = norms[0] / reached[-1]
    return "vanishing" if share < 1 / FAR else "exploding" if share > FAR else "healthy"
