"""Cases of what a user writes, of wrappers of that, and of layers that are called in a way of their own."""

from __future__ import annotations

from typing import Any

from tests.layer_cases.case import Case, Cases, With

_made: dict[Any, Any] = {}


def own(library: Any) -> Any:
    """A class, a wrapper and a function of the user's own, registered in a library under the same names."""
    if library in _made:
        return _made[library]
    register = library.saving.register_keras_serializable("matrix")

    @register
    def twice(x: Any) -> Any:
        return x + x

    @register
    class Scale(library.layers.Layer):
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape: Any) -> None:
            self.shift = self.add_weight(shape=(input_shape[-1],), name="shift")

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor + self.shift

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factor": self.factor}

    @register
    class Twice(library.layers.Wrapper):
        def call(self, inputs: Any) -> Any:
            return self.layer(inputs) * 2

        def compute_output_shape(self, input_shape: Any) -> Any:
            return self.layer.compute_output_shape(input_shape)

    _made[library] = {"twice": twice, "Scale": Scale, "Twice": Twice}
    return _made[library]


def _to_itself(layer: Any) -> Any:
    """What calls a layer of queries and values on one tensor."""
    return lambda x: layer(x, x, use_causal_mask=True)


def _pipeline(k: Any) -> Any:
    return k.layers.Pipeline([k.layers.Resizing(4, 5), k.layers.RandomFlip(seed=1), k.layers.Rescaling(0.5)])


def _headed(k: Any) -> Any:
    options = {"value_dim": 5, "output_shape": (2, 3), "dropout": 0.2, "seed": 8, "sliding_window": 2}
    return k.layers.MultiHeadAttention(2, 3, **options)


CASES = {
    # within another: by itself in a functional model, Keras 3.15.1 takes it for a cycle
    "Equalization": Cases(Case((4, 5, 3), whole=lambda k: k.layers.Pipeline([k.layers.Equalization((0, 1), 64)]))),
    "GroupQueryAttention": Cases(
        Case(
            (3, 4),
            whole=lambda k: _to_itself(k.layers.GroupQueryAttention(3, 4, 2, use_gate=True, kernel_regularizer="l2")),
        )
    ),
    "InputLayer": Cases(Case((2, 3), of="int32", whole=lambda k: k.layers.Identity())),
    "Lambda": Cases(Case((4,), With(lambda k: own(k)["twice"]))),
    "Layer": Cases(Case((4,), whole=lambda k: own(k)["Scale"](3.0))),
    "MultiHeadAttention": Cases(Case((3, 4), whole=lambda k: _to_itself(_headed(k)))),
    "Pipeline": Cases(Case((6, 6, 3), whole=_pipeline)),
    "Wrapper": Cases(Case((4,), whole=lambda k: own(k)["Twice"](k.layers.Dense(3)))),
}
