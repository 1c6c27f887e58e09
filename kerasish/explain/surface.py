"""The loss of a model as a surface over two of its weights, or over two directions among all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kerasish import optimizers
from kerasish.explain.descent import LossSurface, Path
from kerasish.explain.probe import loss_of, one_batch, preserved, record
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

if TYPE_CHECKING:
    from kerasish.backend.typing import Data, PerOutput
    from kerasish.models.model import Model
    from kerasish.optimizers.optimizer import Optimizer

_TOO_FAR = 1e12


def loss_surface(
    model: Model,
    x: Data,
    y: Data | None = None,
    loss: PerOutput = None,
    directions: Literal["random", "descent"] | Sequence[tuple[int, int | tuple[int, ...]]] | None = None,
    optimizers: str | bool | Optimizer | Mapping[str, str | Optimizer] | None = None,
    steps: int = 30,
    resolution: int = 41,
    span: tuple[float, float] | Sequence[tuple[float, float]] | None = None,
    seed: int = 0,
    sample_weight: Data | None = None,
) -> LossSurface:
    """The loss over a plane through the model's weights, and the paths that optimizers take down from them.

    Args:
        model: a model; compiled, unless `loss` is given.
        x, y, sample_weight: the data, taken as one batch.
        loss: a name, function or object in place of the compiled loss.
        directions: `"random"`, two random directions, each scaled like the weights it changes; `"descent"`, the two
            directions along which the paths go farthest (their principal components); or two weights, each as the
            place of its array in `model.trainable_weights` and its index in it: `[(0, (0, 0)), (0, (1, 0))]`. By
            default the two weights of a model that has no more, else `"descent"` if there are paths, else `"random"`.
        optimizers: whose paths to show, as a dict of names and optimizers; an optimizer alone, a name, or True for
            the compiled one. None for no path.
        steps: steps of each path.
        resolution: points of the grid along each side.
        span: for two weights, the ranges `((low, high), (low, high))` or one range for both; for directions, how far
            to go from the present weights, `(low, high)`. Chosen from the paths by default.
        seed: of the random directions.

    Returns:
        A `LossSurface`: print it, or look at its `losses` and `paths`, or `.plot()` it. The model stays as it was.

    Raises:
        TypeError: if `model` is no model.
        ValueError: if there is no loss, or it is not a finite number with the present weights; if the model has fewer
            than two trainable weights, or the directions are not two.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="line")])
        >>> x = np.array([[0.0], [1.0], [2.0]])
        >>> surface = keras.explain.loss_surface(model, x, 2 * x + 1, loss="mse", optimizers=keras.optimizers.SGD(0.1))
        >>> surface.labels
        ('line/kernel', 'line/bias')
        >>> bool(surface.paths["SGD"].losses[-1] < surface.paths["SGD"].losses[0])
        True

    Source: Li et al., 2018, Visualizing the loss landscape of neural nets, https://arxiv.org/abs/1712.09913
    """
    batch = one_batch(model, x, y, sample_weight)
    if y is None and loss is not None:
        raise ValueError("there is nothing to compare the prediction with: the loss needs targets, give `y`")
    if resolution < 2:
        raise ValueError(f"resolution counts the grid's points along a side, from 2; received {resolution}")
    variables = model.trainable_variables
    count = sum(v.size for v in variables)
    if count < 2:
        raise ValueError(f"a surface needs two weights; the model {model.name!r} has {count} that can be trained")
    start = np.concatenate([v._value.ravel() for v in variables]).astype("float64")
    landscape = _Landscape(model, batch, loss)
    with preserved(model), np.errstate(over="ignore", invalid="ignore"):
        here = landscape.at(start)
        if not np.isfinite(here):
            raise ValueError(
                f"the loss of {model.name!r} is {here} with its present weights: there is no surface around them. "
                "Look for nan or infinity in the data and in the weights"
            )
        ways = {name: landscape.descend(o, steps, start) for name, o in _named(optimizers, model).items()}
        u, v, labels = _directions(directions, model, start, list(ways.values()), seed)
        origin = start - (start @ u) * u - (start @ v) * v if _are_weights(labels) else start
        basis = np.stack([u, v], axis=1)
        paths, share = _projected(ways, basis, origin)
        a, b = _axes(paths, span, resolution, np.linalg.lstsq(basis, start - origin)[0])
        losses = np.array([[landscape.at(origin + s * u + t * v) for s in a] for t in b])
    return LossSurface(model.name, a, b, losses, labels, paths, share)


class _Landscape:
    """A model's loss as a function of one long vector of weights."""

    def __init__(self, model: Any, batch: tuple[Any, Any, Any], loss: Any) -> None:
        self.model, self.batch, self.loss = model, batch, loss
        self.variables = model.trainable_variables

    def go_to(self, weights: np.ndarray) -> None:
        """Put the model there."""
        place = 0
        for variable in self.variables:
            variable.assign(weights[place : place + variable.size].reshape(variable.shape))
            place += variable.size

    def here(self) -> np.ndarray:
        """Where the model is."""
        return np.concatenate([v._value.ravel() for v in self.variables]).astype("float64")

    def at(self, weights: np.ndarray) -> float:
        """The loss there, as in prediction."""
        self.go_to(weights)
        y_pred = self.model(self.batch[0], training=False)
        return float(loss_of(self.model, self.batch, y_pred, self.loss))

    def descend(self, optimizer: Any, steps: int, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The places and losses of a path; it ends early where the weights leave the range of numbers."""
        self.go_to(start)
        optimizer.build(self.variables)
        places, losses = [start], [self.at(start)]
        for _ in range(steps):
            made = record(self.model, *self.batch, loss=self.loss)
            optimizer.apply([g for _, g in made.weight_gradients()], self.variables)
            here = self.here()
            height = self.at(here)
            if not np.isfinite(here).all() or np.abs(here).max() > _TOO_FAR or not np.isfinite(height):
                break
            places.append(here)
            losses.append(height)
        return np.array(places), np.array(losses)


def _named(chosen: Any, model: Any) -> dict[str, Any]:
    """Fresh optimizers by name, so that those that are given keep their state."""
    if chosen is None or chosen is False:
        return {}
    if chosen is True:
        if not model.compiled:
            raise ValueError("optimizers=True asks for the compiled optimizer, but the model is not compiled")
        chosen = model.optimizer
    if not isinstance(chosen, dict):
        found = optimizers.get(chosen)
        chosen = {type(found).__name__: found}
    return {name: deserialize_keras_object(serialize_keras_object(optimizers.get(o))) for name, o in chosen.items()}


def _directions(
    asked: Any, model: Any, start: np.ndarray, ways: list[Any], seed: int
) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """Two vectors in the space of all weights, and what they are."""
    if asked is None:
        asked = "weights" if len(start) == 2 else "descent" if ways else "random"
    if isinstance(asked, str) and asked == "weights":
        asked = [(i, place) for i, v in enumerate(model.trainable_variables) for place in np.ndindex(v.shape)][:2]
    if isinstance(asked, str) and asked == "descent":
        if not ways:
            raise ValueError('directions="descent" needs paths: give `optimizers`')
        moves = np.concatenate([places - start for places, _ in ways])
        _, _, rows = np.linalg.svd(moves, full_matrices=False)
        if len(rows) < 2:
            raise ValueError("the paths have fewer than two steps: there is no plane through them")
        return rows[0], rows[1], ("1st direction of descent", "2nd direction of descent")
    if isinstance(asked, str) and asked == "random":
        rng = np.random.default_rng(seed)
        u, v = (_scaled_like(model, rng) for _ in range(2))
        return u, v, ("1st random direction", "2nd random direction")
    if isinstance(asked, str) or len(asked) != 2:
        raise ValueError(f'directions is "random", "descent" or two weights; received {asked!r}')
    (u, first), (v, second) = (_one_weight(model, *which) for which in asked)
    if first == second:
        raise ValueError(f"directions must be two different weights; both are {first}")
    return u, v, (first, second)


def _scaled_like(model: Any, rng: np.random.Generator) -> np.ndarray:
    """A random direction that moves each array of weights by its own size, so that layers of any scale compare."""
    parts = []
    for variable in model.trainable_variables:
        part = rng.normal(size=variable.shape)
        size = np.linalg.norm(variable._value)
        parts.append((part * (size / np.linalg.norm(part) if size else 0.0)).ravel())
    direction = np.concatenate(parts)
    return direction if direction.any() else rng.normal(size=direction.shape)


def _one_weight(model: Any, which: int, place: Any) -> tuple[np.ndarray, str]:
    variables = model.trainable_variables
    sizes = [v.size for v in variables]
    place = place if isinstance(place, tuple) else (place,)
    try:
        offset = int(np.ravel_multi_index(place, variables[which].shape)) if variables[which].shape else 0
    except (ValueError, IndexError) as error:
        shapes = [v.shape for v in variables]
        raise ValueError(f"there is no weight {place} in array {which}; the arrays' shapes are {shapes}") from error
    direction = np.zeros(sum(sizes))
    direction[sum(sizes[: which % len(sizes)]) + offset] = 1.0
    name = "/".join(variables[which].path.split("/")[-2:])
    return direction, name if variables[which].size == 1 else f"{name}[{', '.join(map(str, place))}]"


def _are_weights(labels: tuple[str, str]) -> bool:
    return "direction" not in labels[0]


def _projected(ways: dict[str, Any], basis: np.ndarray, origin: np.ndarray) -> tuple[dict[str, Path], float | None]:
    """The paths as seen on the plane, and how much of their way lies in it."""
    paths = {}
    seen = walked = 0.0
    for name, (places, losses) in ways.items():
        coordinates = np.linalg.lstsq(basis, (places - origin).T)[0].T
        paths[name] = Path(coordinates, losses)
        seen += float(np.linalg.norm(np.diff(coordinates @ basis.T, axis=0), axis=1).sum())
        walked += float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())
    return paths, seen / walked if walked else None


def _axes(paths: dict[str, Path], span: Any, resolution: int, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The grid's coordinates: as asked, or so that the paths fit."""
    if span is not None:
        ranges = [span, span] if np.ndim(span) == 1 else list(span)
    elif paths:
        # A path that runs away must not shrink the others to a point: those that climb are left out.
        calm = [p for p in paths.values() if p.losses[-1] <= p.losses[0]] or list(paths.values())
        places = np.concatenate([p.places for p in calm])
        low, high = places.min(axis=0), places.max(axis=0)
        spare = 0.25 * np.maximum(high - low, 0.2 * max(float((high - low).max()), 1e-6))
        ranges = list(zip(low - spare, high + spare, strict=True))
    else:
        ranges = [(c - 1.0, c + 1.0) for c in centre]
    first, second = (np.linspace(low, high, resolution) for low, high in ranges)
    return first, second
