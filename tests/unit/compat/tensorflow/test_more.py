"""Names of the table whose results are by chance, are files, or are errors."""

import numpy as np
import pytest


def test_draws_of_a_fixed_seed_are_the_same_always(tf):
    x = np.arange(8.0, dtype="float32").reshape(2, 2, 2, 1)
    for draw in (
        lambda: tf.random.stateless_normal([3], seed=[1, 2]),
        lambda: tf.random.stateless_uniform([3], [1, 2], 5, 90, tf.int32),
        lambda: tf.random.stateless_truncated_normal([3], seed=(1, 2)),
        lambda: tf.random.stateless_categorical([[0.0, 0.0]], 5, seed=(1, 2)),
        lambda: tf.random.experimental.stateless_shuffle(np.arange(9), seed=(3, 4)),
        lambda: tf.image.stateless_random_flip_left_right(x, seed=(1, 2)),
        lambda: tf.image.stateless_random_crop(x[0], (1, 1, 1), seed=(1, 5)),
        lambda: tf.image.stateless_random_brightness(x[0], 0.3, seed=(1, 5)),
        lambda: tf.random.fold_in([1, 2], 3),
        lambda: tf.nn.experimental.stateless_dropout(x, 0.5, seed=[1, 0]),
    ):
        np.testing.assert_array_equal(draw(), draw())
    assert not np.array_equal(tf.random.stateless_normal([3], (1, 2)), tf.random.stateless_normal([3], (2, 1)))
    tf.random.set_global_generator(tf.random.Generator.from_seed(1))
    first = tf.random.get_global_generator().truncated_normal([99]).numpy()
    assert np.abs(first).max() <= 2 and first.std() > 0.5
    assert len(tf.random.Generator.from_seed(1).split(2)) == 2
    assert tf.random.poisson([500], [2.0, 30.0], seed=1).numpy().mean(0) == pytest.approx([2, 30], rel=0.1)


def test_the_seed_of_a_sampled_loss_decides_which_classes_are_drawn(tf):
    def loss(seed):
        weights = np.arange(600, dtype="float32").reshape(200, 3) / 100
        return float(tf.nn.sampled_softmax_loss(weights, tf.zeros(200), [[1]], tf.ones((1, 3)), 5, 200, seed=seed)[0])

    def drawn(seed):
        tf.random.set_seed(7)
        return loss(seed)

    assert drawn(1) == drawn(1)
    assert len({drawn(seed) for seed in range(5)}) == 5


def test_classes_drawn_by_chance(tf):
    drawn = tf.random.log_uniform_candidate_sampler([[0]], 1, 4, True, 6, seed=1)
    assert len(set(drawn.sampled_candidates.numpy())) == 4 and drawn.true_expected_count.shape == (1, 1)
    assert 0 < drawn.sampled_expected_count.numpy().min() <= 1
    weights, inputs = tf.ones((6, 3)), tf.zeros((2, 3))
    loss = tf.nn.sampled_softmax_loss(weights, tf.zeros(6), [[1], [5]], inputs, 3, 6)
    assert loss.shape == (2,) and np.isfinite(loss).all()
    assert tf.nn.nce_loss(weights, tf.zeros(6), [[1], [5]], inputs, 3, 6).shape == (2,)


def test_a_tensor_array_says_what_is_wrong(tf):
    array = tf.TensorArray(tf.float32, 2)
    with pytest.raises(tf.errors.OutOfRangeError, match="no place 2 in an array of size 2; give dynamic_size=True"):
        array.write(2, 1.0)
    array.write(0, 1.0)
    assert array.read(0).numpy() == 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="was read before; give clear_after_read=False"):
        array.read(0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="place 1 was never written"):
        tf.TensorArray(tf.float32, 2, element_shape=[None]).write(0, [1.0]).stack()
    assert array.dtype == tf.float32 and array.element_shape == () and not array.dynamic_size


