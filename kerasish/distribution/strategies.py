"""How a training is spread over processes, and which way is taken now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.backend.pieces import Place, set_place
from kerasish.backend.ranks import Replicas
from kerasish.distribution.layouts import DeviceMesh, TensorLayout
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
        check_devices(self._device_mesh, "leave device_mesh and devices out")
        if found is not None:
            found.shards = self._auto_shard_dataset
        share(found)


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
        value: a `DataParallel`, a `ModelParallel`, or None.

    Raises:
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
    if value is not None and not isinstance(value, Distribution):
        raise TypeError(f"set_distribution needs a DataParallel, a ModelParallel or None; received {value!r}")
    if value is None:
        share(None)
    else:
        value._begin()
    _current = value


def distribute_tensor(tensor: Any, layout: Any) -> Any:
    """The part of a tensor that lies on this device by a layout; the tensor itself where that leaves it whole.

    Args:
        tensor: an array, the same one in every process.
        layout: a `TensorLayout`.

    Raises:
        ValueError: if an axis cannot be cut into parts of one size, or the devices are not the processes.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.distribute_tensor([1.0, 2.0], keras.distribution.TensorLayout((None,)))
        [1.0, 2.0]
    """
    mesh = layout.device_mesh
    sizes = {} if mesh is None else dict(zip(mesh.axis_names, mesh.shape, strict=True))
    cut = {axis: name for axis, name in enumerate(layout.axes) if sizes.get(name, 1) > 1}
    if not cut:
        return tensor
    place = place_in(mesh)
    found = np.asarray(tensor)
    for axis, name in cut.items():
        if axis >= found.ndim or found.shape[axis] % sizes[name]:
            raise ValueError(
                f"a tensor of the shape {np.shape(tensor)} is not cut by the layout {layout.axes}: axis {axis} must be "
                f"a multiple of the {sizes[name]} devices along {name!r}"
            )
        size = found.shape[axis] // sizes[name]
        start = place[name] * size
        found = found[(slice(None),) * axis + (slice(start, start + size),)]
    return found.copy()


def share(replicas: Replicas | None, place: Place | None = None) -> None:
    """Let these processes share batches, and this decide about new weights, from now on."""
    set_place(place)
    activate(replicas)


def check_devices(mesh: DeviceMesh, fix: str) -> None:
    """Refuse a mesh that does not have one device for each process."""
    found = processes()
    count = 1 if found is None else found.count
    if mesh.devices.size != count:
        raise ValueError(
            f"the mesh has {mesh.devices.size} devices, but there are {count} processes, and each is one device: start "
            f"as many with mpiexec -n, or {fix}"
        )


def place_in(mesh: DeviceMesh) -> dict[str, int]:
    """The place of this process along each axis of a mesh."""
    check_devices(mesh, "make the mesh of as many")
    found = processes()
    name = f"cpu:{0 if found is None else found.rank}"
    places = np.argwhere(mesh.devices == name)
    if len(places) != 1:
        raise ValueError(
            f"the mesh has the devices {mesh.devices.ravel().tolist()}, among which there is not one {name!r}; "
            "list_devices() tells their names"
        )
    return dict(zip(mesh.axis_names, places[0].tolist(), strict=True))
