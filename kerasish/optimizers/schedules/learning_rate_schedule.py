"""Learning rate schedules: functions of the step, computed with Python floats because they run in every step."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np

from kerasish.backend.config import floatx


class LearningRateSchedule:
    """A learning rate that depends on the step: called with the step, it returns the rate.

    An optimizer takes a schedule as its `learning_rate`. Subclasses define `__call__(self, step)`, and `get_config`
    to be saved.

    Example:
        >>> import kerasish as keras
        >>> class Inverse(keras.optimizers.schedules.LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.1 / (step + 1)
        >>> optimizer = keras.optimizers.SGD(learning_rate=Inverse())
    """

    def __call__(self, step: Any) -> Any:
        """The rate at a step.

        Args:
            step: how many steps came before; an array of steps gives an array of rates.
        """
        if getattr(step, "shape", ()):
            rates = [self._rate(float(one)) for one in np.ravel(step)]
            return np.array(rates, floatx()).reshape(np.shape(step))
        return self._rate(float(step))

    def _rate(self, step: float) -> float:
        raise NotImplementedError(f"{type(self).__name__} must define `__call__(self, step)`")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule anew."""
        raise NotImplementedError(f"{type(self).__name__} must define `get_config(self)` to be saved")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A schedule from the result of `get_config`."""
        return cls(**config)


class DecayByTime(LearningRateSchedule):
    """A rate that depends on how often `decay_steps` have passed, which `staircase` rounds down."""

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool, name: str
    ) -> None:
        _check_positive("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def _time(self, step: float) -> float:
        time = step / self.decay_steps
        return math.floor(time) if self.staircase else time

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class ExponentialDecay(DecayByTime):
    """A rate that shrinks by the same factor every `decay_steps`: `initial * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: a positive number of steps.
        decay_rate: the factor.
        staircase: whether the exponent is rounded down, so that the rate falls in steps.
        name: a name for the config.

    Raises:
        ValueError: if `decay_steps` is not positive.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=10, decay_rate=0.5)
        >>> schedule(0), schedule(20)
        (0.5, 0.125)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def _rate(self, step: float) -> float:
        return float(self.initial_learning_rate * self.decay_rate ** self._time(step))


class PiecewiseConstantDecay(LearningRateSchedule):
    """A rate that is constant between boundaries: `values[i]` while `boundaries[i - 1] < step <= boundaries[i]`.

    Args:
        boundaries: the last step of each value but the last, increasing.
        values: the rates, one more than there are boundaries.
        name: a name for the config.

    Raises:
        ValueError: if the lengths do not fit or the boundaries do not increase.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.PiecewiseConstantDecay([100, 200], [1.0, 0.5, 0.1])
        >>> schedule(100), schedule(101), schedule(1000)
        (1.0, 0.5, 0.1)
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(values) != len(boundaries) + 1:
            raise ValueError(
                f"values must be one longer than boundaries; received {len(values)} values and {len(boundaries)} "
                "boundaries"
            )
        if any(high <= low for low, high in pairwise(boundaries)):
            raise ValueError(f"boundaries must increase; received boundaries={boundaries}")
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def _rate(self, step: float) -> float:
        return float(self.values[bisect_left(self.boundaries, step)])

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


class PolynomialDecay(LearningRateSchedule):
    """A rate that goes from one value to another along a power: `(initial - end) * (1 - step / n) ** power + end`.

    After `n = decay_steps` the rate stays at `end`; with `cycle`, `n` becomes the next multiple of `decay_steps`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: a positive number of steps.
        end_learning_rate: the rate at the end.
        power: 1 is a straight line.
        cycle: whether the rate rises again after `decay_steps`.
        name: a name for the config.

    Raises:
        ValueError: if `decay_steps` is not positive.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.PolynomialDecay(1.0, decay_steps=10, end_learning_rate=0.5)
        >>> schedule(0), schedule(5), schedule(50)
        (1.0, 0.75, 0.5)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        _check_positive("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def _rate(self, step: float) -> float:
        decay_steps = self.decay_steps
        if self.cycle:
            decay_steps *= max(1, math.ceil(step / decay_steps))
        left = 1 - min(step / decay_steps, 1.0)
        return float((self.initial_learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class InverseTimeDecay(DecayByTime):
    """A rate that shrinks like one over time: `initial / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: a positive number of steps.
        decay_rate: how fast it shrinks.
        staircase: whether `step / decay_steps` is rounded down, so that the rate falls in steps.
        name: a name for the config.

    Raises:
        ValueError: if `decay_steps` is not positive.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=10, decay_rate=1.0)
        >>> schedule(0), schedule(10)
        (1.0, 0.5)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def _rate(self, step: float) -> float:
        return float(self.initial_learning_rate / (1 + self.decay_rate * self._time(step)))


