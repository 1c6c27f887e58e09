"""What SimpleRNN, LSTM and GRU have in common: a cell of the library's own, run over the whole sequence at once."""

from __future__ import annotations

from typing import Any

from kerasish import activations
from kerasish.layers.fusing import split_activation
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.recurrent.own_cell_rnn import OwnCellRNN, of_cell
from kerasish.layers.recurrent.recurrent_cell import RecurrentCell
from kerasish.ops.noise import dropout_mask, noisy
from kerasish.ops.recurrent_loops import Options


class StandardRNN(OwnCellRNN):
    """A layer that knows its cell, so that it computes all steps by one operation where the cell's settings allow.

    That is where the activation is tanh, relu or linear, the gates' a sigmoid or a hard one, and nothing is dropped of
    the state.
    Otherwise the cell is run step by step.

    Args:
        cell: of the class's own kind.
        activity_regularizer: a penalty on the output.
        **kwargs: the arguments of `RNN` after the cell.
    """

    units = of_cell("units")

    def __init__(self, cell: RecurrentCell, activity_regularizer: Any = None, **kwargs: Any) -> None:
        super().__init__(cell, activity_regularizer=activity_regularizer, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    @property
    def is_whole(self) -> bool:
        """Whether one operation computes all steps, in training too."""
        return self._is_whole(training=True)

    def _is_whole(self, training: bool | None) -> bool:
        cell = self.cell
        is_known = split_activation(cell.activation)[1] is None and _gate_slope(cell) is not _UNKNOWN
        has_one_mask = not cell.recurrent_dropout and (not cell.dropout or cell.implementation != 1)
        return is_known and (has_one_mask or not training)

    @property
    def replayable(self) -> bool:  # type: ignore[override]
        """Whether a recorded step may be replayed: the one operation draws anew in each."""
        if not self.is_whole:
            return super().replayable and _is_ours(getattr(self.cell, "recurrent_activation", None))
        return not self.stateful

    def inner_loop(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool | None = False
    ) -> tuple[Any, Any, list[Any]]:
        """All steps by one operation, if it can; see `RNN.inner_loop`."""
        if not self._is_whole(training):
            return super().inner_loop(sequences, initial_state, mask, training)
        if training and self.cell.dropout:
            sequences = noisy(sequences, self._draw)
        options = Options(
            activation=split_activation(self.cell.activation)[0],
            slope=_gate_slope(self.cell),
            reverse=self.go_backwards,
            sequences=self.return_sequences,
            states=self.return_state or self.stateful,
            zero_masked=self.zero_output_for_mask,
            reset_after=getattr(self.cell, "reset_after", True),
        )
        made = self._operation(sequences, initial_state, mask, options)
        output, *states = made if options.states else (made,)
        return (None, output, states) if options.sequences else (output, None, states)

    def _operation(self, sequences: Any, initial_state: Any, mask: Any, options: Options) -> Any:
        raise NotImplementedError

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
        sizes = (shape[0], 1, shape[2])  # the same in all steps
        return dropout_mask(self.cell.seed_generator, self.cell.dropout, sizes, dtype), None


_UNKNOWN = object()


def _gate_slope(cell: Any) -> Any:
    """The slope of a cell's gates if they are hard sigmoids; None for the sigmoid, and where there are no gates."""
    gate = getattr(cell, "recurrent_activation", activations.sigmoid)
    if gate is activations.sigmoid:
        return None
    return 1 / 6 if gate is activations.hard_sigmoid else getattr(gate, "slope", _UNKNOWN)


def _is_ours(function: Any) -> bool:
    return function is None or (getattr(function, "__module__", None) or "").startswith("kerasish.")
