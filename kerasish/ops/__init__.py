"""keras.ops: what NumPy and neural networks compute with, each operation beside its derivative."""

# ruff: noqa: I001 (the names fill lines, so that all of them can be seen at once)
# fmt: off

from kerasish.backend.operators import (
    absolute, add, bitwise_and, bitwise_invert, bitwise_left_shift, bitwise_or, bitwise_right_shift, bitwise_xor,
    divide, equal, floor_divide, greater, greater_equal, less, less_equal, matmul, mod, multiply, negative,
    not_equal, power, subtract,
)
from kerasish.ops.attention import dot_product_attention
from kerasish.ops.contraction import cross, dot, einsum, inner, kron, outer, tensordot, vdot
from kerasish.ops.control import (
    associative_scan, cond, fori_loop, map, scan, select, switch, vectorize, vectorized_map, while_loop,
)
from kerasish.ops.core import (
    array, cast, convert_to_numpy, convert_to_tensor, custom_gradient, dtype, is_tensor, jvp, ndim, saturate_cast,
    shape, size, stop_gradient, view,
)
from kerasish.ops.creation import (
    arange, bartlett, blackman, empty, empty_like, eye, full, full_like, geomspace, hamming, hanning, identity,
    kaiser, linspace, logspace, ones, ones_like, tri, vander, zeros, zeros_like,
)
from kerasish.ops.crossentropy import binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
from kerasish.ops.cumulative import cumprod, cumsum, diff, trapezoid
from kerasish.ops.elementwise import (
    abs, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, bitwise_not, cbrt, ceil, clip, cos, cosh,
    deg2rad, divide_no_nan, exp, exp2, expm1, fabs, floor, fmax, fmin, fmod, gcd, heaviside, hypot, i0, isfinite,
    isinf, isnan, isneginf, isposinf, isreal, lcm, ldexp, left_shift, log, log10, log1p, log2, logaddexp,
    logaddexp2, logical_and, logical_not, logical_or, logical_xor, maximum, minimum, nan_to_num, nextafter, rad2deg,
    reciprocal, right_shift, round, rsqrt, sign, signbit, sin, sinc, sinh, sqrt, square, tan, tanh, true_divide,
    trunc, where,
)
from kerasish.ops.encoding import multi_hot, one_hot
from kerasish.ops.indexing import (
    diag, diagflat, diagonal, get_item, meshgrid, nonzero, scatter, scatter_update, segment_max, segment_min,
    segment_prod, segment_sum, slice, slice_update, take, take_along_axis, trace, tril, triu, unravel_index,
)
from kerasish.ops.joining import (
    append, array_split, concatenate, dsplit, dstack, hsplit, hstack, split, stack, unstack, vsplit, vstack,
)
from kerasish.ops.linalg import (
    cdist, cholesky, cholesky_inverse, det, eig, eigh, inv, logdet, lstsq, lu_factor, matrix_rank, norm, pinv, qr,
    slogdet, solve, solve_triangular, svd,
)
from kerasish.ops.nn import (
    celu, elu, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_swish, hard_tanh, leaky_relu, log_sigmoid,
    log_softmax, relu, relu6, selu, sigmoid, silu, soft_shrink, softmax, softplus, softsign, sparse_plus,
    sparse_sigmoid, sparsemax, squareplus, swish, tanh_shrink, threshold,
)
from kerasish.ops.normalization import batch_normalization, layer_normalization, moments, normalize, rms_normalization
from kerasish.ops.reduction import (
    all, amax, amin, any, argmax, argmin, average, count_nonzero, logsumexp, max, mean, min, prod, ptp, std, sum,
    var,
)
from kerasish.ops.shape import (
    broadcast_to, copy, expand_dims, flip, fliplr, flipud, moveaxis, pad, ravel, repeat, reshape, roll, rot90,
    squeeze, swapaxes, tile, transpose,
)
from kerasish.ops.sorting import (
    argpartition, argsort, bincount, digitize, histogram, in_top_k, isin, median, percentile, quantile,
    searchsorted, sort, top_k, unique,
)
from kerasish.ops.special import erf, erfc, erfinv

