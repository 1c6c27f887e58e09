"""A functional model with three inputs, two outputs, a shared layer and a residual connection."""

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(1)
num_tags, num_departments = 12, 4

title = keras.Input(shape=(20,), name="title")
body = keras.Input(shape=(20,), name="body")
tags = keras.Input(shape=(num_tags,), name="tags")

encoder = layers.Dense(16, activation="relu", name="encoder")
x = layers.concatenate([encoder(title), encoder(body), tags])
x = layers.Dense(32, activation="relu")(x)
block = layers.Dense(32, activation="relu")(x)
block = layers.Dense(32)(block)
x = layers.add([x, block])
x = ops.relu(x) * 0.5 + 0.1

priority = layers.Dense(1, name="priority")(x)
department = layers.Dense(num_departments, name="department")(x)
model = keras.Model(inputs=[title, body, tags], outputs={"priority": priority, "department": department})

model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
    metrics={"department": ["accuracy"]},
)

rng = np.random.default_rng(2)
title_data = rng.random((256, 20)).astype("float32")
body_data = rng.random((256, 20)).astype("float32")
tags_data = rng.integers(0, 2, size=(256, num_tags)).astype("float32")
priority_targets = (title_data.mean(axis=1, keepdims=True) > 0.5).astype("float32")
department_targets = np.eye(num_departments, dtype="float32")[(tags_data.sum(axis=1) % num_departments).astype(int)]

history = model.fit(
    {"title": title_data, "body": body_data, "tags": tags_data},
    {"priority": priority_targets, "department": department_targets},
    epochs=4,
    batch_size=32,
    validation_split=0.25,
    verbose=0,
).history
print(sorted(history))
assert set(history) >= {"loss", "department_loss", "priority_loss", "department_accuracy", "val_loss"}
assert history["loss"][-1] < history["loss"][0]

predictions = model.predict([title_data[:7], body_data[:7], tags_data[:7]], verbose=0)
assert {name: part.shape for name, part in predictions.items()} == {"priority": (7, 1), "department": (7, 4)}

outputs = {layer.name: layer.output for layer in model.layers}
features = keras.Model(model.inputs, outputs["priority"])
assert features.predict([title_data[:3], body_data[:3], tags_data[:3]], verbose=0).shape == (3, 1)
