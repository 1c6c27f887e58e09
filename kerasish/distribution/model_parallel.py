"""A training whose weights are cut over processes, as well as its batches."""

from __future__ import annotations

from typing import Any

from kerasish.backend import names
from kerasish.backend.pieces import Piece, piece_of
from kerasish.distribution.groups import Group
from kerasish.distribution.layouts import LayoutMap, TensorLayout
from kerasish.distribution.processes import processes
from kerasish.distribution.strategies import Distribution, place_in, share


class ModelParallel(Distribution):
    """Kernels of `Dense` and tables of `Embedding` are cut over one axis of a mesh, batches over another.

    With n devices along the axis, each holds 1/n of a kernel, of its gradient and of the optimizer's states for it, and
    computes 1/n of its products. Cut by columns, `(None, "model")`, each device computes some of the outputs, which are
    gathered; by rows, `("model", None)`, each takes some of the inputs, and the sums are added up. A bias may be cut
    with the columns, `("model",)`. Everything else is whole on every device. n devices come to the weights of one
    process on the whole batch, but for rounding, and write the same files.

    Args:
        layout_map: for each variable's path its layout; what it leaves out is whole everywhere.
        batch_dim_name: the axis of the mesh along which batches are cut; the first by default.
        auto_shard_dataset: as of `DataParallel`. Devices along the other axis must be given the same batches.
        **kwargs: `device_mesh`, as in old scripts.

    Raises:
        ValueError: if there is no layout map; in `set_distribution`, if the mesh does not fit the processes.
        NotImplementedError: when a layer makes a weight that it cannot compute with cut so.

    Example:
        In a script that `mpiexec -n 4 python train.py` runs, before the model is made, with the mesh `(2, 2)`:

        >>> import kerasish as keras
        >>> mesh = keras.distribution.DeviceMesh((1, 1), ["batch", "model"], ["cpu:0"])
        >>> layouts = keras.distribution.LayoutMap(mesh)
        >>> layouts["dense/kernel"] = (None, "model")
        >>> layouts["embedding/embeddings"] = ("model", None)
        >>> keras.distribution.set_distribution(keras.distribution.ModelParallel(layout_map=layouts))
        >>> keras.distribution.set_distribution(None)

    Source: Shoeybi et al., Megatron-LM: training multi-billion parameter language models using model parallelism
        (2019), section 3, https://arxiv.org/abs/1909.08053
    """

    def __init__(
        self,
        *,
        layout_map: Any = None,
        batch_dim_name: str | None = None,
        auto_shard_dataset: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("device_mesh", None)
        if kwargs:
            raise ValueError(f"ModelParallel does not know the argument(s) {sorted(kwargs)}")
        if not isinstance(layout_map, LayoutMap):
            raise ValueError(f"ModelParallel needs layout_map, a LayoutMap; received {layout_map!r}")
        mesh = layout_map.device_mesh
        super().__init__(mesh, batch_dim_name or mesh.axis_names[0], auto_shard_dataset)
        self._layout_map = layout_map
        self._groups: tuple[Group, Group] | None = None

    @property
    def data_shard_id(self) -> int:
        """Which of the `num_model_replicas` parts of a batch is this process's."""
        return place_in(self._device_mesh)[self._batch_dim_name]

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        """The layout of a variable: that of the map, or whole on every device."""
        return self._layout_map[variable.path] or super().get_variable_layout(variable)

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        """The layout of the map for the output of a layer, which is whole on every device all the same."""
        return self._layout_map[path]

    def _begin(self) -> None:
        place = place_in(self._device_mesh)
        if len(place) > 2 or self._batch_dim_name not in place:
            raise ValueError(
                f"ModelParallel needs a mesh with an axis for batches and one for weights, such as DeviceMesh((2, 2), "
                f"['batch', 'model']); received axes {self._device_mesh.axis_names} and batch_dim_name="
                f"{self._batch_dim_name!r}"
            )
        found = processes()
        if found is None:
            share(None)
            return
        if self._groups is None:
            row = place[self._batch_dim_name]
            column = next((n for name, n in place.items() if name != self._batch_dim_name), 0)
            self._groups = found.part(column, row), found.part(row, column)
        replicas = self._groups[0]
        replicas.shards = self._auto_shard_dataset
        share(replicas, self._place)

    def _place(self, layer: Any, name: str | None, shape: tuple[int, ...], options: dict[str, Any]) -> Piece | None:
        """Which part of a new weight lies here.

        Args:
            layer: whose weight it is.
            name: of the weight.
            shape: of the whole.
            options: what else it was asked to have, that needs the whole.
        """
        assert self._groups is not None
        path = names.path_of(name or "")
        layout = self._layout_map[path]
        if layout is None:
            return None
        mesh = self._device_mesh
        sizes = dict(zip(mesh.axis_names, mesh.shape, strict=True))
        what = (
            f"the layout {layout.axes} of {path!r} of shape {shape}, a weight of {type(layer).__name__} {layer.name!r}"
        )
        if len(layout.axes) != len(shape):
            raise ValueError(f"{what}, needs a name or None for each of its {len(shape)} axes")
        cut = [axis for axis, along in enumerate(layout.axes) if along is not None and sizes.get(along, 0) != 1]
        if not cut:
            return None
        axis = cut[0]
        why = self._why_not(layer, name, layout, cut) or _why_not_with(options)
        if why:
            raise NotImplementedError(f"{what}: {why}")
        if shape[axis] % self._groups[1].count:
            raise ValueError(
                f"{what}: axis {axis} must be a multiple of the {self._groups[1].count} devices along "
                f"{layout.axes[axis]!r}"
            )
        return Piece(self._groups[1], axis, self._groups[1].everyone)

    def _why_not(self, layer: Any, name: str | None, layout: TensorLayout, cut: list[int]) -> str | None:
        """Why a weight is not cut so; None if it can be."""
        if layout.device_mesh is not self._device_mesh:
            return "it has another mesh than the LayoutMap"
        if len(cut) > 1 or layout.axes[cut[0]] == self._batch_dim_name:
            return f"weights are cut along one axis, and over that of the mesh which is not {self._batch_dim_name!r}"
        axes = layer.cuts.get(name, ()) if _computes_itself(layer) and layer.quantization_mode is None else ()
        if cut[0] not in axes:
            return (
                "only kernels of Dense and tables of Embedding are cut, along either axis, and a bias of Dense with "
                "the columns of its kernel. Take the path out of the LayoutMap, or set its layout to None on each axis"
            )
        kernel = piece_of(layer.kernel) if name == "bias" else None
        if name == "bias" and (kernel is None or kernel.axis != 1):
            return "a bias is cut where its kernel is cut by columns, (None, 'model')"
        return None


def _computes_itself(layer: Any) -> bool:
    """Whether the layer's `call` is that of the class which says how its weights may be cut."""
    owners = [next(kind for kind in type(layer).__mro__ if name in kind.__dict__) for name in ("cuts", "call")]
    return owners[0] is owners[1]


def _why_not_with(options: dict[str, Any]) -> str | None:
    given = [name for name, value in options.items() if value is not None]
    return f"it has a {given[0]}, which looks at the whole weight" if given else None
