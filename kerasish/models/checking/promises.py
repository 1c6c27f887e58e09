"""What `check_layer` tries: one function for each promise of a layer."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.random import set_random_seed
from kerasish.backend.sizes import is_shape
from kerasish.layers import Layer
from kerasish.models.checking.subject import Fault, Subject, alike, default_policy, in_short
from kerasish.models.checking.training_promises import check_gradient, check_recorded, check_save, modelled

# -- state ---------------------------------------------------------------------------------------------------


def check_state(s: Subject) -> None:
    """Two calls with the same inputs and variables give the same."""
    count = len(s.layer.variables)
    for training in (False, True):
        runs, numbers = [], []
        for _ in range(2):
            s.put_back()
            runs.append([*s.answer(s.layer, training=training), *s.state_of(s.layer)])
            numbers.append(_numbers(s.layer))
        if len(s.layer.variables) > count:
            made = [v.path for v in s.layer.variables[count:]]
            raise Fault(
                f"new variables after the first call: {made}",
                "none",
                "`call` makes weights or layers; make them in `__init__` or in `build`",
            )
        moved = [f"{name!r} from {a} to {b}" for (name, a), (_, b) in zip(*numbers, strict=False) if a != b and a == a]
        if not alike(*runs):
            _tell_apart(s, training, moved)
        if moved:
            raise Fault(
                f"a call with training={training} changes the attribute {moved[0]}",
                "attributes that stay",
                "`call` remembers something in an attribute: files and recorded steps do not see it; use "
                "`self.add_weight(..., trainable=False)` and `assign`",
            )


def _tell_apart(s: Subject, training: bool, moved: list[str]) -> None:
    """Say why two calls differ: by what is drawn, or by what is remembered."""
    runs = []
    for _ in range(2):
        s.put_back()
        set_random_seed(1)
        runs.append(s.answer(s.layer, training=training))
    expected = "the same of the same inputs and variables"
    came = f"two calls with training={training} give {in_short(runs[0][:1])} and {in_short(runs[1][:1])}"
    if alike(*runs):
        cause = (
            "it draws random numbers without a seed generator of its own; make `self.seeds = "
            "keras.random.SeedGenerator(seed)` in `__init__` and draw with `seed=self.seeds`"
        )
        raise Fault(f"two calls with training={training} differ, and do not after `set_random_seed`", expected, cause)
    if moved:
        raise Fault(
            f"{came}; the attribute {moved[0]} changes",
            expected,
            "a state outside of a variable; make it one with `self.add_weight(..., trainable=False)`",
        )
    raise Fault(
        came,
        expected,
        "a state outside of a variable, or a generator of random numbers that is no `keras.random.SeedGenerator`",
    )


def _numbers(layer: Layer) -> list[tuple[str, Any]]:
    """The numbers among the attributes of a layer and of those inside it."""
    return [
        (f"{part.name}.{key}", value)
        for part in (layer, *layer._flatten_layers())
        for key, value in vars(part).items()
        if isinstance(value, (int, float)) and not key.startswith("_")
    ]


# -- config --------------------------------------------------------------------------------------------------


def check_config(s: Subject) -> None:
    """`from_config(get_config())` is the same layer."""
    kind = type(s.layer).__name__
    try:
        text = s.config_text(s.layer)
    except Exception as error:
        raise Fault(
            f"{type(error).__name__}: {error}",
            "a config that can be written as JSON",
            "`get_config` returns an array or an object; give lists, numbers, strings, or what "
            "`keras.saving.serialize_keras_object` makes of the object",
        ) from error
    try:
        copied = s.fresh()
    except Exception as error:
        raise Fault(
            f"{kind}.from_config(get_config()) raises {type(error).__name__}: {error}",
            f"a {kind}",
            "`get_config` leaves out an argument of `__init__`, has one that it does not take, or `__init__` "
            "does not take `**kwargs` for the base class",
        ) from error
    if type(copied) is not type(s.layer):
        raise Fault(f"from_config makes a {type(copied).__name__}", f"a {kind}", "`from_config` is not of this class")
    if s.config_text(copied) != text:
        raise Fault(
            f"the copy's config is {s.config_text(copied):.300}",
            f"{text:.300}",
            "`__init__` stores another value than it was given, or `get_config` reports another",
        )
    shapes = [[tuple(v.shape) for v in layer.variables] for layer in (copied, s.layer)]
    forgets = "`get_config` forgets an argument, and the copy has its default"
    if shapes[0] != shapes[1]:
        raise Fault(f"the copy's variables have the shapes {shapes[0]}", f"{shapes[1]}", forgets)
    s.give(copied)
    found, wanted = (s.answer(layer, training=False) for layer in (copied, s.layer))
    if not alike(found, wanted):
        raise Fault(f"the copy with the same weights answers {in_short(found)}", in_short(wanted), forgets)


# -- training ------------------------------------------------------------------------------------------------


def check_training(s: Subject) -> None:
    """What nobody says is the default, and at rest nothing moves."""
    before = s.state_of(s.layer)
    default = bool(s.layer._signature.training_default)
    found = s.answer(s.layer)
    s.put_back()
    wanted = s.answer(s.layer, training=default)
    if not alike(found, wanted):
        raise Fault(
            f"without `training` it answers {in_short(found)}",
            f"{in_short(wanted)}, as with training={default}",
            "`call` takes `training=None` for true; outside of `fit`, None means inference",
        )
    s.put_back()
    s.answer(s.layer, training=False)
    kept = any(getattr(part, "stateful", False) for part in (s.layer, *s.layer._flatten_layers()))
    for variable, a, b in zip(s.layer.variables, s.state_of(s.layer), before, strict=True):
        if not kept and not np.array_equal(a, b):
            raise Fault(
                f"training=False changes the variable {variable.path!r}",
                "the same value as before",
                "`call` assigns, or draws random numbers, without asking for `training`",
            )


# -- shapes --------------------------------------------------------------------------------------------------


def _opened(shapes: Any) -> Any:
    """The shapes with the number of samples unknown."""
    if isinstance(shapes, dict):
        return {key: _opened(part) for key, part in shapes.items()}
    if isinstance(shapes, tuple) and all(isinstance(n, int) for n in shapes):
        return (None, *shapes[1:])
    return type(shapes)(_opened(part) for part in shapes)


def _flat_shapes(shapes: Any) -> list[tuple[int | None, ...]]:
    if is_shape(shapes):
        return [tuple(shapes)]
    return [shape for part in (shapes.values() if isinstance(shapes, dict) else shapes) for shape in _flat_shapes(part)]


def _fits(told: tuple[int | None, ...], real: tuple[int, ...]) -> bool:
    return len(told) == len(real) and all(n is None or n == m for n, m in zip(told, real, strict=True))


def check_shape(s: Subject) -> None:
    """`compute_output_shape` tells the truth, for any number of samples."""
    fewer = nest.map_structure(lambda x: x[:-1] if len(x) > 1 else np.concatenate([x, x]), s.inputs)
    for inputs in (s.inputs, fewer):
        shapes = nest.map_structure(np.shape, inputs)
        asked = (shapes, _opened(shapes))
        try:
            real = [y.shape for y in s.answer(s.layer, inputs, training=False)]
            answers = [_flat_shapes(s.layer.compute_output_shape(shape)) for shape in asked]
        except Exception as error:
            raise Fault(
                f"for inputs of the shapes {shapes} {type(error).__name__}: {error}",
                f"an answer, as for {s.shapes}",
                "`build`, `call` or `compute_output_shape` takes the number of samples for one that is fixed",
            ) from error
        for shape, told in zip(asked, answers, strict=True):
            if len(told) != len(real) or not all(map(_fits, told, real)):
                raise Fault(
                    f"compute_output_shape({shape}) is {told}",
                    f"{real}, the shapes of what `call` returns",
                    "`compute_output_shape` follows another formula than `call`, or `call` takes the number of samples "
                    "for one that is fixed",
                )


def check_symbolic(s: Subject) -> None:
    """In a functional model the layer is what it is by itself."""
    model = modelled(s)
    wanted = s.answer(s.layer, training=False)
    symbols = nest.flatten(model.outputs)
    told, real = [(y.shape, y.dtype) for y in symbols], [(y.shape, y.dtype.name) for y in wanted]
    if len(told) != len(real) or not all(_fits(a[0], b[0]) and a[1] == b[1] for a, b in zip(told, real, strict=True)):
        raise Fault(
            f"symbolic outputs of (shape, dtype) {told}",
            f"{real}, as for arrays",
            "`compute_output_spec` or `compute_output_shape` tells another shape or dtype, or `call` does something "
            "else for symbolic tensors",
        )
    found = [np.asarray(leaf) for leaf in nest.flatten(model(s.inputs, training=False))]
    if not alike(found, wanted):
        raise Fault(
            f"in a functional model it answers {in_short(found)}",
            in_short(wanted),
            "`call` asks whether its input is symbolic, or what it computes was fixed when the model was made",
        )


# -- masks ---------------------------------------------------------------------------------------------------


def _masked(s: Subject, change: float = 0.0) -> tuple[Any, Any]:
    """The inputs with masks on their second axis, and the masks; what is masked is changed by so much."""

    def with_steps(x: np.ndarray) -> Any:
        mask = np.random.default_rng(4).random(x.shape[:2]) < 0.6
        mask[:, 0] = True
        hidden = np.where(mask.reshape(mask.shape + (1,) * (x.ndim - 2)), x, x + np.asarray(change, x.dtype))
        return with_mask(hidden.astype(x.dtype), mask)

    inputs = nest.map_structure(with_steps, s.inputs)
    return inputs, nest.map_structure(get_mask, inputs)


def check_mask(s: Subject) -> None:
    """A mask that goes on fits, and what is masked does not count where `call` takes the mask."""
    least = 2 if s.layer.supports_mask_argument else 3  # of two axes, the second may be steps or features
    if any(np.ndim(x) < least or x.dtype.kind not in "fiu" for x in nest.iterate(s.inputs)):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the mask ends here is the layer's right
        inputs, masks = _masked(s)
        outputs = nest.flatten(s.layer(inputs))
        for y in outputs:
            mask = get_mask(y)
            if mask is not None and np.shape(mask) != np.shape(y)[: np.ndim(mask)]:
                raise Fault(
                    f"an output of shape {np.shape(y)} with a mask of shape {np.shape(mask)}",
                    "a mask of the shape of the first axes of the output",
                    "`supports_masking` passes the mask on although the steps change; define "
                    "`compute_mask(inputs, mask)`",
                )
        if not s.layer.supports_mask_argument or not s.floating:
            return
        s.put_back()
        plain = s.answer(s.layer, mask=masks)
        s.put_back()
        if not alike([np.asarray(y) for y in outputs], plain):
            raise Fault(
                "a mask that comes with the input and one that is given as `mask` answer differently",
                "the same answers",
                "`call` reads the mask from somewhere else than its argument",
            )
        _hidden_steps_are_nothing(s, outputs)


def _hidden_steps_are_nothing(s: Subject, outputs: list[Any]) -> None:
    others = nest.flatten(s.layer(_masked(s, change=1.0)[0]))
    for y, other in zip(outputs, others, strict=True):
        mask = get_mask(y)
        counts = np.ones(np.shape(y), bool)
        if mask is not None:
            counts &= np.asarray(mask).reshape(np.shape(mask) + (1,) * (np.ndim(y) - np.ndim(mask)))
        elif not s.layer.supports_masking:
            return
        if not alike([np.asarray(y)[counts]], [np.asarray(other)[counts]]):
            raise Fault(
                "other numbers in masked steps change what comes out of the others",
                "no difference",
                "`call` takes `mask` and does not use it, or uses it the wrong way round",
            )


# -- dtypes --------------------------------------------------------------------------------------------------


def check_dtype(s: Subject) -> None:
    """Outputs have the compute dtype, and weights the variable dtype, under every policy."""
    wanted = [y.dtype.name for y in s.answer(s.layer, training=False)]
    for policy in ("float64", "mixed_float16"):
        copied = s.copied(policy)
        with default_policy(policy):
            found = [y.dtype.name for y in s.answer(copied, training=False)]
        for one, usual in zip(found, wanted, strict=True):
            if usual == s.layer.compute_dtype and one != copied.compute_dtype:
                raise Fault(
                    f"under dtype={policy!r} an output of {one}",
                    copied.compute_dtype,
                    "`call` names a dtype, or mixes in an array of another; use `self.compute_dtype`, and "
                    "`self.cast` or `ops.cast` for constants",
                )
        for old, new in zip(s.layer.variables, copied.variables, strict=True):
            if old.dtype == s.layer.variable_dtype and new.dtype != copied.variable_dtype:
                raise Fault(
                    f"under dtype={policy!r} the variable {new.path!r} of {new.dtype}",
                    copied.variable_dtype,
                    "a weight is made with `dtype=`, or an inner layer is built with another policy",
                )


CHECKS: dict[str, Callable[[Subject], None]] = {
    "state": check_state,
    "config": check_config,
    "training": check_training,
    "shape": check_shape,
    "symbolic": check_symbolic,
    "mask": check_mask,
    "dtype": check_dtype,
    "gradient": check_gradient,
    "save": check_save,
    "recorded": check_recorded,
}
