"""An encoder and a decoder, shared between models, saved, loaded and cloned."""

import os
import tempfile

import keras
import numpy as np
from keras.layers import Dense, Input, LeakyReLU
from keras.models import Model, Sequential, clone_model, load_model

keras.utils.set_random_seed(6)
angle = np.random.uniform(0, 2 * np.pi, (300, 1))
x = np.concatenate([np.cos(angle), np.sin(angle), np.cos(angle) * np.sin(angle)], axis=1).astype("float32")

encoder = Sequential([Input((3,)), Dense(16), LeakyReLU(negative_slope=0.1), Dense(2, name="code")], name="encoder")
decoder = Sequential([Input((2,)), Dense(16, activation="relu"), Dense(3)], name="decoder")
source = Input((3,))
autoencoder = Model(source, decoder(encoder(source)), name="autoencoder")
autoencoder.compile(optimizer="adam", loss=keras.losses.MeanSquaredError())
first = autoencoder.evaluate(x, x, verbose=0)
autoencoder.fit(x, x, epochs=40, batch_size=16, shuffle=True, verbose=0)
last = autoencoder.evaluate(x, x, verbose=0)
print(f"error {first:.4f} -> {last:.4f}")
assert last < first / 5

codes = encoder.predict(x[:10], verbose=0)
assert codes.shape == (10, 2)
answer = autoencoder.predict(x[:10], verbose=0)
assert np.allclose(decoder.predict(codes, verbose=0), answer, atol=1e-5)

with tempfile.TemporaryDirectory() as folder:
    autoencoder.save(os.path.join(folder, "model.keras"))
    autoencoder.save_weights(os.path.join(folder, "model.weights.h5"))
    loaded = load_model(os.path.join(folder, "model.keras"))
    fresh = clone_model(autoencoder)
    assert not np.allclose(fresh.predict(x[:10], verbose=0), answer)
    fresh.load_weights(os.path.join(folder, "model.weights.h5"))
for model in (loaded, fresh):
    assert np.allclose(model.predict(x[:10], verbose=0), answer, atol=1e-6)
assert [layer.name for layer in loaded.layers][1:] == ["encoder", "decoder"]
