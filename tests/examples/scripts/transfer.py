"""Transfer: freeze a trained base with batch normalization, put a new top on it, then fine-tune; look inside."""

import json

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(4)
rng = np.random.default_rng(4)
x = rng.normal(size=(256, 10)).astype("float32")

base = keras.Sequential(
    [
        keras.Input((10,)),
        layers.Dense(16, activation="relu", name="first"),
        layers.BatchNormalization(name="norm"),
        layers.Dense(8, activation="relu", name="features"),
        layers.Dense(10, name="restored"),
    ],
    name="base",
)
base.compile("adam", "mse")
base.fit(x, x, epochs=3, verbose=0)

extractor = keras.Model(base.inputs, base.get_layer("features").output, name="extractor")
every = keras.Model(inputs=base.inputs, outputs=[layer.output for layer in base.layers])
assert [part.shape for part in every(x[:2])] == [(2, 16), (2, 16), (2, 8), (2, 10)]
assert np.allclose(every(x[:2])[2], extractor(x[:2]))

extractor.trainable = False
inputs = keras.Input((10,))
outputs = layers.Dense(1, activation="sigmoid")(extractor(inputs, training=False))
model = keras.Model(inputs, outputs)
assert len(model.trainable_weights) == 2 and len(model.non_trainable_weights) == 8
y = (x[:, :3].sum(axis=1) > 0).astype("float32")
before = extractor.get_weights()
model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=4, verbose=0)
assert all(np.array_equal(a, b) for a, b in zip(before, extractor.get_weights(), strict=True))

extractor.trainable = True
assert len(model.trainable_weights) == 8
model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=10, verbose=0).history
assert history["accuracy"][-1] > 0.9
changed = {w.path: not np.array_equal(w, old) for w, old in zip(extractor.weights, before, strict=True)}
assert changed["base/first/kernel"] and changed["base/norm/gamma"]

text = model.to_json()
assert json.loads(text)["class_name"] == "Functional"
for copy in (keras.models.clone_model(model), keras.models.model_from_json(text)):
    assert not np.allclose(copy(x[:5]), model(x[:5]))
    copy.set_weights(model.get_weights())
    assert np.allclose(copy(x[:5]), model(x[:5]))
lines = []
model.summary(print_fn=lines.append, expand_nested=True, show_trainable=True)
assert "features (Dense)" in "\n".join(lines) and "Trainable params: 353" in "\n".join(lines)
