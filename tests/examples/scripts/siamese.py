"""A Siamese network: one tower for two inputs, a distance in a Lambda layer, a loss of one's own."""

import keras
import numpy as np
from keras import layers, ops


def distance(vectors):
    x, y = vectors
    return ops.sqrt(ops.maximum(ops.sum(ops.square(x - y), axis=1, keepdims=True), keras.config.epsilon()))


def contrastive(margin=1.0):
    def contrastive_loss(y_true, y_pred):
        near = (1 - y_true) * ops.square(y_pred)
        return ops.mean(near + y_true * ops.square(ops.maximum(margin - y_pred, 0)))

    return contrastive_loss


keras.utils.set_random_seed(2)
tower = keras.Sequential(
    [keras.Input((6,)), layers.BatchNormalization(), layers.Dense(16, activation="tanh"), layers.Dense(4)], name="tower"
)
left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
merged = layers.Lambda(distance, output_shape=(1,))([tower(left), tower(right)])
model = keras.Model(inputs=[left, right], outputs=layers.Dense(1, activation="sigmoid")(merged))
assert len(tower.layers) == 3 and len(model.layers) == 5
assert len(model.trainable_weights) == len(tower.trainable_weights) + 2

rng = np.random.default_rng(0)
centres = 3 * rng.normal(size=(3, 6))
a, b = rng.integers(0, 3, (2, 300))
pairs = [centres[k] + 0.05 * rng.normal(size=(300, 6)) for k in (a, b)]
labels = (a != b).astype("float32")
model.compile(loss=contrastive(), optimizer=keras.optimizers.RMSprop(0.01), metrics=["accuracy"])
model.fit(pairs, labels, batch_size=16, epochs=20, validation_split=0.2, verbose=0)
loss, accuracy = model.evaluate(pairs, labels, verbose=0)
print("loss", loss, "accuracy", accuracy)
assert accuracy > 0.95
