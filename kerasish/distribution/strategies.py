"""How a training is spread over processes: the data is, the weights are not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.distribution.layouts import DeviceMesh, LayoutMap, TensorLayout
from kerasish.distribution.processes import list_devices, processes
from kerasish.trainers.replicas import activate


class Distribution:
    """What all ways of spreading have in common.

    Args:
        device_mesh: the devices.
        batch_dim_name: the axis of the mesh along which batches are cut.
        auto_shard_dataset: whether every process gets whole batches, of which it takes its share.
    """

    def __init__(self, device_mesh: DeviceMesh, batch_dim_name: str, auto_shard_dataset: bool) -> None:
        self._device_mesh = device_mesh
        self._batch_dim_name = batch_dim_name
        self._auto_shard_dataset = auto_shard_dataset

    @property
    def device_mesh(self) -> DeviceMesh:
        """The devices."""
        return self._device_mesh

    @property
    def batch_dim_name(self) -> str:
        """The axis of the mesh along which batches are cut."""
        return self._batch_dim_name

    @property
    def auto_shard_dataset(self) -> bool:
        """Whether every process gets whole batches, of which it takes its share."""
        return self._auto_shard_dataset

    @property
    def num_model_replicas(self) -> int:
        """How many devices share a batch."""
        return int(self._device_mesh.shape[self._device_mesh.axis_names.index(self._batch_dim_name)])

    @property
    def num_processes(self) -> int:
        """How many processes there are."""
        found = processes()
        return 1 if found is None else found.count

    @property
    def data_shard_id(self) -> int:
        """The number of this process."""
        found = processes()
        return 0 if found is None else found.rank

    def get_data_layout(self, data_shape: Any) -> TensorLayout:
        """The layout of a batch: cut along its first axis."""
        axes = [None] * len(data_shape)
        return TensorLayout([self._batch_dim_name, *axes[1:]] if axes else [], self._device_mesh)

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        """The layout of a variable: whole on every device."""
        return TensorLayout([None] * len(variable.shape), self._device_mesh)

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        """The layout that was asked for the output of a layer; None if none was."""
        return None

    def distribute_dataset(self, dataset: Any) -> Any:
        """The data as it is: `fit`, `evaluate` and `predict` take this process's share of every batch themselves."""
        return dataset

    def distribute_tf_dataset(self, dataset: Any) -> Any:
        """The same, by its former name."""
        return self.distribute_dataset(dataset)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """A block in which models are trained this way."""
        before = distribution()
        set_distribution(self)
        try:
            yield
        finally:
            set_distribution(before)

    def _begin(self) -> None:
        """Let models be trained this way from now on."""
        raise NotImplementedError(f"{type(self).__name__} does not say how models are trained")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} device_mesh={self._device_mesh}>"


class DataParallel(Distribution):
    """Every process has the whole model and learns from its share of every batch.

    In a step each process computes the gradient of its rows; one sum over the flat array of all gradients, weighted by
    rows, makes it that of the whole batch, and all make the same step. n processes come to the weights of one on the
    whole batch, but for rounding.

    Args:
        device_mesh: the devices, one for each process.
        devices: their names, instead of a mesh; all by default.
        auto_shard_dataset: whether what yields batches, such as a generator, yields the whole ones in every process,
            which takes its share. With False each is given batches of its own, as many as the others. Of arrays every
            process takes its share in either case.

    Raises:
        ValueError: if device_mesh is none.

    Example:
        In a script that `mpiexec -n 4 python train.py` runs, before the model is made:

        >>> import kerasish as keras
        >>> keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"]).num_model_replicas
        2

    Source: Li et al., PyTorch Distributed: experiences on accelerating data parallel training (2020), section 3,
        https://arxiv.org/abs/2006.15704
    """

    def __init__(self, device_mesh: Any = None, devices: Any = None, auto_shard_dataset: bool = True) -> None:
        if device_mesh is None:
            names = list_devices() if devices is None else np.array(devices, object).ravel().tolist()
            device_mesh = DeviceMesh((len(names),), ["batch"], names)
        if not isinstance(device_mesh, DeviceMesh):
            raise ValueError(f"device_mesh must be a DeviceMesh; received {device_mesh!r}")
        super().__init__(device_mesh, device_mesh.axis_names[0], auto_shard_dataset)

    def _begin(self) -> None:
        found = processes()
        count = 1 if found is None else found.count
        if self._device_mesh.devices.size != count:
            raise ValueError(
                f"the mesh has {self._device_mesh.devices.size} devices, but there are {count} processes, and each is "
                "one device: start as many with mpiexec -n, or leave device_mesh and devices out"
            )
        if found is not None:
            found.shards = self._auto_shard_dataset
        activate(found)


