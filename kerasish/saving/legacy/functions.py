"""Functions that have their name from Keras 1 and 2 but another formula in Keras 3."""

from __future__ import annotations

from typing import Any

from kerasish.ops.elementwise import clip
from kerasish.saving.names import get_registered_name, register_keras_serializable


@register_keras_serializable(package="kerasish", name="keras_2_hard_sigmoid")
def hard_sigmoid(x: Any) -> Any:
    """Keras 2's `hard_sigmoid`, `clip(0.2 * x + 0.5, 0, 1)`; Keras 3's is `relu6(x + 3) / 6`.

    Args:
        x: an array or tensor.

    Example:
        >>> import numpy as np
        >>> hard_sigmoid(np.array([-3.0, 0.0, 1.0]))
        array([0. , 0.5, 0.7])
    """
    return clip(0.2 * x + 0.5, 0.0, 1.0)


hard_sigmoid.slope = 0.2  # tells the recurrent layers that it is a hard sigmoid

# The registered name of what a Keras 2 file calls by the key's name.
NAMES = {"hard_sigmoid": get_registered_name(hard_sigmoid)}
