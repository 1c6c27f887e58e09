"""Writes the files of this directory that tf.keras 2 wrote: `pip install tensorflow-cpu==2.15.1` and run it.

With `pip install tensorflow-cpu==2.13.1 'numpy<2'` it writes those of tf.keras 2.13, which named the layers otherwise.
Beside each model stands `<name>.npz` with inputs `x0`, ... and the writer's predictions `y0`, ...
"""

import gzip
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow import keras

HERE = Path(__file__).parent
VERSION = "_".join(tf.__version__.split(".")[:2])
L = keras.layers
RNG = np.random.default_rng(0)


def sequential():
    return keras.Sequential(
        [
            L.Dense(5, "relu", input_shape=(4,), kernel_initializer=keras.initializers.HeNormal(seed=3)),
            L.BatchNormalization(),
            L.Dropout(0.3, seed=1),
            L.Dense(3, kernel_regularizer=keras.regularizers.L2(0.01), kernel_constraint="max_norm"),
            L.LeakyReLU(0.2),
            L.Dense(2, "softmax"),
        ],
        name="sequential_model",
    )


def functional():
    a, b = L.Input((4,), name="a"), L.Input((3,), name="b")
    shared = L.Dense(3, "tanh", kernel_initializer=keras.initializers.GlorotUniform(seed=1), name="shared")
    joined = L.Concatenate()([shared(a), shared(L.Dense(4, "elu")(b))])
    added = L.Add()([joined, L.Dense(6, "sigmoid")(a)])
    x = L.LayerNormalization()(added)
    x = tf.math.multiply(x, 2.0)
    return keras.Model([a, b], [L.Dense(1, name="one")(x), L.Activation("softmax", name="two")(joined)], name="graph")


def nested():
    inner_in = L.Input((4,))
    inner = keras.Model(inner_in, L.Dense(3, "selu")(inner_in), name="inner")
    tower = keras.Sequential([L.Dense(3, "gelu", input_shape=(3,)), L.PReLU()], name="tower")
    x = L.Input((4,), name="x")
    first = inner(x)
    return keras.Model(x, L.Subtract()([tower(first), inner(L.Rescaling(0.5, 0.1)(x))]), name="outer")


def embedding():
    return keras.Sequential(
        [
            L.Embedding(12, 3, input_length=4, embeddings_initializer=keras.initializers.RandomUniform(seed=2)),
            L.Flatten(),
            L.Dense(2, "hard_sigmoid"),
            L.Reshape((1, 2)),
            L.Permute((2, 1)),
        ],
        name="embedding_model",
    )


def image():
    return keras.Sequential(
        [
            L.InputLayer(input_shape=(4, 4, 2)),
            L.ZeroPadding2D(1),
            L.UpSampling2D(2),
            L.Cropping2D(2),
            L.BatchNormalization(axis=3, momentum=0.9, scale=False),
            L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.0),
            L.Flatten(),
            L.Dense(2, "swish", use_bias=False),
        ],
        name="image_model",
    )


def noise():
    return keras.Sequential(
        [
            L.Input((6,)),
            L.GaussianNoise(0.1),
            L.GaussianDropout(0.1),
            L.AlphaDropout(0.1),
            L.ActivityRegularization(l2=0.01),
            L.RepeatVector(3),
            L.SpatialDropout1D(0.2),
            L.ELU(0.5),
            L.Softmax(),
            L.UnitNormalization(),
            L.GroupNormalization(2),
            L.Masking(0.0),
            L.Dense(2, "softsign"),
        ],
        name="noise_model",
    )


def operations():
    a, b = L.Input((4,), name="a"), L.Input((4,), name="b")
    x = tf.concat([tf.reduce_mean(a, axis=1, keepdims=True), b[:, 1:3], a[:, 0, None]], -1)
    x = tf.where(x > 0.1, x, tf.clip_by_value(b, -0.5, 0.5)) + tf.nn.gelu(a) * tf.cast(b <= a, "float32")
    y = tf.transpose(tf.stack([x, tf.nn.softmax(b)], axis=1), (0, 2, 1))
    y = tf.squeeze(tf.matmul(tf.expand_dims(x, 1), y), 1) - tf.reduce_sum(tf.reshape(a, (-1, 2, 2)), 1)
    y = 1.0 / (1.0 + tf.square(tf.tile(y, [1, 2])))
    return keras.Model([a, b], L.ThresholdedReLU(0.3)(L.Dense(2)(y)), name="operations_model")


def windows():
    x = L.Input((8, 8, 3))
    y = L.Conv2D(4, 3, activation="relu", padding="same", name="plain")(x)
    y = L.DepthwiseConv2D(3, depth_multiplier=2, activation="relu6")(y)
    y = L.MaxPooling2D()(y)
    y = L.SeparableConv2D(6, 3, padding="same", depth_multiplier=2)(y)
    y = L.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1)(y)
    y = L.Conv2D(4, (1, 2), groups=2, dilation_rate=2, use_bias=False)(y)
    y = L.AveragePooling2D((2, 1), strides=1, padding="same")(L.BatchNormalization()(y))
    pooled = [L.GlobalAveragePooling2D()(y), L.Flatten()(L.GlobalMaxPooling2D(keepdims=True)(y))]
    return keras.Model(x, L.Dense(2, "softmax")(L.Concatenate()(pooled)), name="windows_model")


