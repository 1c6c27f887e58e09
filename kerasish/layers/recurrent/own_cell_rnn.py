"""A recurrent layer that makes its cell itself, and reports the cell's settings as its own."""

from __future__ import annotations

from typing import Any

from kerasish import regularizers
from kerasish.backend.typing import RegularizerLike
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.recurrent.recurrent_cell import RecurrentCell
from kerasish.layers.recurrent.rnn import RNN


def of_cell(name: str) -> Any:
    """A property of the layer that is its cell's."""
    return property(lambda layer: getattr(layer.cell, name), doc=f"The cell's `{name}`.")


class OwnCellRNN(RNN):
    """A recurrent layer whose class says of which kind its cell is.

    Args:
        cell: of that kind.
        activity_regularizer: a penalty on the output.
        **kwargs: the arguments of `RNN` after the cell.
    """

    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")

    def __init__(self, cell: RecurrentCell, activity_regularizer: RegularizerLike = None, **kwargs: Any) -> None:
        super().__init__(cell, activity_regularizer=activity_regularizer, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    def _check_sequences(self, sequences: Any) -> None:
        shape, rank = getattr(sequences, "shape", None), self.input_spec.ndim
        if shape is None or len(shape) == rank:
            return
        axes = "(batch, steps, features)" if rank == 3 else "(batch, steps, ..., channels)"
        raise ValueError(
            f"the layer {self.name!r} ({type(self).__name__}) takes sequences {axes}, "
            f"of rank {rank}; received shape {tuple(shape)}. A recurrent layer before it needs return_sequences=True; "
            "a series of plain numbers needs an axis for them, x[..., None]."
        )

    def get_config(self) -> dict[str, Any]:
        config = super(RNN, self).get_config()
        of_cell = {key: value for key, value in self.cell.get_config().items() if key not in config}
        penalty = regularizers.serialize(self.activity_regularizer)
        return {**config, **self._own_config(), **of_cell, "activity_regularizer": penalty}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A layer from the result of `get_config`."""
        return cls(**config)
