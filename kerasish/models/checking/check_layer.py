"""Is a layer right? What a layer of one's own promises, tried check by check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kerasish.backend.random import process_state, set_process_state
from kerasish.layers import Layer
from kerasish.models.checking.promises import CHECKS
from kerasish.models.checking.subject import Fault, Subject


def check_layer(
    layer: Layer,
    input_shape: Any = None,
    *,
    input_dtype: str = "float32",
    inputs: Any = None,
    skip: Iterable[str] = (),
    custom_objects: Mapping[str, Any] | None = None,
) -> None:
    """Try what a layer promises, and say which promise it breaks. Not a name of Keras's.

    The checks, in order, each by the name that `skip` takes:

    - `state`: two calls with the same inputs and the same variables give the same; what is drawn comes from a
      `SeedGenerator`, what is remembered is in variables, and all variables are there after the first call.
    - `config`: `get_config` is JSON, and `from_config` makes a layer of it that answers the same with the same weights.
    - `training`: nobody saying means what the default of `call` says, and `training=False` changes no variable.
    - `shape`: `compute_output_shape` tells the shapes of what `call` returns, for any number of samples.
    - `symbolic`: in a functional model the layer has that shape and dtype too, and answers the same.
    - `mask`: a mask that is passed on fits the output, and what `call` takes a `mask` for does not depend on the
      samples' masked steps.
    - `dtype`: outputs have the compute dtype and weights the variable dtype, under float64 and mixed float16.
    - `gradient`: those of inputs and weights are those of central differences in float64, at rest and in training:
      along random directions v, g · v = (f(x + hv) - f(x - hv)) / 2h.
    - `save`: a model with the layer, after training steps, comes out of a `.keras` file and of a file of weights as it
      went in.
    - `recorded`: steps of `fit` that are recorded end where those on the tape end.

    Args:
        layer: an instance. Arguments other than the defaults let more be found: what `get_config` forgets is missed
            where it is not the default. It is called, and so built; its variables keep their values.
        input_shape: the shape of the input, its number of samples included, which may be None; a list, tuple or dict
            of shapes for an input of several tensors.
        input_dtype: of the input; whole numbers are 0 and 1.
        inputs: the data itself, in place of random numbers of a shape and dtype.
        skip: the names of checks to leave out, such as `["gradient"]` for a layer that lets no gradient through on
            purpose.
        custom_objects: names and what they stand for, if the layer's config names something besides layers that is
            not registered.

    Raises:
        AssertionError: for the first check that fails; the message names it, what came, what was expected and the
            likely cause.
        ValueError: if neither a shape nor data are given, or there is no check of a name in `skip`.

    Example:
        >>> import kerasish as keras
        >>> class Halved(keras.Layer):
        ...     def call(self, inputs):
        ...         return inputs[:, ::2]
        ...
        ...     def compute_output_shape(self, input_shape):
        ...         return (input_shape[0], input_shape[1] // 2)
        >>> keras.utils.check_layer(Halved(), (None, 4))
        >>> try:
        ...     keras.utils.check_layer(Halved(), (None, 5))
        ... except AssertionError as error:
        ...     print(str(error).splitlines()[0])
        Halved fails the check 'shape' of check_layer.
    """
    unknown = sorted(set(skip) - set(CHECKS))
    if unknown:
        raise ValueError(f"check_layer has no check {unknown}; it has {list(CHECKS)}")
    if not isinstance(layer, Layer):
        raise ValueError(f"check_layer takes an instance of a Layer; received {layer!r}")
    before = process_state()
    try:
        subject = Subject(layer, input_shape, input_dtype, inputs, custom_objects)
        with subject.known():
            for name, check in CHECKS.items():
                if name not in skip:
                    _try(name, check, subject)
    finally:
        set_process_state(before)


def _try(name: str, check: Any, subject: Subject) -> None:
    kind = type(subject.layer).__name__
    try:
        check(subject)
    except Fault as fault:
        raise AssertionError(
            f"{kind} fails the check {name!r} of check_layer.\n  came: {fault.came}\n  expected: {fault.expected}\n"
            f"  likely cause: {fault.cause}"
        ) from fault.__cause__
    except Exception as error:
        raise AssertionError(
            f"{kind} fails the check {name!r} of check_layer.\n  came: {type(error).__name__}: {error}\n"
            "  expected: no error\n  likely cause: the end of the traceback above shows the line; "
            f"skip=[{name!r}] leaves this check out, if the layer need not promise it"
        ) from error
    finally:
        subject.put_back()