__all__ = [
    "abs", "absolute", "add", "all", "amax", "amin", "any", "append", "arange", "arccos", "arccosh", "arcsin",
    "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argpartition", "argsort", "array",
    "array_split", "associative_scan", "average", "bartlett", "batch_normalization", "binary_crossentropy",
    "bincount", "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "blackman", "broadcast_to", "cast", "categorical_crossentropy", "cbrt",
    "cdist", "ceil", "celu", "cholesky", "cholesky_inverse", "clip", "concatenate", "cond", "convert_to_numpy",
    "convert_to_tensor", "copy", "cos", "cosh", "count_nonzero", "cross", "cumprod", "cumsum", "custom_gradient",
    "deg2rad", "det", "diag", "diagflat", "diagonal", "diff", "digitize", "divide", "divide_no_nan", "dot",
    "dot_product_attention", "dsplit", "dstack", "dtype", "eig", "eigh", "einsum", "elu", "empty", "empty_like",
    "equal", "erf", "erfc", "erfinv", "exp", "exp2", "expand_dims", "expm1", "eye", "fabs", "flip", "fliplr",
    "flipud", "floor", "floor_divide", "fmax", "fmin", "fmod", "fori_loop", "full", "full_like", "gcd", "gelu",
    "geomspace", "get_item", "glu", "greater", "greater_equal", "hamming", "hanning", "hard_shrink", "hard_sigmoid",
    "hard_silu", "hard_swish", "hard_tanh", "heaviside", "histogram", "hsplit", "hstack", "hypot", "i0", "identity",
    "in_top_k", "inner", "inv", "is_tensor", "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "isreal",
    "jvp", "kaiser", "kron", "layer_normalization", "lcm", "ldexp", "leaky_relu", "left_shift", "less",
    "less_equal", "linspace", "log", "log10", "log1p", "log2", "log_sigmoid", "log_softmax", "logaddexp",
    "logaddexp2", "logdet", "logical_and", "logical_not", "logical_or", "logical_xor", "logspace", "logsumexp",
    "lstsq", "lu_factor", "map", "matmul", "matrix_rank", "max", "maximum", "mean", "median", "meshgrid", "min",
    "minimum", "mod", "moments", "moveaxis", "multi_hot", "multiply", "nan_to_num", "ndim", "negative", "nextafter",
    "nonzero", "norm", "normalize", "not_equal", "one_hot", "ones", "ones_like", "outer", "pad", "percentile",
    "pinv", "power", "prod", "ptp", "qr", "quantile", "rad2deg", "ravel", "reciprocal", "relu", "relu6", "repeat",
    "reshape", "right_shift", "rms_normalization", "roll", "rot90", "round", "rsqrt", "saturate_cast", "scan",
    "scatter", "scatter_update", "searchsorted", "segment_max", "segment_min", "segment_prod", "segment_sum",
    "select", "selu", "shape", "sigmoid", "sign", "signbit", "silu", "sin", "sinc", "sinh", "size", "slice",
    "slice_update", "slogdet", "soft_shrink", "softmax", "softplus", "softsign", "solve", "solve_triangular",
    "sort", "sparse_categorical_crossentropy", "sparse_plus", "sparse_sigmoid", "sparsemax", "split", "sqrt",
    "square", "squareplus", "squeeze", "stack", "std", "stop_gradient", "subtract", "sum", "svd", "swapaxes",
    "swish", "switch", "take", "take_along_axis", "tan", "tanh", "tanh_shrink", "tensordot", "threshold", "tile",
    "top_k", "trace", "transpose", "trapezoid", "tri", "tril", "triu", "true_divide", "trunc", "unique",
    "unravel_index", "unstack", "vander", "var", "vdot", "vectorize", "vectorized_map", "view", "vsplit", "vstack",
    "where", "while_loop", "zeros", "zeros_like",
]