def test_tables_and_lines_of_files(tf, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("age,kind,score\n3,a,1.5\n4,b,\n5,a,2.5\n", encoding="utf-8")
    batches = tf.data.experimental.make_csv_dataset(str(path), 2, label_name="kind", num_epochs=1, shuffle=False)
    (first, labels), (last, _) = batches
    assert first["age"].dtype == "int32" and labels.numpy().tolist() == [b"a", b"b"]
    assert first["score"].numpy().tolist() == [1.5, 0] and last["score"].numpy().tolist() == [2.5]
    with pytest.raises(ValueError, match=r"the label 'sort' is no column; there are \['age', 'kind', 'score'\]"):
        tf.data.experimental.make_csv_dataset(str(path), 2, label_name="sort")
    lines = tf.data.TextLineDataset([str(path)]).skip(1).map(lambda line: tuple(tf.io.decode_csv(line, [0, "", -1.0])))
    assert [[part.numpy() for part in row] for row in lines][1] == [4, b"b", -1]
    table = tf.lookup.TextFileInitializer(
        str(path), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
    )
    assert tf.lookup.StaticHashTable(table, -1).lookup(tf.constant(["4,b,", "x"])).numpy().tolist() == [2, -1]


def test_checks_raise_with_what_was_given(tf):
    check = tf.debugging
    for function, args in (
        (check.assert_none_equal, (1, 1)),
        (check.assert_less_equal, (2, 1)),
        (check.assert_greater_equal, (0, 1)),
        (check.assert_positive, ([1, 0],)),
        (check.assert_negative, (0,)),
        (check.assert_non_positive, (1,)),
        (check.assert_near, (1.0, 1.1)),
        (check.assert_all_finite, ([np.inf], "numbers")),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match="does not hold"):
            function(*args)
    for function, args in (
        (check.assert_rank, ([1], 2)),
        (check.assert_rank_at_least, ([1], 2)),
        (check.assert_rank_in, ([1], (0, 2))),
        (check.assert_scalar, ([1],)),
        (check.assert_shapes, ([(np.ones((2, 3)), ("N", "N"))],)),
        (tf.nest.assert_same_structure, ([1, 2], [1, [2]])),
    ):
        with pytest.raises(ValueError, match=r"wanted|has not|not the same"):
            function(*args)
    with pytest.raises(TypeError, match="the structures differ"):
        tf.nest.assert_same_structure([1], (1,))
    with pytest.raises(TypeError, match="whole numbers"):
        check.assert_integer(1.5)
    check.assert_type(tf.constant(1), tf.int32)
    check.assert_shapes([(np.ones((5, 2, 3)), ("...", "N", 3))])


def test_one_replica_and_no_tpu(tf):
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        strategy = tf.distribute.TPUStrategy(resolver)
    except ValueError:
        strategy = tf.distribute.MirroredStrategy()
    with strategy.scope():
        weight = tf.Variable(2.0)
    numbers = strategy.experimental_distribute_dataset(tf.data.Dataset.range(3))
    rows = [strategy.run(lambda x: x * 2, args=(x,)).numpy() for x in numbers]
    assert rows == [0, 2, 4] and strategy.reduce("MEAN", weight, axis=None) is weight
    assert strategy.num_replicas_in_sync == 1


def test_classes_that_nothing_is_of(tf):
    assert not isinstance(tf.constant(1.0), (tf.RaggedTensor, tf.IndexedSlices))
    with pytest.raises(NotImplementedError, match="gradients are dense"):
        tf.IndexedSlices(1, 2)


def test_partitions_that_do_not_fit(tf):
    with pytest.raises(ValueError, match="partitions go from 0 to 2; there are 2"):
        tf.dynamic_partition([1, 2], [0, 2], 2)
    with pytest.raises(ValueError, match=r"\[1\] are not among them"):
        tf.dynamic_stitch([[0, 2]], [[1, 2]])


def _trained(tf, steps):
    model, optimizer = (
        tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)]),
        tf.keras.optimizers.Adam(0.1),
    )
    model.set_weights([np.ones((2, 1)), np.zeros(1)])
    checkpoint = tf.train.Checkpoint(step=tf.Variable(0), optimizer=optimizer, parts=[model])

    def train(count):
        for _ in range(count):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(model(np.ones((3, 2), "float32")) ** 2)
            optimizer.apply_gradients(
                zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
            )
            checkpoint.step.assign_add(1)

    train(steps)
    return checkpoint, train


def test_training_goes_on_from_a_checkpoint(tf, tmp_path):
    first, train = _trained(tf, 3)
    assert first.restore(tf.train.latest_checkpoint(str(tmp_path))).assert_consumed()
    manager = tf.train.CheckpointManager(first, str(tmp_path), max_to_keep=2)
    assert manager.latest_checkpoint is None
    for _ in range(3):
        manager.save()
    assert [path[-6:] for path in manager.checkpoints] == ["ckpt-2", "ckpt-3"]
    assert {file.name for file in tmp_path.iterdir()} == {"checkpoint", "ckpt-2.npz", "ckpt-3.npz"}
    train(2)
    second, go_on = _trained(tf, 0)  # its optimizer has no state yet
    second.restore(tf.train.latest_checkpoint(str(tmp_path))).assert_consumed()
    assert second.step.numpy() == 3 and second.optimizer.iterations.numpy() == 3
    second.step.assign(10)
    go_on(2)
    assert second.step.numpy() == 12 and second.optimizer.iterations.numpy() == 5
    for mine, other in zip(first.parts[0].weights, second.parts[0].weights, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_checkpoint_that_does_not_fit(tf, tmp_path):
    path = tf.train.Checkpoint(x=tf.Variable([1.0, 2.0]), y=tf.Variable(1.0)).save(str(tmp_path / "a"))
    with pytest.raises(ValueError, match=r"has an array of shape \(2,\) .* has the shape \(3,\)"):
        tf.train.Checkpoint(x=tf.Variable([1.0, 2.0, 3.0])).restore(path)
    status = tf.train.Checkpoint(x=tf.Variable([0.0, 0.0]), z=tf.Variable(1.0)).restore(path)
    with pytest.raises(AssertionError, match=r"no numbers for \['z'\]"):
        status.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match=r"nothing took .* \['y'\]"):
        status.expect_partial().assert_consumed()
    with pytest.raises(tf.errors.NotFoundError, match="there is no checkpoint"):
        tf.train.Checkpoint().restore(str(tmp_path / "b"))
    with pytest.raises(ValueError, match="x=3 has no variables"):
        tf.train.Checkpoint(x=3)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model(np.ones((1, 2)))
    path = tf.train.Checkpoint(model=model).write(str(tmp_path / "model"))
    with pytest.raises(ValueError, match="model has no variables yet; call it on data"):
        tf.train.Checkpoint(model=tf.keras.Sequential([tf.keras.layers.Dense(1)])).read(path)


def test_a_mask_may_be_deleted(tf):
    x = tf.keras.layers.Masking()(np.ones((1, 2, 3), "float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
        del y._keras_mask
        assert y._keras_mask is None
    symbol = tf.keras.layers.Masking()(tf.keras.Input((2, 3)))
    del symbol._keras_mask
    assert symbol._keras_mask is None and tf.keras.layers.Dense(1)(symbol).shape == (None, 2, 1)
