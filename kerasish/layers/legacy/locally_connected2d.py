"""Windows of images, each with weights of its own."""

from __future__ import annotations

from kerasish.layers.legacy.base_locally_connected import BaseLocallyConnected


class LocallyConnected2D(BaseLocallyConnected):
    """Weighted sums of every window of an image, with other weights at every place.

    Like a convolution, but what is learned at one place is not known at another. A layer of Keras 1 and 2.

    Args:
        filters: how many sums are formed of each window, the number of channels of the output.
        kernel_size, strides: the window's sizes and steps.
        padding: `"valid"`, or `"same"` if `implementation` is 2 or 3.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added, another one at every place.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint: those of `Conv2D`.
        implementation: how the kernel is kept, 1, 2 or 3; see `BaseLocallyConnected`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, rows, columns, channels)`, output `(batch, new rows, new columns,
    filters)`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or a spatial size of the input is not known.

    Example:
        >>> import numpy as np
        >>> LocallyConnected2D(4, 3)(np.ones((2, 6, 5, 3), "float32")).shape
        (2, 4, 3, 4)

    Source: LeCun, Generalization and network design strategies (1989)
    """

    rank = 2
