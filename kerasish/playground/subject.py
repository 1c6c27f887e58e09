"""What is trained: a model and its points, made of settings or brought by a script."""

from __future__ import annotations

import copy
import os
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kerasish.playground import catalogue, network, script
from kerasish.playground.messages import HALF_WIDTH, LayerInfo, Settings
from kerasish.playground.picture import Picture, gradient_norms
from kerasish.playground.points import Points, draw, features
from kerasish.utils.numerical_utils import to_categorical


@dataclass(frozen=True)
class Brought:
    """The last compiled model of a script, and the data of its last fit.

    Attributes:
        model: the model; of two inputs.
        points: the data.
        rows: whether targets are rows of zeros and a one, in place of labels.
        settings: what the page shows of it: problem, classes, learning rate and batch size.
        source: the script's text.
        path: where the script is.
    """

    model: Any
    points: Points
    rows: bool
    settings: Settings
    source: str
    path: str


@dataclass
class Losses:
    """How well a network does now."""

    loss: float | None = None
    accuracy: float | None = None


@dataclass
class Subject:
    """A network under training, with its points.

    Attributes:
        settings: what it was made of.
        model: the compiled model.
        points: what it learns from.
        brought: the script it came from, if it came from one.
        epoch: how often it has gone through its points.
        by_hand: whether more than the settings decided what its weights are.
    """

    settings: Settings
    model: Any
    points: Points
    brought: Brought | None = None
    epoch: int = 0
    by_hand: bool = False
    picture: Picture = field(init=False)
    _train: tuple[np.ndarray, np.ndarray] = field(init=False, repr=False)
    _test: tuple[np.ndarray, np.ndarray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.picture = Picture(self.model, self.settings["features"])
        self._train = self.inputs(self.points.train_x), self.targets(self.points.train_y)
        self._test = self.inputs(self.points.test_x), self.targets(self.points.test_y)

    @classmethod
    def of(cls, settings: Settings, drawn: Points | None = None) -> Subject:
        """The network of these settings before its first step; `drawn` are its points where they are known."""
        return cls(settings, network.build(settings), draw(settings) if drawn is None else drawn)

    @classmethod
    def from_script(cls, brought: Brought) -> Subject:
        """A copy of the script's model, as the script left it."""
        return cls(brought.settings, copy.deepcopy(brought.model), brought.points, brought)

    @property
    def can_train(self) -> bool:
        """Whether there is a point to learn from."""
        return len(self.points.train_x) > 0

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """What the network is given of points."""
        return features(x, self.settings["features"])

    def targets(self, y: np.ndarray) -> np.ndarray:
        """What the loss is given of labels or values."""
        if self.brought is None:
            return network.targets(y, self.settings)
        return to_categorical(y, self.settings["classes"]) if self.brought.rows else y

    def train(self, epochs: int) -> None:
        """Go on for so many epochs, in the order of the points: what one call of `fit` would have done."""
        x, y = self._train
        size = self.settings["batch_size"]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # the page says itself when a loss is no number any more
            self.model.fit(
                x, y, batch_size=size, initial_epoch=self.epoch, epochs=self.epoch + epochs, shuffle=False, verbose=0
            )
        self.epoch += epochs

    def judge(self) -> tuple[Losses, Losses]:
        """Loss and accuracy on the points that are trained on, and on the others."""
        return self._judge(*self._train, self.points.train_y), self._judge(*self._test, self.points.test_y)

    def _judge(self, x: np.ndarray, y: np.ndarray, labels: np.ndarray) -> Losses:
        if not len(x):
            return Losses()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            logs = self.model.evaluate(x, y, batch_size=len(x), verbose=0, return_dict=True)
            if self.settings["problem"] == "regression":
                return Losses(logs["loss"])
            predicted = self.model.predict(x, batch_size=len(x), verbose=0).reshape(len(x), -1)
        guess = (
            predicted.argmax(axis=1) if predicted.shape[1] > 1 else predicted[:, 0] > network.threshold(self.settings)
        )
        return Losses(logs["loss"], float((guess == labels[:, 0]).mean()))

    def gradients(self) -> np.ndarray:
        """The norm of the gradient of each layer's weights, NaN where there is none."""
        if not self.can_train:
            return np.full(len(self.picture.layers), np.nan, "float32")
        return gradient_norms(self.model, *self._train)

    def weights(self) -> dict[str, np.ndarray]:
        """The arrays `weights/LAYER/WEIGHT` of a frame."""
        return {
            f"weights/{i}/{j}": np.asarray(variable.numpy())
            for i, layer in enumerate(self.picture.layers)
            for j, variable in enumerate(network.weights_of(layer))
        }

    def layers(self) -> list[LayerInfo]:
        """The layers as they are drawn."""
        return network.describe(self.model, None if self.brought else self.settings)

    def range(self) -> tuple[float, float]:
        """The outputs that get the strongest colours."""
        if self.settings["problem"] == "regression":
            values = np.abs(self.points.train_y).max(initial=1.0)
            return -float(values), float(values)
        return (-1.0, 1.0) if network.threshold(self.settings) == 0.0 else (0.0, 1.0)

    @property
    def outputs(self) -> int:
        """How many numbers the network predicts."""
        return network.output_count(self.settings)

    def loss_name(self) -> str:
        """The loss that is made small."""
        if self.brought is None:
            return network.loss_name(self.settings)
        loss = self.model.loss
        return loss if isinstance(loss, str) else str(getattr(loss, "name", getattr(loss, "__name__", "its own loss")))

    def fixed(self) -> str:
        """Why the network cannot be edited here; "" where it can."""
        if self.brought is None:
            return ""
        name = os.path.basename(self.brought.path)
        return (
            f"The network and its data come from {name}: edit the script and start again to change them. The learning "
            "rate, the batch size and weights can be changed here."
        )

    def script(self) -> str:
        """The script that makes this network."""
        if self.brought is not None:
            return self.brought.source
        return script.write(self.settings, self.epoch, self.model.get_weights() if self.by_hand else None)

    def notes(self) -> list[str]:
        """Sentences about settings that have no effect, or that do not go together."""
        inside = np.abs(self.points.train_x) <= HALF_WIDTH
        outside = "Some points lie outside of the plane that is drawn, from -6 to 6; they are trained on all the same."
        found = [] if inside.all() else [outside]
        if self.brought is not None:
            return found
        settings = self.settings
        is_set = settings["momentum"] != catalogue.DEFAULTS["momentum"]
        if is_set and not catalogue.has_momentum(settings["optimizer"]):
            name = catalogue.OPTIMIZERS[settings["optimizer"]]
            found.append(f"{name} has no setting of the name momentum: it is not used.")
        if network.loss_name(settings) in ("binary_crossentropy", "binary_focal_crossentropy") and (
            network.output_activation(settings) != "sigmoid"
        ):
            found.append("This loss reads the output as a probability: sigmoid keeps it between 0 and 1.")
        if not self.can_train:
            found.append("There are no points yet: click into the plane, or paste a table of two columns and a label.")
        return found
