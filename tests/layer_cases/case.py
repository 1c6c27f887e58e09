"""A case of a layer: what it is made with, and what it is called on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

import kerasish

# Of two samples of four steps.
MASK = np.array([[True, True, False, True], [False, True, True, False]])


class With(NamedTuple):
    """An argument that is made by a library: a layer inside, or a function of the library."""

    make: Callable[[Any], Any]

    def __repr__(self) -> str:
        made = self.make(kerasish)
        return str(getattr(made, "__name__", type(made).__name__))


class Case:
    """A layer with its arguments, and the data that it is called on.

    Args:
        shape: of the input, without the number of samples; a list of shapes for a list of inputs.
        *args, **options: the layer's arguments; `With` for what comes of the library.
        of: the dtype of the inputs.
        below: whole numbers are 0, 1, ... up to this.
        call: further arguments of the call where values are compared.
        refused: a word of the error with which this cannot become an ONNX file, if it cannot.
        whole: makes what stands for the layer of a library, where it is not called by itself.
    """

    kind: str

    def __init__(
        self,
        shape: Any,
        *args: Any,
        of: str = "float32",
        below: int = 4,
        call: Mapping[str, Any] | None = None,
        refused: str = "",
        whole: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        self.shape, self.args, self.options = shape, args, options
        self.of, self.below, self.call, self.refused, self.whole = of, below, dict(call or {}), refused, whole

    def make(self, library: Any, **more: Any) -> Any:
        """The layer of a library, with more arguments or others."""
        if self.whole is not None:
            return self.whole(library)
        kind = getattr(library.layers, self.kind)
        if more:
            return kind(**{key: _made(value, library) for key, value in {**self.given, **more}.items()})
        options = {key: _made(value, library) for key, value in self.options.items()}
        return kind(*(_made(value, library) for value in self.args), **options)

    @property
    def given(self) -> dict[str, Any]:
        """The arguments by their names."""
        bound = inspect.signature(getattr(kerasish.layers, self.kind)).bind_partial(*self.args, **self.options)
        more = bound.arguments.pop("kwargs", {})
        return {**bound.arguments, **more}

    def but(self, refused: str, **changed: Any) -> Case:
        """The same case with other arguments."""
        options = {**self.given, **changed}
        case = Case(self.shape, of=self.of, below=self.below, refused=refused)
        case.kind, case.options = self.kind, options
        return case

    def data(self, samples: int = 2, seed: int = 0) -> Any:
        """Random inputs."""
        rng = np.random.default_rng(seed)

        def array(shape: tuple[int, ...]) -> np.ndarray:
            if self.of == "string":
                return np.resize(np.array(["a", "b", "c a", "d"]), (samples, *shape))
            if self.of == "float32":
                return rng.normal(0.3, 1.0, (samples, *shape)).astype(self.of)
            return rng.integers(0, self.below, (samples, *shape)).astype(self.of)

        return [array(shape) for shape in self.shape] if isinstance(self.shape, list) else array(self.shape)

    def symbols(self, library: Any, of: str | None = None) -> Any:
        """Symbolic inputs of a library, of the dtype or another."""
        made = [library.Input(shape, dtype=of or self.of) for shape in self.shapes]
        return made if isinstance(self.shape, list) else made[0]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shape of each input."""
        return self.shape if isinstance(self.shape, list) else [self.shape]

    def __repr__(self) -> str:
        said = [repr(value) for value in self.args] + [f"{key}={value!r}" for key, value in self.options.items()]
        call = "".join(f" {key}" for key in self.call)
        return f"{self.kind}({', '.join(said)}) of {self.of if self.of != 'float32' else ''}{self.shape}{call}"


class Cases:
    """The cases of one layer.

    Args:
        *cases: the plain one first, then one with much set, which goes into files; all are compared with Keras's.
        **settings: for each argument the values that it also takes, each tried by itself where the first case has
            another: in ONNX files no argument may be passed over. `Refused(value, word)` for one that ONNX cannot say.

    Attributes:
        kind: the layer's public name.
        in_file: the case that is written to files.
    """

    kind: str

    def __init__(self, *cases: Case, **settings: list[Any]) -> None:
        self.cases, self.settings = cases, settings

    def named(self, kind: str) -> Cases:
        """These cases, as those of a layer of this name."""
        self.kind = kind
        for case in self.cases:
            case.kind = kind
        return self

    @property
    def in_file(self) -> Case:
        return self.cases[min(1, len(self.cases) - 1)]

    @property
    def varied(self) -> list[Case]:
        """For each value of a setting, the first case with that."""
        return [
            self.cases[0].but(value.word if isinstance(value, Refused) else "", **{name: _value(value)})
            for name, values in self.settings.items()
            for value in values
        ]


class Refused(NamedTuple):
    """A value of a setting that cannot be written to an ONNX file, and a word of the error."""

    value: Any
    word: str


def _value(value: Any) -> Any:
    return value.value if isinstance(value, Refused) else value


def _made(value: Any, library: Any) -> Any:
    return value.make(library) if isinstance(value, With) else value
