"""What a forward pass keeps in memory, as its program counts it: `python -m benchmarks.memory`."""

from __future__ import annotations

import numpy as np

import kerasish as keras

MIB = 2**20


def kept(model: keras.Model, shape: tuple[int, ...]) -> int:
    """The bytes of the arrays of a recorded pass over a batch of this shape, without the batch itself."""
    x = np.zeros(shape, "float32")
    for _ in range(5):
        model(x)
    (step,) = model._engine.predictions(model)._steps.values()
    return step.program.room.nbytes


def computed(model: keras.Model, batch: int) -> int:
    """The bytes of everything that the layers compute for a batch, if nothing is given away."""
    return sum(4 * batch * int(np.prod(layer.output.shape[1:])) for layer in model.layers[1:])


def convolutions() -> keras.Model:
    """Sixteen convolutions, one after the other."""
    layers = [keras.layers.Conv2D(16, 3, padding="same", activation="relu") for _ in range(16)]
    return keras.Sequential([keras.Input((32, 32, 16)), *layers])


def main() -> None:
    """Two networks: one measured, and one estimated from a single picture."""
    model = convolutions()
    x = 4 * 32 * 32 * 32 * 16
    room, whole = kept(model, (32, 32, 32, 16)), computed(model, 32)
    print(f"16 convolutions, 32 pictures: {room / MIB:.0f} MiB, {room / x:.0f} times the input; "
          f"the layers compute {whole / MIB:.0f} MiB")  # fmt: skip
    model = keras.applications.ResNet50(weights=None)
    one, whole = kept(model, (1, 224, 224, 3)), computed(model, 32)
    print(f"ResNet50, 1 picture of 224: {one / MIB:.1f} MiB; 32 of them: {32 * one / MIB:.0f} MiB at most; "
          f"the layers compute {whole / MIB:.0f} MiB")  # fmt: skip


if __name__ == "__main__":
    main()
