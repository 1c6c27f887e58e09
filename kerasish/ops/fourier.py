"""Fourier transforms, of whole arrays and of short frames of a signal.

A transform is linear, so its derivative is its transpose, which is again a transform: of `F z` with the matrix
`F = exp(-2πi jk / n)` it is the product with the conjugate of `F`. Complex arrays are pairs of their real and imaginary
parts, as in Keras, and so have gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import dtype_of, to_array, to_float
from kerasish.backend.primitive import output_part, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite_by
from kerasish.ops.shape import pad
from kerasish.ops.signal import framed, overlap_added
from kerasish.ops.specs import float_kind, kind_of, shape_of

Pair = tuple[Any, Any]

# The size of the squared windows' sum below which a sample was seen by no frame.
_UNSEEN = 1e-10


def _parts_of(z: np.ndarray, like: np.ndarray) -> Pair:
    kind = like.dtype
    return np.ascontiguousarray(z.real, kind), np.ascontiguousarray(z.imag, kind)


def _complex(real: Any, imag: Any) -> np.ndarray:
    real, imag = to_float(to_array(real)), to_float(to_array(imag))
    single = real.dtype.itemsize <= 4 and imag.dtype.itemsize <= 4
    z = np.empty(real.shape, "complex64" if single else "complex128")
    z.real, z.imag = real, imag
    return z


# -- of complex arrays -------------------------------------------------------------------------------------------------


def _fft_forward(real: Any, imag: Any, *, axes: tuple[int, ...], scaled: bool) -> Pair:
    """`F z`, or with `scaled` the inverse: the conjugate's product, over the number of samples."""
    transform = np.fft.ifftn if scaled else np.fft.fftn
    return _parts_of(transform(_complex(real, imag), axes=axes), to_float(to_array(real)))


def _fft_vjp(i: int, g: Any, y: Any, real: Any, imag: Any, *, axes: tuple[int, ...], scaled: bool) -> Any:
    share = _fft(g[0], -g[1], axes=axes, scaled=scaled)  # the conjugate of F, by the transform of a conjugate
    return output_part(share, 0) if i == 0 else -output_part(share, 1)


def _pair_spec(real: Any, imag: Any, **_: Any) -> tuple[KerasTensor, KerasTensor]:
    spec = KerasTensor(shape_of(real), float_kind(real, imag))
    return spec, spec


_fft = primitive("fft", _fft_forward, variadic=_fft_vjp, shape=_pair_spec)


def _pair(x: Any, what: str, dims: int = 1) -> Pair:
    """The two parts of `x`.

    Raises:
        ValueError: if it is no pair of arrays of one shape, with enough axes.
        TypeError: if they are no floats.
    """
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ValueError(
            f"{what} takes a pair, the real and the imaginary part of its input; received {type(x).__name__}"
        )
    real, imag = (part if hasattr(part, "shape") else to_array(part) for part in x)
    if shape_of(real) != shape_of(imag):
        raise ValueError(f"{what} needs both parts in one shape; received {shape_of(real)} and {shape_of(imag)}")
    if not all(dtypes.has_gradient(dtypes.numpy_dtype(kind_of(part))) for part in (real, imag)):
        raise ValueError(f"{what} needs parts of a float type; received {kind_of(real)} and {kind_of(imag)}")
    if len(shape_of(real)) < dims:
        raise ValueError(f"{what} needs at least {dims} axes; received shape {shape_of(real)}")
    return real, imag


def _transform_spec(what: str, dims: int) -> Any:
    def rule(x: Any) -> tuple[KerasTensor, KerasTensor]:
        return _pair_spec(*_pair(x, what, dims))

    return rule


@composite_by(_transform_spec("fft", 1))
def fft(x: Any) -> Any:
    """The discrete Fourier transform along the last axis: `y[k] = Σⱼ x[j] exp(-2πi jk / n)`.

    Args:
        x: a pair of arrays, the real and the imaginary part, each (..., n).

    Returns:
        The pair of the real and the imaginary part, each (..., n).

    Raises:
        ValueError: if `x` is no pair of float arrays of one shape.

    Example:
        >>> import kerasish as keras
        >>> real, imag = keras.ops.fft((keras.ops.array([1.0, 2.0]), keras.ops.array([0.0, 1.0])))
        >>> real, imag
        (array([ 3., -1.], dtype=float32), array([ 1., -1.], dtype=float32))

    Source: Cooley and Tukey, An algorithm for the machine calculation of complex Fourier series (1965).
    """
    return _fft(*_pair(x, "fft"), axes=(-1,), scaled=False)


