"""Where a network looks: the scores of its attention layers as pictures."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.tape import GradientTape
from kerasish.explain.drawing import RISING, canvas, grid_of, hide_rest
from kerasish.explain.probe import one_batch, preserved
from kerasish.explain.result import Explanation, Table, percent
from kerasish.trainers.steps.run import untraced

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.backend.typing import Data
    from kerasish.models.model import Model

# As many rows as a table shows at most.
_MOST_ROWS = 24


@dataclass(repr=False)
class AttentionScores(Explanation):
    """How much each query of one sample looked at each key.

    Attributes:
        model: the model's name.
        scores: for each call of an attention layer, by name, an array `(heads, queries, keys)` whose rows add to one.
        queries, keys: what stands at each place; their numbers by default.
    """

    model: str
    scores: dict[str, np.ndarray]
    queries: list[str]
    keys: list[str]

    def blocks(self) -> list[str | Table]:
        rows = [
            (name, str(head), query, key, percent(share))
            for name, of_heads in self.scores.items()
            for head, matrix in enumerate(of_heads)
            for query, key, share in self._strongest(matrix)
        ]
        title = f"what each query of {self.model} looks at most"
        left_out = len(rows) - _MOST_ROWS
        table = Table(("layer", "head", "query", "key", "share"), rows[:_MOST_ROWS], title)
        return [table] if left_out <= 0 else [table, f"and {left_out} rows more"]

    def _strongest(self, matrix: np.ndarray) -> list[tuple[str, str, float]]:
        queries, keys = self._labels(matrix)
        places = matrix.argmax(axis=-1)
        return [(queries[i], keys[j], float(matrix[i, j])) for i, j in enumerate(places)]

    def _labels(self, matrix: np.ndarray) -> tuple[list[str], list[str]]:
        """What stands at the places of a matrix; their numbers where there are no labels of that many."""
        rows, columns = matrix.shape
        queries = self.queries if len(self.queries) == rows else [str(i) for i in range(rows)]
        keys = self.keys if len(self.keys) == columns else [str(i) for i in range(columns)]
        return queries, keys

    def plot(self) -> Figure:
        """Each head as a square: queries from above to below, keys from left to right, bright where it looks."""
        pictures = [
            (f"{name}, head {head}" if len(of_heads) > 1 else name, matrix)
            for name, of_heads in self.scores.items()
            for head, matrix in enumerate(of_heads)
        ]
        rows, columns = grid_of(len(pictures), 3)
        figure, axes = canvas(rows, columns, width=3.2, height=3.2)
        for ax, (title, matrix) in zip(axes.flat, pictures, strict=False):
            queries, keys = self._labels(matrix)
            image = ax.imshow(matrix, cmap=RISING, vmin=0, vmax=1, aspect="auto")
            ax.set_xticks(range(len(keys)), keys)
            ax.set_yticks(range(len(queries)), queries)
            ax.set_xlabel("looks at")
            ax.set_ylabel("query")
            ax.set_title(title, fontsize=10)
        hide_rest(axes.flat[len(pictures) :])
        figure.colorbar(image, ax=axes, shrink=0.7)
        return figure


def _with_scores(layer: Any) -> bool:
    return "return_attention_scores" in inspect.signature(type(layer).call).parameters


@contextmanager
def _noting(model: Any) -> Iterator[dict[str, Any]]:
    """A block in which every call of an attention layer leaves its scores, under the layer's name."""
    found: dict[str, Any] = {}

    def noting(layer: Any) -> Any:
        plain = layer.call

        def call(*args: Any, return_attention_scores: bool = False, **kwargs: Any) -> Any:
            y, scores = plain(*args, return_attention_scores=True, **kwargs)
            count = sum(name.split(" (")[0] == layer.name for name in found)
            found[f"{layer.name} ({count + 1})" if count else layer.name] = scores
            return (y, scores) if return_attention_scores else y

        return call

    heard = [layer for layer in model._flatten_layers() if _with_scores(layer)]
    for layer in heard:
        layer.__dict__["call"] = noting(layer)
    try:
        yield found
    finally:
        for layer in heard:
            del layer.__dict__["call"]


def attention(
    model: Model, x: Data, queries: Iterable[object] | None = None, keys: Iterable[object] | None = None
) -> AttentionScores:
    """Where the queries of one sample look, in every attention layer of a model and each of its heads.

    A row of scores is a query's softmax over the keys: what share of the answer comes from which place.

    Args:
        model: a model with layers such as `MultiHeadAttention` or `Attention`.
        x: the data; the first sample is shown.
        queries, keys: what stands at each place, such as words; used for layers of as many places.

    Returns:
        An `AttentionScores`: print it, look at its `scores`, or `.plot()` it. The model stays as it was.

    Raises:
        ValueError: if the model has no attention layer, or the data does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> words = keras.Input((4,), dtype="int32")
        >>> x = keras.layers.Embedding(9, 8)(words)
        >>> model = keras.Model(words, keras.layers.MultiHeadAttention(2, 4, name="look")(x, x))
        >>> keras.explain.attention(model, np.array([[1, 2, 3, 4]])).scores["look"].shape
        (2, 4, 4)

    Source: Bahdanau et al., 2014, Neural machine translation by jointly learning to align and translate
    """
    batch = one_batch(model, x)[0]
    # Under a tape, so that the layers are called and not the pass that a model remembers.
    with preserved(model), _noting(model) as found, GradientTape() as tape:
        model(batch, training=False)
    tape._release()
    if not found:
        raise ValueError(
            f"the model {model.name!r} has no layer that returns attention scores, such as MultiHeadAttention or "
            "Attention"
        )
    scores = {name: _of_first_sample(untraced(made)) for name, made in found.items()}
    return AttentionScores(model.name, scores, _words(queries), _words(keys))


def _of_first_sample(scores: Any) -> np.ndarray:
    """`(heads, queries, keys)`: layers without heads have one, and several axes count as one."""
    first = np.asarray(scores)[0]
    if first.ndim == 2:
        return first[None]
    places = (first.ndim - 1) // 2
    return first.reshape(first.shape[0], int(np.prod(first.shape[1 : 1 + places])), -1)


def _words(labels: Iterable[object] | None) -> list[str]:
    return [] if labels is None else [str(label) for label in labels]
