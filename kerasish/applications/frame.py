"""What all known networks share: what may be asked of them, where a picture enters, the top, and stored weights."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Callable
from typing import Any, Protocol

from kerasish import activations, layers
from kerasish.applications import kept_files
from kerasish.backend.config import image_data_format
from kerasish.backend.symbolic import KerasTensor, is_keras_tensor
from kerasish.backend.typing import ActivationLike, FilePath, Shape
from kerasish.models import Model
from kerasish.utils import get_source_inputs

IMAGENET = "imagenet"
IMAGENET_CLASSES = 1000

# For the docstrings of functions that a table makes.
ARGUMENTS = """
    Args:
        include_top: whether the network ends in a classifier.
        weights: None for new ones, the path of a file of weights, or `"imagenet"` for the file that Keras keeps in
            `~/.keras/models` (or `$KERAS_HOME/models`); nothing is downloaded.
        input_tensor: a symbolic tensor that the network is put on, in place of an input of its own.
        input_shape: of one picture, at least {smallest} pixels each way; by default {sizes}.
        pooling: without a top, what is made of the last activations: None leaves them, `"avg"` and `"max"` pool them.
        classes: the number of classes of the top.
        classifier_activation: of the top; None gives logits.
        name: the model's name.

    Returns:
        A functional model.

    Raises:
        ValueError: if the arguments contradict each other, or the weights do not fit.
        FileNotFoundError: if the weights of ImageNet are asked for and not there; it says where they belong.