def sequences():
    return keras.Sequential(
        [
            L.Input((20, 3)),
            L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="tanh"),
            L.MaxPooling1D(),
            L.DepthwiseConv1D(3),
            L.SeparableConv1D(4, 3, strides=2),
            L.Conv1DTranspose(3, 2, strides=2),
            L.AveragePooling1D(2, padding="same"),
            L.GlobalAveragePooling1D(),
        ],
        name="sequences_model",
    )


def repeated():
    """Layers of one class and size, some of them called twice, in models within models."""
    shared, x = L.Dense(4, "tanh"), L.Input((3, 4))
    step = keras.Sequential([L.Dense(4, "relu", input_shape=(4,)), L.Dense(4)], name="step")
    y = L.TimeDistributed(step)(L.Dense(4)(shared(L.Dense(4, "selu")(x))))
    y = L.Dropout(0.1)(L.Dense(4, "sigmoid")(shared(y)))
    end = keras.Sequential([L.Dense(4, input_shape=(4,)), L.Dense(4), L.Dense(4)], name="end")
    last = end(end(L.Dense(4)(L.GlobalMaxPooling1D()(y))))
    return keras.Model(x, L.Add()([L.Dense(4)(y), last]), name="repeated_model")


def local():
    """Locally connected layers in both data formats, as far as they run, with kernels kept in all three ways."""
    x, z = L.Input((4, 3, 2)), L.Input((2, 4, 3))
    first = {"data_format": "channels_first"}
    images = [
        L.LocallyConnected2D(2, (3, 2), strides=(1, 1), activation="tanh")(x),
        L.LocallyConnected2D(2, 3, implementation=2, padding="same")(x),
        L.LocallyConnected2D(2, 2, strides=2, implementation=3, padding="same")(x),
        L.LocallyConnected2D(2, (2, 3), **first)(z),
        L.LocallyConnected2D(2, (2, 3), implementation=2, **first)(z),
        L.LocallyConnected2D(2, (3, 2), implementation=3, padding="same", **first)(z),
    ]
    steps = L.Reshape((6, 4))(x)
    sequences = [
        L.LocallyConnected1D(3, 2, strides=2)(steps),
        L.LocallyConnected1D(3, 3, implementation=2)(steps),
        L.LocallyConnected1D(3, 4, implementation=3, padding="same", use_bias=False)(steps),
    ]
    return keras.Model([x, z], [L.Flatten()(y) for y in images + sequences], name="local_model")


def data(model):
    shapes = model.input_shape if isinstance(model.input_shape, list) else [model.input_shape]
    if model.name == "embedding_model":
        return [RNG.integers(0, 12, (5, 4)).astype("float32")]
    return [RNG.normal(size=(5, *shape[1:])).astype("float32") for shape in shapes]


def write(make, optimizer, loss="mse", metrics=()):
    model = make()
    xs = data(model)
    x = xs if len(xs) > 1 else xs[0]
    targets = [np.ones_like(part) / part.shape[-1] for part in outputs(model, x)]
    model.compile(optimizer, loss, metrics=list(metrics))
    model.fit(x, targets if len(targets) > 1 else targets[0], epochs=2, verbose=0)
    name = f"tf_keras_{VERSION}_{make.__name__}"
    with tempfile.TemporaryDirectory() as directory:
        for ending in (".h5", ".keras", ".weights.h5"):
            path = Path(directory) / f"{name}{ending}"
            model.save_weights(path) if "weights" in ending else model.save(path)
            (HERE / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    arrays = {f"x{i}": part for i, part in enumerate(xs)} | {f"y{i}": y for i, y in enumerate(outputs(model, x))}
    np.savez(HERE / f"{name}.npz", **arrays)


def outputs(model, x):
    y = model.predict(x, verbose=0)
    return y if isinstance(y, list) else [y]


keras.utils.set_random_seed(0)
if VERSION == "2_13":
    write(nested, keras.optimizers.legacy.SGD(0.01, momentum=0.9), keras.losses.Huber(), ["accuracy"])
    write(embedding, keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(0.01, 10)), "mae")
    write(windows, "adam")
    write(repeated, "adam")
    write(local, "sgd")
    raise SystemExit
write(sequential, "adam", "mse", ["mae", "mse"])
write(functional, keras.optimizers.RMSprop(0.01), ["mse", "categorical_crossentropy"])
write(nested, keras.optimizers.legacy.SGD(0.01, momentum=0.9), keras.losses.Huber(), ["accuracy"])
write(embedding, keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(0.01, 10)), "mae")
write(image, keras.optimizers.legacy.Adam(0.01, decay=0.1), keras.losses.MeanSquaredError())
write(noise, "nadam", "mse", [keras.metrics.MeanSquaredError(name="mine")])
write(operations, "sgd")
write(windows, "adam")
write(sequences, "rmsprop")
