"""TensorFlow's functions that an operation here does as it is: its parameters, in the order of the operation's.

A row is an operation of `keras.ops`, the parameters under TensorFlow's names, and TensorFlow's names for the function.
Of the parameters, `!x=value` may be given only as this value, since nothing here does more, and `~x=value` has no
effect on results. Every function takes `name` besides.
"""

from __future__ import annotations

ROWS = """
absolute(x): abs math.abs
arccos(x): acos math.acos
arccosh(x): acosh math.acosh
arcsin(x): asin math.asin
arcsinh(x): asinh math.asinh
arctan(x): atan math.atan
arctanh(x): atanh math.atanh
arctan2(y, x): atan2 math.atan2
ceil(x): math.ceil
cos(x): cos math.cos
cosh(x): cosh math.cosh
erf(x): math.erf
erfc(x): math.erfc
erfinv(x): math.erfinv
exp(x): exp math.exp
expm1(x): math.expm1
floor(x): floor math.floor
isfinite(x): math.is_finite
isinf(x): math.is_inf
isnan(x): math.is_nan
log(x): math.log
log1p(x): math.log1p
i0(x): math.bessel_i0 math.special.bessel_i0
log_sigmoid(x): math.log_sigmoid
logical_not(x): logical_not math.logical_not
negative(x): negative math.negative
reciprocal(x): math.reciprocal
round(x): round math.round math.rint
rsqrt(x): math.rsqrt
sigmoid(x): sigmoid math.sigmoid nn.sigmoid
sign(x): sign math.sign
sin(x): sin math.sin
sinh(x): sinh math.sinh
sqrt(x): sqrt math.sqrt
square(x): square math.square
tan(x): tan math.tan
tanh(x): tanh math.tanh nn.tanh
conj(x): math.conj
real(input): math.real
imag(input): math.imag
angle(input): math.angle
add(x, y): add math.add
subtract(x, y): subtract math.subtract
multiply(x, y): multiply math.multiply
floor_divide(x, y): math.floordiv
mod(x, y): math.floormod math.mod
fmod(x, y): truncatemod
nextafter(x1, x2): math.nextafter
maximum(x, y): maximum math.maximum
minimum(x, y): minimum math.minimum
power(x, y): pow math.pow
greater(x, y): greater math.greater
greater_equal(x, y): greater_equal math.greater_equal
less(x, y): less math.less
less_equal(x, y): less_equal math.less_equal
logical_and(x, y): logical_and math.logical_and
logical_or(x, y): logical_or math.logical_or
logical_xor(x, y): math.logical_xor
divide_no_nan(x, y): math.divide_no_nan
bitwise_and(x, y): bitwise.bitwise_and
bitwise_or(x, y): bitwise.bitwise_or
bitwise_xor(x, y): bitwise.bitwise_xor
bitwise_invert(x): bitwise.invert
left_shift(x, y): bitwise.left_shift
right_shift(x, y): bitwise.right_shift
amax(input_tensor, axis=None, keepdims=False): reduce_max math.reduce_max
amin(input_tensor, axis=None, keepdims=False): reduce_min math.reduce_min
all(input_tensor, axis=None, keepdims=False): reduce_all math.reduce_all
any(input_tensor, axis=None, keepdims=False): reduce_any math.reduce_any
logsumexp(input_tensor, axis=None, keepdims=False): reduce_logsumexp math.reduce_logsumexp
std(input_tensor, axis=None, keepdims=False): math.reduce_std
var(input_tensor, axis=None, keepdims=False): math.reduce_variance
reshape(tensor, shape): reshape
expand_dims(input, axis): expand_dims
squeeze(input, axis=None): squeeze
transpose(a, perm=None, !conjugate=False): transpose
concatenate(values, axis): concat
stack(values, axis=0): stack
unstack(value, num=None, axis=0): unstack
tile(input, multiples): tile
repeat(input, repeats, axis=None): repeat
flip(tensor, axis): reverse
roll(input, shift, axis): roll
broadcast_to(input, shape): broadcast_to
zeros(shape, dtype='float32', ~layout=None): zeros
ones(shape, dtype='float32', ~layout=None): ones
zeros_like(input, dtype=None, ~layout=None): zeros_like
ones_like(input, dtype=None, ~layout=None): ones_like
scatter(indices, updates, shape): scatter_nd
scatter_update(tensor, indices, updates): tensor_scatter_nd_update
clip(t, clip_value_min, clip_value_max): clip_by_value
cast(x, dtype): cast dtypes.cast
saturate_cast(value, dtype): saturate_cast dtypes.saturate_cast
stop_gradient(input): stop_gradient
tensordot(a, b, axes): tensordot linalg.tensordot
in_top_k(targets, predictions, k): math.in_top_k nn.in_top_k
segment_sum(data, segment_ids): math.segment_sum
segment_sum(data, segment_ids, num_segments): math.unsorted_segment_sum
det(input): linalg.det
inv(input, !adjoint=False): linalg.inv
solve(matrix, rhs, !adjoint=False): linalg.solve
cholesky(input): linalg.cholesky
eigh(tensor): linalg.eigh
eig(tensor): linalg.eig eig
logdet(matrix): linalg.logdet
slogdet(input): linalg.slogdet
pinv(a, rcond=None, !validate_args=False): linalg.pinv
cross(a, b): linalg.cross
relu(features): nn.relu
relu6(features): nn.relu6
leaky_relu(features, alpha=0.2): nn.leaky_relu
elu(features): nn.elu
selu(features): nn.selu
gelu(features, approximate=False): nn.gelu
silu(features, !beta=1.0): nn.silu nn.swish
softplus(features): nn.softplus math.softplus
softsign(features): nn.softsign math.softsign
softmax(logits, axis=-1): nn.softmax math.softmax
log_softmax(logits, axis=-1): nn.log_softmax math.log_softmax
depth_to_space(input, block_size, data_format='channels_last'): nn.depth_to_space
space_to_depth(input, block_size, data_format='channels_last'): nn.space_to_depth
image.rgb_to_hsv(images): image.rgb_to_hsv
image.hsv_to_rgb(images): image.hsv_to_rgb
"""
