"""How devices are arranged, and how a tensor lies on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np

from kerasish.distribution.processes import list_devices


class DeviceMesh:
    """Devices in an array whose axes have names.

    Args:
        shape: how many devices lie along each axis.
        axis_names: the names of the axes.
        devices: their names; all of `list_devices()` by default.

    Raises:
        ValueError: if the numbers of axes, names and devices do not go together.

    Example:
        >>> import kerasish as keras
        >>> mesh = keras.distribution.DeviceMesh((2, 2), ["batch", "model"], ["cpu:0", "cpu:1", "cpu:2", "cpu:3"])
        >>> mesh.devices[1, 0]
        'cpu:2'
    """

    def __init__(self, shape: Sequence[int], axis_names: Sequence[str], devices: Any = None) -> None:
        if not shape or not axis_names:
            raise ValueError(f"a mesh needs at least one axis; received shape={shape}, axis_names={axis_names}")
        if len(shape) != len(axis_names):
            raise ValueError(f"a mesh needs a name for each axis; received shape={shape}, axis_names={axis_names}")
        found = np.array(list_devices() if devices is None else devices, object)
        if np.prod(shape) != found.size:
            raise ValueError(f"a mesh of the shape {tuple(shape)} has {np.prod(shape)} devices; there are {found.size}")
        self._shape = tuple(shape)
        self._axis_names = list(axis_names)
        self._devices = found.reshape(self._shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many devices lie along each axis."""
        return self._shape

    @property
    def axis_names(self) -> list[str]:
        """The names of the axes."""
        return self._axis_names

    @property
    def devices(self) -> np.ndarray:
        """The names of the devices."""
        return self._devices

    @property
    def backend_mesh(self) -> DeviceMesh:
        """The mesh itself: nothing below it has another."""
        return self

    def __repr__(self) -> str:
        return f"<DeviceMesh shape={self.shape}, axis_names={self.axis_names}>"


class TensorLayout:
    """Along which axis of a mesh each axis of a tensor is cut.

    Args:
        axes: for each axis of the tensor the name of one of the mesh, or None where it is whole everywhere.
        device_mesh: the mesh.

    Raises:
        ValueError: if the mesh has no axis of that name.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.TensorLayout(("batch", None)).axes
        ('batch', None)
    """

    def __init__(self, axes: Sequence[str | None], device_mesh: DeviceMesh | None = None) -> None:
        self._axes = tuple(axes)
        self._device_mesh = device_mesh
        self._check()

    def _check(self) -> None:
        if self._device_mesh is None:
            return
        unknown = {axis for axis in self._axes if axis is not None} - set(self._device_mesh.axis_names)
        if unknown:
            raise ValueError(
                f"the layout {self._axes} names the axes {sorted(unknown)}; the mesh has {self._device_mesh.axis_names}"
            )

    @property
    def axes(self) -> tuple[str | None, ...]:
        """The mesh's axis for each of the tensor's."""
        return self._axes

    @property
    def device_mesh(self) -> DeviceMesh | None:
        """The mesh, which can be set once."""
        return self._device_mesh

    @device_mesh.setter
    def device_mesh(self, value: DeviceMesh) -> None:
        if self._device_mesh is not None:
            raise ValueError(f"the layout has the mesh {self._device_mesh} already; make a new TensorLayout")
        self._device_mesh = value
        self._check()

    @property
    def backend_layout(self) -> TensorLayout:
        """The layout itself: nothing below it has another."""
        return self

    def __repr__(self) -> str:
        return f"<TensorLayout axes={self.axes}, device_mesh={self.device_mesh}>"


class LayoutMap(MutableMapping[str, Any]):
    """For each variable's path a layout: that of the key it equals or, as a pattern, holds.

    Args:
        device_mesh: the mesh of the layouts that name none.

    Raises:
        ValueError: if a key is set twice, a value is no layout, or several patterns hold for one path.

    Example:
        >>> import kerasish as keras
        >>> mesh = keras.distribution.DeviceMesh((1,), ["model"], ["cpu:0"])
        >>> layouts = keras.distribution.LayoutMap(mesh)
        >>> layouts["dense.*kernel"] = (None, "model")
        >>> layouts["net/dense_1/kernel"].axes, layouts["net/dense_1/bias"]
        ((None, 'model'), None)
    """

    def __init__(self, device_mesh: DeviceMesh) -> None:
        self._device_mesh = device_mesh
        self._layouts: dict[str, TensorLayout] = {}

    @property
    def device_mesh(self) -> DeviceMesh:
        """The mesh."""
        return self._device_mesh

    def __getitem__(self, key: str) -> TensorLayout | None:
        if key in self._layouts:
            return self._layouts[key]
        matching = [pattern for pattern in self._layouts if re.search(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"the path {key!r} is matched by several keys of the LayoutMap: {matching}")
        return self._layouts[matching[0]] if matching else None

    def __setitem__(self, key: str, layout: Any) -> None:
        if key in self._layouts:
            raise ValueError(f"the LayoutMap has the key {key!r} already: {self._layouts[key]}; delete it first")
        if isinstance(layout, tuple):
            layout = TensorLayout(layout)
        if not isinstance(layout, TensorLayout):
            raise ValueError(f"the value of {key!r} must be a TensorLayout or a tuple of axes; received {layout!r}")
        if layout.device_mesh is None:
            layout.device_mesh = self._device_mesh
        self._layouts[key] = layout

    def __delitem__(self, key: str) -> None:
        del self._layouts[key]

    def __len__(self) -> int:
        return len(self._layouts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._layouts)
