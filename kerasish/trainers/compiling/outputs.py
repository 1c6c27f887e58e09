"""The outputs of a model by name, and how lists and dicts of targets, losses and metrics match them."""

from __future__ import annotations

from typing import Any

from kerasish.backend import nest


class named:
    """A block whose ValueErrors say which loss or metric they are about: several see the same batch."""

    __slots__ = ("kind", "name")

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if type(error) is ValueError:
            raise ValueError(f"the {self.kind} {self.name!r}: {error}") from error


class Outputs:
    """The structure of a model's predictions.

    Args:
        y_pred: a prediction.
        names: the outputs' names, if the model knows them.

    Attributes:
        names: a name for each output: the model's, the keys of a dict, or `output_0`, `output_1`, ...; in a deeper
            structure with the way to it in front, such as `1/scores`.
        known: the outputs' own names without the way to them; None where neither model nor prediction has any.
        keyed: whether the prediction is a dict with an output at each key.
        paths: the keys and places that lead to each output.
    """

    def __init__(self, y_pred: Any, names: list[str] | None = None) -> None:
        self.paths = [path for path, _ in nest.flatten_with_path(y_pred)]
        count = len(self.paths)
        self.known: list[str] | None = None
        self.keyed = isinstance(y_pred, dict) and count == len(y_pred)
        if self.keyed:
            self.known = [str(path[0]) for path in self.paths]
        elif names is not None and len(names) == count:
            self.known = list(names)
        self.names = self.known or ([f"output_{i}" for i in range(count)] if count > 1 else ["output"])
        self._is_deep = any(len(path) > 1 for path in self.paths)
        if self._is_deep:
            self.names = [_deep_name(path, name) for path, name in zip(self.paths, self.names, strict=True)]

    def label(self, place: int, loss: str) -> str:
        """What logs call the loss of an output: by the output's name, or the loss's own where it has none."""
        path = self.paths[place]
        return _deep_name(path, self.known[place] if self.known else loss) if path else self.names[place]

    def flatten(self, structure: Any, what: str) -> list[Any]:
        """The parts of a structure in the order of the names.

        Raises:
            ValueError: if their number or names differ.
        """
        if self._is_deep and nest.is_nested(structure):
            parts = [_follow(structure, path) for path in self.paths]
            if sum(_MISSING is not part for part in parts) == len(nest.flatten(structure)):
                return [None if part is _MISSING else part for part in parts]
        elif isinstance(structure, dict):
            missing = [name for name in self.names if name not in structure]
            extra = [key for key in structure if str(key) not in self.names]
            if missing and len(self.names) == len(structure) == 1:
                return list(structure.values())
            if missing or extra:
                raise ValueError(f"{what} is a dict with keys {list(structure)}; the outputs are {self.names}")
            return [structure[name] for name in self.names]
        if len(self.names) == 1:
            if isinstance(structure, (list, tuple)) and len(structure) == 1:
                return list(structure)
            if nest.is_nested(structure) and all(hasattr(leaf, "shape") for leaf in nest.iterate(structure)):
                raise ValueError(f"{what} has {len(structure)} parts; the model has one output, {self.names[0]!r}")
            return [structure]
        parts = nest.flatten(structure)
        if len(parts) != len(self.names):
            raise ValueError(f"{what} has {len(parts)} parts; the model has {len(self.names)} outputs: {self.names}")
        return parts

    def targets(
        self, y: Any, needed: list[bool], placed: list[bool] | None = None, purpose: str = "a loss"
    ) -> list[Any]:
        """The target of each output; None where it has none and needs none.

        Args:
            y: targets, at least for the outputs that need them.
            needed: whether each output must have a target.
            placed: which outputs the parts of a shorter list belong to; by default those that need a target.
            purpose: what the outputs need them for.

        Raises:
            ValueError: if an output lacks the target that it needs, or `y` has other parts than the outputs.
        """
        parts = self._partial(y, needed if placed is None else placed, "y")
        missing = [name for name, part, need in zip(self.names, parts, needed, strict=True) if need and part is None]
        if missing:
            raise ValueError(
                f"no targets for the output(s) {missing}, which have {purpose}: y is None there, or lacks them. Give "
                "targets for them, or compile with None in the place of an output that is to have none."
            )
        return parts

    def _partial(self, structure: Any, placed: list[bool], what: str) -> list[Any]:
        """The parts of a structure in the order of the names, of which it may lack some."""
        count = len(self.names)
        if structure is None:
            return [None] * count
        if isinstance(structure, dict) and not self._is_deep and len(structure) < count:
            if set(map(str, structure)) <= set(self.names):
                return [structure.get(name) for name in self.names]
        elif sum(placed) < count and not isinstance(structure, dict):
            parts = nest.flatten(structure)
            if len(parts) == sum(placed):
                rest = iter(parts)
                return [next(rest) if is_placed else None for is_placed in placed]
        return self.flatten(structure, what)

    def flatten_weights(self, sample_weight: Any, placed: list[bool] | None = None) -> list[Any]:
        """Sample weights for each output; one array serves them all.

        Args:
            sample_weight: an array, or one for each output.
            placed: which outputs the parts of a shorter list belong to.
        """
        if sample_weight is None or not nest.is_nested(sample_weight):
            return [sample_weight] * len(self.names)
        if isinstance(sample_weight, dict) and not self._is_deep:
            return [sample_weight.get(name) for name in self.names]
        return self._partial(sample_weight, placed or [True] * len(self.names), "sample_weight")

    def along(self, setting: Any) -> list[Any] | None:
        """The settings of a structure nested like a deep prediction; None if it is nested in another way.

        An output that the structure lacks has the setting None.
        """
        if not self._is_deep or not nest.is_nested(setting):
            return None
        if isinstance(setting, (list, tuple)) and not any(nest.is_nested(part) for part in setting):
            return None
        firsts = {path[0] for path in self.paths}
        keys = setting.keys() if isinstance(setting, dict) else range(len(setting))
        if not set(keys) <= firsts:
            return None
        found = [_follow(setting, path) for path in self.paths]
        return [None if part is _MISSING else part for part in found]

    def by_name(self, setting: dict[Any, Any], what: str) -> list[Any]:
        """The settings of a dict by the names of the outputs; one of any name is that of an only output.

        Raises:
            ValueError: if it names what is no output.
        """
        unknown = [key for key in setting if str(key) not in self.names]
        if unknown and len(self.names) == len(setting) == 1:
            return list(setting.values())
        if unknown:
            raise ValueError(f"{what} names {unknown}, but the model's outputs are {self.names}")
        return [setting.get(name) for name in self.names]


