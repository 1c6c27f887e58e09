"""What `check_layer` tries of gradients, files and recorded steps."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.random import set_random_seed
from kerasish.backend.tape import GradientTape
from kerasish.layers import Layer
from kerasish.models import Functional
from kerasish.models.checking.subject import Fault, Subject, alike, default_policy, in_short
from kerasish.saving.model_files import load_model

# Differences of this step err by its square and by the rounding of float64 divided by it; a wrong derivative by more.
_STEP, _EXACT = 1e-5, 1e-5
_STEPS_OF_TRAINING = 6


def modelled(s: Subject) -> Functional:
    """A functional model of a copy of the layer."""
    symbols = s.symbols()
    return Functional(symbols, s.copied()(symbols))


# -- gradients -----------------------------------------------------------------------------------------------


def check_gradient(s: Subject) -> None:
    """The tape's gradients are those of central differences."""
    if not s.floating:
        return
    layer = s.copied("float64")
    differs = layer._signature.has_training or bool(layer._flatten_layers())
    for training in (False, True) if differs else (False,):
        with default_policy("float64"):
            _compare_gradients(s, layer, training)


def _compare_gradients(s: Subject, layer: Layer, training: bool) -> None:
    rng = np.random.default_rng(7)
    wide = nest.map_structure(lambda x: x.astype("float64") if x.dtype.kind == "f" else x, s.inputs)
    fixed = [np.array(v.value) for v in layer.non_trainable_variables]
    weights = [np.array(v.value) for v in layer.trainable_variables]
    factors: list[np.ndarray] = []

    def total(values: list[Any], inputs: Any) -> Any:
        made = nest.flatten(layer.stateless_call(values, fixed, inputs, training=training)[0])
        if not factors:
            factors.extend(rng.uniform(0.5, 1.5, np.shape(y)) for y in made)
        return sum((f * y).sum() for f, y in zip(factors, made, strict=True))

    leaves = nest.flatten(wide)
    places = [i for i, x in enumerate(leaves) if x.dtype.kind == "f"]
    with GradientTape() as tape:
        watched = [tape.watch(x) if i in places else x for i, x in enumerate(leaves)]
        held = [tape.watch(w) for w in weights]
        value = total(held, nest.pack_sequence_as(wide, watched))
    found = tape.gradient(value, [*held, *(watched[i] for i in places)])
    names = [f"the weight {v.path!r}" for v in layer.trainable_variables]
    names += [f"the input{f' {n}' if len(places) > 1 else ''}" for n in range(len(places))]

    def nudged(k: int, by: np.ndarray) -> float:
        some, data = list(weights), list(leaves)
        if k < len(weights):
            some[k] = some[k] + by
        else:
            data[places[k - len(weights)]] = data[places[k - len(weights)]] + by
        return float(total(some, nest.pack_sequence_as(wide, data)))

    for k, (name, gradient) in enumerate(zip(names, found, strict=True)):
        where = weights[k] if k < len(weights) else leaves[places[k - len(weights)]]
        _compare_along(nudged, k, np.zeros(where.shape) if gradient is None else np.asarray(gradient), name, training)


def _compare_along(
    nudged: Callable[[int, np.ndarray], float], k: int, gradient: np.ndarray, name: str, training: bool
) -> None:
    """One gradient along random directions; a kink of a function on the way is passed at the second try."""
    pairs = []
    for seed in range(3):
        v = np.random.default_rng(seed).normal(size=gradient.shape)
        difference = (nudged(k, _STEP * v) - nudged(k, -_STEP * v)) / (2 * _STEP)
        exact = float((gradient * v).sum())
        pairs.append((exact, difference))
        if abs(exact - difference) <= _EXACT * max(1.0, abs(difference), float(np.abs(gradient).max(initial=0))):
            return
    exact, difference = pairs[0]
    raise Fault(
        f"along a random direction of {name}, with training={training}, a gradient of {exact:.6g}",
        f"{difference:.6g}, by central differences in float64",
        "a derivative of one's own (`custom_gradient`) that is not that of the function; or a value that left the "
        "tape, as through `stop_gradient`, rounding or NumPy arrays made of it",
    )


# -- files and recorded steps --------------------------------------------------------------------------------


def check_save(s: Subject) -> None:
    """What has been trained comes out of a file as it went in."""
    model = modelled(s)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        for _ in range(2):
            model(s.inputs, training=True)
        wanted = [np.asarray(leaf) for leaf in nest.flatten(model(s.inputs, training=False))]
        for name in ("model.keras", "model.weights.h5"):
            path = Path(folder) / name
            if name == "model.keras":
                model.save(path)
                loaded: Any = load_model(path)
            else:
                model.save_weights(path)
                loaded = modelled(s)
                for v in loaded.trainable_variables:
                    v.assign(np.zeros(v.shape))
                loaded.load_weights(path)
            found = [np.asarray(leaf) for leaf in nest.flatten(loaded(s.inputs, training=False))]
            if not alike(found, wanted, close=1e-6):
                raise Fault(
                    f"out of a {name} it answers {in_short(found)}",
                    f"{in_short(wanted)}, as before it was saved",
                    "a state that is not in a variable, or a `save_own_variables`, `load_own_variables` or "
                    "`build` that does not make all of it again",
                )


def check_recorded(s: Subject) -> None:
    """Recorded steps end where those on the tape end."""
    if not s.floating:
        return
    ends = []
    for eagerly in (True, False):
        set_random_seed(2)
        model = modelled(s)
        model.compile("sgd", ["mse"] * len(nest.flatten(model.outputs)), run_eagerly=eagerly)
        targets = [np.zeros(y.shape, y.dtype) for y in s.answer(s.layer, training=False)]
        y = targets if len(targets) > 1 else targets[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of weights without a gradient, say
            steps = model.fit(s.inputs, y, len(targets[0]), _STEPS_OF_TRAINING, verbose=0, shuffle=False)
        ends.append((np.asarray(steps.history["loss"]), s.state_of(model)))
        s.put_back()
    (expected, states), (came, found) = ends
    if not alike([came, *found], [expected, *states], close=1e-3):
        wrong = [
            v.path for v, a, b in zip(model.variables, found, states, strict=True) if not alike([a], [b], close=1e-3)
        ]
        raise Fault(
            f"recorded steps of `fit` have the losses {came}; other variables: {wrong}",
            f"{expected}, those of steps on the tape",
            "`call` depends on something that a recorded step does not see: a file, the clock, a state inside an "
            "object that is not Python's",
        )
