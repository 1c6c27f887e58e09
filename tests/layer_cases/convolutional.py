"""Cases of the layers of `kerasish/layers/convolutional`."""

from typing import Any

from tests.layer_cases.case import Case, Cases

FORMAT: dict[str, list[Any]] = {"data_format": ["channels_first", "channels_last"]}
SHARED: dict[str, list[Any]] = {
    "kernel_size": [1, 3], "strides": [2], "padding": ["same"], **FORMAT, "dilation_rate": [2],
    "activation": ["softmax", "glu"], "use_bias": [False],
}  # fmt: skip
CONV = {**SHARED, "filters": [6], "groups": [2]}
TRANSPOSED = {**SHARED, "filters": [6], "output_padding": [0]}
DEPTHWISE = {**SHARED, "depth_multiplier": [2]}
SEPARABLE = {**DEPTHWISE, "filters": [6]}

CASES = {
    "Conv1D": Cases(
        Case((6, 4), filters=4, kernel_size=2),
        Case((5, 2), 3, 2, padding="causal", dilation_rate=2),
        Case((4, 6), 4, 3, 2, activation="relu", bias_initializer="ones"),
        Case((4, 6), 4, 3, padding="causal", dilation_rate=2),
        Case((4, 6), 4, 3, 2, "causal", "channels_first", activation="softmax"),
        Case((8, 4), 4, 2, 3, "same", groups=2, activation="relu"),
        Case((2, 7), 3, 2, padding="same", dilation_rate=3, data_format="channels_first"),
        filters=[6], kernel_size=[1, 3], strides=[2], padding=["same", "causal"], dilation_rate=[2], groups=[2],
        activation=["softmax", "glu"], use_bias=[False], **FORMAT,
    ),
    "Conv1DTranspose": Cases(
        Case((2, 4), filters=4, kernel_size=2),
        Case((5, 2), 3, 2, strides=2, use_bias=False),
        Case((4, 6), 4, 3, 2, activation="relu"),
        Case((2, 4), 3, 2, 3, "same", data_format="channels_first"),
        Case((5, 2), 2, 3, padding="same", dilation_rate=2),
        **TRANSPOSED,
    ),
    "Conv2D": Cases(
        Case((6, 6, 4), filters=4, kernel_size=2),
        Case((5, 4, 2), 4, (3, 2), strides=2, groups=2, activation="relu", kernel_regularizer="l2"),
        Case((4, 6, 3), 4, (3, 2), padding="same", activation="gelu"),
        Case((4, 6, 3), 2, 2, dilation_rate=(1, 3), kernel_regularizer="l2", bias_constraint="non_neg"),
        Case((4, 6, 3), 2, 3, of="uint8", below=256),
        Case((6, 7, 2), 3, (3, 2), (2, 3), "same", activation="tanh"),
        Case((2, 6, 5), 4, (2, 3), 2, "same", groups=2, activation="softmax", use_bias=False,
            data_format="channels_first"),
        Case((5, 4, 3), 2, 1, 2, "same"),
        **CONV,
    ),
    "Conv2DTranspose": Cases(
        Case((3, 2, 4), filters=4, kernel_size=2),
        Case((5, 4, 2), 3, 2, strides=(2, 3), padding="same", output_padding=(1, 0)),
        Case((4, 6, 3), 4, (2, 3), 3, "same", (0, 2), "channels_first", activation="softmax"),
        Case((4, 3, 2), 3, (3, 2), (2, 3), "same", activation="tanh"),
        Case((3, 4, 2), 3, (4, 1), (3, 2), output_padding=(2, 1), activation="softmax", use_bias=False),
        **TRANSPOSED,
    ),
    "Conv3D": Cases(
        Case((4, 6, 6, 4), filters=4, kernel_size=2),
        Case((3, 4, 5, 1), 3, 2, padding="same", kernel_constraint="max_norm"),
        Case((3, 5, 4, 2), 2, (2, 3, 1), (1, 2, 2), "same"),
        Case((2, 3, 4, 3), 2, 2, dilation_rate=(1, 2, 1), data_format="channels_first"),
        **CONV,
    ),
    "Conv3DTranspose": Cases(
        Case((2, 3, 2, 4), filters=4, kernel_size=2),
        Case((3, 4, 5, 1), 2, 2, activation="tanh"),
        Case((4, 5, 6, 3), 2, 2, (2, 1, 2), "valid", None, (1, 0, 0), use_bias=False),
        Case((2, 2, 3, 2), 2, 2, 2, "same", data_format="channels_first"),
        **TRANSPOSED,
    ),
    "DepthwiseConv1D": Cases(
        Case((6, 4), kernel_size=2),
        Case((5, 2), 3, depth_multiplier=2, bias_initializer="ones"),
        Case((4, 6), 3, 2, "same", 2, activation="relu"),
        **DEPTHWISE,
    ),
    "DepthwiseConv2D": Cases(
        Case((4, 6, 4), kernel_size=2),
        Case((5, 4, 2), 2, padding="same", depthwise_regularizer="l1"),
        Case((4, 6, 3), 2, 1, "same", 3, "channels_first", (1, 2), "softmax"),
        Case((6, 5, 2), (2, 3), 1, "same", 2, dilation_rate=2),
        **DEPTHWISE,
    ),
    "SeparableConv1D": Cases(
        Case((6, 4), filters=4, kernel_size=2),
        Case((5, 2), 3, 2, dilation_rate=2, activation="gelu"),
        Case((6, 2), 3, 3, 2, "same", depth_multiplier=2, activation="relu"),
        **SEPARABLE,
    ),
    "SeparableConv2D": Cases(
        Case((4, 6, 4), filters=4, kernel_size=2),
        Case((5, 4, 2), 3, 2, depth_multiplier=2, pointwise_constraint="unit_norm"),
        Case((4, 6, 3), 4, 3, 2, depth_multiplier=2, activation="tanh"),
        Case((4, 6, 3), 5, 2, 1, "same", "channels_first", activation="softmax", use_bias=False),
        **SEPARABLE,
    ),
}  # fmt: skip
