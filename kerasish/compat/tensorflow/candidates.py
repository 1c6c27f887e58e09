"""Losses over many classes that look at a few of them, drawn by chance: for embeddings of words."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from kerasish import ops
from kerasish.backend.array import eager
from kerasish.backend.random import generator
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.nn import sigmoid_cross_entropy_with_logits
from kerasish.compat.tensorflow.random import key


class Candidates(NamedTuple):
    """Classes that were drawn, and how often the true ones and those were to be expected among them."""

    sampled_candidates: Any
    true_expected_count: Any
    sampled_expected_count: Any


def _drawn(shares: np.ndarray, true_classes: Any, count: int, unique: bool, seed: Any) -> Candidates:
    source = generator(key(seed))
    if not unique:
        chosen = source.choice(len(shares), count, p=shares)
        expected = shares * count
    else:
        if count > len(shares):
            raise ValueError(f"{count} different classes cannot be drawn of {len(shares)}")
        found: dict[int, None] = {}
        tries = 0
        while len(found) < count:
            tries += 1
            found[int(source.choice(len(shares), p=shares))] = None
        chosen = np.array(list(found), "int64")
        expected = -np.expm1(tries * np.log1p(-shares))
    wanted = np.asarray(true_classes)
    return Candidates(
        eager(chosen.astype("int64")),
        eager(expected[wanted].astype("float32")),
        eager(expected[chosen].astype("float32")),
    )


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: str | None = None,
) -> Candidates:
    """Classes by Zipf's law, for classes that are sorted from often to seldom: `log((k + 2)/(k + 1)) / log(n + 1)`."""
    ranks = np.arange(int(range_max))
    shares = np.log1p(1 / (ranks + 1)) / math.log(range_max + 1)
    return _drawn(shares / shares.sum(), true_classes, int(num_sampled), unique, seed)


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: str | None = None,
) -> Candidates:
    return _drawn(np.full(int(range_max), 1 / int(range_max)), true_classes, int(num_sampled), unique, seed)


def _logits(
    weights: Any, biases: Any, labels: Any, inputs: Any, count: Any, classes: Any, sampled: Any, remove: bool,
    seed: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """Logits of the true classes and of those that were drawn, each less the logarithm of how often it is expected."""
    given = np.asarray(labels).astype("int64")
    given = given.reshape(len(given), -1)
    drawn = sampled or log_uniform_candidate_sampler(given, given.shape[1], int(count), True, int(classes), seed)
    others = np.asarray(drawn[0])
    x = tensor(inputs)
    true = ops.sum(ops.multiply(ops.expand_dims(x, 1), ops.take(weights, given, 0)), -1)
    true = ops.subtract(ops.add(true, ops.take(biases, given, 0)), np.log(np.asarray(drawn[1]).reshape(given.shape)))
    false = ops.add(ops.matmul(x, ops.swapaxes(ops.take(weights, others, 0), 0, 1)), ops.take(biases, others, 0))
    false = ops.subtract(false, np.log(np.asarray(drawn[2])))
    if remove:
        hit = (others[None, :, None] == given[:, None, :]).any(-1)
        false = ops.where(hit, np.float32(np.finfo("float32").min), false)
    return true, false


def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    seed: Any = None,
    name: str = "sampled_softmax_loss",
) -> Any:
    """Crossentropy over the true class and `num_sampled` drawn ones, in place of all classes."""
    args = (num_sampled, num_classes, sampled_values, remove_accidental_hits, seed)
    true, false = _logits(weights, biases, labels, inputs, *args)
    both = ops.log_softmax(ops.concatenate([true, false], 1), -1)
    return ops.negative(ops.mean(both[:, :num_true], 1))


def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    name: str = "nce_loss",
) -> Any:
    """Whether each of the true and of the drawn classes is true, as a crossentropy of its own, summed."""
    args = (num_sampled, num_classes, sampled_values, remove_accidental_hits)
    true, false = _logits(weights, biases, labels, inputs, *args)
    logits = ops.concatenate([true, false], 1)
    wanted = np.zeros(logits.shape, "float32")
    wanted[:, :num_true] = 1 / num_true
    return ops.sum(sigmoid_cross_entropy_with_logits(wanted, logits), 1)
