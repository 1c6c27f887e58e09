"""The README's picture, docs/images/learning.png: a network learns two spirals, in four frames.

`python docs/learning_picture.py` draws it anew; a path after it is where to, in place of there.
"""

import sys
from pathlib import Path

import kerasish as keras
import numpy as np
from kerasish.explain.drawing import BLACK, canvas, diverging, scatter_classes
from kerasish_datasets import playground

# The epochs that are shown: those in which what it answers changes most.
MOMENTS = (0, 25, 50, 200)
PICTURE = Path(__file__).parent / "images" / "learning.png"


def build() -> keras.Sequential:
    """Three hidden layers of 16 units, and an answer between 0 and 1."""
    keras.utils.set_random_seed(1)
    hidden = [keras.layers.Dense(16, activation="tanh") for _ in range(3)]
    model = keras.Sequential(
        [keras.Input((2,)), *hidden, keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(
        keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"]
    )
    return model


def frame(
    ax: object, model: keras.Sequential, x: np.ndarray, y: np.ndarray, epoch: int
) -> None:
    """What the model answers everywhere, the line between, and the points that it learns from."""
    seen = keras.explain.decision_boundary(model, x, y, resolution=160)
    answers = seen.values[..., 0]
    ax.pcolormesh(
        seen.x1,
        seen.x2,
        answers,
        cmap=diverging(),
        vmin=0,
        vmax=1,
        shading="gouraud",
        rasterized=True,
    )
    if answers.min() < 0.5 < answers.max():
        ax.contour(seen.x1, seen.x2, answers, [0.5], colors=BLACK, linewidths=1.1)
    scatter_classes(ax, x, y.ravel(), size=8, legend=False)
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.set_title(
        "before training" if epoch == 0 else f"after {epoch} epochs", fontsize=11
    )
    ax.set_xlabel(f"{seen.accuracy:.0%} of the points are right", fontsize=10)


def main(path: Path = PICTURE, moments: tuple[int, ...] = MOMENTS) -> None:
    """Train from moment to moment, and draw each."""
    x, y = playground.spiral(n=300, noise=0.1, seed=0)
    x = x / x.std()  # about -1 to 1, where tanh bends
    model = build()
    figure, axes = canvas(1, len(moments), width=2.5, height=2.9)
    trained = 0
    for ax, epoch in zip(axes[0], moments, strict=True):
        model.fit(x, y, epochs=epoch, initial_epoch=trained, verbose=0)
        frame(ax, model, x, y, epoch)
        trained = epoch
    figure.savefig(path, dpi=120, facecolor="white")
    print(f"picture: {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