class ModelParallel(Distribution):
    """Layouts of variables that are cut over devices, which can be described here but not trained.

    Args:
        layout_map: for each variable's path its layout.
        batch_dim_name: the axis of the mesh along which batches are cut; the first by default.
        auto_shard_dataset: as of `DataParallel`.
        **kwargs: `device_mesh`, as in old scripts.

    Raises:
        ValueError: if there is no layout map.
        NotImplementedError: in `set_distribution` and `scope`.

    Example:
        >>> import kerasish as keras
        >>> mesh = keras.distribution.DeviceMesh((1, 1), ["batch", "model"], ["cpu:0"])
        >>> layouts = keras.distribution.LayoutMap(mesh)
        >>> layouts["kernel"] = (None, "model")
        >>> spread = keras.distribution.ModelParallel(layout_map=layouts)
        >>> spread.get_variable_layout(keras.Variable([[1.0]], name="kernel")).axes
        (None, 'model')
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

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        """The layout of a variable: that of the map, or whole on every device."""
        return self._layout_map[variable.path] or super().get_variable_layout(variable)

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        """The layout of the map for the output of a layer."""
        return self._layout_map[path]

    def _begin(self) -> None:
        raise NotImplementedError(
            "ModelParallel cuts variables over devices, which kerasish does not: every process has the whole model. "
            "Use keras.distribution.DataParallel(), which spreads the batches"
        )


_current: Distribution | None = None


def distribution() -> Any:
    """How models are trained now; None if in this process alone.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.distribution() is None
        True
    """
    return _current


def set_distribution(value: Any) -> None:
    """Let models be trained this way from now on; None for this process alone.

    Args:
        value: a `DataParallel`, or None.

    Raises:
        NotImplementedError: for a `ModelParallel`.
        TypeError: for anything else.
        ValueError: if the devices are not the processes.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.set_distribution(keras.distribution.DataParallel())
        >>> keras.distribution.distribution().num_processes
        1
        >>> keras.distribution.set_distribution(None)
    """
    global _current
    if value is None:
        activate(None)
    elif isinstance(value, Distribution):
        value._begin()
    else:
        raise TypeError(f"set_distribution needs a DataParallel or None; received {value!r}")
    _current = value


def distribute_tensor(tensor: Any, layout: Any) -> Any:
    """A tensor as a layout says: as it is where the layout leaves it whole.

    Args:
        tensor: an array.
        layout: a `TensorLayout`.

    Raises:
        NotImplementedError: if the layout cuts it over several devices.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.distribute_tensor([1.0, 2.0], keras.distribution.TensorLayout((None,)))
        [1.0, 2.0]
    """
    mesh = layout.device_mesh
    sizes = {} if mesh is None else dict(zip(mesh.axis_names, mesh.shape, strict=True))
    cut = [axis for axis in layout.axes if axis is not None and sizes.get(axis, 1) > 1]
    if cut:
        raise NotImplementedError(
            f"the layout {layout.axes} cuts a tensor over the devices of the axes {cut}, which kerasish does not: "
            "every process has whole tensors"
        )
    return tensor