@composite_by(_transform_spec("fft2", 2))
def fft2(x: Any) -> Any:
    """The discrete Fourier transform along the last two axes.

    Args:
        x: a pair of arrays, the real and the imaginary part, each (..., m, n).

    Returns:
        The pair of the real and the imaginary part, each (..., m, n).

    Raises:
        ValueError: if `x` is no pair of float arrays of one shape.
    """
    return _fft(*_pair(x, "fft2", 2), axes=(-2, -1), scaled=False)


@composite_by(_transform_spec("ifft2", 2))
def ifft2(x: Any) -> Any:
    """What `fft2` made its input from: `x[j] = Σₖ y[k] exp(2πi jk / n) / n` along the last two axes.

    Args:
        x: a pair of arrays, the real and the imaginary part, each (..., m, n).

    Returns:
        The pair of the real and the imaginary part, each (..., m, n).

    Raises:
        ValueError: if `x` is no pair of float arrays of one shape.

    Example:
        >>> import kerasish as keras
        >>> picture = keras.ops.array([[1.0, 2.0], [2.0, 1.0]])
        >>> keras.ops.ifft2(keras.ops.fft2((picture, 0 * picture)))[0]
        array([[1., 2.],
               [2., 1.]], dtype=float32)
    """
    return _fft(*_pair(x, "ifft2", 2), axes=(-2, -1), scaled=True)


# -- of real arrays ----------------------------------------------------------------------------------------------------


