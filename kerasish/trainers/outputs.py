"""The outputs of a model by name, and how lists and dicts of targets, losses and metrics match them."""

from __future__ import annotations

from typing import Any

from kerasish.backend import nest


class Outputs:
    """The structure of a model's predictions.

    Args:
        y_pred: a prediction.
        names: the outputs' names, if the model knows them.

    Attributes:
        names: a name for each output: the model's, the keys of a dict, or `output_0`, `output_1`, ...; in a deeper
            structure with the way to it in front, such as `1/scores`.
    """

    def __init__(self, y_pred: Any, names: list[str] | None = None) -> None:
        paths = [path for path, _ in nest.flatten_with_path(y_pred)]
        count = len(paths)
        if isinstance(y_pred, dict) and count == len(y_pred):
            self.names = [str(path[0]) for path in paths]
        elif names is not None and len(names) == count:
            self.names = list(names)
        else:
            self.names = [f"output_{i}" for i in range(count)] if count > 1 else ["output"]
        if any(len(path) > 1 for path in paths):
            self.names = [_deep_name(path, name) for path, name in zip(paths, self.names, strict=True)]

    def flatten(self, structure: Any, what: str) -> list[Any]:
        """The parts of a structure in the order of the names.

        Raises:
            ValueError: if their number or names differ.
        """
        if isinstance(structure, dict):
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
            return [structure]
        parts = nest.flatten(structure)
        if len(parts) != len(self.names):
            raise ValueError(f"{what} has {len(parts)} parts; the model has {len(self.names)} outputs: {self.names}")
        return parts

    def flatten_weights(self, sample_weight: Any) -> list[Any]:
        """Sample weights for each output; one array serves them all."""
        if sample_weight is None or not nest.is_nested(sample_weight):
            return [sample_weight] * len(self.names)
        if isinstance(sample_weight, dict):
            return [sample_weight.get(name) for name in self.names]
        return self.flatten(sample_weight, "sample_weight")


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
    if isinstance(setting, dict) and "class_name" not in setting:
        unknown = [key for key in setting if str(key) not in names]
        if unknown and len(names) == 1 and len(setting) == 1:
            return list(setting.values())
        if unknown:
            raise ValueError(f"{what} names {unknown}, but the model's outputs are {names}")
        return [setting.get(name) for name in names]
    if isinstance(setting, (list, tuple)):
        flat = nest.flatten(setting) if len(setting) != len(names) else list(setting)
        if len(flat) != len(names):
            raise ValueError(f"{what} has {len(flat)} entries; the model has {len(names)} outputs: {names}")
        return flat
    if len(names) > 1 and not spread:
        raise ValueError(f"{what} must be a list or a dict for the outputs {names}; received {setting!r}")
    return [setting] * len(names)
