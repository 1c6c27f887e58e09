"""ConvNeXt: convolutions, made as transformers are (Liu et al. 2022, https://arxiv.org/abs/2201.03545)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import initializers, layers, ops, random
from kerasish.applications.blocks import channels_of
from kerasish.applications.frame import (
    IMAGENET,
    IMAGENET_CLASSES,
    Request,
    arguments,
    check_channels_last,
    described,
)
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import unchanged as preprocess_input
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import ActivationLike, FilePath, Shape
from kerasish.models import Model, Sequential

__all__ = [
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "LayerScale",
    "StochasticDepth",
    "decode_predictions",
    "preprocess_input",
]

_EPSILON = 1e-6
_MEANS = [255 * mean for mean in (0.485, 0.456, 0.406)]
_VARIANCES = [(255 * spread) ** 2 for spread in (0.229, 0.224, 0.225)]


class StochasticDepth(layers.Layer):
    """Leaves its input out for some samples in training, so that a sum passes by them (https://arxiv.org/abs/1603.09382).

    Args:
        drop_path_rate: the share of samples; what is kept is divided by the rest, so that the mean stays.
        **kwargs: `name`, `trainable`, `dtype`.
    """

    def __init__(self, drop_path_rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.drop_path_rate = drop_path_rate

    def call(self, x: Any, training: bool | None = None) -> Any:
        """The input, or in training the input of some samples and zeros for the others."""
        if not training:
            return x
        kept = 1 - self.drop_path_rate
        shape = (ops.shape(x)[0],) + (1,) * (len(x.shape) - 1)
        return x / kept * ops.floor(kept + random.uniform(shape, dtype=x.dtype))

    def get_config(self) -> dict[str, Any]:
        """What makes an equal layer."""
        return {**super().get_config(), "drop_path_rate": self.drop_path_rate}


class LayerScale(layers.Layer):
    """Every channel times a number that is learned and starts small (https://arxiv.org/abs/2103.17239).

    Args:
        init_values: the number that they start with.
        projection_dim: the number of channels.
        **kwargs: `name`, `trainable`, `dtype`.
    """

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.init_values = init_values
        self.projection_dim = projection_dim

    def build(self, input_shape: Any) -> None:
        """Make the numbers."""
        self.gamma = self.add_weight((self.projection_dim,), initializers.Constant(self.init_values), name="variable")

    def call(self, x: Any) -> Any:
        """The product."""
        return x * self.gamma

    def get_config(self) -> dict[str, Any]:
        """What makes an equal layer."""
        return {**super().get_config(), "init_values": self.init_values, "projection_dim": self.projection_dim}


def _network(title: str, size_name: str, depths: tuple[int, ...], widths: tuple[int, ...]) -> Callable[..., Model]:
    """A function that makes the network of four stages of such depths and widths."""
    known = f"convnext_{size_name}"

    def build(
        include_top: bool = True,
        include_preprocessing: bool = True,
        weights: FilePath | None = IMAGENET,
        input_tensor: Any = None,
        input_shape: Shape | None = None,
        pooling: str | None = None,
        classes: int = IMAGENET_CLASSES,
        classifier_activation: ActivationLike = "softmax",
        name: str = known,
    ) -> Model:
        check_channels_last("ConvNeXt")
        request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation)
        image = x = request.image(224, 32)
        if include_preprocessing and channels_of(x) == 3:
            x = layers.Normalization(mean=_MEANS, variance=_VARIANCES, name=f"{name}_prestem_normalization")(x)
        for stage, (entrance, depth) in enumerate(zip(_entrances(widths, name), depths, strict=True)):
            x = entrance(x)
            for i in range(depth):
                x = _block(x, f"{name}_stage_{stage}_block_{i}")
        x = _top(request, x, name)
        return request.model(image, x, name, f"{known}{'' if include_top else '_notop'}.h5")

    about = f"""Stages of {", ".join(map(str, depths))} blocks, of {", ".join(map(str, widths))} channels.

    Source: https://arxiv.org/abs/2201.03545, section 3.
    """
    told = arguments(224, 32).replace(
        "        weights: ",
        "        include_preprocessing: whether the network takes colours from 0 to 255 and standardizes them itself.\n"
        "        weights: ",
    )
    return described(build, title, _network, about, told)


def _entrances(widths: tuple[int, ...], name: str) -> list[Sequential]:
    """What halves the sides before each stage, and quarters them before the first."""

    def norm(end: str) -> layers.LayerNormalization:
        return layers.LayerNormalization(epsilon=_EPSILON, name=f"{name}_{end}")

    patches = layers.Conv2D(widths[0], 4, strides=4, name=f"{name}_stem_conv")
    found = [Sequential([patches, norm("stem_layernorm")], name=f"{name}_stem")]
    for i, width in enumerate(widths[1:]):
        halves = layers.Conv2D(width, 2, strides=2, name=f"{name}_downsampling_conv_{i}")
        steps = [norm(f"downsampling_layernorm_{i}"), halves]
        found.append(Sequential(steps, name=f"{name}_downsampling_block_{i}"))
    return found


def _block(x: KerasTensor, name: str) -> KerasTensor:
    """A wide window for each channel, then two dense layers at each place; added to the input."""
    start, width = x, channels_of(x)
    x = layers.Conv2D(width, 7, padding="same", groups=width, name=f"{name}_depthwise_conv")(x)
    x = layers.LayerNormalization(epsilon=_EPSILON, name=f"{name}_layernorm")(x)
    x = layers.Dense(4 * width, name=f"{name}_pointwise_conv_1")(x)
    x = layers.Activation("gelu", name=f"{name}_gelu")(x)
    x = layers.Dense(width, name=f"{name}_pointwise_conv_2")(x)
    x = LayerScale(1e-6, width, name=f"{name}_layer_scale")(x)
    return start + layers.Activation("linear", name=f"{name}_identity")(x)


def _top(request: Request, x: KerasTensor, name: str) -> KerasTensor:
    if not request.include_top:
        return layers.LayerNormalization(epsilon=_EPSILON)(request.pooled(x))
    x = layers.GlobalAveragePooling2D(name=f"{name}_head_gap")(x)
    x = layers.LayerNormalization(epsilon=_EPSILON, name=f"{name}_head_layernorm")(x)
    return layers.Dense(request.classes, activation=request.checked_activation(), name=f"{name}_head_dense")(x)


ConvNeXtTiny = _network("ConvNeXtTiny", "tiny", (3, 3, 9, 3), (96, 192, 384, 768))
ConvNeXtSmall = _network("ConvNeXtSmall", "small", (3, 3, 27, 3), (96, 192, 384, 768))
ConvNeXtBase = _network("ConvNeXtBase", "base", (3, 3, 27, 3), (128, 256, 512, 1024))
ConvNeXtLarge = _network("ConvNeXtLarge", "large", (3, 3, 27, 3), (192, 384, 768, 1536))
ConvNeXtXLarge = _network("ConvNeXtXLarge", "xlarge", (3, 3, 27, 3), (256, 512, 1024, 2048))
