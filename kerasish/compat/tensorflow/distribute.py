"""`tf.distribute`: strategies with one replica, as TensorFlow's have where there is one processor."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from kerasish import ops


class ReduceOp:
    """What is made of the values of the replicas."""

    SUM, MEAN = "SUM", "MEAN"


class InputContext:
    """Which part of the data a replica reads: all of it."""

    num_input_pipelines, input_pipeline_id, num_replicas_in_sync = 1, 0, 1

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """The batch size itself."""
        return global_batch_size


class Strategy:
    """One replica: `scope` changes nothing, and `run` calls the function."""

    num_replicas_in_sync = 1

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def scope(self) -> Any:
        """A block that changes nothing."""
        return nullcontext(self)

    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: Any = None) -> Any:
        """What the function returns."""
        return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
        """The value of the only replica; its sum or mean over an axis, if one is given."""
        if axis is None:
            return value
        return (ops.sum if str(reduce_op).endswith("SUM") else ops.mean)(value, axis)

    def gather(self, value: Any, axis: int) -> Any:
        """The value of the only replica."""
        return value

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """The data set itself."""
        return dataset

    def distribute_datasets_from_function(self, dataset_fn: Callable[[Any], Any], options: Any = None) -> Any:
        """What the function makes for the only replica."""
        return dataset_fn(InputContext())

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """The value of the only replica, alone."""
        return (value,)


class MirroredStrategy(Strategy):
    """All processors of this machine: there is one."""


class OneDeviceStrategy(Strategy):
    """One processor."""


_default = Strategy()


def get_strategy() -> Strategy:
    return _default


def has_strategy() -> bool:
    return False


class TPUClusterResolver:
    """Looks for TPUs, and raises since there are none; scripts catch that."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise ValueError("there are no TPUs here; train without, with tf.distribute.get_strategy()")
