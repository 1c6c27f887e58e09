"""Layers and a model of one's own: weights in build, a loss in call, training passed down, a config."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="scripts")
class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


class ActivityPenalty(keras.layers.Layer):
    def __init__(self, rate=1e-2):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * ops.mean(ops.square(inputs)))
        return inputs


class Noise(keras.layers.Layer):
    def __init__(self, scale, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs, training=False):
        if training:
            return inputs + keras.random.normal(ops.shape(inputs), stddev=self.scale, seed=self.seed_generator)
        return inputs


class Net(keras.Model):
    def __init__(self, width=16):
        super().__init__()
        self.noise = Noise(0.01)
        self.blocks = [Linear(width), Linear(width)]
        self.penalty = ActivityPenalty()
        self.top = keras.layers.Dense(1)

    def call(self, inputs, training=False):
        x = self.noise(inputs, training=training)
        for block in self.blocks:
            x = ops.tanh(block(x))
        return self.top(self.penalty(x))


keras.utils.set_random_seed(3)
x = np.random.random((200, 5)).astype("float32")
y = np.sum(x * x, axis=1, keepdims=True)
net = Net()
assert net(x[:2]).shape == (2, 1)
assert len(net.trainable_weights) == 6 and len(net.blocks[0].weights) == 2
net.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse", metrics=["mae"])
history = net.fit(x, y, epochs=30, batch_size=20, verbose=0).history
print("loss", history["loss"][0], "->", history["loss"][-1])
assert history["loss"][-1] < history["loss"][0] / 10
assert np.allclose(net.predict(x[:4], verbose=0), net.predict(x[:4], verbose=0))

layer = Linear(4, name="copied")
copy = Linear.from_config(layer.get_config())
assert (copy.units, copy.name) == (4, "copied")
