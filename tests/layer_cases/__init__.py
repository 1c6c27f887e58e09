"""The table of layers: what each is tried with, by every test that goes through all layers.

A new layer gets an entry in the file of its family. From it come: config, shapes, values, states and gradients against
Keras's (`tests/parity/test_layers.py`), every format of file in both directions (`tests/files/test_matrix.py`), ONNX
files setting by setting (`tests/unit/models/onnx/test_settings.py`), `check_layer`, and with it recorded steps
(`tests/unit/layers/test_all_layers.py`), and the shapes that activations give
(`tests/unit/layers/base/test_fused_activation.py`).
"""

import kerasish
from tests.layer_cases import (
    activations,
    attention,
    convolutional,
    core,
    merging,
    normalization,
    own,
    pooling,
    preprocessing,
    recurrent,
    regularization,
    reshaping,
)
from tests.layer_cases.case import Case, Cases

_ALL = {
    **activations.CASES,
    **attention.CASES,
    **convolutional.CASES,
    **core.CASES,
    **merging.CASES,
    **normalization.CASES,
    **own.CASES,
    **pooling.CASES,
    **preprocessing.CASES,
    **recurrent.CASES,
    **regularization.CASES,
    **reshaping.CASES,
}
CASES: dict[str, Cases] = {kind: _ALL[kind].named(kind) for kind in sorted(_ALL)}

__all__ = ["CASES", "Case", "Cases", "layer_names"]


def layer_names() -> list[str]:
    """The layers that there are, each once: some have a second name."""
    found = {getattr(kerasish.layers, name) for name in kerasish.layers.__all__}
    kinds = [k for k in found if isinstance(k, type) and issubclass(k, kerasish.layers.Layer)]
    return sorted(k.__dict__.get("public_name", k.__name__) for k in kinds)
