"""What the cells with gates have in common."""

from __future__ import annotations

from typing import Any

from kerasish import activations
from kerasish.layers.recurrent.recurrent_cell import RecurrentCell


class GatedCell(RecurrentCell):
    """A cell with gates, which have an activation of their own: `recurrent_activation`, with values from 0 to 1."""

    def _set_gates(self, recurrent_activation: Any) -> None:
        self.recurrent_activation = activations.get(recurrent_activation)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "recurrent_activation": activations.serialize(self.recurrent_activation)}
