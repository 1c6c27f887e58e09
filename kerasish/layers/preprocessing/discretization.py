"""Numbers as the bins that they fall into."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.backend.typing import DTypeLike
from kerasish.layers.base.layer import Layer
from kerasish.layers.preprocessing.adapting import batches_of, is_one_array, tell_of_nan
from kerasish.layers.preprocessing.data_layer import DataWeights
from kerasish.layers.preprocessing.encoding import check_dense, checked_mode, encode, encoded_shape
from kerasish.layers.preprocessing.quantiles import QuantileSummary


def _binned_forward(inputs: Any, *, owner: str, edges: tuple[float, ...], mode: str, dtype: str) -> Any:
    values = np.asarray(inputs)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"{owner} works with numbers; received dtype {values.dtype}")
    bins = np.digitize(values, np.asarray(edges, config.floatx()))
    return encode(bins, mode, len(edges) + 1, dtype)


def _binned_spec(inputs: Any, *, owner: str, edges: tuple[float, ...], mode: str, dtype: str) -> KerasTensor:
    return KerasTensor(encoded_shape(inputs.shape, mode, len(edges) + 1), dtype)


# A step that is written down looks for the bins anew with each batch.
_binned = primitive("discretization", _binned_forward, shape=_binned_spec)


class Discretization(DataWeights, Layer):
    """The number of the bin that each number falls into: 0 below the first boundary, 1 from there on, and so on.

    The boundaries are given, or `adapt` chooses them so that each bin holds about as many of the data.

    Args:
        bin_boundaries: the boundaries, in ascending order; a number that equals one lies in the bin above it.
        num_bins: how many bins `adapt` makes, in place of `bin_boundaries`.
        epsilon: how exactly `adapt` finds the quantiles of the data, as a share of it.
        output_mode: `"int"` for the numbers of the bins, `"one_hot"` for a row with a one for each element,
            `"multi_hot"` and `"count"` for one row for each sample.
        sparse: must be false.
        dtype, name: as in `Layer`.

    Shapes: `(samples, ...)` to the same in mode `"int"`, to rows of `len(bin_boundaries) + 1` in the others.

    Raises:
        ValueError: if not exactly one of `bin_boundaries` and `num_bins` is given, or an argument cannot be used.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.Discretization([0.0, 1.0])
        >>> layer(np.array([[-1.5, 0.0, 0.7, 3.0]], "float32"))
        array([[0, 1, 1, 2]], dtype=int32)
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: DTypeLike = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        check_dense("Discretization", sparse=sparse)
        if num_bins is not None and num_bins < 0:
            raise ValueError(f"num_bins must be at least 0; received {num_bins}")
        if (num_bins is None) == (bin_boundaries is None):
            raise ValueError(
                "Discretization needs bin_boundaries, or num_bins to find them with adapt, and not both; received "
                f"bin_boundaries={bin_boundaries!r} and num_bins={num_bins!r}"
            )
        self.bin_boundaries = bin_boundaries
        self.num_bins = num_bins
        self.epsilon = epsilon
        self.output_mode = checked_mode(output_mode, ("int", "one_hot", "multi_hot", "count"), "Discretization")
        self.sparse = False
        self._summary = QuantileSummary(epsilon)

    @property
    def input_dtype(self) -> str:
        """The dtype that inputs are cast to."""
        return config.floatx()

    @property
    def output_dtype(self) -> str:
        """The dtype of the output."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Choose the boundaries so that each bin holds about as many of the data.

        Args:
            data: an array, or something that yields batches: a list of arrays, a generator.
            steps: how many batches, if not all.

        Raises:
            ValueError: if the layer was given its boundaries, or there is no data.
        """
        if self.num_bins is None:
            raise ValueError(
                f"the layer {self.name!r} was given bin_boundaries, so it does not adapt to data; give num_bins instead"
            )
        self.reset_state()
        total = 0.0
        for batch in [data] if is_one_array(data) else batches_of(data, "Discretization", steps):
            self.update_state(batch)
            total += float(np.sum(np.isnan(np.asarray(batch, np.float64))))
        tell_of_nan(self.name, np.nan if total else total)
        if not self._summary.values.size:
            raise ValueError(f"the layer {self.name!r} cannot adapt to no data: there was no batch, or no samples")
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take a batch into account."""
        self._summary.add(data)

    def finalize_state(self) -> None:
        """Choose the boundaries from what was taken into account."""
        if self.num_bins is not None:
            self.bin_boundaries = self._summary.boundaries(self.num_bins)

    def reset_state(self) -> None:
        """Forget what was taken into account."""
        if self.num_bins is not None:
            self._summary = QuantileSummary(self.epsilon)

    def call(self, inputs: Any) -> Any:
        """The bins, in the output mode."""
        if self.bin_boundaries is None:
            raise ValueError(f"the layer {self.name!r} has no bins yet: call `adapt` on data, or give `bin_boundaries`")
        settings = {"owner": f"the layer {self.name!r}", "mode": self.output_mode, "dtype": self.output_dtype}
        edges = tuple(self.bin_boundaries)
        return (_binned if isinstance(inputs, Tensor) else _binned_forward)(inputs, edges=edges, **settings)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input in mode `"int"`; rows for elements or samples else."""
        depth = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        return encoded_shape(input_shape, self.output_mode, depth)

    def compute_output_spec(self, inputs: Any) -> Any:
        """The shape and dtype of the output."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.output_dtype)

    def load_own_variables(self, store: Any) -> None:
        """Nothing is kept in variables; what older files have for the layer is passed over."""

    def get_config(self) -> dict[str, Any]:
        return {
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A layer from the result of `get_config`, also after `adapt`, when it holds both boundaries and `num_bins`."""
        if config.get("num_bins") is None or config.get("bin_boundaries") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = config["bin_boundaries"]
        return layer
