"""One number for each channel of sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.operators import not_equal
from kerasish.backend.typing import Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.spatial_layer import SpatialLayer
from kerasish.ops import reduction
from kerasish.ops.elementwise import where
from kerasish.ops.means import narrowed, widened


class BaseGlobalPooling(SpatialLayer):
    """One number for each channel."""

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(data_format, **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.keepdims = bool(keepdims)
        self.built = True

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The samples and the channels.

        Raises:
            ValueError: if the rank is another.
        """
        sizes = self._sizes(input_shape)
        return self._with_sizes((1,) * len(sizes) if self.keepdims else (), input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}


class BaseGlobalMaxPooling(BaseGlobalPooling):
    """The largest number of each channel."""

    def call(self, inputs: Any) -> Any:
        """The largest number of each channel.

        Raises:
            ValueError: if there is none.
        """
        if 0 in self._sizes(np.shape(inputs)):
            raise ValueError(
                f"the layer {self.name!r} finds no largest number where there is none; received inputs of shape "
                f"{tuple(np.shape(inputs))} with data_format={self.data_format!r}"
            )
        return reduction.max(inputs, axis=self._axes, keepdims=self.keepdims)


class GlobalMaxPooling1D(BaseGlobalMaxPooling):
    """The largest number of every channel of a sequence.

    Args: those of `GlobalMaxPooling2D`.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, channels)`, or `(batch, 1, channels)` with `keepdims`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GlobalMaxPooling1D()(np.array([[[1.0, 2.0], [3.0, 1.0]]], "float32"))
        array([[3., 2.]], dtype=float32)

    Source: Collobert et al., Natural language processing (almost) from scratch (2011), https://arxiv.org/abs/1103.0398
    """

    rank = 1


class GlobalMaxPooling2D(BaseGlobalMaxPooling):
    """The largest number of every channel of an image.

    Several equal largest numbers share the gradient.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axes stay, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, channels)`, or `(batch, 1, 1, channels)` with
    `keepdims`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if the inputs have another rank, or a spatial axis of size 0.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> float(keras.layers.GlobalMaxPooling2D()(np.arange(16, dtype="float32").reshape(1, 4, 4, 1))[0, 0])
        15.0

    Source: Oquab et al., Is object localization for free? (2015).
    """

    rank = 2


class GlobalMaxPooling3D(BaseGlobalMaxPooling):
    """The largest number of every channel of a volume.

    Args: those of `GlobalMaxPooling2D`.

    Shapes: inputs `(batch, depth, height, width, channels)`, output `(batch, channels)`, or
    `(batch, 1, 1, 1, channels)` with `keepdims`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GlobalMaxPooling3D(keepdims=True)(np.ones((2, 4, 5, 6, 3), "float32")).shape
        (2, 1, 1, 1, 3)
    """

    rank = 3


class BaseGlobalAveragePooling(BaseGlobalPooling):
    """The mean of each channel."""

    def call(self, inputs: Any) -> Any:
        """The mean of each channel."""
        return reduction.mean(inputs, axis=self._axes, keepdims=self.keepdims)


class GlobalAveragePooling1D(BaseGlobalAveragePooling):
    """The mean of every channel of a sequence, over the steps that a mask leaves.

    `y[c] = Σ mask[i] x[i, c] / Σ mask[i]`; where a mask leaves no step, the mean is NaN.

    Args: those of `GlobalAveragePooling2D`.

    Shapes: inputs `(batch, steps, channels)`, mask `(batch, steps)`, output `(batch, channels)`, or
    `(batch, 1, channels)` with `keepdims`. The mask of `Embedding` and `Masking` comes by itself, and ends here.

    Raises:
        ValueError: if the inputs have another rank, or the mask does not fit them.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.array([[[1.0, 2.0], [3.0, 1.0]]], "float32")
        >>> keras.layers.GlobalAveragePooling1D()(x)
        array([[2. , 1.5]], dtype=float32)
        >>> keras.layers.GlobalAveragePooling1D()(x, mask=np.array([[True, False]]))
        array([[1., 2.]], dtype=float32)
    """

    rank = 1
    only_passes_masks = True

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The mean of every channel, over the steps where the mask is true."""
        if mask is None:
            return super().call(inputs)
        (axis,) = self._axes
        counted = self._counted(mask, np.shape(inputs))
        x, kind = widened(inputs)
        total = np.sum(where(counted, x, 0), axis=axis, keepdims=self.keepdims)
        count = np.sum(counted, axis=axis, keepdims=self.keepdims, dtype=x.dtype)
        with np.errstate(invalid="ignore"):
            return narrowed(total / count, kind)

    def _counted(self, mask: Any, shape: tuple[int, ...]) -> Any:
        """Where a step counts, with an axis for the channels."""
        mask = not_equal(mask if hasattr(mask, "shape") else np.asarray(mask), 0)
        (steps,) = self._sizes(shape)
        found = np.shape(mask)
        if len(found) != 2 or found[0] not in (1, shape[0]) or found[1] not in (1, steps):
            raise ValueError(
                f"the layer {self.name!r} needs a mask of shape (batch, steps), {(shape[0], steps)} for inputs of "
                f"shape {tuple(shape)} with data_format={self.data_format!r}; received one of shape {tuple(found)}"
            )
        return np.expand_dims(mask, 1 if self._channels_first else 2)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: there are no steps left that a mask could tell of."""
        return None


class GlobalAveragePooling2D(BaseGlobalAveragePooling):
    """The mean of every channel of an image.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axes stay, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, channels)`, or `(batch, 1, 1, channels)` with
    `keepdims`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> float(keras.layers.GlobalAveragePooling2D()(np.arange(16, dtype="float32").reshape(1, 4, 4, 1))[0, 0])
        7.5

    Source: Lin et al., Network in network (2013), https://arxiv.org/abs/1312.4400
    """

    rank = 2


class GlobalAveragePooling3D(BaseGlobalAveragePooling):
    """The mean of every channel of a volume.

    Args: those of `GlobalAveragePooling2D`.

    Shapes: inputs `(batch, depth, height, width, channels)`, output `(batch, channels)`, or
    `(batch, 1, 1, 1, channels)` with `keepdims`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GlobalAveragePooling3D(keepdims=True)(np.ones((2, 4, 5, 6, 3), "float32")).shape
        (2, 1, 1, 1, 3)
    """

    rank = 3