_MISSING = object()


def _follow(structure: Any, path: tuple[Any, ...]) -> Any:
    """What stands at the end of a path; a leaf on the way stands for all that is below it."""
    for step in path:
        if isinstance(structure, dict):
            structure = structure.get(step, _MISSING)
        elif isinstance(structure, (list, tuple)) and isinstance(step, int):
            structure = structure[step] if step < len(structure) else _MISSING
        else:
            break
    return structure


def _deep_name(path: tuple[Any, ...], name: str) -> str:
    last = path[-1] if isinstance(path[-1], str) else name
    return "/".join([*map(str, path[:-1]), last])


def align(setting: Any, outputs: Outputs, what: str, spread: bool = False) -> list[Any]:
    """One setting for each output, from a list or dict of settings.

    Args:
        setting: for one output the setting itself; for several a list, or a dict by name.
        outputs: the outputs.
        what: the name of the argument, for errors.
        spread: whether a single setting serves every output.

    Raises:
        ValueError: if the number or the names do not match.
    """
    names = outputs.names
    if setting is None:
        return [None] * len(names)
    nested = outputs.along(setting)
    if nested is not None:
        return nested
    if isinstance(setting, dict) and "class_name" not in setting:
        return outputs.by_name(setting, what)
    if isinstance(setting, (list, tuple)):
        if len(names) == 1 and len(setting) > 1:
            return [setting]
        flat = nest.flatten(setting) if len(setting) != len(names) else list(setting)
        if len(flat) != len(names):
            raise ValueError(f"{what} has {len(flat)} entries; the model has {len(names)} outputs: {names}")
        return flat
    if len(names) > 1 and not spread:
        raise ValueError(f"{what} must be a list or a dict for the outputs {names}; received {setting!r}")
    return [setting] * len(names)


def task_of(y_true: Any, y_pred: Any) -> str:
    """The kind of a task by the shapes: `"binary"`, `"sparse_categorical"` (with integer labels) or `"categorical"`."""
    shape_true = getattr(y_true, "shape", None)
    shape_pred = getattr(y_pred, "shape", None)
    if shape_true is None or shape_pred is None:
        return "categorical"
    rank_true, rank_pred = len(shape_true), len(shape_pred)
    if rank_pred == 0 or shape_pred[-1] == 1 or (rank_pred == 1 and rank_true == 1):
        return "binary"
    is_sparse = rank_true < rank_pred or (rank_true > 0 and shape_true[-1] == 1 and shape_pred[-1] > 1)
    return "sparse_categorical" if is_sparse else "categorical"
