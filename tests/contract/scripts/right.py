"""What a user writes, and what a type checker must have nothing against."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops
from kerasish.callbacks import Callback


class Scale(keras.Layer):
    def __init__(self, factor: float = 2.0) -> None:
        super().__init__(name="scale")
        self.factor = factor

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.weight = self.add_weight(shape=(input_shape[-1] or 1,), initializer="ones")

    def call(self, inputs: np.ndarray) -> np.ndarray:
        return ops.multiply(inputs, self.weight) * self.factor  # type: ignore[no-any-return, unused-ignore]


def doubled(z: np.ndarray) -> np.ndarray:
    return 2 * z


class Stop(Callback):
    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if logs and logs["loss"] < 0.1:
            self.model.stop_training = True


x = np.ones((8, 28, 28, 1), "float32")
y = np.zeros(8, "int64")
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(4, 3, strides=(2, 2), padding="same", activation="relu", kernel_regularizer="l2"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5, seed=0),
        layers.Dense(10, activation=ops.softmax, kernel_initializer=keras.initializers.HeNormal(seed=1), name="top"),
    ],
    name="net",
)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=keras.optimizers.schedules.CosineDecay(1e-3, 100), clipnorm=1.0),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(k=2)],
)
history = model.fit(
    x, y, batch_size=4, epochs=2, verbose=0, callbacks=[Stop(), keras.callbacks.EarlyStopping(patience=2)]
)
print(history.history["loss"][-1], history.epoch)
scores = model.evaluate(x, y, return_dict=True, verbose=0)
print(model.predict(x).shape, model.layers[0].name, model.count_params())
model.save("net.keras")
again = keras.models.load_model("net.keras")
again.summary()

a, b = keras.Input((2,), name="a"), keras.Input(shape=(2,), dtype="float32", name="b")
joined = Scale(0.5)(layers.concatenate([a, b]))
functional = keras.Model(inputs=[a, b], outputs=layers.Dense(units=1, input_shape=(4,), dtype="float32")(joined))
functional.compile("sgd", "mse", metrics=[keras.metrics.MeanSquaredError(name="error")])
functional.fit({"a": x[:, 0, :2, 0], "b": x[:, 1, :2, 0]}, np.zeros((8, 1)), verbose=0)

with keras.GradientTape() as tape:
    loss = ops.mean(ops.square(model(x)))
gradients = tape.gradient(loss, model.trainable_variables)
model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
print(keras.ops.numpy.sum(ops.relu(x)), keras.random.normal((2, 2), seed=1), keras.utils.to_categorical(y, 10).shape)

total = ops.add(a, b)
print(ops.stack([a, b], axis=1).shape, ops.reshape(a, (-1, 1, 2)).shape, total.shape, ops.zeros((2, 3)).shape)
print(
    ops.where([True, False], 1.0, 0.0), ops.max(x, axis=(1, 2)).shape, ops.one_hot(y, 10).shape, ops.cast(y, "float32")
)
print(keras.losses.mean_squared_error([[0.0]], [[1.0]]), keras.activations.relu(-1.0), keras.activations.get("relu"))
for optimizer in (
    keras.optimizers.SGD(0.1, momentum=0.9),
    keras.optimizers.AdamW(1e-3, weight_decay=0.01, clipnorm=1.0),
):
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics={"top": "accuracy"})
former = keras.Sequential(
    [
        layers.Embedding(10, 4, input_length=3),
        layers.TimeDistributed(layers.Dense(2, kernel_initializer=np.ones((4, 2)), dtype=np.float32)),
        layers.ZeroPadding1D((1, 0)),
        layers.LayerNormalization(axis=[1, 2]),
        layers.Lambda(doubled, name="twice"),
    ]
)
former.add(layers.GlobalAveragePooling1D())
former.add(layers.Activation("softmax"))
print(former(np.zeros((2, 3), "int32")).shape)
