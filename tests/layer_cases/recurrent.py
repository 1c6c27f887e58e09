"""Cases of the layers of `kerasish/layers/recurrent`."""

from typing import Any

from tests.layer_cases.case import Case, Cases, With

LOOPED: dict[str, list[Any]] = {
    "return_sequences": [True], "return_state": [False], "go_backwards": [True], "stateful": [False], "unroll": [True],
}  # fmt: skip
STEPPED = {**LOOPED, "units": [2], "dropout": [0.5], "recurrent_dropout": [0.5]}
GATED = {
    **STEPPED, "activation": ["relu"], "recurrent_activation": ["hard_sigmoid"], "use_bias": [False],
    "use_cudnn": [False],
}  # fmt: skip

CASES = {
    "Bidirectional": Cases(
        Case((5, 2), layer=With(lambda k: k.layers.LSTM(3))),
        Case((5, 2), With(lambda k: k.layers.LSTM(3, dropout=0.1)), "sum",
            backward_layer=With(lambda k: k.layers.GRU(3, go_backwards=True))),
        layer=[With(lambda k: k.layers.GRU(2, return_sequences=True))], merge_mode=["sum", "mul", "ave"],
        weights=[None], backward_layer=[With(lambda k: k.layers.LSTM(3, "relu", go_backwards=True))],
    ),
    "ConvLSTM1D": Cases(
        Case((3, 5, 2), 2, 2, recurrent_dropout=0.1),
    ),
    "ConvLSTM2D": Cases(
        Case((3, 4, 5, 2), 2, 2, strides=2, padding="same", return_sequences=True),
    ),
    "ConvLSTM3D": Cases(
        Case((2, 3, 4, 3, 1), 2, 2, activation="relu"),
    ),
    "GRU": Cases(
        Case((5, 2), units=3),
        Case((5, 2), 3, dropout=0.1, recurrent_dropout=0.2, seed=1),
        reset_after=[False], **GATED,
    ),
    "GRUCell": Cases(
        Case((5, 2), whole=lambda k: k.layers.RNN(k.layers.GRUCell(3, reset_after=False))),
    ),
    "LSTM": Cases(
        Case((5, 2), units=3),
        Case((5, 2), 3, recurrent_activation="hard_sigmoid", unit_forget_bias=False, go_backwards=True),
        unit_forget_bias=[False], **GATED,
    ),
    "LSTMCell": Cases(
        Case((5, 2), whole=lambda k: k.layers.RNN(k.layers.LSTMCell(3, kernel_regularizer="l2",
            recurrent_constraint="max_norm"))),
    ),
    "RNN": Cases(
        Case((5, 2), cell=With(lambda k: k.layers.LSTMCell(3))),
        Case((5, 2), With(lambda k: [k.layers.LSTMCell(3), k.layers.GRUCell(2)]), zero_output_for_mask=True),
        cell=[With(lambda k: k.layers.GRUCell(2))], zero_output_for_mask=[True], **LOOPED,
    ),
    "SimpleRNN": Cases(
        Case((5, 2), units=3),
        Case((5, 2), 3, activation="relu", use_bias=False, return_sequences=True),
        activation=["relu"], use_bias=[False], **STEPPED,
    ),
    "SimpleRNNCell": Cases(
        Case((5, 2), whole=lambda k: k.layers.RNN(k.layers.SimpleRNNCell(3, dropout=0.1))),
    ),
    "StackedRNNCells": Cases(
        Case((5, 2), whole=lambda k: k.layers.RNN(k.layers.StackedRNNCells([k.layers.SimpleRNNCell(3),
            k.layers.LSTMCell(2)]))),
    ),
}  # fmt: skip
