"""What TensorFlow 2.21 makes of expressions, in `facts.json`: dtype, shape and a fingerprint of the numbers.

`python tests/unit/compat/tensorflow/facts.py`, where TensorFlow itself is installed, computes the facts of all
expressions in the file anew.
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("facts.json")
_RANDOM = np.random.RandomState(0)


def _floats(*shape):
    return _RANDOM.rand(*shape).astype("float32")


_SQUARE = _floats(3, 3)
ARRAYS = {
    "A": _floats(3, 4) + 0.1,
    "B": _floats(3, 4) + 0.2,
    "I": np.array([[3, -7, 5], [2, 4, -6]], "int32"),
    "J": np.array([[2, 3, -2], [5, -3, 4]], "int32"),
    "S": _SQUARE @ _SQUARE.T + np.eye(3, dtype="float32"),
    "IMG": (_RANDOM.rand(6, 8, 3) * 255).astype("uint8"),
    "F": _floats(2, 6, 8, 3),
    "BO": np.array([[True, False], [True, True]]),
    "Z": np.array([0.0, 1.0, 2.0], "float32"),
    "K": _floats(3, 3, 3, 4),
    "K1": _floats(3, 3, 5),
    "KT": _floats(3, 3, 5, 3),
    "C": np.array([1 + 2j, 3 - 1j], "complex64"),
}
ARRAYS["L"] = np.tril(ARRAYS["S"])


def names(tf):
    """What the expressions speak of."""

    def grad(function, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    def jac(function, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.jacobian(y, x)

    def bjac(function, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.batch_jacobian(y, x)

    return {"tf": tf, "np": np, "c": tf.constant, "grad": grad, "jac": jac, "bjac": bjac, **ARRAYS}


def fact(value):
    """A result, small enough to be kept."""
    if isinstance(value, dict):
        return {key: fact(part) for key, part in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [fact(part) for part in value]
    value = value.numpy() if hasattr(value, "numpy") else value
    if isinstance(value, bytes):
        return value.decode("latin1")
    if not isinstance(value, (np.ndarray, np.generic)):
        return value
    if value.dtype == object:
        return ["object", list(value.shape), [text.decode() for text in value.ravel()]]
    flat = np.nan_to_num(np.ravel(value).astype("complex128" if value.dtype.kind == "c" else "float64"), posinf=99)
    weighed = (flat * np.cos(np.arange(flat.size))).sum()
    return [value.dtype.name, list(value.shape), float(f"{weighed.real + weighed.imag:.5g}")]


def close(a, b):
    """Whether two facts are the same, but for the rounding of float32 and of what was written."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float):
        return abs(a - b) <= 1e-4 * max(1.0, abs(a))
    return a == b


def record():
    """Compute the facts anew with the TensorFlow that is installed."""
    import tensorflow as tf

    known = names(tf)
    made = {expression: fact(eval(expression, dict(known))) for expression in json.loads(FILE.read_text())}
    rows = (f"{json.dumps(expression)}: {json.dumps(result)}" for expression, result in made.items())
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    record()
