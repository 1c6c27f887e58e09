"""The course of a training as files that TensorBoard shows."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from kerasish._extras import missing
from kerasish.backend import config
from kerasish.backend.callers import warn
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs
from kerasish.saving.errors import as_path


class TensorBoard(Callback):
    """Write the metrics, the learning rate and, if asked for, the weights into event files.

    They lie in `log_dir/train` and `log_dir/validation`, under Keras's names: `epoch_loss`, `epoch_learning_rate`,
    `batch_loss`, `evaluation_loss_vs_iterations`, `sequential/dense/kernel/histogram`. `tensorboard --logdir logs`
    shows them.

    Args:
        log_dir: where to; each training best has a directory of its own below it.
        histogram_freq: after how many epochs the distribution of every weight is written; 0 for never.
        write_graph: whether the layers of a sequential or functional model are written, for the graphs tab.
        write_images: whether the weights are written as pictures with each histogram; needs Pillow.
        write_steps_per_second: whether the speed is written, for each epoch and each batch that is written.
        update_freq: `"epoch"`; `"batch"` or a number of batches to write metrics inside an epoch as well.
        profile_batch: a batch, or the first and the last one of several. There is no profiler: a warning says so.
        embeddings_freq, embeddings_metadata: for the projector, which there is not either: likewise.

    Raises:
        ImportError: if tensorboardX, of the extra `tensorboard`, is missing; it says what to install.
        ValueError: if an argument cannot be used.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> import os, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x, y = np.ones((4, 2)), np.ones((4, 1))
        >>> _ = model.fit(x, y, verbose=0, callbacks=[keras.callbacks.TensorBoard(folder)])
        >>> os.listdir(folder)
        ['train']
    """

    _reads_logs_rarely: ClassVar[bool] = True
    only_in_first_process: ClassVar[bool] = True
    _begins_without_weights: ClassVar[bool] = True

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        _warn_of_what_is_not_written(profile_batch, embeddings_freq or embeddings_metadata)
        if update_freq not in ("batch", "epoch") and not (isinstance(update_freq, int) and update_freq > 0):
            raise ValueError(
                f"update_freq is 'epoch', 'batch' or a number of batches above 0; received update_freq={update_freq!r}"
            )
        self.log_dir = as_path(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self._library = _library()
        self._writers: dict[str, Any] = {}
        self._batches = 0
        self._batch_began = self._epoch_began = 0.0
        self._steps_before = 0

    def _listens(self, hook: str) -> bool:
        if hook.startswith("on_train_batch") and self.update_freq == "epoch" and type(self) is TensorBoard:
            return False
        return super()._listens(hook)

    def _writer(self, part: str) -> Any:
        """The writer of `train` or `validation`; the file appears when something is written."""
        if part not in self._writers:
            self._writers[part] = self._library.SummaryWriter(os.path.join(self.log_dir, part))
        return self._writers[part]

    def set_model(self, model: Any) -> None:
        self._close()
        super().set_model(model)
        if self.write_graph and type(model).__name__ in ("Functional", "Sequential"):
            self._write_layers()

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    # -- what is written -------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._batches = 0

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._steps_before = self._steps()
        self._epoch_began = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        self._batch_began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not isinstance(self.update_freq, int) or self._batches % self.update_freq:
            return
        scalars = dict(logs or {})
        if self.write_steps_per_second:
            scalars["steps_per_second"] = 1.0 / (time.perf_counter() - self._batch_began)
        self._write("train", "batch_{}", scalars, self._batches)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if getattr(self.model, "optimizer", None) is not None:
            self._write("validation", "evaluation_{}_vs_iterations", logs or {}, self._steps())

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs:
            train = {name: value for name, value in logs.items() if not name.startswith("val_")}
            train.update(self._learning_rates())
            if self.write_steps_per_second:
                steps = self._steps() - self._steps_before
                train["steps_per_second"] = steps / (time.perf_counter() - self._epoch_began)
            self._write("train", "epoch_{}", train, epoch)
            validation = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
            self._write("validation", "epoch_{}", validation, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        for writer in self._writers.values():
            writer.flush()

    def _steps(self) -> int:
        optimizer = getattr(self.model, "optimizer", None)
        return 0 if optimizer is None else int(optimizer.iterations)

    def _learning_rates(self) -> dict[str, float]:
        optimizer: Any = getattr(self.model, "optimizer", None)
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if hasattr(optimizer, "optimizers"):
            return {f"learning_rate_{part.name}": float(part.learning_rate) for part in optimizer.optimizers}
        return {} if optimizer is None else {"learning_rate": float(optimizer.learning_rate)}

    def _write(self, part: str, name: str, scalars: Mapping[str, Any], step: int) -> None:
        for key, value in scalars.items():
            if np.ndim(value) == 0:
                self._writer(part).add_scalar(name.format(key), float(value), step)

    def _write_weights(self, epoch: int) -> None:
        writer = self._writer("train")
        for weight in (weight for layer in self.model.layers for weight in layer.weights):
            name, value = weight.path.replace(":", "_"), weight.numpy()
            if value.dtype.kind == "f" and np.isfinite(value).all():
                writer.add_histogram(f"{name}/histogram", value, epoch)
            pictures = _pictures(value) if self.write_images else None
            if pictures is not None:
                writer.add_images(f"{name}/image", pictures, epoch, dataformats="NHWC")

    def _write_layers(self) -> None:
        """Write the config of the model, in the form from which the graphs tab draws it."""
        try:
            text = self.model.to_json()
        except ValueError as error:
            warn(f"TensorBoard shows no graph of {self.model.name!r}: {error}")
            return
        from tensorboardX.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2

        plugin = summary_pb2.SummaryMetadata.PluginData(plugin_name="graph_keras_model", content=b"1")
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[text.encode()])
        metadata = summary_pb2.SummaryMetadata(plugin_data=plugin)
        value = summary_pb2.Summary.Value(tag="keras", metadata=metadata, tensor=tensor)
        event = event_pb2.Event(wall_time=time.time(), step=0, summary=summary_pb2.Summary(value=[value]))
        self._writer("train").file_writer.event_writer.add_event(event)


def _warn_of_what_is_not_written(profile_batch: Any, embeddings: Any) -> None:
    """Tell that there is no profiler and no projector, where they are asked for.

    Raises:
        ValueError: if `profile_batch` is neither a batch nor a first and a last one.
    """
    batches = profile_batch
    try:
        if isinstance(batches, str):
            batches = [int(part) for part in batches.split(",")]
        first, last = batches if isinstance(batches, (list, tuple)) else (batches, batches)
        is_range = 0 <= first <= last
    except (TypeError, ValueError):
        is_range = False
    if not is_range:
        raise ValueError(
            f"profile_batch is a number of a batch, or the first and the last one as a pair; received {profile_batch!r}"
        )
    if last:
        warn(
            f"TensorBoard has no profiler here and writes no profile of profile_batch={profile_batch!r}; Python's own "
            "(python -m cProfile -s cumtime script.py) shows where the time goes",
        )
    if embeddings:
        warn(
            "TensorBoard writes nothing for the projector here: embeddings_freq and embeddings_metadata have no effect",
        )


def _library() -> Any:
    try:
        import tensorboardX
    except ImportError as error:
        raise missing("TensorBoard needs tensorboardX", "tensorboard") from error
    return tensorboardX


def _pictures(weight: np.ndarray) -> np.ndarray | None:
    """A weight as pictures of shape (pictures, height, width, channels), or None where it is none."""
    array = np.squeeze(weight)
    if array.ndim == 1:
        array = array[None, :, None, None]
    elif array.ndim == 2:
        array = (array.T if array.shape[0] > array.shape[1] else array)[None, :, :, None]
    elif array.ndim == 3:
        array = (np.moveaxis(array, -1, 0) if config.image_data_format() == "channels_last" else array)[..., None]
    return array if array.ndim == 4 and array.shape[-1] in (1, 3, 4) else None
