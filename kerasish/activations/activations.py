"""Activation functions, from a straight line to a probability; each takes an array and returns one of its shape."""

from __future__ import annotations

from typing import Any

from kerasish.backend.operators import greater, multiply
from kerasish.backend.typing import TensorLike
from kerasish.ops import elementwise, nn


def linear(x: TensorLike) -> Any:
    """The input itself: no activation.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.activations.linear(np.array([-1.0, 2.0]))
        array([-1.,  2.])
    """
    return x


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """The rectified linear unit, `max(x, 0)`, and its variations.

    In full: `max_value` where `x >= max_value`, `x` where `threshold < x < max_value`, and
    `negative_slope * (x - threshold)` elsewhere.

    Args:
        x: an array.
        negative_slope: the slope below the threshold.
        max_value: the value at which the function saturates; None for none.
        threshold: what `x` must exceed to pass.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.activations.relu(np.array([-10.0, 0.0, 10.0]))
        array([ 0.,  0., 10.])
        >>> keras.activations.relu(np.array([-10.0, 0.0, 10.0]), negative_slope=0.5, max_value=5.0)
        array([-5.,  0.,  5.])

    Source: Nair & Hinton, 2010, Rectified linear units improve restricted Boltzmann machines
    """
    if max_value is None and not threshold:
        return nn.leaky_relu(x, negative_slope) if negative_slope else nn.relu(x)
    if max_value == 6 and not threshold and not negative_slope:
        return nn.relu6(x)
    passed = elementwise.where(greater(x, threshold), x, 0) if threshold else nn.relu(x)
    if max_value is not None:
        passed = elementwise.clip(passed, 0, max_value)
    return passed - negative_slope * nn.relu(threshold - x) if negative_slope else passed


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Any:
    """`x` above 0, `negative_slope * x` below: a relu whose gradient never vanishes.

    Args:
        x: an array.
        negative_slope: the slope below 0.

    Source: Maas et al., 2013, Rectifier nonlinearities improve neural network acoustic models
    """
    return nn.leaky_relu(x, negative_slope)


def relu6(x: TensorLike) -> Any:
    """`min(max(x, 0), 6)`: a relu that saturates, for arithmetic of few bits.

    Source: Howard et al., 2017, MobileNets, https://arxiv.org/abs/1704.04861
    """
    return nn.relu6(x)


def elu(x: TensorLike, alpha: float = 1.0) -> Any:
    """`x` above 0, `alpha * (exp(x) - 1)` below: the exponential linear unit, whose mean output is near zero.

    Args:
        x: an array.
        alpha: minus the value far below 0.

    Source: Clevert et al., 2016, https://arxiv.org/abs/1511.07289
    """
    return nn.elu(x, alpha)


def selu(x: TensorLike) -> Any:
    """`1.0507 * elu(x, alpha=1.6733)`: layers of it, started with `lecun_normal`, keep mean 0 and variance 1.

    Source: Klambauer et al., 2017, Self-normalizing neural networks, https://arxiv.org/abs/1706.02515
    """
    return nn.selu(x)


def celu(x: TensorLike, alpha: float = 1.0) -> Any:
    """`max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`: an elu that is smooth for every `alpha`.

    Args:
        x: an array.
        alpha: minus the value far below 0.

    Source: Barron, 2017, https://arxiv.org/abs/1704.07483
    """
    return nn.celu(x, alpha)