def _weights(bins: int, n: int, kind: Any) -> np.ndarray:
    """How often the half spectrum stands in the whole one: the first bin, and the last of an even size, once."""
    weights = np.full(bins, 2, kind)
    weights[0] = 1
    if n % 2 == 0 and bins > n // 2:
        weights[n // 2] = 1
    weights[n // 2 + 1 :] = 0
    return weights


def _fitted(x: Any, size: int) -> Any:
    """The last axis cut, or followed by zeros, to a size."""
    short = size - np.shape(x)[-1]
    return x[..., :size] if short <= 0 else pad(x, ((0, 0),) * (np.ndim(x) - 1) + ((0, short),))


def _rfft_forward(x: Any, *, n: int | None) -> Pair:
    x = to_float(to_array(x))
    return _parts_of(np.fft.rfft(x, n), x)


def _rfft_vjp(g: Any, y: Any, x: Any, *, n: int | None) -> Any:
    n = np.shape(x)[-1] if n is None else n
    scale = n / _weights(n // 2 + 1, n, np.dtype(dtype_of(g[0])))
    return _fitted(_irfft(g[0] * scale, g[1] * scale, n=n), np.shape(x)[-1])


def _irfft_forward(real: Any, imag: Any, *, n: int | None) -> Any:
    return np.fft.irfft(_complex(real, imag), n).astype(to_float(to_array(real)).dtype, copy=False)


def _irfft_vjp(i: int, g: Any, y: Any, real: Any, imag: Any, *, n: int | None) -> Any:
    bins, n = np.shape(real)[-1], np.shape(g)[-1]
    share = output_part(_rfft(g, n=n), i)
    return _fitted(share * (_weights(n // 2 + 1, n, np.dtype(dtype_of(g))) / n), bins)


def _length(n: Any, what: str) -> int | None:
    if n is not None and int(n) < 1:
        raise ValueError(f"{what} needs a length of at least 1; received {n}")
    return None if n is None else int(n)


def _rfft_spec(x: Any, fft_length: int | None = None) -> tuple[KerasTensor, KerasTensor]:
    if not shape_of(x):
        raise ValueError("rfft needs an axis; received a single number")
    n = shape_of(x)[-1] if fft_length is None else _length(fft_length, "rfft")
    spec = KerasTensor((*shape_of(x)[:-1], None if n is None else n // 2 + 1), float_kind(x))
    return spec, spec


def _irfft_spec(x: Any, fft_length: int | None = None) -> KerasTensor:
    real, imag = _pair(x, "irfft")
    bins = shape_of(real)[-1]
    n = _length(fft_length, "irfft") or (None if bins is None else 2 * (bins - 1))
    return KerasTensor((*shape_of(real)[:-1], n), float_kind(real, imag))


_rfft = primitive("rfft", _rfft_forward, _rfft_vjp, shape=lambda x, *, n: _rfft_spec(x, n))
_irfft = primitive("irfft", _irfft_forward, variadic=_irfft_vjp, shape=lambda a, b, *, n: _irfft_spec((a, b), n))


@composite_by(_rfft_spec)
def rfft(x: Any, fft_length: int | None = None) -> Any:
    """The discrete Fourier transform of real numbers along the last axis: the half that tells the other.

    Args:
        x: (..., n).
        fft_length: the size to which the axis is cut, or filled up with zeros, first; `n` by default.

    Returns:
        The pair of the real and the imaginary part, each (..., fft_length // 2 + 1).

    Raises:
        ValueError: if `fft_length` is less than 1.

    Example:
        >>> import kerasish as keras
        >>> real, imag = keras.ops.rfft(keras.ops.array([1.0, 0.0, 0.0, 0.0]))
        >>> real, imag
        (array([1., 1., 1.], dtype=float32), array([0., 0., 0.], dtype=float32))
    """
    return _rfft(x if hasattr(x, "shape") else to_array(x), n=_length(fft_length, "rfft"))


@composite_by(_irfft_spec)
def irfft(x: Any, fft_length: int | None = None) -> Any:
    """What `rfft` made its input from.

    Args:
        x: a pair of arrays, the real and the imaginary part, each (..., bins).
        fft_length: the size of the result, `2 (bins - 1)` by default. It must be given where it is odd.

    Returns:
        (..., fft_length).

    Raises:
        ValueError: if `x` is no pair of float arrays of one shape, or `fft_length` is less than 1.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.irfft(keras.ops.rfft(keras.ops.array([0.0, 1.0, 2.0, 3.0])))
        array([0., 1., 2., 3.], dtype=float32)
    """
    return _irfft(*_pair(x, "irfft"), n=_length(fft_length, "irfft"))


# -- of frames ---------------------------------------------------------------------------------------------------------


def _window(window: Any, length: int, size: int, kind: Any) -> np.ndarray:
    """The window's values in the middle of a frame of this size.

    Raises:
        ValueError: if it has another name or length.
    """
    if window is None:
        return np.ones(size, kind)
    if isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise ValueError(f"window must be 'hann', 'hamming', an array or None; received window={window!r}")
        share = 0.5 if window == "hann" else 0.54
        values = share - (1 - share) * np.cos(2 * np.pi * np.arange(length) / length) if length > 1 else np.ones(1)
    else:
        values = np.asarray(window)
    if values.shape != (length,):
        raise ValueError(f"the window needs the shape ({length},) of a sequence; received {values.shape}")
    before = (size - length) // 2
    return np.pad(values.astype(kind), (before, size - length - before))


def _checked(sequence_length: int, sequence_stride: int, fft_length: int, what: str) -> None:
    if not 1 <= sequence_length <= fft_length or sequence_stride < 1:
        raise ValueError(
            f"{what} needs a stride of at least 1 and 1 <= sequence_length <= fft_length; received "
            f"sequence_length={sequence_length}, sequence_stride={sequence_stride}, fft_length={fft_length}"
        )


def _stft_spec(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> tuple[KerasTensor, KerasTensor]:
    _checked(sequence_length, sequence_stride, fft_length, "stft")
    if kind_of(x) not in ("float32", "float64"):
        raise TypeError(f"stft takes float32 or float64; received {kind_of(x)}. Cast the signal first.")
    *rest, n = shape_of(x)
    if n is not None:
        n += 2 * (fft_length // 2) if center else 0
        if n < fft_length:
            raise ValueError(f"stft needs a signal of at least fft_length={fft_length} samples; received {n}")
        n = 1 + (n - fft_length) // sequence_stride
    spec = KerasTensor((*rest, n, fft_length // 2 + 1), kind_of(x))
    return spec, spec


@composite_by(_stft_spec)
def stft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> Any:
    """The short-time Fourier transform: of each frame of the last axis, under a window, its `rfft`.

    Args:
        x: (..., samples), of float32 or float64.
        sequence_length: how many samples a window covers.
        sequence_stride: how many lie between the beginnings of two frames.
        fft_length: the samples of a frame; the window stands in its middle.
        window: `"hann"`, `"hamming"`, an array of `sequence_length` numbers, or None for none.
        center: whether frame `t` has its middle, and not its beginning, at `t · sequence_stride`; the signal is
            mirrored at its ends for that.

    Returns:
        The pair of the real and the imaginary part, each (..., frames, fft_length // 2 + 1).

    Raises:
        TypeError: if `x` is not float32 or float64.
        ValueError: if a size or the window does not fit.

    Example:
        >>> import kerasish as keras
        >>> real, imag = keras.ops.stft(keras.ops.ones(8), 4, 2, 4)
        >>> real[0], imag.shape
        (array([ 2., -1.,  0.], dtype=float32), (5, 3))

    Source: Allen and Rabiner, A unified approach to short-time Fourier analysis and synthesis (1977).
    """
    x = x if hasattr(x, "shape") else to_array(x)
    _stft_spec(x, sequence_length, sequence_stride, fft_length, window, center)
    values = _window(window, sequence_length, fft_length, dtypes.numpy_dtype(kind_of(x)))
    if center:
        half = fft_length // 2
        x = pad(x, ((0, 0),) * (np.ndim(x) - 1) + ((half, half),), "reflect")
    return _rfft(framed(x, length=fft_length, stride=sequence_stride) * values, n=None)


def _istft_spec(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None,
    window: Any = "hann", center: bool = True,
) -> KerasTensor:  # fmt: skip
    _checked(sequence_length, sequence_stride, fft_length, "istft")
    real, imag = _pair(x, "istft", 2)
    *rest, frames, _ = shape_of(real)
    n = None if frames is None else fft_length + sequence_stride * (frames - 1)
    if n is not None:
        begin, end = _span(n, fft_length, length, center)
        n = max(end - begin, 0)
    return KerasTensor((*rest, n), float_kind(real, imag))


def _span(size: int, fft_length: int, length: int | None, center: bool) -> tuple[int, int]:
    """Where the signal stands in what the frames cover."""
    half = fft_length // 2 if center else 0
    return half, min(half + length, size) if length is not None else size - half


@composite_by(_istft_spec)
def istft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None,
    window: Any = "hann", center: bool = True,
) -> Any:  # fmt: skip
    """The signal nearest to a short-time Fourier transform, in the least squares of its frames.

    Each frame is transformed back and weighted by the window; where frames overlap they are added, and the sum is
    divided by that of the squared windows. With `window=None` the result is `fft_length / sequence_stride` times as
    large, as in Keras.

    Args:
        x: a pair of arrays, the real and the imaginary part, each (..., frames, fft_length // 2 + 1).
        sequence_length, sequence_stride, fft_length, window, center: see `stft`.
        length: how many samples to return; all by default.

    Returns:
        (..., samples).

    Raises:
        ValueError: if `x` is no pair of float arrays of one shape with two axes, or a size or the window does not fit.

    Example:
        >>> import kerasish as keras
        >>> signal = keras.ops.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
        >>> keras.ops.round(keras.ops.istft(keras.ops.stft(signal, 4, 2, 4), 4, 2, 4), 4)
        array([0., 1., 2., 3., 4., 5., 6., 7.], dtype=float32)

    Source: Griffin and Lim, Signal estimation from modified short-time Fourier transform (1984), equation 6.
    """
    _checked(sequence_length, sequence_stride, fft_length, "istft")
    real, imag = _pair(x, "istft", 2)
    kind = dtypes.numpy_dtype(float_kind(real, imag))
    frames: int = np.shape(real)[-2]
    size = fft_length + sequence_stride * (frames - 1)
    values = _window(window, sequence_length, fft_length, kind)
    seen = overlap_added(np.tile(np.square(values), (frames, 1)), stride=sequence_stride, size=size)
    scale = 1 if window is not None else fft_length / sequence_stride
    factor = (scale / np.where(seen > _UNSEEN, seen, 1)).astype(kind)
    signal = overlap_added(_irfft(real, imag, n=fft_length) * values, stride=sequence_stride, size=size) * factor
    begin, end = _span(size, fft_length, length, center)
    return signal[..., begin:end]
