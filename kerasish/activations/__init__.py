"""What a unit makes of its weighted sum."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "activations": "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish=hard_silu "
        "hard_tanh leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax "
        "softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish=silu tanh tanh_shrink threshold",
        "serialization": "deserialize get serialize",
    },
)
