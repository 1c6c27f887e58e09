"""What an optimizer keeps: its options, its learning rate, its count of steps and its slots."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, TypedDict

import numpy as np

from kerasish import _older_names, initializers
from kerasish.backend.names import auto_name, name_scope, printable
from kerasish.backend.pieces import make, piece_of
from kerasish.backend.typing import DTypeLike, InitializerLike, RateLike
from kerasish.backend.variable import Variable
from kerasish.optimizers import schedules
from kerasish.optimizers.flat import FlatGroup, Stretch
from kerasish.optimizers.schedules import deserialize as deserialize_schedule
from kerasish.optimizers.schedules import serialize as serialize_schedule
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from kerasish.saving import registry
from kerasish.saving.serialization import serialize_keras_object


class UndecayedOptions(TypedDict, total=False):
    """The options that all optimizers share, for those with a decay of their own."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Options(UndecayedOptions, total=False):
    """The options that all optimizers share; `Optimizer` says what they mean."""

    weight_decay: float | None


def _with_older(learning_rate: Any, given: dict[str, Any]) -> Any:
    """The learning rate by Keras 2's arguments: `lr` is another name for it, and with `decay` it falls."""
    if "lr" in given:
        _older_names.warn_of("the optimizers' argument lr", "learning_rate")
        learning_rate = given.pop("lr")
    decay = given.pop("decay", None)
    if not decay:
        return learning_rate
    _older_names.warn_of(
        "the optimizers' argument decay", f"learning_rate=keras.optimizers.schedules.InverseTimeDecay(rate, 1, {decay})"
    )
    if not isinstance(learning_rate, (int, float)):
        raise ValueError(f"decay={decay} needs a number as learning_rate; received {learning_rate!r}")
    return schedules.InverseTimeDecay(learning_rate, 1, decay)


# Attributes that follow from the others: keys by identity, and views of one array; and a step that sums over processes.
_DERIVED = ("_groups", "_flat_slots", "_work", "gradient_of", "_index", "step")


