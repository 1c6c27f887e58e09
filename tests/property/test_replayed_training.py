"""Random networks, losses, optimizers and options: a fit that replays its recorded step ends where the tape's does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasish as keras
from tests.optimizer_cases import CASES

layers, losses = keras.layers, keras.losses
Make = Callable[[], Any]

ACTIVATIONS = [
    "linear", "relu", "tanh", "sigmoid", "elu", "selu", "gelu", "softplus", "softsign", "silu", "leaky_relu", "mish",
    "hard_sigmoid", "relu6", "exponential", "softmax", "log_softmax", "celu",
]  # fmt: skip
PENALTIES = st.sampled_from([None, None, "l1", "l2", "L1L2"])
DENSE = st.fixed_dictionaries(
    {
        "units": st.sampled_from([1, 3, 8]),
        "activation": st.sampled_from(ACTIVATIONS),
        "use_bias": st.booleans(),
        "kernel_regularizer": PENALTIES,
        "bias_regularizer": PENALTIES,
        "activity_regularizer": PENALTIES,
        "kernel_constraint": st.sampled_from([None, None, "max_norm", "non_neg", "unit_norm"]),
    }
)
OTHERS: list[Make] = [
    layers.BatchNormalization, layers.LayerNormalization, layers.RMSNormalization, layers.UnitNormalization,
    layers.ReLU, layers.LeakyReLU, layers.PReLU, layers.ELU, layers.Softmax,
    lambda: layers.Rescaling(0.5, 0.1), lambda: layers.ActivityRegularization(0.01, 0.01),
    lambda: layers.Dropout(0.3, seed=3), lambda: layers.AlphaDropout(0.2, seed=3),
    lambda: layers.GaussianDropout(0.2, seed=3), lambda: layers.GaussianNoise(0.1, seed=3),
]  # fmt: skip


@st.composite
def hidden(draw: Any) -> Make:
    if draw(st.booleans()):
        config = draw(DENSE)
        return lambda: layers.Dense(**config)
    return draw(st.sampled_from(OTHERS))


NUMBERS = np.random.default_rng(0)
X = NUMBERS.standard_normal((33, 5)).astype("float32")
LABELS = NUMBERS.integers(0, 4, 33)
# the size and activation of the output, the targets, and losses to choose from
TASKS: dict[str, tuple[int, list[str | None], np.ndarray, list[Callable[[bool], Any]]]] = {
    "numbers": (
        3, [None, "tanh", "relu"], NUMBERS.standard_normal((33, 3)).astype("float32"),
        [lambda _, name=name: name for name in ("mse", "mae", "huber", "log_cosh", "cosine_similarity")],
    ),
    "yes or no": (
        1, ["sigmoid", None], (LABELS[:, None] > 1).astype("float32"),
        [
            lambda logits: losses.BinaryCrossentropy(from_logits=logits),
            lambda logits: losses.BinaryCrossentropy(from_logits=logits, label_smoothing=0.1),
            lambda logits: losses.BinaryFocalCrossentropy(from_logits=logits),
            lambda _: "hinge",
        ],
    ),
    "one hot": (
        4, ["softmax", None], np.eye(4, dtype="float32")[LABELS],
        [
            lambda logits: losses.CategoricalCrossentropy(from_logits=logits),
            lambda logits: losses.CategoricalCrossentropy(from_logits=logits, label_smoothing=0.1),
            lambda _: "categorical_hinge",
        ],
    ),
    "labels": (
        4, ["softmax", None], LABELS, [lambda logits: losses.SparseCategoricalCrossentropy(from_logits=logits)],
    ),
}  # fmt: skip
OPTIONS: list[dict[str, Any]] = [
    {}, {"clipnorm": 1.0}, {"global_clipnorm": 0.5}, {"clipvalue": 0.1}, {"use_ema": True}, {"weight_decay": 0.01},
    {"gradient_accumulation_steps": 2},
]  # fmt: skip


@settings(max_examples=40)
@given(
    stack=st.lists(hidden(), min_size=1, max_size=5),
    task=st.sampled_from(sorted(TASKS)),
    optimizer=st.sampled_from(sorted(CASES)),
    options=st.sampled_from(OPTIONS),
    batch_size=st.sampled_from([3, 8, 100]),
    weighted=st.booleans(),
    data=st.data(),
)
def test_replay_and_tape_agree(
    stack: list[Make], task: str, optimizer: str, options: Any, batch_size: int, weighted: bool, data: Any
) -> None:
    size, tops, y, kinds = TASKS[task]
    top, kind = data.draw(st.sampled_from(tops)), data.draw(st.sampled_from(kinds))
    fit = {"sample_weight": np.linspace(0, 1, len(X), dtype="float32")} if weighted else {}
    ends = []
    for eagerly in (True, False):
        keras.utils.set_random_seed(4)
        model = keras.Sequential([keras.Input((5,)), *[make() for make in stack], layers.Dense(size, top)])
        model.compile(getattr(keras.optimizers, optimizer)(**options), kind(top is None), run_eagerly=eagerly)
        history = model.fit(X, y, batch_size=batch_size, epochs=2, verbose=0, **fit).history
        ends.append((history["loss"], model.get_weights()))
    np.testing.assert_allclose(ends[1][0], ends[0][0], rtol=2e-4, atol=1e-5)
    for replayed, taped in zip(ends[1][1], ends[0][1], strict=True):
        np.testing.assert_allclose(replayed, taped, rtol=2e-3, atol=1e-4)