def gelu(x: TensorLike, approximate: bool = False) -> Any:
    """`x * P(Z <= x)` with a standard normal `Z`: the Gaussian error linear unit.

    Args:
        x: an array.
        approximate: whether the probability is approximated, by `(1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))) / 2`.

    Source: Hendrycks & Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    return nn.gelu(x, approximate)


def glu(x: TensorLike, axis: int = -1) -> Any:
    """`a * sigmoid(b)` of the two halves `a` and `b` of `x`: the gated linear unit.

    Args:
        x: an array of even size along `axis`.
        axis: the axis that is halved.

    Returns:
        An array of half the size along `axis`.

    Source: Dauphin et al., 2017, https://arxiv.org/abs/1612.08083
    """
    return nn.glu(x, axis)


# For layers, which ask an activation for the shape that it gives.
glu.compute_output_shape = nn.halved  # type: ignore[attr-defined]


def silu(x: Any) -> Any:
    """`x * sigmoid(x)`: the sigmoid linear unit, also called swish.

    Source: Elfwing et al., 2017, https://arxiv.org/abs/1702.03118; Ramachandran et al., 2017,
    https://arxiv.org/abs/1710.05941
    """
    return nn.silu(x)


def hard_silu(x: TensorLike) -> Any:
    """`x * hard_sigmoid(x)`: a silu without exponentials, also called hard swish.

    Source: Howard et al., 2019, Searching for MobileNetV3, https://arxiv.org/abs/1905.02244
    """
    return nn.hard_silu(x)


def mish(x: TensorLike) -> Any:
    """`x * tanh(softplus(x))`: smooth, and not monotonic below 0.

    Source: Misra, 2019, https://arxiv.org/abs/1908.08681
    """
    return multiply(x, elementwise.tanh(nn.softplus(x)))


def sigmoid(x: TensorLike) -> Any:
    """`1 / (1 + exp(-x))`: a number between 0 and 1, read as a probability.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.activations.sigmoid(np.array([-20.0, 0.0, 20.0])).round(3)
        array([0. , 0.5, 1. ])
    """
    return nn.sigmoid(x)


def hard_sigmoid(x: TensorLike) -> Any:
    """`x / 6 + 1 / 2`, held between 0 and 1: a sigmoid of three straight lines."""
    return nn.hard_sigmoid(x)


def log_sigmoid(x: TensorLike) -> Any:
    """`log(1 / (1 + exp(-x)))`, exact where the sigmoid itself is rounded to 0."""
    return nn.log_sigmoid(x)


def sparse_sigmoid(x: TensorLike) -> Any:
    """`(x + 1) / 2`, held between 0 and 1: the slope of `sparse_plus`."""
    return nn.sparse_sigmoid(x)


def softmax(x: TensorLike, axis: Any = -1) -> Any:
    """`exp(x) / sum(exp(x))`: positive numbers that sum to 1, read as probabilities of classes.

    Args:
        x: an array.
        axis: the axis, or axes, along which the sum is 1.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.activations.softmax(np.array([[0.0, 0.0], [0.0, 100.0]])).round(3)
        array([[0.5, 0.5],
               [0. , 1. ]])
    """
    return nn.softmax(x, axis)


def log_softmax(x: TensorLike, axis: Any = -1) -> Any:
    """`x - log(sum(exp(x)))`, the logarithm of `softmax`, exact where that is rounded to 0.

    Args:
        x: an array.
        axis: the axis, or axes, of the sum.
    """
    return nn.log_softmax(x, axis)


def sparsemax(x: TensorLike, axis: int = -1) -> Any:
    """The point nearest to `x` among the numbers of at least 0 that sum to 1: a softmax with true zeros.

    Args:
        x: an array.
        axis: the axis along which the sum is 1.

    Source: Martins & Astudillo, 2016, https://arxiv.org/abs/1602.02068
    """
    return nn.sparsemax(x, axis)


def softplus(x: TensorLike) -> Any:
    """`log(exp(x) + 1)`: a smooth relu."""
    return nn.softplus(x)


def squareplus(x: TensorLike, b: float = 4) -> Any:
    """`(x + sqrt(x² + b)) / 2`: a smooth relu without exponentials.

    Args:
        x: an array.
        b: how smooth; 0 is a relu.

    Source: Barron, 2021, https://arxiv.org/abs/2112.11687
    """
    return nn.squareplus(x, b)


def sparse_plus(x: TensorLike) -> Any:
    """`x` above 1, 0 below -1, `(x + 1)² / 4` between: a smooth relu with true zeros."""
    return nn.sparse_plus(x)


def softsign(x: TensorLike) -> Any:
    """`x / (|x| + 1)`: between -1 and 1, reached more slowly than by `tanh`."""
    return nn.softsign(x)


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Any:
    """`x` moved towards 0 by `threshold`, and 0 where it would cross.

    Args:
        x: an array.
        threshold: how far.
    """
    return nn.soft_shrink(x, threshold)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Any:
    """`x` where `|x| > threshold`, otherwise 0.

    Args:
        x: an array.
        threshold: what the absolute value must exceed to pass.
    """
    return nn.hard_shrink(x, threshold)


def tanh_shrink(x: TensorLike) -> Any:
    """`x - tanh(x)`."""
    return nn.tanh_shrink(x)


def tanh(x: TensorLike) -> Any:
    """`(exp(x) - exp(-x)) / (exp(x) + exp(-x))`: between -1 and 1, with mean 0 for inputs of mean 0."""
    return elementwise.tanh(x)


def hard_tanh(x: TensorLike) -> Any:
    """`x`, held between -1 and 1."""
    return nn.hard_tanh(x)


def threshold(x: TensorLike, threshold: float, default_value: float) -> Any:
    """`x` where `x > threshold`, otherwise `default_value`.

    Args:
        x: an array.
        threshold: what `x` must exceed to pass.
        default_value: what takes its place.
    """
    return nn.threshold(x, threshold, default_value)


def exponential(x: TensorLike) -> Any:
    """`exp(x)`."""
    return elementwise.exp(x)
