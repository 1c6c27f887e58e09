"""Layers whose weights may be kept in few bits, or adapted by the product of two thin matrices (LoRA)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kerasish import initializers
from kerasish.backend.operators import cast_to, matmul
from kerasish.backend.pieces import piece_of
from kerasish.backend.typing import InitializerLike
from kerasish.backend.variable import Variable
from kerasish.layers.base.following_policy import FollowingPolicy
from kerasish.layers.base.layer import Layer

# Loaded when the first layer is quantized.
_IN_BITS = "kerasish.layers.base.in_bits"


class Compact(Layer):
    """A layer with a main weight, which can be told to keep it in few bits, and to train two thin factors in its place.

    What a subclass declares:

    - `_main`, the attribute that holds the weight, and, where it has more, `_tables`, all that are kept in few bits;
    - `_modes`, how it can be quantized, and `_layouts()`, how these weights lie (see `quantizers.stored.Layout`);
    - `_call_in_bits`, which takes the place of `call` then.

    `call` itself knows nothing of all this: it reads the weight by its name. With factors, that is no longer an
    attribute but computed, `weight + alpha / rank · a @ b`; in few bits, `call` is another method. A layer of which
    nobody asked either does exactly what it would do without this class.

    Source: Hu et al., LoRA (2021), https://arxiv.org/abs/2106.09685
    """

    _main: ClassVar[str] = "kernel"
    _tables: tuple[str, ...] = ("kernel",)
    # What files hold, in their order, beside the tables and what belongs to them.
    _others: ClassVar[tuple[str, ...]] = ("bias",)
    # The ways in which it can be quantized, and those in which inputs are made whole numbers too by default.
    _modes: ClassVar[tuple[str, ...]] = ()
    _quantizes_inputs: ClassVar[tuple[str, ...]] = ("int8",)
    lora_enabled = False
    bias: Any

    def _set_compact(self, lora_rank: int | None, lora_alpha: float | None, quantization_config: Any = None) -> None:
        """Keep the arguments of these kinds."""
        self.lora_rank = lora_rank
        self.lora_alpha = lora_rank if lora_alpha is None else lora_alpha
        if isinstance(quantization_config, dict):
            quantization_config = self._in_bits.config_of(quantization_config)
        self.quantization_config = quantization_config

    def _compact_config(self) -> dict[str, Any]:
        """The same for `get_config`."""
        config = None if self.quantization_config is None else self._in_bits.serialized(self.quantization_config)
        return {"quantization_config": config, **self._lora_config()}

    def _lora_config(self) -> dict[str, Any]:
        return {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha} if self.lora_rank else {}

    def add_further(self, name: str, **options: Any) -> Variable:
        """A weight that may be made after the others, and has the path that it would have among them."""
        made = self.add_weight(name=name, **options)
        made.path = f"{self.path}/{name}"
        return made

    @property
    def _in_bits(self) -> Any:
        return importlib.import_module(_IN_BITS)

    # -- building --------------------------------------------------------------------------------------------

    def _builds_in_bits(self, shape: tuple[int, ...]) -> bool:
        """Make what a quantized layer has in place of a weight of this shape; False if there must be that itself."""
        return self.quantization_mode is not None and self._in_bits.build(self, shape)

    def _adapt(self) -> None:
        """Make the factors, if the arguments ask for them; for the end of `build`."""
        if piece_of(self.__dict__.get(self._main)) is not None:
            object.__setattr__(self, "call", self._call_in_pieces)
        if self.lora_rank:
            self.built = True
            self.enable_lora(self.lora_rank, self.lora_alpha)

    @property
    def dtype_policy(self) -> Any:
        """The dtypes, and how the weights are quantized; setting a quantized policy quantizes a built layer."""
        return self._given_policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        FollowingPolicy.dtype_policy.fset(self, policy)  # type: ignore[attr-defined]
        if self.quantization_mode is not None and self.__dict__.get("built") and not self._in_bits.is_in_bits(self):
            self._in_bits.follow(self)

    # -- in few bits -----------------------------------------------------------------------------------------

    def quantize(self, mode: Any = None, config: Any = None, *, type_check: bool = True) -> None:
        """Keep the weights in few bits from now on.

        Args:
            mode: `"int8"`, `"int4"` or `"float8"`.
            config: a `QuantizationConfig`, which says the mode itself.
            type_check: whether subclasses are refused, whose `call` would not be used any more.

        Raises:
            ValueError: if the layer has no weights yet or is quantized, or the arguments mean nothing.
            NotImplementedError: if the layer cannot be kept so.
        """
        self._refuse_in_pieces("in few bits")
        self._in_bits.quantize(self, mode, config, type_check)

    def _layouts(self, shape: tuple[int, ...]) -> dict[str, Any]:
        """How each of the tables lies, of which the main one has this shape, for those that can be kept in few bits."""
        return {}

    def _call_in_bits(self, *args: Any, **kwargs: Any) -> Any:
        """The computation with the weights in few bits."""
        raise NotImplementedError

    # -- in pieces -------------------------------------------------------------------------------------------

    def _call_in_pieces(self, *args: Any, **kwargs: Any) -> Any:
        """The computation with weights that are cut over processes, for a layer with `cuts`."""
        raise NotImplementedError

    def _refuse_in_pieces(self, what: str) -> None:
        if piece_of(self.__dict__.get(self._main)) is not None:
            raise NotImplementedError(
                f"the layer {self.name!r} has a {self._main} that is cut over processes, which is not done {what}"
            )

    # -- with factors ----------------------------------------------------------------------------------------

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: InitializerLike = "he_uniform",
        b_initializer: InitializerLike = "zeros",
    ) -> None:
        """Train two thin factors from now on, whose product is added to the weight, which stays as it is.

        weight + lora_alpha / rank · a @ b. Files hold the sum, so that they open in a layer without factors.

        Args:
            rank: the width of the factors.
            lora_alpha: how much the product counts; `rank` by default, for as it is.
            a_initializer, b_initializer: the first values of the factors; zeros in the second change nothing at first.

        Raises:
            ValueError: if the layer has no weights yet, has a constraint on them, or has factors.
        """
        self._refuse_in_pieces("with factors")
        main = type(self)._main
        if getattr(self, f"{main}_constraint"):
            raise ValueError(
                f"the layer {self.name!r} has a constraint on its {main}, which the sum with factors would not keep; "
                f"make it without {main}_constraint"
            )
        if not self.built:
            raise ValueError(f"the layer {self.name!r} has no weights to adapt yet: build it, or call it on data first")
        if self.lora_enabled:
            raise ValueError(f"the layer {self.name!r} has factors already: enable_lora is called once")
        if self.quantization_mode == "float8":
            raise NotImplementedError(f"the layer {self.name!r} multiplies in float8, which is not done with factors")
        if main in self.__dict__:
            self._hide(main)
        kept = self.__dict__.get("_kept")
        shape = self._variable.shape if kept is None else kept[main].layout.shape
        regularizer = getattr(self, f"{main}_regularizer")
        for end, sizes, initializer in (
            ("a", (*shape[:-1], rank), a_initializer),
            ("b", (rank, shape[-1]), b_initializer),
        ):
            name = f"lora_{main}_{end}"
            start = initializers.get(initializer)
            factor = self.add_further(name, shape=sizes, initializer=start, dtype="float32", regularizer=regularizer)
            setattr(self, name, factor)
        self._variable.trainable = False
        self.lora_enabled = True
        self.lora_rank = rank
        self.lora_alpha = rank if lora_alpha is None else lora_alpha

    def _hide(self, name: str) -> None:
        """Keep a weight under its private name, so that its public one is computed."""
        self.__dict__[f"_{name}"] = self.__dict__.pop(name)
        self._tracker.rename(name, f"_{name}")

    @property
    def _variable(self) -> Variable:
        """The variable of the main weight, as it is stored."""
        main = type(self)._main
        return self.__dict__[main if main in self.__dict__ else f"_{main}"]

    @property
    def _factors(self) -> tuple[Variable, Variable]:
        return getattr(self, f"lora_{self._main}_a"), getattr(self, f"lora_{self._main}_b")

    def _product_of_factors(self, left: Any = None) -> Any:
        """What the factors add to the weight; with `left` for the first one, to what the layer makes of it."""
        a, b = self._factors
        return matmul(a if left is None else left, b) * np.float32(self.lora_alpha / self.lora_rank)  # type: ignore[operator]

    if not TYPE_CHECKING:  # see `MissingAttributes`

        def __getattr__(self, name: str) -> Any:
            kind = type(self)
            if name in kind._tables and f"_{name}" in self.__dict__:
                return self._computed(name)
            if name[:1] == "_" and name[1:] in kind._tables and name[1:] in self.__dict__:
                return self.__dict__[name[1:]]
            return super().__getattr__(name)

    def _computed(self, name: str) -> Any:
        """A weight that is not stored as it is: whole numbers, or the sum with the factors."""
        if "_kept" in self.__dict__:
            return self._in_bits.whole(self, name)
        return cast_to(self.__dict__[f"_{name}"] + self._product_of_factors(), dtype=self.compute_dtype)

    # -- files -----------------------------------------------------------------------------------------------

    @property
    def variable_serialization_spec(self) -> dict[str | None, list[str]]:
        """The names of the variables that files hold, in their order, for each way of being quantized."""
        first, *more = self._tables
        plain = [first, *self._others]
        spec: dict[str | None, list[str]] = {None: [*plain, *more]}
        if "int8" in self._modes:
            spec["int8"] = [*plain, f"{first}_scale", *(f"{name}{end}" for name in more for end in ("", "_scale"))]
        if "int4" in self._modes:
            spec["int4"] = [*plain, f"{first}_scale", f"{first}_zero", "g_idx"]
            spec["int4"] += [f"{name}{end}" for name in more for end in ("", "_scale", "_zero")]
        if "float8" in self._modes:
            roles = ("inputs", "kernel", "outputs_grad")
            spec["float8"] = [*plain, *(f"{role}_{part}" for role in roles for part in ("scale", "amax_history"))]
        return spec

    def _stored(self, name: str) -> Variable | None:
        """The variable of a name of the specification, if there is one."""
        return self.__dict__.get(name, self.__dict__.get(f"_{name}"))

    def variables_in_files(self) -> list[Variable]:
        """The variables that files hold, in their order: without the factors, whose product is in the weight."""
        mode = self.quantization_mode if "call" in self.__dict__ else None  # a policy may be for other layers
        if mode is None and not self.lora_enabled:
            return super().variables_in_files()
        names = self.variable_serialization_spec[mode]
        return [found for found in map(self._stored, names) if found is not None]

    def variables_merged_in_files(self) -> list[Variable]:
        """The factors, which are zero after a file was read."""
        return list(self._factors) if self.lora_enabled else []

    def save_own_variables(self, store: Any) -> None:
        """Write the variables under `"0"`, `"1"`, ...; the factors' product is added to the weight."""
        if not self.lora_enabled:
            super().save_own_variables(store)
            return
        if "_kept" not in self.__dict__:
            merged = {id(self._variable): np.asarray(self._computed(self._main)).astype(self._variable.dtype)}
        else:
            merged = self._in_bits.merged(self)
        for i, variable in enumerate(self.variables_in_files()):
            found = merged.get(id(variable))
            store[str(i)] = variable.numpy() if found is None else found
