"""All that a model remembers as one dictionary of dictionaries, by path."""

from __future__ import annotations

from typing import Any

from kerasish.backend.variable import Variable

_PARTS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


class StateTree:
    """The two methods of a model that give and take its state."""

    def _state_part(self, part: str) -> list[Variable]:
        model: Any = self
        if part == "optimizer_variables":
            return [] if model.optimizer is None else model.optimizer.variables
        return getattr(model, part)

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """The values of all variables: of the weights, the optimizer and the metrics.

        Args:
            value_format: `"backend_tensor"` or `"numpy_array"`; both are arrays here.

        Returns:
            For each of `trainable_variables`, `non_trainable_variables`, `optimizer_variables` and
            `metrics_variables`, dicts inside dicts along the variables' paths.

        Raises:
            ValueError: if two variables have one path, or the format is not known.

        Example:
            >>> import kerasish as keras
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="top")], name="net")
            >>> model.compile("sgd", "mse")
            >>> sorted(model.get_state_tree()["trainable_variables"]["net"]["top"])
            ['bias', 'kernel']
        """
        if value_format not in ("backend_tensor", "numpy_array"):
            raise ValueError(
                f"value_format must be 'backend_tensor' or 'numpy_array'; received value_format={value_format!r}"
            )
        return {part: _nested(self._state_part(part)) for part in _PARTS}

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Set variables to the values of a tree that `get_state_tree` returned, or of a part of one.

        Raises:
            ValueError: if a name at the top is not known, or a value has another shape than its variable.
        """
        unknown = [part for part in state_tree if part not in _PARTS]
        if unknown:
            raise ValueError(f"a state tree has the keys {', '.join(_PARTS)}; received {unknown}")
        for part, tree in state_tree.items():
            values = _flat(tree, "")
            for variable in self._state_part(part):
                if variable.path in values:
                    variable.assign(values[variable.path])


def _nested(variables: list[Variable]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    seen: set[str] = set()
    for variable in variables:
        if variable.path in seen:
            raise ValueError(
                f"two variables have the path {variable.path!r}: give the layers (and metrics) different names"
            )
        seen.add(variable.path)
        *parents, last = variable.path.split("/")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = variable.numpy()
    return tree


def _flat(tree: dict[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        path = f"{prefix}{key}"
        flat.update(_flat(value, f"{path}/") if isinstance(value, dict) else {path: value})
    return flat
