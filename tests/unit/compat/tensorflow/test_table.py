"""The stand-in for TensorFlow: every name of its table, and what TensorFlow 2.21 makes of the same expressions."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from kerasish.compat.tensorflow import table
from kerasish.compat.tensorflow.instead import INSTEAD

_SPEC = importlib.util.spec_from_file_location("facts", Path(__file__).with_name("facts.py"))
facts = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(facts)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_results_are_tensorflows(tf):
    known, wrong = facts.names(tf), []
    for expression, expected in json.loads(facts.FILE.read_text()).items():
        found = facts.fact(eval(expression, dict(known)))
        if not facts.close(expected, found):
            wrong.append(f"{expression}: TensorFlow {expected}, here {found}")
    assert not wrong, "\n".join(wrong)


def test_every_name_of_the_table_is_there_and_listed(tf):
    for name in table.entries():
        found = tf
        for part in name.split("."):
            assert part in dir(found) or part == "__version__"
            found = getattr(found, part)
        assert found is not None or name == "newaxis"


def test_every_function_of_the_table_is_compared_or_known_to_have_no_numbers():
    text = facts.FILE.read_text()
    functions = [name for name, entry in table.entries().items() if entry.parameters is not None]
    missing = [name for name in functions if f"tf.{name}(" not in text]
    others = {entry.name for name, entry in table.entries().items() if f"tf.{name}(" in text}
    assert not [name for name in missing if table.entries()[name].name not in others]


def test_names_without_a_comparison(tf):
    """What TensorFlow's documentation says of them, for they were never compared with it."""
    x = tf.constant([[1.0, 2.0]])
    assert x[..., tf.newaxis].shape == (1, 2, 1)
    np.testing.assert_array_equal(tf.sequence_mask([1, 3, 2], 4, tf.int32), [[1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 0, 0]])
    assert tf.sequence_mask(tf.constant([[2], [0]])).numpy().tolist() == [[[True, True]], [[False, False]]]
    assert float(tf.nn.compute_average_loss([1.0, 2.0, 3.0], [1.0, 0.0, 2.0])) == pytest.approx(7 / 3)
    assert float(tf.nn.compute_average_loss([1.0, 2.0, 3.0], global_batch_size=6)) == 1
    weights = tf.Variable(tf.random_normal_initializer()(shape=(3, 4), dtype="float32"))
    assert weights.shape == (3, 4) and list(tf.zeros_initializer()((2,))) == [0, 0]
    rows = np.arange(32.0, dtype="float32").reshape(1, 4, 4, 2)
    ones = [1, 1, 1, 1]
    patches = tf.image.extract_patches(
        images=rows, sizes=[1, 2, 2, 1], strides=[1, 2, 2, 1], rates=ones, padding="VALID"
    )
    np.testing.assert_array_equal(patches[0, 1, 0], rows[0, 2:, :2].ravel())
    assert tf.image.extract_patches(rows, [1, 3, 3, 1], [1, 2, 2, 1], ones, "SAME").shape == (1, 2, 2, 18)


@pytest.mark.parametrize("name", INSTEAD)
def test_what_is_not_there_says_what_to_write(tf, name):
    with pytest.raises(AttributeError) as error:
        found = tf
        for part in [*name.split("."), "anything"]:
            found = getattr(found, part)
    assert INSTEAD[name] in str(error.value)


def test_a_name_that_nobody_knows(tf):
    with pytest.raises(AttributeError, match=r"tf.math.reduce_summ is not in the table .* tf.math.reduce_sum"):
        _ = tf.math.reduce_summ
    with pytest.raises(AttributeError, match=r"keras.ops.logaddexp2"):
        _ = tf.logaddexp2


def test_arguments_without_a_meaning_here_raise(tf):
    with pytest.raises(NotImplementedError, match=r"tf.transpose takes conjugate=False only"):
        tf.transpose([[1.0]], conjugate=True)
    with pytest.raises(TypeError, match="axes"):
        tf.reduce_max([1.0], axes=0)
    assert tf.abs([-1.0], name="size").numpy() == 1


def test_numbers_are_tensors(tf):
    x = tf.constant([1.0, 2.0])
    total = tf.reduce_sum(x) * 2 + 1
    assert total.numpy() == 7 and x[0].numpy() == 1 and [part.numpy() for part in x] == [1, 2]
    assert f"{total:.1f}" == "7.0" and round(np.mean(x), 1) == 1.5
    assert tf.keras.losses.mean_squared_error([1.0], [3.0]).numpy() == 4
    metric = tf.keras.metrics.Mean()
    assert metric(2.0).numpy() == 2 == metric.result().numpy()


def test_seeds(tf):
    def drawn():
        tf.random.set_seed(3)
        layer = tf.keras.layers.Dense(2)
        layer.build((None, 2))
        picture = tf.image.random_brightness(tf.zeros((1, 1, 3)), 0.5, seed=2)
        both = [tf.random.normal([2], seed=1).numpy() for _ in range(2)]
        order = list(tf.data.Dataset.range(9).shuffle(4).as_numpy_iterator())
        return [*both, tf.random.uniform([2]).numpy(), layer.kernel.numpy(), picture.numpy(), order]

    np.random.seed(1)
    state = np.random.get_state()[1][:3].tolist()
    first, second = drawn(), drawn()
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], first[1])  # each call goes on where the last of its seed stopped
    assert np.random.get_state()[1][:3].tolist() == state
    assert set(tf.random.uniform([99], 2, 5, tf.int32).numpy()) == {2, 3, 4}
    crop = tf.image.random_crop(tf.reshape(tf.range(24), (4, 6, 1)), (2, 3, 1))
    assert (crop[1, :, 0] - crop[0, :, 0]).numpy().tolist() == [6, 6, 6]
    assert tf.random.Generator.from_seed(1).normal([2]).numpy().tolist() == (
        tf.random.Generator.from_seed(1).normal([2]).numpy().tolist()
    )


