"""CTC against its definition: every path, spelled out."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest

import kerasish as keras
from kerasish import ops
from kerasish.backend.tape import GradientTape

RNG = np.random.default_rng(3)
# Logits that say 1, 1, blank, 1, 2.
SAID = (np.eye(3)[[1, 1, 0, 1, 2]] * 5)[None]


def _spelled(path: tuple[int, ...], blank: int) -> tuple[int, ...]:
    merged = [label for label, _ in itertools.groupby(path)]
    return tuple(label for label in merged if label != blank)


def _probabilities(logits: np.ndarray, blank: int) -> dict[tuple[int, ...], float]:
    """How probable each sequence of labels is: the sum over all paths that spell it."""
    steps, classes = logits.shape
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(classes), repeat=steps):
        found[_spelled(path, blank)] += float(np.prod(shares[np.arange(steps), path]))
    return found


@pytest.mark.parametrize("blank", [0, 2])
def test_the_loss_is_the_sum_over_all_paths(blank: int) -> None:
    labels = [c for c in range(3) if c != blank]
    targets = [(), (labels[0],), (labels[0], labels[0]), (labels[1], labels[0]), (labels[0], labels[1], labels[0])]
    logits, steps = RNG.normal(0, 2, (len(targets), 5, 3)), np.array([3, 5, 4, 2, 5])
    padded = np.array([[*target, 9, 9, 9][:3] for target in targets])  # what lies beyond a target's length is not read
    found = ops.ctc_loss(padded, logits, np.array([len(t) for t in targets]), steps, blank)
    for loss, target, row, size in zip(found, targets, logits, steps, strict=True):
        np.testing.assert_allclose(loss, -np.log(_probabilities(row[:size], blank)[target]), rtol=1e-10)


@pytest.mark.parametrize("blank", [0, 2])
def test_a_wide_beam_finds_the_likeliest_labels(blank: int) -> None:
    logits, steps = RNG.normal(0, 1.5, (4, 5, 3)), np.array([5, 4, 1, 5])
    labels, scores = ops.ctc_decode(logits, steps, "beam_search", beam_width=200, top_paths=5, mask_index=blank)
    assert labels.shape == (5, 4, 5) and scores.shape == (4, 5)
    for sample, size in enumerate(steps):
        true = _probabilities(logits[sample, :size], blank)
        best = sorted(true, key=true.__getitem__, reverse=True)[:5]
        for rank in range(5):
            spelled = tuple(int(label) for label in labels[rank, sample] if label >= 0)
            if rank >= len(best):  # a single step says no more than three things
                assert spelled == () and scores[sample, rank] == -np.inf
                continue
            assert spelled == best[rank]
            np.testing.assert_allclose(scores[sample, rank], np.log(true[spelled]), rtol=1e-10)


def test_a_narrow_beam_counts_no_path_twice() -> None:
    logits = RNG.normal(0, 1, (8, 6, 3))
    labels, scores = ops.ctc_decode(logits, np.full(8, 6), "beam_search", beam_width=3, top_paths=3)
    for sample in range(8):
        true = _probabilities(logits[sample], 0)
        for rank in range(3):
            spelled = tuple(int(label) for label in labels[rank, sample] if label >= 0)
            assert scores[sample, rank] <= np.log(true[spelled]) + 1e-9


@pytest.mark.parametrize(("merge", "read"), [(True, [1, 1, 2, -1, -1]), (False, [1, 1, 1, 2, -1])])
def test_the_greedy_way(merge: bool, read: list[int]) -> None:
    labels, scores = ops.ctc_decode(SAID, [5], merge_repeated=merge)
    np.testing.assert_array_equal(labels, [[read]])
    np.testing.assert_allclose(scores, [[-25.0]])


def test_what_cannot_be_spelled_costs_much_and_pulls_nothing() -> None:
    x = RNG.normal(size=(2, 3, 3))
    with GradientTape() as tape:
        watched = tape.watch(x)
        losses = ops.ctc_loss([[1, 1], [1, 2]], watched, [2, 2], [2, 2])  # two equal labels need a blank between them
    assert losses.value[0] == 1e5 and losses.value[1] < 100
    slopes = tape.gradient(losses, watched)
    assert not slopes[0].any() and slopes[1, :2].any() and not slopes[1, 2].any()


def test_long_sequences_stay_finite() -> None:
    """The probability of one path among 500 steps is far below what a float holds."""
    x = np.zeros((1, 500, 5), "float32")
    with GradientTape() as tape:
        watched = tape.watch(x)
        loss = ops.ctc_loss(np.tile([1, 2, 3, 4], 10)[None], watched, [40], [500])
    assert 500 < float(loss.value[0]) < 5000
    assert np.isfinite(tape.gradient(loss, watched)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[3]], np.zeros((1, 2, 3)), [1], [2]), "the label 3 stands for none of the 3 classes"),
        (([[-1]], np.zeros((1, 2, 3)), [1], [2]), "the label -1"),
        (([1], np.zeros((1, 2, 3)), [1], [2]), r"received shapes \(1,\), \(1, 2, 3\)"),
        (([[1]], np.zeros((2, 2, 3)), [1], [2]), "one target for each output"),
        (([[1]], np.zeros((1, 2, 3)), [1], [2], 3), "received mask_index=3"),
    ],
)
def test_what_ctc_loss_refuses(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ops.ctc_loss(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "best"}, "received strategy='best'"),
        ({"strategy": "beam_search", "beam_width": 2, "top_paths": 3}, "top_paths=3, beam_width=2"),
        ({"mask_index": 3}, "received mask_index=3"),
        ({"sequence_lengths": [[5]]}, r"received shapes \(1, 5, 3\) and \(1, 1\)"),
    ],
)
def test_what_ctc_decode_refuses(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ops.ctc_decode(SAID, **{"sequence_lengths": [5], **options})


def test_a_network_learns_to_read_and_its_steps_are_recorded() -> None:
    """Labels that each stand for two steps, at places that vary: the recorded steps go as those on the tape."""
    target = RNG.integers(1, 4, (16, 3))
    starts = np.sort(RNG.permuted(np.tile(np.arange(0, 10, 2), (16, 1)), axis=1)[:, :3], axis=1)
    x = np.zeros((16, 10, 4), "float32")
    for i in range(16):
        for label, start in zip(target[i], starts[i], strict=True):
            x[i, start : start + 2, label] = 1

    def trained(recorded: bool) -> tuple[keras.Model, list[float]]:
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((10, 4)), keras.layers.Conv1D(8, 3, padding="same", activation="tanh")])
        model.add(keras.layers.Dense(4))
        model.compile(keras.optimizers.Adam(0.03), keras.losses.CTC(), run_eagerly=not recorded)
        return model, model.fit(x, target, 8, 25, verbose=0, shuffle=False).history["loss"]

    (model, losses), (_, slow) = trained(True), trained(False)
    assert model.why_not_recorded() is None
    np.testing.assert_allclose(losses, slow, rtol=2e-4)
    assert losses[-1] < 0.3 * losses[0]
    read = ops.ctc_decode(model.predict(x, verbose=0), np.full(16, 10))[0][0]
    assert np.mean(read[:, :3] == target) > 0.8
