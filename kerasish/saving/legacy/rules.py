"""What became of the layers of Keras 1 and 2: one entry for each, of its configuration and of its weights.

A layer of today that older files describe otherwise gets a `Rule` in `RULES`, under its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kerasish.saving.legacy import convolutions, keras_1, recurrence
from kerasish.saving.legacy.origin import Config, Origin, Stored

Settle = Callable[[str, Config], tuple[str, Config]]
Restore = Callable[[Any, list[Stored], Origin], list[Any]]


@dataclass(frozen=True)
class Rule:
    """How the older configurations and weights of one layer are read.

    Args:
        formerly: the names that its class had.
        renamed: arguments that had another name.
        kept: arguments that are called as they were, although most layers' are not.
        dropped: arguments that it has no longer, and that changed no result.
        data_format: where the channels are if the configuration does not say: `"channels_last"`, or `"model"`, where
            the other layers of the model have them.
        settle: what tables cannot say: from the class's old name and the arguments, with their names of today, the
            class and the arguments of today.
        pieces: how many arrays older files hold for the layer's weights; as many as it has by default.
        restore: the values of the weights, from the layer, what the file holds, and where it is from.
    """

    formerly: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    data_format: str | None = None
    settle: Settle | None = None
    pieces: Callable[[Any, Origin], int] | None = None
    restore: Restore | None = None


# What is the same in all layers.
COMMON = Rule(
    renamed={
        "W_regularizer": "kernel_regularizer",
        "b_regularizer": "bias_regularizer",
        "W_constraint": "kernel_constraint",
        "b_constraint": "bias_constraint",
        "bias": "use_bias",
        "border_mode": "padding",
        "dim_ordering": "data_format",
        "init": "kernel_initializer",
        "nb_filter": "filters",
        "output_dim": "units",
        "subsample": "strides",
        "subsample_length": "strides",
    },
    dropped=("batch_input_shape", "input_dim", "input_dtype", "input_length", "ragged", "sparse", "quantization_mode"),
)

# What tf.keras writes of a plain convolution, also for layers that have no such argument.
_PLAIN = ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
_LAST = Rule(data_format="channels_last")
_LIKE_THE_MODEL = Rule(data_format="model")
_POOLING_1D = Rule(renamed={"pool_length": "pool_size", "stride": "strides"}, data_format="channels_last")
_RECURRENT = Rule(renamed=recurrence.RENAMED, dropped=("consume_less",), settle=recurrence.settle)
# Classes that HDF5 files, today's too, know by another name than the public one.
IN_HDF5 = {"GroupQueryAttention": "GroupedQueryAttention"}
_ATTENTION = Rule(settle=keras_1.attention)
_RATE = Rule(renamed={"p": "rate"})
_SPATIAL_RATE = Rule(renamed={"p": "rate"}, data_format="model")

RULES: dict[str, Rule] = {
    "AdditiveAttention": _ATTENTION,
    "AlphaDropout": _RATE,
    "Attention": _ATTENTION,
    "AveragePooling1D": _POOLING_1D,
    "Bidirectional": _RECURRENT,
    "BatchNormalization": Rule(
        renamed={"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"},
        dropped=("adjustment", "fused", "virtual_batch_size"),
        settle=keras_1.batch_normalization,
    ),
    "Conv1D": Rule(
        formerly=("Convolution1D", "AtrousConvolution1D"),
        renamed={"filter_length": "kernel_size", "atrous_rate": "dilation_rate"},
        data_format="channels_last",
        restore=convolutions.kernel_last,
    ),
    "Conv2D": Rule(
        formerly=("Convolution2D", "AtrousConvolution2D"),
        renamed={"atrous_rate": "dilation_rate"},
        settle=convolutions.sizes,
        restore=convolutions.kernel_last,
    ),
    "Conv3D": Rule(formerly=("Convolution3D",), settle=convolutions.sizes, restore=convolutions.kernel_last),
    "Conv1DTranspose": Rule(dropped=("groups",)),
    "Conv2DTranspose": Rule(
        formerly=("Deconvolution2D",),
        dropped=("groups",),
        settle=convolutions.transposed_sizes,
        restore=convolutions.transposed_kernel,
    ),
    "Conv3DTranspose": Rule(dropped=("groups",)),
    "ConvLSTM2D": replace(_RECURRENT, pieces=recurrence.pieces, restore=recurrence.restore),
    "Cropping2D": Rule(data_format="model", settle=keras_1.margins),
    "Cropping3D": _LIKE_THE_MODEL,
    "CuDNNGRU": _RECURRENT,
    "Dense": Rule(formerly=("TimeDistributedDense",)),
    "DepthwiseConv1D": Rule(dropped=_PLAIN),
    "DepthwiseConv2D": Rule(dropped=_PLAIN),
    "Discretization": Rule(dropped=("trainable",), settle=keras_1.discretization),
    "Dropout": _RATE,
    "Embedding": Rule(
        renamed={
            "W_constraint": "embeddings_constraint",
            "W_regularizer": "embeddings_regularizer",
            "init": "embeddings_initializer",
        },
        kept=("input_dim", "output_dim"),
        settle=keras_1.embedding,
    ),
    "Flatten": _LAST,
    "GaussianDropout": _RATE,
    "GaussianNoise": Rule(renamed={"sigma": "stddev"}),
    "GlobalAveragePooling1D": _LAST,
    "GlobalMaxPooling1D": _LAST,
    "GRU": replace(_RECURRENT, pieces=recurrence.pieces, restore=recurrence.restore),
    "GRUCell": _RECURRENT,
    "GroupQueryAttention": Rule(formerly=(IN_HDF5["GroupQueryAttention"],)),
    "Highway": Rule(restore=keras_1.highway),
    "InputLayer": Rule(renamed={"batch_input_shape": "batch_shape", "input_dtype": "dtype"}, dropped=("trainable",)),
    "LeakyReLU": Rule(renamed={"alpha": "negative_slope"}),
    "LSTM": replace(_RECURRENT, formerly=("CuDNNLSTM",), pieces=recurrence.pieces, restore=recurrence.restore),
    "LSTMCell": _RECURRENT,
    "LocallyConnected1D": Rule(renamed={"filter_length": "kernel_size"}, data_format="channels_last"),
    "LocallyConnected2D": Rule(settle=convolutions.sizes),
    "MaxPooling1D": _POOLING_1D,
    "MultiHeadAttention": Rule(dropped=("query_shape", "key_shape", "value_shape")),
    "Merge": Rule(settle=keras_1.merge),
    "ParametricSoftplus": Rule(settle=keras_1.parametric_softplus),
    "PReLU": Rule(renamed={"init": "alpha_initializer"}, restore=keras_1.spread),
    "ReLU": Rule(formerly=("ThresholdedReLU",), renamed={"theta": "threshold"}),
    "ReversibleEmbedding": Rule(kept=("input_dim", "output_dim")),
    "RNN": _RECURRENT,
    "SeparableConv1D": Rule(dropped=_PLAIN),
    "SeparableConv2D": Rule(
        formerly=("SeparableConvolution2D",),
        renamed={"depthwise_init": "depthwise_initializer", "pointwise_init": "pointwise_initializer"},
        dropped=_PLAIN,
        settle=convolutions.sizes,
        restore=convolutions.separable_kernels,
    ),
    "SimpleRNN": _RECURRENT,
    "SimpleRNNCell": _RECURRENT,
    "SpatialDropout1D": _RATE,
    "SpatialDropout2D": _SPATIAL_RATE,
    "SpatialDropout3D": _SPATIAL_RATE,
    "SReLU": Rule(
        renamed={f"{name}_init": f"{name}_initializer" for name in ("t_left", "a_left", "t_right", "a_right")}
    ),
    "UpSampling1D": Rule(renamed={"length": "size"}),
    "UpSampling2D": _LIKE_THE_MODEL,
    "UpSampling3D": _LIKE_THE_MODEL,
    "ZeroPadding2D": Rule(data_format="model", settle=keras_1.margins),
    "ZeroPadding3D": _LIKE_THE_MODEL,
}
_NOW = {old: new for new, rule in RULES.items() for old in rule.formerly}
_NO_RULE = Rule()


def name_of_today(name: str) -> str:
    """The name that a layer's class has today, if it is known to have had another one."""
    return _NOW.get(name, name)


def rule_for(name: str) -> Rule:
    """The rule of the class with this name of today; an empty one if older files have nothing to say of it."""
    return RULES.get(name, _NO_RULE)
