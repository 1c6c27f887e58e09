"""Cases of the layers of `kerasish/layers/core`."""

from tests.layer_cases.case import Case, Cases, Refused, With

CASES = {
    "Activation": Cases(
        Case((4,), activation="tanh"),
        Case((3,), With(lambda k: k.activations.softmax)),
        activation=["softmax", With(lambda k: k.ops.gelu), With(lambda k: k.activations.gelu)],
    ),
    "Dense": Cases(
        Case((3,), units=4),
        Case((4,), 3, activation="tanh", kernel_regularizer="l2", kernel_constraint="max_norm"),
        Case((2, 4), 3, use_bias=False),
        units=[2], use_bias=[False], dtype=[Refused("mixed_float16", "float16")],
        activation=["softmax", With(lambda k: k.ops.gelu), "glu",
            Refused(With(lambda k: k.activations.sparsemax), "'sparsemax'")],
    ),
    "EinsumDense": Cases(
        Case((3, 2), equation="abc,cd->abd", output_shape=(None, 4)),
        Case((4, 6), "abc,cd->abd", (None, 5), "relu", bias_axes="d"),
        Case((4, 6), "abc,cde->abde", (None, 2, 3), bias_axes="de", bias_initializer="ones"),
        Case((4, 6), "...x,xy->...y", 5, bias_axes="y"),
        Case((4, 6), "ab...,bc->ac...", 5, bias_axes="c", bias_initializer="ones"),
        Case((4, 6), "abc,bd->adc", (3, None), bias_axes="d"),
        equation=["aXc,cd->aXd"], output_shape=[(3, 2)], activation=["softmax", "glu"], bias_axes=["d", "bd"],
        gptq_unpacked_column_size=[None],
    ),
    "Embedding": Cases(
        Case((4,), input_dim=6, output_dim=2, of="int32", below=6),
        Case((4,), 6, 3, embeddings_regularizer="l1", of="int32"),
        Case((5,), 7, 3, of="uint8", below=7),
        Case((5,), 7, 3, "normal", "l2", "unit_norm", mask_zero=True, of="uint8", below=7, refused="mask_zero=True"),
        input_dim=[7], output_dim=[3], mask_zero=[False], weights=[None],
    ),
    "Identity": Cases(
        Case((4,)),
    ),
    "Masking": Cases(
        Case((3, 4), 0.5),
    ),
    "ReversibleEmbedding": Cases(
        Case((4,), input_dim=6, output_dim=2, of="int32", below=6),
        Case((4,), 6, 3, tie_weights=False, of="int32"),
        Case((4,), 300, 3, tie_weights=False, of="int32", below=300),
        input_dim=[7], output_dim=[3], mask_zero=[False], tie_weights=[False], reverse_dtype=["float32"],
        logit_soft_cap=[2.0],
    ),
    "TimeDistributed": Cases(
        Case((3, 4), layer=With(lambda k: k.layers.Dense(2))),
        Case((3, 4), With(lambda k: k.layers.Dense(3, "tanh"))),
        Case((2, 4, 3, 1), With(lambda k: k.layers.Conv2D(3, 2, padding="same"))),
        Case((3, 4, 2), With(lambda k: k.layers.Flatten())),
        layer=[With(lambda k: k.layers.Flatten()), With(lambda k: k.layers.BatchNormalization(epsilon=1.0))],
    ),
}  # fmt: skip
