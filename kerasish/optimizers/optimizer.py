"""The base of every optimizer: from gradients to new values of the variables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from kerasish.backend import dtypes, fast
from kerasish.backend.array import eager
from kerasish.backend.callers import warn
from kerasish.backend.pieces import piece_of
from kerasish.backend.plans import copied
from kerasish.backend.room import Calls
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.trace import in_place
from kerasish.backend.variable import Variable
from kerasish.optimizers.state import OptimizerState


class Optimizer(OptimizerState):
    """Changes variables along their gradients.

    A rule that works number by number defines `update`, on stretches of one flat array of all parameters; one
    that needs a variable's shape, or a user's own, defines `update_step(gradient, variable, learning_rate)`.

    Args:
        learning_rate: the step size: a number, a schedule, or a callable without arguments.
        weight_decay: the share of each variable, times the learning rate, that is taken off in each step.
        clipnorm: the largest norm that the gradient of one variable may have.
        clipvalue: the largest size that a number of a gradient may have.
        global_clipnorm: the largest norm that all gradients together may have.
        use_ema: keep an exponential moving average of the variables, and end training with it.
        ema_momentum: the share of the old average in the new one.
        ema_overwrite_frequency: after how many steps the variables become their averages.
        loss_scale_factor: a number by which the loss, and so the gradients, are scaled up to keep float16 from
            underflowing.
        gradient_accumulation_steps: how many steps' gradients are averaged into one update.
        name: the optimizer's name.

    Raises:
        ValueError: if an option is out of its range, or more than one kind of clipping is asked for.
    """

    # whether the rule is an `update` of stretches, and whether nothing stands between a gradient and the rule
    _elementwise: ClassVar[bool] = True
    steps_directly: ClassVar[bool] = True
    _has_pieces = False  # whether some variables are cut over processes

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._elementwise = cls._elementwise and cls.update_step is Optimizer.update_step
        cls.steps_directly = (cls.apply, cls.apply_gradients) == (Optimizer.apply, Optimizer.apply_gradients)

    def build(self, var_list: list[Variable]) -> None:
        """Make the state for these variables, and move them into one flat array for each dtype.

        Raises:
            NotImplementedError: if a variable is cut over processes, and the rule needs it whole.
        """
        refuse_pieces(self, var_list)
        self._has_pieces = any(piece_of(v) is not None for v in var_list)
        super().build(var_list)

    # -- the step --------------------------------------------------------------------------------------------

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        """The rule, in place, on a stretch of parameters.

        Args:
            p, g: the parameters and their gradients.
            slots: the states, in the order of `slot_groups`.
            rate: the learning rate.
            step: the number of this update, from 1.
            scratch: two arrays of the same length to work in.
        """
        raise NotImplementedError(f"{type(self).__name__} defines neither `update` nor `update_step`")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """The rule for one variable."""
        position = self._index[id(variable)]
        slots = [self._slots[name][position]._value.reshape(-1) for names in self.slot_groups() for name in names]
        g = np.array(gradient, variable._value.dtype).reshape(-1)
        variable.detach()
        scratch = [np.empty_like(g) for _ in range(2)]
        rate = float(learning_rate)
        self.update(variable._value.reshape(-1), g, slots, rate, self._step_number(), scratch)

    def _step_number(self) -> int:
        done = self._iterations._value.item()
        return done // (self.gradient_accumulation_steps or 1) + 1

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Any:
        """Make one step with pairs of a gradient and its variable."""
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("apply_gradients received no gradients")
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self._iterations

    @in_place("kerasish.optimizers.optimizer:planned_step")
    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Make one step.

        Args:
            grads: a gradient for each variable; None where there is none.
            trainable_variables: the variables; those of `build` by default.

        Raises:
            ValueError: if every gradient is None, or a variable was not there when the optimizer was built.
        """
        gradients = list(grads)
        if not gradients:
            return
        if recording.trace is not None:
            changed = self._trainable_variables if trainable_variables is None else list(trainable_variables)
            if not self.built:
                self.build(changed)
            recording.trace.act(self.apply, gradients, changed, changes=[*changed, *self.variables])
            return
        if trainable_variables is None and not self.built:
            raise ValueError(
                f"the optimizer {self.name!r} does not know its variables yet: pass them to `apply`, or call "
                "`optimizer.build(variables)` first"
            )
        variables = self._trainable_variables if trainable_variables is None else list(trainable_variables)
        if len(gradients) != len(variables):
            raise ValueError(f"apply received {len(gradients)} gradients for {len(variables)} variables")
        if not self.built:
            self.build(variables)
        self.check_known(variables)
        missing = [v.path for g, v in zip(gradients, variables, strict=True) if g is None]
        if len(missing) == len(variables):
            raise ValueError(
                f"there is no gradient for any variable ({', '.join(missing[:5])}): the loss does not depend on them. "
                "Compute it inside the tape, from the model's output, with kerasish.ops or NumPy functions."
            )
        if missing:
            warn(f"no gradient for {missing}: these variables stay as they are")
        present = [(_array(g), v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        only = self.only([v for _, v in present])
        if only is not None:
            for group in self._groups:
                group.gradients.fill(0)  # what another step left must not count in this one
        for variable in self._overwritten:
            self.leave(variable)
        for g, v in present:
            if np.shape(g) != v._value.shape:
                raise ValueError(f"the gradient of {v.path!r} has shape {np.shape(g)}; the variable has {v.shape}")
            np.copyto(self.gradient_of[id(v)], g, casting="same_kind")
        self.step(only)

    def check_known(self, variables: list[Variable]) -> None:
        """Check that the optimizer was built for these variables.

        Raises:
            ValueError: if it knows others.
        """
        unknown = [v.path for v in variables if id(v) not in self.gradient_of]
        if unknown:
            raise ValueError(
                f"the optimizer {self.name!r} was built for other variables than {unknown}; call "
                "`optimizer.build(variables)` with all of them first, or use a new optimizer"
            )

    def step(self, only: list[Variable] | None = None) -> None:
        """Make one step with the gradients that lie in the flat arrays, for all variables or only some."""
        for group in self._groups:
            group.claim()
        if self.loss_scale_factor:
            for group in self._groups:
                group.gradients *= 1.0 / self.loss_scale_factor
        if not self.gradient_accumulation_steps or self._accumulate():
            self._update_all(only)
        if self.use_ema:
            self._average()
        for variable in only or self._trainable_variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(eager(variable._value)))
        for variable in self._overwritten:
            variable.assign(self.gradient_of[id(variable)])
        count = self._iterations._value
        count.fill(count.item() + 1)  # an eighth of what += takes for one number

    def _accumulate(self) -> bool:
        """Add the gradients to those of earlier steps; whether this is the step that uses them."""
        steps = self.gradient_accumulation_steps
        assert steps is not None
        due = (int(self._iterations._value) + 1) % steps == 0
        for group, slots in zip(self._groups, self._flat_slots, strict=True):
            total = slots["gradient_accumulator"]
            total += group.gradients
            if due:
                np.multiply(total, 1.0 / steps, out=group.gradients)
                total.fill(0)
        return due

    def _update_all(self, only: list[Variable] | None) -> None:
        rate = self._current_learning_rate()
        if self.clipnorm or self.clipvalue or self.global_clipnorm:
            self._clip(only)
        self._decay(rate, only)
        if only is not None or not self._elementwise:
            for variable in only or self._trainable_variables:
                self.update_step(eager(self.gradient_of[id(variable)]), variable, rate)
        else:
            self._update_flat(rate)

    def _update_flat(self, rate: float) -> None:
        step = self._step_number()
        for group, whole, stretches in self._work:
            size = len(group.values)
            fused = self.fused(rate, step) if fast.is_wanted(size) and group.values.dtype == np.float32 else None
            loop = None if fused is None else fast.kernel(fused[0])
            if fused is not None and loop is not None:
                loop(*whole, *map(np.float32, fused[1]))
                continue
            for p, g, slots, scratch in stretches:
                self.update(p, g, slots, rate, step, scratch)

    def _numbers(self, kind: np.dtype[Any], *values: float) -> list[np.ndarray]:
        """Numbers as arrays without axes, which NumPy takes in half the time that a Python float needs.

        They are kept for the next step, as long as the values are the same.
        """
        if self._constants[0] != (kind, values):
            self._constants = (kind, values), [np.array(value, kind) for value in values]
        return self._constants[1]

    def fused(self, rate: float, step: int) -> tuple[str, tuple[float, ...]] | None:
        """The fused loop of `backend.fast_loops` that equals `update`, and its constants; None if there is none."""
        return None

    def _clip(self, only: list[Variable] | None) -> None:
        chosen = only or self._trainable_variables
        if self.clipvalue:
            for group in self._groups:
                np.clip(group.gradients, -self.clipvalue, self.clipvalue, out=group.gradients)
        elif self.clipnorm:
            for variable in chosen:
                g = self.gradient_of[id(variable)].reshape(-1)
                g *= self.clipnorm / max(float(np.sqrt(self._square([g], [variable]))), self.clipnorm)
        elif self.global_clipnorm:
            flats = [self.gradient_of[id(v)].reshape(-1) for v in chosen] if only else self._all_gradients()
            norm = float(np.sqrt(self._square(flats, chosen)))
            # a norm that is not a number spoils every gradient, so that an overflow is seen and not half hidden
            factor = self.global_clipnorm / max(norm, self.global_clipnorm) if np.isfinite(norm) else np.nan
            for g in flats:
                g *= factor

    def _square(self, flats: list[np.ndarray], variables: list[Variable]) -> float:
        """The sum of the squares of these variables' gradients, all parts of those that are cut over processes.

        Args:
            flats: the gradients, which may lie together in fewer arrays.
            variables: whose they are.
        """
        if not self._has_pieces:
            return sum(float(g @ g) for g in flats)
        cut = [v for v in variables if piece_of(v) is not None]
        squares = {id(v): float(np.vdot(g, g)) for v in variables for g in [self.gradient_of[id(v)]]}
        if not cut:
            return sum(squares.values())
        elsewhere = np.array([sum(squares.pop(id(v)) for v in cut)])
        piece_of(cut[0]).ranks.add(elsewhere)  # type: ignore[union-attr]  # all are cut over the same processes
        return sum(squares.values()) + float(elsewhere[0])

    def _all_gradients(self) -> list[np.ndarray]:
        return [group.gradients for group in self._groups]

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Keep variables from decaying: those in `var_list`, or whose path matches a pattern of `var_names`.

        Raises:
            ValueError: if the optimizer was built already.
        """
        if self.built:
            raise ValueError("exclude_from_weight_decay must be called before the optimizer is built")
        self._undecayed |= {id(v) for v in var_list or []}
        self._undecayed_names += list(var_names or [])

    def _use_weight_decay(self, variable: Variable) -> bool:
        named = any(re.search(pattern, variable.name) for pattern in self._undecayed_names)
        return id(variable) not in self._undecayed and not named

    def _decay(self, rate: float, only: list[Variable] | None) -> None:
        if not self.weight_decay:
            return
        keep = 1.0 - rate * self.weight_decay
        if only is None and not self._undecayed and not self._undecayed_names:
            for group in self._groups:
                group.values *= keep
            return
        chosen = {id(v) for v in only or self._trainable_variables if self._use_weight_decay(v)}
        for group in self._groups:
            for part in group.ranges(chosen):
                group.values[part] *= keep

    def _average(self) -> None:
        done = self._step_number() - 1
        share = self.ema_momentum if done else 0.0
        every = self.ema_overwrite_frequency
        for group, slots in zip(self._groups, self._flat_slots, strict=True):
            average = slots["average"]
            average *= share
            average += (1.0 - share) * group.values
            if every and (done + 1) % every == 0:
                group.values[...] = average

    def finalize_variable_values(self, var_list: Any) -> None:
        """At the end of training: the variables become their moving averages, if there are any."""
        if self.use_ema and self.built:
            for group, slots in zip(self._groups, self._flat_slots, strict=True):
                group.claim()
                group.values[...] = slots["average"]

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the scale factor."""
        return loss if not self.loss_scale_factor else loss * self.loss_scale_factor

    def stateless_apply(self, optimizer_variables: list[Any], grads: list[Any], trainable_variables: list[Any]) -> Any:
        """What one step would make of these values, while the variables themselves stay as they are.

        Args:
            optimizer_variables: a value for each of `variables`.
            grads: a gradient for each variable of `build`.
            trainable_variables: a value for each variable of `build`.

        Returns:
            The new values of the trainable variables, and those of the optimizer's.

        Raises:
            ValueError: if the optimizer is not built, or the numbers of values do not match.
        """
        if not self.built:
            raise ValueError(f"{type(self).__name__} must be built before stateless_apply: call build(variables) first")
        own, trained = self.variables, self._trainable_variables
        if (len(optimizer_variables), len(trainable_variables)) != (len(own), len(trained)):
            raise ValueError(
                f"stateless_apply needs {len(own)} values for the optimizer's variables and {len(trained)} for the "
                f"trainable ones; received {len(optimizer_variables)} and {len(trainable_variables)}"
            )
        before = [(v, v.numpy()) for v in (*trained, *own)]
        try:
            for variable, value in zip((*trained, *own), (*trainable_variables, *optimizer_variables), strict=True):
                variable.assign(value)
            self.apply(grads)
            return [v.numpy() for v in trained], [v.numpy() for v in own]
        finally:
            for variable, value in before:
                variable.assign(value)

    # -- the protocol of optimizers that users write -----------------------------------------------------------

    def assign(self, variable: Variable, value: Any) -> None:
        """Set a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a variable."""
        variable.assign_sub(value)


def refuse_pieces(optimizer: Any, variables: Iterable[Variable]) -> None:
    """Refuse variables that are cut over processes, for an optimizer whose rule needs them whole."""
    if optimizer._elementwise and not optimizer.scale_changes:
        return
    for variable in variables:
        if piece_of(variable) is not None:
            raise NotImplementedError(
                f"the optimizer {optimizer.name!r} ({type(optimizer).__name__}) looks at a variable as a whole, and "
                f"{variable.path!r} is cut over processes. Use a rule that works number by number, such as Adam or SGD"
            )


def _array(gradient: Any) -> np.ndarray:
    if isinstance(gradient, Tensor):
        return gradient.value
    if isinstance(gradient, Variable):
        return gradient._value
    value = np.asarray(gradient)
    return value if dtypes.is_float_dtype(value.dtype) else value.astype("float32")


def planned_step(optimizer: Optimizer, gradients: list[Any], variables: list[Variable]) -> Calls | None:
    """A step of `apply` in a recorded step, for all variables that the optimizer knows."""
    places = optimizer.gradient_of
    if {id(v) for v in variables} != set(places) or len(variables) != len(gradients):
        return None
    pairs = [(places[id(v)], g) for v, g in zip(variables, gradients, strict=True)]
    if not all(isinstance(g, np.ndarray) and g.shape == place.shape and g.dtype == place.dtype for place, g in pairs):
        return None
    return [*(copied(place, g) for place, g in pairs), optimizer.step]