def test_a_tape_watches_a_tensor_where_it_is(tf):
    x, w = tf.constant(3.0), tf.Variable(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = w * x**3
        slope = inner.gradient(y, x)
    assert slope.numpy() == 54 and [g.numpy() for g in outer.gradient(slope, [x, w])] == [36, 27]
    assert (x + 1).numpy() == 4
    with tf.GradientTape() as tape:
        y = x * w
    assert tape.gradient(y, x) is None  # nobody watched it on this tape


def test_a_penalty_on_the_slope_of_a_model(tf):
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, activation="tanh"), tf.keras.layers.Dense(1)])
    x = tf.random.normal([4, 2])
    model(x)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = model(x)
        slope = inner.gradient(y, x)
        penalty = tf.reduce_mean((tf.norm(slope, axis=1) - 1.0) ** 2)
    found = outer.gradient(penalty, model.trainable_variables)
    assert [g is None for g in found] == [False, False, False, True]
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0)  # what was watched is an array again


def test_modules_and_variables(tf):
    class Line(tf.Module):
        def __init__(self):
            super().__init__(name="line")
            self.w = tf.Variable([1.0], name="w")
            self.fixed = tf.Variable(0, trainable=False)
            self.parts = [tf.keras.layers.Dense(1)]

        @tf.function(jit_compile=True)
        def __call__(self, x):
            return self.w * x

    line = Line()
    line.parts[0].build((None, 1))
    assert line([2.0]).numpy() == 2 and len(line.variables) == 4 and len(line.trainable_variables) == 3
    assert isinstance(line.parts[0].kernel, tf.Variable) and line.w.assign_sub([0.5]).numpy() == 0.5
    assert line.name == "line" and line.w.dtype == tf.float32 == np.float32 and tf.float32 != "int32"


def test_files_and_summaries(tf, tmp_path):
    path = str(tmp_path / "inner" / "text")
    tf.io.write_file(path, "abc")
    assert tf.io.gfile.exists(path) and tf.io.read_file(tf.constant(path)).numpy() == b"abc"
    with tf.io.gfile.GFile(path) as file:
        assert file.read() == "abc"
    with pytest.raises(NotImplementedError, match="not on this machine"):
        tf.io.gfile.exists("gs://bucket/file")
    writer = tf.summary.create_file_writer(str(tmp_path / "logs"))
    with writer.as_default():
        assert tf.summary.scalar("loss", 0.5, step=1)
        with pytest.raises(ValueError, match="needs a step"):
            tf.summary.scalar("loss", 0.5)
    writer.close()
    assert not tf.summary.scalar("loss", 0.5, step=2)
    assert b"loss" in next((tmp_path / "logs").iterdir()).read_bytes()


def test_checks_and_settings(tf):
    tf.debugging.assert_equal([1, 2], [1, 2])
    with pytest.raises(tf.errors.InvalidArgumentError, match="too small: x > y"):
        tf.debugging.assert_greater(1, 2, "too small")
    for device in tf.config.list_physical_devices("GPU"):
        raise AssertionError(device)
    tf.config.run_functions_eagerly(True)
    with tf.device("/GPU:0"):
        assert tf.__version__ > "2."


def test_data_sets_of_the_library_give_tensors_too(tf, tmp_path):
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        for number in range(2):
            tf.io.write_file(str(tmp_path / kind / f"{number}.png"), tf.io.encode_png(tf.zeros((4, 4, 3), tf.uint8)))
    pictures = tf.keras.utils.image_dataset_from_directory(
        str(tmp_path), image_size=(4, 4), batch_size=3, verbose=False
    )
    pictures = pictures.map(lambda x, y: (x / 255.0, y)).cache().prefetch(tf.data.AUTOTUNE)
    assert pictures.cardinality().numpy() == len(pictures) == 2
    assert [len(y) for _, y in pictures.shard(2, 1)] == [1] and pictures.element_spec[1].dtype == tf.int32
    with pytest.raises(AttributeError, match="no attribute 'interweave'"):
        _ = pictures.interweave
    for x, y in pictures.take(1):
        assert x.numpy().shape == (3, 4, 4, 3) and y[0].numpy() in (0, 1)


def test_fit_takes_a_data_set(tf):
    x = np.random.default_rng(0).random((20, 2), "float32")
    rows = tf.data.Dataset.from_tensor_slices((x, x.sum(1))).shuffle(20, seed=1).batch(8)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(rows, epochs=2, validation_data=rows.take(1), verbose=0)
    assert len(history.history["val_loss"]) == 2 and model.predict(rows, verbose=0).shape == (20, 1)
    assert model.fit(rows.repeat(), steps_per_epoch=3, verbose=0).epoch == [0]