class CosineDecay(LearningRateSchedule):
    """A rate that falls along half a cosine wave, after an optional linear warmup.

    Falling from `top`, `step` steps into the decay: `top * ((1 - alpha) * (1 + cos(pi * step / decay_steps)) / 2 +
    alpha)`. Without a warmup, `top` is the initial rate; with one, the rate first rises to `warmup_target` in
    `warmup_steps`, and falls from there.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: a positive number of steps, not counting the warmup.
        alpha: the share of `top` that is left at the end.
        name: a name for the config.
        warmup_target: the rate at the end of the warmup; None for no warmup.
        warmup_steps: the length of the warmup.

    Raises:
        ValueError: if `decay_steps` is not positive.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=1.0, warmup_steps=10)
        >>> schedule(5), schedule(10), round(schedule(60), 6), schedule(110)
        (0.5, 1.0, 0.5, 0.0)

    Source: Loshchilov & Hutter, 2017, SGDR, eq. 5, https://arxiv.org/abs/1608.03983
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        _check_positive("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def _rate(self, step: float) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return float(top + (self.warmup_target - top) * (step / self.warmup_steps))
            step -= self.warmup_steps
            top = self.warmup_target
        return float(top * _cosine_share(min(step / self.decay_steps, 1.0), self.alpha))

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """A rate that falls along half a cosine wave, again and again (SGDR).

    Run `i` is `first_decay_steps * t_mul ** i` steps long and starts from `initial * m_mul ** i`; in it the rate
    falls as in `CosineDecay`.

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: the length of the first run, positive.
        t_mul: how much longer each run is than the one before.
        m_mul: how much higher each run starts than the one before.
        alpha: the share of the initial rate below which no run falls.
        name: a name for the config.

    Raises:
        ValueError: if `first_decay_steps` is not positive, or when called with a step after the last run, which
            there is if `t_mul` is below 1.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.CosineDecayRestarts(1.0, 10, t_mul=2.0, m_mul=0.5)
        >>> schedule(0), schedule(10), schedule(30)
        (1.0, 0.5, 0.25)

    Source: Loshchilov & Hutter, 2017, SGDR, https://arxiv.org/abs/1608.03983
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        _check_positive("first_decay_steps", first_decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def _rate(self, step: float) -> float:
        restarts, fraction = self._run_at(step / self.first_decay_steps)
        return float(self.initial_learning_rate * _cosine_share(fraction, self.alpha, self.m_mul**restarts))

    def _run_at(self, time: float) -> tuple[int, float]:
        """The number of the run at `time`, in lengths of the first run, and how much of that run is over."""
        growth = self.t_mul
        if growth == 1:
            restarts = math.floor(time)
            return restarts, time - restarts
        scale = 1 + time * (growth - 1)  # of a run that would start now
        if scale <= 0:
            raise ValueError(
                f"with t_mul={growth} all runs together take {self.first_decay_steps / (1 - growth)} steps, and these "
                "are over. Use a larger t_mul or first_decay_steps."
            )
        restarts = math.floor(math.log(scale) / math.log(growth))
        if time >= (growth ** (restarts + 1) - 1) / (growth - 1):
            restarts += 1  # the logarithms were rounded down at the very start of a run
        start = (growth**restarts - 1) / (growth - 1)
        return restarts, (time - start) / growth**restarts

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


def _cosine_share(fraction: float, alpha: float, height: float = 1.0) -> float:
    """How much of the rate is left when `fraction` of half a cosine wave of this height is over."""
    return (1 - alpha) * 0.5 * height * (1 + math.cos(math.pi * fraction)) + alpha


def _check_positive(name: str, value: float) -> None:
    if value <= 0:
        raise ValueError(f"{name} must be positive; received {name}={value}")