class OptimizerState:
    """The state of an optimizer, and how it is made, named and saved."""

    # whether the factor of the loss may change from step to step, so that no step can be recorded with it
    scale_changes: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__signature__ = _spelled_out(cls.__dict__["__init__"])  # type: ignore[attr-defined]

    def __init__(
        self,
        learning_rate: RateLike,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        learning_rate = _with_older(learning_rate, kwargs)
        if kwargs:
            raise ValueError(
                f"{type(self).__name__} does not know the argument(s) {sorted(kwargs)}; besides its own it takes "
                f"{', '.join(Options.__annotations__)}"
            )
        _check_options(clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency)
        _check_counts(gradient_accumulation_steps, weight_decay)
        self.name = name or auto_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._variables: list[Variable] = []
        self._trainable_variables: list[Variable] = []
        self._overwritten: list[Variable] = []
        self._slots: dict[str, list[Variable]] = {}
        self._undecayed: set[int] = set()
        self._undecayed_names: list[str] = []
        self._groups: list[FlatGroup] = []
        self._constants: tuple[Any, list[np.ndarray]] = (None, [])
        with name_scope(self.name):
            self._iterations = Variable(0, dtype="int32", trainable=False, name="iteration")
        self._schedule: Callable[..., Any] | None = None
        self._learning_rate = self._as_learning_rate(learning_rate)

    # -- state -----------------------------------------------------------------------------------------------

    def _as_learning_rate(self, value: Any) -> Variable | None:
        if isinstance(value, dict):
            value = deserialize_schedule(value)
        if isinstance(value, LearningRateSchedule) or callable(value):
            self._schedule = value
            return None
        rate = _number(value, "learning_rate")
        if rate < 0:
            raise ValueError(f"learning_rate must not be negative; received {rate}")
        with name_scope(self.name):
            variable = Variable(np.float32(rate), trainable=False, name="learning_rate")
        self._variables.append(variable)
        return variable

    @property
    def learning_rate(self) -> Any:
        """The step size now: a variable, or the number that the schedule gives for this step."""
        if self._schedule is None:
            return self._learning_rate
        return np.float32(self._current_learning_rate())

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if isinstance(value, LearningRateSchedule) or (callable(value) and not isinstance(value, Variable)):
            self._schedule = value
            self._variables = [v for v in self._variables if v is not self._learning_rate]
            self._learning_rate = None
        elif self._schedule is not None:
            raise TypeError(
                "this optimizer follows a schedule, so its learning_rate cannot be set to a number. To set it by hand "
                "(or with a callback), make the optimizer with a number as learning_rate."
            )
        else:
            assert self._learning_rate is not None
            self._learning_rate.assign(_number(value, "learning_rate"))

    @property
    def lr(self) -> Any:
        """What Keras 2 called the learning rate."""
        _older_names.warn_of("optimizer.lr", "optimizer.learning_rate")
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        _older_names.warn_of("optimizer.lr", "optimizer.learning_rate")
        self.learning_rate = value

    def _current_learning_rate(self) -> float:
        if self._schedule is None:
            return self._learning_rate._value.item()  # type: ignore[union-attr]
        if isinstance(self._schedule, LearningRateSchedule):
            return float(self._schedule(int(self._iterations._value)))
        return float(self._schedule())

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        if self.gradient_accumulation_steps:
            return int(self._iterations._value) // self.gradient_accumulation_steps
        return self._iterations

    @property
    def variables(self) -> list[Variable]:
        """The optimizer's own state: the count of steps, the learning rate, and the rule's slots."""
        return list(self._variables)

    def __setattr__(self, name: str, value: Any) -> None:
        # a variable that a user's optimizer keeps as an attribute is part of its state, as in Keras
        if isinstance(value, Variable) and all(value is not v for v in self.__dict__.get("_variables", (value,))):
            self._variables.append(value)
        if name[0] == "_" or not self.__dict__.get("built", False):
            object.__setattr__(self, name, value)
            return
        self._check_change(name, value)
        before = self._slot_names()
        object.__setattr__(self, name, value)
        if self._slot_names() != before:
            self._change_slots({name for names in before for name in names})

    def _check_change(self, name: str, value: Any) -> None:
        """Refuse what the steps made so far have settled.

        Raises:
            ValueError: if the option is fixed since `build`.
        """
        if name == "gradient_accumulation_steps" and value is not None and self.gradient_accumulation_steps is None:
            raise ValueError(
                f"{name} of the optimizer {self.name!r} is fixed since it was built: its count of steps would come "
                f"to mean something else; received {value}. Make a new optimizer with it, and compile the model again."
            )

    def add_variable(
        self, shape: Any, initializer: InitializerLike = "zeros", dtype: DTypeLike = None, aggregation: str = "none",
        layout: Any = None, name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Make a variable that belongs to the optimizer's state."""
        with name_scope(self.name):
            start = initializers.get(initializer)
            variable = make(start, shape=shape, dtype=dtype, trainable=False, name=name, layout=layout)
        self._variables.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: InitializerLike = "zeros"
    ) -> Variable:
        """Make a state variable in the shape and dtype of another variable."""
        path = getattr(reference_variable, "path", getattr(reference_variable, "name", "variable")).replace("/", "_")
        full = f"{path}_{name or 'var'}"
        shape, kind, layout = reference_variable.shape, reference_variable.dtype, piece_of(reference_variable)
        return self.add_variable(shape, initializer, kind, name=full, layout=layout)

    def add_optimizer_variables(
        self, trainable_variables: list[Variable], name: Any, initializer: InitializerLike = "zeros"
    ) -> Any:
        """Make one state variable for each trainable one, or several if `name` is a list; returns the list(s)."""
        names = [name] if isinstance(name, str) else list(name)
        starts = initializer if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(starts) != len(names):
            raise ValueError(f"{len(names)} names need as many initializers; received {len(starts)}")
        lists: list[list[Variable]] = [[] for _ in names]
        for variable in trainable_variables:
            for made, slot, start in zip(lists, names, starts, strict=True):
                made.append(self.add_variable_from_reference(variable, slot, start))
        return lists[0] if isinstance(name, str) else tuple(lists)

    def build(self, var_list: list[Variable]) -> None:
        """Make the state for these variables, and move them into one flat array for each dtype."""
        if self.built:
            return
        self._trainable_variables = [v for v in var_list if not v.overwrite_with_gradient]
        self._overwritten = [v for v in var_list if v.overwrite_with_gradient]
        self._index = {id(v): i for i, v in enumerate(self._trainable_variables)}
        for names in self._slot_names():
            self._add_slots(names)
        self._flatten()
        self.built = True

    def only(self, variables: list[Variable]) -> list[Variable] | None:
        """Which of these the rule of a step is for; None if that is all that it is ever for."""
        if self._overwritten:
            variables = [v for v in variables if not v.overwrite_with_gradient]
        return None if len(variables) == len(self._trainable_variables) else variables

    def leave(self, variable: Variable) -> None:
        """Let the next step find no gradient of a variable."""
        self.gradient_of[id(variable)][...] = variable._value if variable.overwrite_with_gradient else 0

    def _slot_names(self) -> tuple[tuple[str, ...], ...]:
        """The names of all states that the options ask for, in the order of files."""
        average = (("average",),) if self.use_ema else ()
        accumulator = (("gradient_accumulator",),) if self.gradient_accumulation_steps else ()
        return (*average, *accumulator, *self.slot_groups())

    def _add_slots(self, names: tuple[str, ...]) -> None:
        lists = self.add_optimizer_variables(self._trainable_variables, names)
        self._slots.update(zip(names, lists, strict=True))

    def _change_slots(self, before: set[str]) -> None:
        """Give an option that was switched on after `build` the states that it needs, where a file would have them."""
        for names in self._slot_names():
            if names[0] not in self._slots:
                self._add_slots(names)
                for group, slots in zip(self._groups, self._flat_slots, strict=True):
                    slots.update({name: self._adopted(group, name) for name in names})
            if "average" in names and "average" not in before:
                for group, slots in zip(self._groups, self._flat_slots, strict=True):
                    slots["average"][...] = group.values
        self._order_variables()
        self._work[:] = [self._work_on(*pair) for pair in zip(self._groups, self._flat_slots, strict=True)]

    def _order_variables(self) -> None:
        """Put the states where they stand in an optimizer that had its options from the beginning."""
        groups = {names: [self._slots[name] for name in names] for names in self._slot_names()}
        current = [v for lists in groups.values() for made in zip(*lists, strict=True) for v in made]
        kept = {id(v) for v in current}
        made = [v for lists in self._slots.values() for v in lists]
        ordered = [*current, *(v for v in made if id(v) not in kept)]
        places = {id(v) for v in ordered}
        start = 1 if self._learning_rate is None else 2
        rest = [v for v in self._variables if id(v) not in places]
        self._variables = [*rest[:start], *ordered, *rest[start:]]

    def _get_variable_index(self, variable: Variable) -> int:
        """The place of a variable among those of `build`; optimizers that users write ask for it by this name."""
        return self._index[id(variable)]

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        """The names of the rule's states; those in one tuple lie side by side for each variable in a file."""
        return ()

    def initial_slot(self, name: str) -> float:
        """The number that a state starts with."""
        return 0.0

    def _flatten(self) -> None:
        self._groups = []
        self._flat_slots: list[dict[str, np.ndarray]] = []
        self._work: list[tuple[FlatGroup, list[np.ndarray], list[Stretch]]] = []
        for kind in dict.fromkeys(v.dtype for v in self._trainable_variables):
            members = [v for v in self._trainable_variables if v.dtype == kind]
            group = FlatGroup(members)
            slots = {name: self._adopted(group, name) for name in self._slots}
            self._groups.append(group)
            self._flat_slots.append(slots)
            self._work.append(self._work_on(group, slots))
        self.gradient_of = {id(v): view for g in self._groups for v, view in zip(g.variables, g.views, strict=True)}
        self.gradient_of.update((id(v), v.numpy()) for v in self._overwritten)

    def _adopted(self, group: FlatGroup, name: str) -> np.ndarray:
        """A state of all variables of a group, as it starts."""
        flat = group.adopt([self._slots[name][self._index[id(v)]] for v in group.variables])
        start = self.initial_slot(name)
        if start:
            flat.fill(start)
        return flat

    def _work_on(
        self, group: FlatGroup, slots: dict[str, np.ndarray]
    ) -> tuple[FlatGroup, list[np.ndarray], list[Stretch]]:
        """What the rule is given of a group in a step, whole and cut to the cache."""
        own = [slots[name] for names in self.slot_groups() for name in names]
        return group, [group.values, group.gradients, *own], group.stretches(own)

    # -- copies ----------------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """What a copy needs; the flat arrays are laid out anew, around the copied variables."""
        state = {key: value for key, value in self.__dict__.items() if key not in _DERIVED}
        if self.built:
            places = {id(v): i for i, v in enumerate(self._trainable_variables)}
            state["_undecayed"] = {places[i] for i in self._undecayed if i in places}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._groups = []
        if not self.built:
            return
        own = self._trainable_variables
        self._undecayed = {id(own[place]) for place in self._undecayed}
        self._index = {id(v): i for i, v in enumerate(own)}
        values = [variable.numpy() for variable in self._variables]
        self._flatten()
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)

    # -- files -----------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer anew."""
        if self._schedule is None:
            rate: Any = float(self._learning_rate._value)  # type: ignore[union-attr]
        elif isinstance(self._schedule, LearningRateSchedule):
            rate = serialize_schedule(self._schedule)
        else:
            rate = serialize_keras_object(self._schedule)
        return {
            "name": self.name,
            "learning_rate": rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """An optimizer from the result of `get_config`."""
        with registry.CustomObjectScope(custom_objects):
            return cls(**config)

    def set_weights(self, weights: list[Any]) -> None:
        """Replace the state, in the order of `variables`.

        Raises:
            ValueError: if the optimizer is not built, or the number or a shape differs; nothing is changed then.
        """
        if not self.built:
            raise ValueError(
                f"the optimizer {self.name!r} has not been built, so it has no state to set: call "
                "`optimizer.build(variables)` first"
            )
        own = self.variables
        if len(weights) != len(own):
            raise ValueError(f"the optimizer {self.name!r} has {len(own)} variables; received {len(weights)}")
        for variable, value in zip(own, weights, strict=True):
            if np.shape(value) != variable.shape:
                raise ValueError(
                    f"the variable {variable.path!r} has shape {variable.shape}; received shape {np.shape(value)}"
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: Any) -> None:
        """Write the state into `store` under `"0"`, `"1"`, ..."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Read the state back; a state of another size is left alone, with a warning."""
        own = self.variables
        if len(store) != len(own):
            warnings.warn(
                f"the optimizer {self.name!r} has {len(own)} variables but the file holds {len(store)}; "
                "its state was not loaded",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(own):
            variable.assign(store[str(i)])

    load_own_variables.in_order = True  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={printable(str(self.name))}>"


def _spelled_out(init: Callable[..., None]) -> inspect.Signature:
    """A signature in which the shared options stand one by one, for editors and `help`."""
    own = list(inspect.signature(init).parameters.values())[1:]
    names = {p.name for p in own}
    if "options" not in names:
        return inspect.Signature(own)
    common = inspect.signature(OptimizerState.__init__).parameters.values()
    shared = [p for p in common if p.name in Options.__annotations__ and p.name not in names]
    rest = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)
    return inspect.Signature([*(p for p in own if p.name != "options"), *shared, rest])


def _number(value: Any, name: str) -> float:
    try:
        if isinstance(value, (str, list, tuple, dict)):
            raise TypeError(f"a {type(value).__name__} is no number")
        return float(np.asarray(value._value if isinstance(value, Variable) else value))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number, a schedule or a callable; received {value!r:.200}") from error


def _check_options(
    clipnorm: Any, clipvalue: Any, global_clipnorm: Any, use_ema: Any, momentum: Any, frequency: Any
) -> None:
    given = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
    present = [name for name, value in given.items() if value is not None]
    if len(present) > 1:
        raise ValueError(f"only one of clipnorm, clipvalue and global_clipnorm can be set; received {present}")
    for name in present:
        if given[name] < 0:
            raise ValueError(f"{name} must not be negative; received {given[name]}")
    if use_ema and not 0 <= momentum <= 1:
        raise ValueError(f"ema_momentum must be from 0 to 1; received {momentum}")
    if use_ema and frequency is not None and (not isinstance(frequency, int) or frequency < 1):
        raise ValueError(f"ema_overwrite_frequency must be a whole number above 0 or None; received {frequency!r}")


def _check_counts(accumulation: Any, weight_decay: Any) -> None:
    if accumulation is not None and accumulation < 2:
        raise ValueError(f"gradient_accumulation_steps must be at least 2; received {accumulation}")
    if weight_decay is not None and not isinstance(weight_decay, (int, float, np.number)):
        raise ValueError(f"weight_decay must be a number; received {weight_decay!r}")
