"""Every network of `keras.applications` here and in the installed Keras.

`python tests/parity/applications_with_keras.py [NAME ...]`, with the clone on PYTHONPATH, takes a quarter of an hour,
so the suite does not run it. It writes what it finds to `applications.json` beside it, a fingerprint of Keras's layers
and the largest difference of the answers, and `test_applications.py` holds the networks here to that.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

FOUND = Path(__file__).with_name("applications.json")
SIDES = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}
SCALES = {"EfficientNetV2M": 0.5, "EfficientNetV2L": 0.5}
CLASSES = 10


def networks(keras: Any) -> list[str]:
    """The names of all networks."""
    return sorted(name for name in vars(keras.applications) if name[0].isupper())


def arguments(name: str) -> dict[str, Any]:
    """What the networks are compared with: small pictures, few classes, logits."""
    side = SIDES.get(name, 32)
    return {"weights": None, "input_shape": (side, side, 3), "classes": CLASSES, "classifier_activation": None}


def layers_of(model: Any) -> list[list[Any]]:
    """For each layer its name, its class and its weights' shapes."""
    return [[layer.name, type(layer).__name__, [list(w.shape) for w in layer.weights]] for layer in model.layers]


def fingerprint(model: Any) -> str:
    """A hash of that."""
    return hashlib.sha256(json.dumps([model.name, layers_of(model)]).encode()).hexdigest()


def without_draws() -> Any:
    """The installed Keras, whose weights start as zeros: they are set anyway, and its draws compile for minutes."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = importlib.import_module("keras")
    drawing = importlib.import_module("keras.src.backend").random
    for kind in ("normal", "truncated_normal", "uniform"):
        setattr(drawing, kind, lambda shape, *arguments, dtype=None, **options: np.zeros(shape, dtype or "float32"))
    return keras


def unlike_new(model: Any, scale: float = 1.0) -> list[np.ndarray]:
    """Weights in which everything counts: new ones, but statistics, scales and shifts are drawn, too.

    Args:
        model: whose weights.
        scale: the mean of the scales. In very deep networks 1 makes answers that the last bit of a picture turns over.
    """
    random = np.random.default_rng(0)
    made = []
    for variable in model.weights:
        value = np.array(variable)
        if value.dtype.kind == "f" and value.ndim == 1:
            if (value <= 1e-5).all():  # shifts, means, and the scales of ConvNeXt
                value = random.normal(0, 0.1, value.shape).astype(value.dtype)
            else:
                value = random.uniform(0.8 * scale, 1.2 * scale, value.shape).astype(value.dtype)
        made.append(value)
    return made


def pictures(name: str, count: int = 2) -> np.ndarray:
    """Pictures of colours from 0 to 255, or from -1 to 1 for networks that do not scale them."""
    drawn = np.random.default_rng(1).uniform(0, 255, (count, *arguments(name)["input_shape"])).astype("float32")
    scales_itself = name.startswith(("EfficientNet", "ConvNeXt", "MobileNetV3"))
    return drawn if scales_itself else drawn / np.float32(127.5) - 1


def difference(ours: Any, theirs: Any, name: str) -> float:
    """The largest difference of the answers with the same weights, as a share of the largest answer."""
    weights = unlike_new(ours, SCALES.get(name, 1.0))
    ours.set_weights(weights)
    theirs.set_weights(weights)
    x = pictures(name)
    here, there = ours.predict(x, verbose=0), theirs.predict(x, verbose=0)
    assert np.isfinite(there).all() and there.std() > 0
    return float(np.abs(here - there).max() / np.abs(there).max())


def compare(name: str, keras: Any, kerasish: Any) -> dict[str, Any]:
    """One network here and there."""
    keras.backend.clear_session()
    kerasish.utils.clear_session()
    start = time.perf_counter()
    theirs = getattr(keras.applications, name)(**arguments(name))
    middle = time.perf_counter()
    ours = getattr(kerasish.applications, name)(**arguments(name))
    end = time.perf_counter()
    assert layers_of(ours) == layers_of(theirs), name
    found = {
        "layers": len(theirs.layers),
        "parameters": theirs.count_params(),
        "fingerprint": fingerprint(theirs),
        "difference": float(f"{difference(ours, theirs, name):.1e}"),
    }
    print(f"{name}: {found} built in {middle - start:.1f} s there, {end - middle:.1f} s here", flush=True)
    return found


def main(names: list[str]) -> None:
    """Compare these networks and write down what is found."""
    keras, kerasish = without_draws(), importlib.import_module("kerasish")
    for name in names or networks(keras):
        known = json.loads(FOUND.read_text()) if FOUND.exists() else {}
        known[name] = compare(name, keras, kerasish)
        FOUND.write_text("{\n" + ",\n".join(f'"{key}": {json.dumps(known[key])}' for key in sorted(known)) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
