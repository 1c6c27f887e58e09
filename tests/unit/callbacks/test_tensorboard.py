"""What lies in the event files, read as the records that they are."""

import struct
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish.callbacks import TensorBoard

pytest.importorskip("tensorboardX")


def events(folder):
    """The values in the event files below a folder: tag, step and the value's message."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content, place = path.read_bytes(), 0
        while place < len(content):
            (length,) = struct.unpack_from("<Q", content, place)
            event = Event.FromString(content[place + 12 : place + 12 + length])
            found += [(value.tag, event.step, value) for value in event.summary.value]
            place += length + 16
    return found


def scalars(folder):
    return {(tag, step): value.simple_value for tag, step, value in events(folder) if value.HasField("simple_value")}


def fit(folder, epochs=3, optimizer=None, **arguments):
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(4, name="first"), keras.layers.Dense(1)], name="net"
    )
    model.compile(optimizer or keras.optimizers.SGD(0.0625), "mse", metrics=["mae"])
    x = np.random.default_rng(0).standard_normal((12, 2)).astype("float32")
    board = TensorBoard(folder, **arguments)
    history = model.fit(
        x, x[:, :1], validation_split=1 / 3, batch_size=2, epochs=epochs, verbose=0, callbacks=[board], shuffle=False
    )
    return model, history.history


def test_metrics_of_each_epoch(tmp_path):
    _, history = fit(tmp_path)
    train, valid = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    assert {tag for tag, _ in train} == {"epoch_loss", "epoch_mae", "epoch_learning_rate"}
    for epoch in range(3):
        assert train["epoch_loss", epoch] == pytest.approx(history["loss"][epoch])
        assert train["epoch_learning_rate", epoch] == 0.0625
        assert valid["epoch_mae", epoch] == pytest.approx(history["val_mae"][epoch])
        assert valid["evaluation_loss_vs_iterations", 4 * (epoch + 1)] == pytest.approx(history["val_loss"][epoch])


@pytest.mark.parametrize(("update_freq", "steps"), [("batch", range(1, 9)), (3, (3, 6)), ("epoch", ())])
def test_metrics_of_batches(update_freq, steps, tmp_path):
    fit(tmp_path, epochs=2, update_freq=update_freq)
    assert [step for tag, step in scalars(tmp_path / "train") if tag == "batch_loss"] == list(steps)


def test_speed(tmp_path):
    fit(tmp_path, epochs=1, write_steps_per_second=True, update_freq=2)
    found = scalars(tmp_path / "train")
    assert found["epoch_steps_per_second", 0] > 0
    assert found["batch_steps_per_second", 2] > 0


def test_weights(tmp_path):
    pytest.importorskip("PIL")
    model, _ = fit(tmp_path, epochs=3, histogram_freq=2, write_images=True)
    found = {(tag, step): value for tag, step, value in events(tmp_path / "train")}
    kernel = model.layers[0].kernel
    assert {step for tag, step in found if tag == f"{kernel.path}/histogram"} == {0, 2}
    histogram = found[f"{kernel.path}/histogram", 2].histo
    assert histogram.num == kernel.size
    assert histogram.sum == pytest.approx(float(kernel.numpy().sum()), rel=1e-5)
    image = found[f"{kernel.path}/image", 2].image
    assert (image.height, image.width) == (2, 4)


def test_layers_for_the_graphs_tab(tmp_path):
    model, _ = fit(tmp_path, epochs=1)
    (value,) = [value for tag, _, value in events(tmp_path / "train") if tag == "keras"]
    assert value.metadata.plugin_data.plugin_name == "graph_keras_model"
    assert value.tensor.string_val[0].decode() == model.to_json()
    fit(tmp_path / "none", epochs=1, write_graph=False)
    assert "keras" not in {tag for tag, _, _ in events(tmp_path / "none" / "train")}


def test_learning_rates_of_wrapped_optimizers(tmp_path):
    parts = [keras.optimizers.SGD(0.0625, name="quick"), keras.optimizers.SGD(0.03125, name="slow")]
    choice = keras.optimizers.OptimizerMap(parts[1], {".*first.*": parts[0]})
    fit(tmp_path / "multi", epochs=1, optimizer=keras.optimizers.MultiOptimizer(choice))
    found = scalars(tmp_path / "multi" / "train")
    assert (found["epoch_learning_rate_quick", 0], found["epoch_learning_rate_slow", 0]) == (0.0625, 0.03125)
    fit(tmp_path / "scaled", epochs=1, optimizer=keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.0625), 2.0))
    assert scalars(tmp_path / "scaled" / "train")["epoch_learning_rate", 0] == 0.0625


def test_missing_library_is_told_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install pillow tensorboardX"):
        TensorBoard()


def test_arguments():
    for batches in (2, (1, 2), "1,2"):
        with pytest.warns(UserWarning, match="no profiler"):
            TensorBoard(profile_batch=batches)
    for batches in (-1, (2, 1), (1, 2, 3), "first", None):
        with pytest.raises(ValueError, match="profile_batch"):
            TensorBoard(profile_batch=batches)
    with pytest.warns(UserWarning, match="projector"):
        TensorBoard(embeddings_freq=1)
    for frequency in ("step", 0, 1.5):
        with pytest.raises(ValueError, match="update_freq"):
            TensorBoard(update_freq=frequency)
    hooks = keras.callbacks.CallbackList([TensorBoard()])
    assert not hooks.has_train_batch_hooks
