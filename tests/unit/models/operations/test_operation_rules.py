"""The rules of plain operations in configs say what the operations do."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend import nest
from kerasish.backend.symbolic import KerasTensor
from kerasish.models.operations import operation_shapes
from kerasish.models.operations.operation_names import OPERATIONS, RawOperation

# Settings of each operation, and the shapes of its inputs: `i` stands for whole numbers, `?` for truths, brackets for a
# list of tensors. `B` is the size of the batch, which is unknown at first.
_CASES = """
append {} B,4 B,4 | append {"axis": 1} B,4 B,2 | argmax {"axis": 1} B,4 | argmin {"axis": -1, "keepdims": true} B,4
argmax {"axis": null} B,4 | argpartition {"kth": 2} B,4 | argsort {} B,4 | argsort {"axis": null} 3,4
array_split {"indices_or_sections": 3, "axis": 1} B,4 | array_split {"indices_or_sections": [1, 9], "axis": 1} B,4
average {"axis": 1} B,4 B,4 | average {"axis": null} B,4 | average_pool {"pool_size": 2} B,7,3
average_pool {"pool_size": [2, 3], "strides": 2, "padding": "same"} B,7,7,3 | batch_normalization {"axis": -1} B,4 4 4
broadcast_to {"shape": [3, 4]} 4 | categorical_crossentropy {"axis": -1} B,4 B,4 | cdist {} 5,3 6,3
concatenate {"axis": 1} [B,4;B,3] | concatenate {"axis": -1} [B,4;iB,3] | conv {"strides": 2} B,7,3 2,3,5
conv {"padding": "same"} B,7,8,3 2,2,3,5 | conv {"dilation_rate": 2} B,9,9,3 2,3,3,5 | count_nonzero {"axis": 1} B,4
conv_transpose {"strides": 2} B,7,3 2,5,3 | conv_transpose {"strides": 2, "padding": "same"} B,7,6,3 3,3,5,3
cross {} B,3 B,3 | cross {} B,2 B,2 | cumsum {"axis": 1} B,4 | cumsum {"axis": null} B,4 | cumprod {"axis": 0} iB,4
depthwise_conv {} B,7,3 2,3,2 | diag {} 4 | diag {"k": 1} 4 | diag {"k": -1} 4,5 | diag {"k": 2} 4,3
diagflat {"k": -2} 3,2 | diagonal {"axis1": 1, "axis2": 2} B,4,5 | diff {"n": 2} B,4 | diff {"n": 9} B,4
digitize {} B,4 3 | dot {} B,4 4,5 | dot {} 4 4 | dot {} B,4 4 | dsplit {"indices_or_sections": 2} B,3,4
dot {} 2,3,4 5,4,6 | dot_product_attention {} B,5,2,3 B,6,2,3 B,6,2,4 | dstack {} [B,4;B,4] | dstack {} [4;4]
einsum {"subscripts": "bij,jk->bik"} B,3,4 4,5 | einsum {"subscripts": "...i,...i"} B,4 B,4 | hstack {} [4;3]
einsum {"subscripts": "ij,jk"} 3,4 4,5 | einsum {"subscripts": "b...i,io->b...o"} B,3,4 4,5
expand_dims {"axis": 1} B,4 | extract_sequences {"sequence_length": 3, "sequence_stride": 2} B,8
flip {"axis": 1} B,4 | glu {} B,4 | hsplit {"indices_or_sections": 2} B,4 | hstack {} [B,4;B,3]
in_top_k {"k": 2} iB B,4 | inner {} B,4 5,4 | kron {} 2,3 4,5 | kron {} 3 4,5 | layer_normalization {} B,4 4 4
logsumexp {"axis": 1, "keepdims": true} B,4 | matmul {} B,4 4,5 | matmul {} 4 4 | matmul {} B,3,4 4
matmul {} 4 B,4,5 | matmul {} B,3,4 B,4,6 | max_pool {"pool_size": 2, "strides": 1, "padding": "same"} B,7,3
meshgrid {} 3 4 5 | meshgrid {"indexing": "ij"} 3 4 | moments {"axes": [0]} B,4
moments {"axes": [1], "keepdims": true} B,4 | moveaxis {"source": 1, "destination": 0} B,3,4
multi_hot {"num_classes": 5} iB,4 | multi_hot {"num_classes": 5} i4 | norm {"axis": 1} B,4 | norm {} 3,4
one_hot {"num_classes": 5} iB,4 | one_hot {"num_classes": 5, "axis": 1, "dtype": "int32"} iB,4 | outer {} B,4 5
pad {"pad_width": [[0, 0], [1, 2]]} B,4 | pad {"pad_width": 2} 3,4 | pad {"pad_width": [1, 2]} 3,4
pad {"pad_width": [[3]]} 3,4 | percentile {"axis": 1} B,4 2 | psnr {"max_val": 1.0} B,4 B,4
quantile {"axis": 1, "keepdims": true} B,4 2 | quantile {"axis": 1} B,4 . | ravel {} B,4
repeat {"repeats": 2, "axis": 1} B,4 | repeat {"repeats": [1, 2, 0, 3], "axis": 1} B,4 | repeat {"repeats": 2} 3,4
reshape {"newshape": [-1, 2, 2]} B,4 | reshape {"newshape": [3, 8]} 4,6 | reshape {"newshape": [2, -1]} 4,6
roll {"shift": 1, "axis": 1} B,4 | rot90 {} B,4 | scatter {"shape": [5, 4]} i3,1 3,4 | searchsorted {} 3 B,4
segment_max {"num_segments": 5} 3,4 i3 | segment_sum {"num_segments": 5} 3,4 i3 | select {} [?B,4;?B,4] [B,4;B,4]
separable_conv {} B,7,3 2,3,2 1,6,5 | slogdet {} B,3,3 | sort {"axis": 0} B,4 | squeeze {"axis": 1} B,1,4
sparse_categorical_crossentropy {} iB B,4 | split {"indices_or_sections": 2, "axis": 1} B,4
split {"indices_or_sections": [1, 3], "axis": -1} B,4 | stack {"axis": 1} [B,4;B,4] | svd {} B,3,4 | sum {} iB,4
svd {"full_matrices": false} B,3,4 | svd {"compute_uv": false} B,3,4 | swapaxes {"axis1": 1, "axis2": 2} B,3,4
take {"axis": 1} B,4 i2,3 | take {} 3,4 i2 | take_along_axis {"axis": 1} B,4 iB,2 | tensordot {"axes": 1} B,4 4,5
take_along_axis {"axis": null} 3,4 i2 | tensordot {"axes": 0} 3,4 5 | tensordot {"axes": [[1], [0]]} B,4 4,5
tile {"repeats": [1, 2]} B,4 | tile {"repeats": [2, 1, 3]} 3,4 | tile {"repeats": 2} 4 | top_k {"k": 2} B,4
trace {"axis1": 1, "axis2": 2} B,4,5 | transpose {} B,4 | transpose {"axes": [0, 2, 1]} B,3,4 | trapezoid {} B,4
unstack {"axis": 1} B,4 | unstack {"num": 3} 3,4 | var {"axis": [0, 1]} B,3,4 | vdot {} 4 4
view {"dtype": "int8"} B,4 | vsplit {"indices_or_sections": 2} 4,3 | vstack {} [4;4] | vstack {} [B,4;B,4]
where {} ?B,4 B,4 4 | lstsq {} 5,3 5,2 | lstsq {} 5,3 5 | lu_factor {} B,3,3 | pinv {} B,3,4 | qr {} B,4,3
qr {"mode": "complete"} B,4,3 | eig {} B,3,3 | eigh {} B,3,3 | solve {} B,3,3 B,3,2 | solve_triangular {} 3,3 3,2
matrix_rank {} B,3,3 | det {} B,3,3 | inv {} B,3,3 | cholesky {} B,3,3 | cholesky_inverse {} B,3,3 | logdet {} B,3,3
rms_normalization {} B,4 4 | cast {"dtype": "int8"} B,4 | saturate_cast {"dtype": "uint8"} B,4
scatter_update {} 5,4 i3,1 3,4 | isin {} B,4 3 | ldexp {} B,4 iB,4 | size {} 3,4 | array {"dtype": "float16"} B,4
full_like {} B,4 . | view_as_real {} cB,4 | view_as_complex {} B,4,2 | where {} B,4 | binary_crossentropy {} B,4 B,4
tril {"k": 1} B,3,3 | threshold {"threshold": 0.1, "default_value": 0.0} B,4 | leaky_relu {"negative_slope": 0.2} B,4
clip {"x_min": 0, "x_max": 1} B,4 | fliplr {} B,4 | all {} B,4 | max {"axis": 1} iB,4 | mean {"axis": 1} iB,4
prod {"axis": 1} ?B,4 | nanquantile {"axis": 1} B,4 . | allclose {} B,4 B,4 | std {"axis": -1, "keepdims": true} B,4
any {"axis": 1} B,4 | isclose {} B,4 4 | nanpercentile {"axis": 1} B,4 2 | segment_min {"num_segments": 5} 3,4 i3
segment_prod {"num_segments": 5} 3,4 i3 | slice {"shape": [2, 3]} 4,5 i2 | slice_update {} 4,5 i2 2,3
convert_to_tensor {} B,4 | heaviside {} B,4 B,4 | fft {} [B,4;B,4] | fft2 {} [B,3,4;B,3,4] | ifft2 {} [B,3,4;B,3,4]
rfft {} B,5 | rfft {"fft_length": 7} B,5 | irfft {} [B,4;B,4] | irfft {"fft_length": 5} [B,4;B,4]
stft {"sequence_length": 3, "sequence_stride": 2, "fft_length": 4} B,9 | ctc_loss {} iB,2 B,4,3 iB iB
stft {"sequence_length": 3, "sequence_stride": 2, "fft_length": 5, "center": false} B,9 | ctc_decode {} B,4,3 iB
istft {"sequence_length": 3, "sequence_stride": 2, "fft_length": 4} [B,4,3;B,4,3]
istft {"sequence_length": 3, "sequence_stride": 2, "fft_length": 4, "length": 5} [B,4,3;B,4,3]
ctc_decode {"strategy": "beam_search", "beam_width": 4, "top_paths": 2} B,4,3 iB
"""


def _cases() -> list[tuple[str, dict[str, Any], str]]:
    found = []
    for case in _CASES.replace("\n", " | ").split(" | "):
        name, _, rest = case.strip().partition(" ")
        if rest:
            end = rest.index("}") + 1
            found.append((name, json.loads(rest[:end]), rest[end:].strip()))
    named = {name for name, _, _ in found}
    left_out = {*named, "get_item", *operation_shapes.OF_PICTURES}  # these have their rules beside their primitives
    others = [name for name in OPERATIONS if name not in left_out and hasattr(ops, name)]
    binary = [name for name in others if _arguments(name) == 2]
    return found + [(name, {}, "B,4 B,4" if name in binary else "B,4") for name in others]


def _arguments(name: str) -> int:
    return sum(p.default is p.empty for p in inspect.signature(getattr(ops, name)).parameters.values())


def _parsed(text: str, make: Any) -> Any:
    if text.startswith("["):
        return [_parsed(part, make) for part in text[1:-1].split(";")]
    kinds = {"i": "int32", "?": "bool", "c": "complex64"}
    kind = kinds.get(text[0], "float32")
    sizes = text[1:] if text[0] in kinds else text
    return make([] if sizes == "." else sizes.split(","), kind)


def _array(batch: int) -> Any:
    def make(sizes: list[str], kind: str) -> np.ndarray:
        shape = [batch if n == "B" else int(n) for n in sizes]
        square = len(shape) > 1 and shape[-1] == shape[-2]
        base = np.broadcast_to(np.eye(shape[-1]) if square else np.full((), 0.5), shape)
        return np.zeros(shape, kind) if kind == "int32" else np.array(base).astype(kind)

    return make


def _symbol(batch: int | None) -> Any:
    return lambda sizes, kind: KerasTensor([batch if n == "B" else int(n) for n in sizes], kind)


_INTEGERS = {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "bitwise_invert", "gcd", "lcm"} | {
    f"{prefix}{side}_shift" for prefix in ("", "bitwise_") for side in ("left", "right")
}


@pytest.mark.parametrize(("name", "settings", "inputs"), _cases(), ids=str)
def test_a_rule_says_what_the_operation_does(name: str, settings: dict[str, Any], inputs: str) -> None:
    if name in _INTEGERS:
        inputs = " ".join(f"i{part}" for part in inputs.split())
    operation = RawOperation(name, settings)
    parts = inputs.split()
    with np.errstate(all="ignore"):
        made = [nest.flatten(operation.call(*(_parsed(p, _array(n)) for p in parts))) for n in (4, 6)]
    told = operation_shapes.spec(operation, tuple(_parsed(p, _symbol(4)) for p in parts), {})
    if name not in ("nonzero", "where") or len(parts) > 1:
        assert [(leaf.shape, leaf.dtype) for leaf in nest.flatten(told)] == [
            (np.shape(leaf), np.asarray(leaf).dtype.name) for leaf in made[0]
        ]
    told = operation_shapes.spec(operation, tuple(_parsed(p, _symbol(None)) for p in parts), {})
    for leaf, small, large in zip(nest.flatten(told), *made, strict=True):
        same = [n if n == m else None for n, m in zip(np.shape(small), np.shape(large), strict=True)]
        assert all(n in (None, m) for n, m in zip(leaf.shape, same, strict=True)), (leaf, same)
        assert not leaf.shape or leaf.shape.count(None) <= max(1, same.count(None)) or name in ("nonzero", "where")


# What stands between no layers of a config: functions that make arrays of nothing, call others, or return what has no
# place in a file; and those whose shapes depend on values.
WITHOUT = """
    adaptive_average_pool adaptive_max_pool arange associative_scan bartlett bincount blackman cond
    convert_to_numpy corrcoef correlate custom_gradient depth_to_space dtype empty eye fori_loop full geomspace
    hamming hanning hard_swish histogram identity is_tensor jvp kaiser linspace logspace map ndim ones rearrange
    scan shape space_to_depth swish switch tri unique unravel_index vander vectorize vectorized_map while_loop
    zeros
"""


def test_every_operation_that_there_is_has_a_rule() -> None:
    assert {name for name in ops.__all__ if not operation_shapes.has_rule(name)} == set(WITHOUT.split())
