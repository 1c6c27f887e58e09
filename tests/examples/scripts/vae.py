"""A variational autoencoder: a sampling layer, an encoder with three outputs, a train_step of its own."""

import keras
import numpy as np
from keras import layers, ops


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        mean, log_variance = inputs
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise


class VAE(keras.Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.total_tracker = keras.metrics.Mean(name="total_loss")
        self.kl_tracker = keras.metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.total_tracker, self.kl_tracker]

    def call(self, inputs):
        return self.decoder(self.encoder(inputs)[2])

    def train_step(self, data):
        (x,) = data if isinstance(data, tuple) else (data,)
        with keras.GradientTape() as tape:
            mean, log_variance, z = self.encoder(x)
            restored = self.decoder(z)
            missed = ops.mean(ops.sum(keras.losses.binary_crossentropy(x[..., None], restored[..., None]), axis=1))
            kl = -0.5 * (1 + log_variance - ops.square(mean) - ops.exp(log_variance))
            kl = ops.mean(ops.sum(kl, axis=1))
            total = missed + kl
        gradients = tape.gradient(total, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.total_tracker.update_state(total)
        self.kl_tracker.update_state(kl)
        return {m.name: m.result() for m in self.metrics}


keras.utils.set_random_seed(0)
image = keras.Input(shape=(8, 8))
h = layers.Dense(32, activation="relu")(layers.Flatten()(image))
z_mean, z_log_var = layers.Dense(2, name="z_mean")(h), layers.Dense(2, name="z_log_var")(h)
encoder = keras.Model(image, [z_mean, z_log_var, Sampling()([z_mean, z_log_var])], name="encoder")
code = keras.Input(shape=(2,))
h = layers.Dense(32, activation="relu")(code)
decoder = keras.Model(code, layers.Reshape((8, 8))(layers.Dense(64, activation="sigmoid")(h)), name="decoder")

rng = np.random.default_rng(1)
x = np.zeros((128, 8, 8), "float32")
for i, column in enumerate(rng.integers(0, 8, 128)):
    x[i, :, column] = 1
vae = VAE(encoder, decoder)
vae.compile(optimizer=keras.optimizers.Adam(1e-2))
history = vae.fit(x, epochs=20, batch_size=32, verbose=0).history
assert list(history) == ["kl_loss", "total_loss"]
assert history["total_loss"][-1] < 0.7 * history["total_loss"][0]
assert vae.predict(x[:3], verbose=0).shape == (3, 8, 8)
assert decoder.predict(np.array([[0.0, 0.0]]), verbose=0).shape == (1, 8, 8)