"""


class Standard(Protocol):
    """A function that makes a network, with the arguments that most of them have."""

    def __call__(
        self,
        include_top: bool = True,
        weights: FilePath | None = IMAGENET,
        input_tensor: Any = None,
        input_shape: Shape | None = None,
        pooling: str | None = None,
        classes: int = IMAGENET_CLASSES,
        classifier_activation: ActivationLike = "softmax",
        name: str = ...,
    ) -> Model:
        """The network."""


@dataclasses.dataclass(frozen=True)
class Request:
    """What is asked of a network.

    Raises:
        ValueError: if there are no such weights, the classes are not those of the weights, or there is no such pooling.
    """

    include_top: bool
    weights: FilePath | None
    input_tensor: Any
    input_shape: Shape | None
    pooling: str | None
    classes: int
    classifier_activation: ActivationLike

    def __post_init__(self) -> None:
        if self.weights not in (None, IMAGENET) and not os.path.exists(self.weights):
            raise ValueError(
                f"weights must be None for new ones, 'imagenet', or the path of a file; received {self.weights!r}, and "
                "there is no such file"
            )
        if self.of_imagenet and self.include_top and self.classes != IMAGENET_CLASSES:
            raise ValueError(
                f"the weights of ImageNet are of {IMAGENET_CLASSES} classes; received classes={self.classes}. For "
                "others, take the network with include_top=False and put a Dense layer on it"
            )
        if self.pooling not in (None, "avg", "max"):
            raise ValueError(f"pooling must be None, 'avg' or 'max'; received {self.pooling!r}")

    @property
    def of_imagenet(self) -> bool:
        """Whether the weights are those that Keras keeps."""
        return self.weights == IMAGENET

    def image(self, size: int, smallest: int) -> KerasTensor:
        """Where the picture enters.

        Args:
            size: the sides of a picture if no shape is asked for.
            smallest: the least number of pixels on a side.
        """
        return self.entrance(self.shape(size, smallest))

    def entrance(self, shape: Shape) -> KerasTensor:
        """The tensor that is given, or a new input of a shape."""
        if self.input_tensor is None:
            return layers.Input(shape=shape)
        if is_keras_tensor(self.input_tensor):
            return self.input_tensor
        return layers.Input(shape=shape, tensor=self.input_tensor)

    def check_agreement(self) -> None:
        """Raise ValueError if a tensor and a shape are given that contradict each other."""
        if self.input_tensor is None or self.input_shape is None:
            return
        if not is_keras_tensor(self.input_tensor):
            raise ValueError(f"input_tensor must be symbolic, as keras.Input gives it; received {self.input_tensor!r}")
        found, asked = tuple(self.input_tensor.shape[1:]), tuple(self.input_shape)
        if found != asked:
            raise ValueError(
                f"input_shape is {asked}, but input_tensor is of pictures {found}; give one of them, or both alike"
            )

    def shape(self, size: int, smallest: int) -> tuple[int | None, ...]:
        """The shape of one picture.

        Raises:
            ValueError: if the one asked for is not of three sizes, too small, unknown with a top, or not that of the
                weights.
        """
        given = None if not self.input_shape else tuple(self.input_shape)
        default = _placed(size, size, 3)
        if self.of_imagenet and self.include_top:
            if given not in (None, default):
                raise ValueError(f"with include_top=True the weights of ImageNet are for {default}; received {given}")
            return default
        if given is None:
            return default if self.include_top else _placed(None, None, 3)
        self._check(given, smallest)
        return given

    def _check(self, given: tuple[int | None, ...], smallest: int) -> None:
        if len(given) != 3:
            raise ValueError(f"input_shape must be three sizes, such as (224, 224, 3); received {given}")
        rows, columns, channels = placed_last(given)
        if self.of_imagenet and channels != 3:
            raise ValueError(f"the weights of ImageNet are for pictures of 3 channels; received input_shape={given}")
        if any(side is not None and side < smallest for side in (rows, columns)):
            raise ValueError(f"pictures must be of at least {smallest} by {smallest} pixels; received {given}")
        if self.include_top and None in given:
            raise ValueError(f"with include_top=True all sizes of input_shape must be known; received {given}")
        if channels not in (1, 3):
            warnings.warn(f"pictures usually have 1 or 3 channels; received input_shape={given}", stacklevel=6)

    def top(self, x: KerasTensor, average: str | None = "avg_pool", maximum: str | None = "max_pool") -> KerasTensor:
        """Pooling and a softmax, or what is asked for in their place by layers of these names."""
        if not self.include_top:
            return self.pooled(x, average, maximum)
        return self.classified(layers.GlobalAveragePooling2D(name="avg_pool")(x))

    def classified(self, x: KerasTensor, **options: Any) -> KerasTensor:
        """The probabilities of the classes."""
        return layers.Dense(self.classes, activation=self.checked_activation(), name="predictions", **options)(x)

    def checked_activation(self) -> ActivationLike:
        """The activation of the top.

        Raises:
            ValueError: if there are weights for it and it is not the one that they were trained with.
        """
        asked = activations.get(self.classifier_activation)
        if self.weights is not None and asked not in (activations.softmax, activations.linear):
            raise ValueError(
                "with stored weights the top is a softmax, or None for logits; received classifier_activation="
                f"{self.classifier_activation!r}"
            )
        return self.classifier_activation

    def pooled(self, x: KerasTensor, average: str | None = None, maximum: str | None = None) -> KerasTensor:
        """The last activations as asked for without a top; by layers of these names."""
        if self.pooling == "avg":
            return layers.GlobalAveragePooling2D(name=average)(x)
        if self.pooling == "max":
            return layers.GlobalMaxPooling2D(name=maximum)(x)
        return x

    def model(self, image: KerasTensor, x: KerasTensor, name: str | None, file: str) -> Model:
        """The model from the entrance to `x`, with its weights.

        Args:
            image: where the picture enters.
            x: what comes out.
            name: the model's name.
            file: the name under which Keras keeps the weights of ImageNet.
        """
        inputs = image if self.input_tensor is None else get_source_inputs(image)
        model = Model(inputs, x, name=name)
        if self.of_imagenet:
            kept = f"the weights of {name}, learned from ImageNet, {'with' if self.include_top else 'without'} the top"
            model.load_weights(kept_files.find(file, kept, "With weights=None the network starts with new weights."))
        elif self.weights is not None:
            model.load_weights(self.weights)
        return model


def standard(
    title: str,
    name: str,
    about: str,
    layers_of: Callable[[Request, KerasTensor], KerasTensor],
    size: int = 224,
    smallest: int = 32,
    file: str = "{name}_weights_tf_dim_ordering_tf_kernels{notop}.h5",
) -> Standard:
    """A function that makes one network.

    Args:
        title: the function's name.
        name: the model's name, if no other is asked for.
        about: what is special about the network, and where it was described.
        layers_of: all that is between the picture and the answer.
        size: the sides of the pictures that the network is for.
        smallest: the least that it can do with.
        file: how Keras names the file of its weights.
    """
    stem = name

    def build(
        include_top: bool = True,
        weights: FilePath | None = IMAGENET,
        input_tensor: Any = None,
        input_shape: Shape | None = None,
        pooling: str | None = None,
        classes: int = IMAGENET_CLASSES,
        classifier_activation: ActivationLike = "softmax",
        name: str = name,
    ) -> Model:
        request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation)
        image = request.image(size, smallest)
        stored = file.format(name=stem, notop="" if include_top else "_notop")
        return request.model(image, layers_of(request, image), name, stored)

    return described(build, title, layers_of, about, arguments(size, smallest))


def arguments(size: int, smallest: int) -> str:
    """The part of a docstring that tells the arguments, for a network that is for pictures of this size."""
    return ARGUMENTS.format(sizes=f"{size} by {size} with a top, any size without", smallest=smallest)


def described(function: Any, title: str, family: Any, about: str, told: str) -> Any:
    """The function under the name, in the module and with the docstring of a network."""
    function.__name__ = function.__qualname__ = title
    function.__module__ = family.__module__
    function.__doc__ = f"{about.rstrip()}\n{told}"
    return function


def check_channels_last(family: str) -> None:
    """Raise ValueError if pictures are `(channels, rows, columns)`, which the family cannot take."""
    if channels_first():
        raise ValueError(
            f"{family} takes pictures with the channels last only: keras.config.set_image_data_format('channels_last')"
        )


def channels_first() -> bool:
    """Whether pictures are `(channels, rows, columns)`."""
    return image_data_format() == "channels_first"


def channel_axis() -> int:
    """The axis of channels in a batch of pictures."""
    return 1 if channels_first() else -1


def placed_last(shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The shape of one picture as rows, columns and channels."""
    return (*shape[1:], shape[0]) if channels_first() else shape


def _placed(rows: int | None, columns: int | None, channels: int) -> tuple[int | None, ...]:
    return (channels, rows, columns) if channels_first() else (rows, columns, channels)
