"""Structured data: columns of numbers, categories and words, each with its preprocessing layer, into one model."""

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(7)
rng = np.random.default_rng(7)
size = 400
table = {
    "age": rng.integers(18, 90, size).astype("float32"),
    "income": rng.lognormal(10, 0.5, size).astype("float32"),
    "contract": rng.choice(["month", "year", "none"], size),
    "region": rng.choice([11, 12, 13, 27], size),
}
leaves = (table["contract"] == "month") & (table["age"] < 50) | (table["region"] == 27)
target = leaves.astype("float32")


def encode(name, inputs):
    column = table[name]
    if name == "income":
        layer = layers.Normalization(axis=None)
        layer.adapt(np.log(column))
        return layer(keras.ops.log(inputs))
    if name == "age":
        layer = layers.Discretization(num_bins=6, output_mode="one_hot")
        layer.adapt(column)
        return layer(inputs)
    if name == "contract":
        layer = layers.StringLookup(output_mode="one_hot")
        layer.adapt(column)
        return layer(inputs)
    layer = layers.IntegerLookup()
    layer.adapt(column)
    return layers.Flatten()(layers.Embedding(layer.vocabulary_size(), 3)(layer(inputs)))


kinds = {"age": "float32", "income": "float32", "contract": "string", "region": "int64"}
inputs = {name: keras.Input(shape=(1,), name=name, dtype=kind) for name, kind in kinds.items()}
features = layers.concatenate([encode(name, inputs[name]) for name in inputs])
x = layers.Dense(16, activation="relu")(features)
outputs = layers.Dense(1, activation="sigmoid", name="leaves")(x)
model = keras.Model(inputs, outputs)
model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])

data = {name: column[:, None] for name, column in table.items()}
weights = {0: 1.0, 1: float(np.sum(1 - target) / np.sum(target))}
history = model.fit(data, target, epochs=15, batch_size=16, class_weight=weights, validation_split=0.2, verbose=0)
print({name: values[-1] for name, values in history.history.items()})
assert sorted(history.history) == ["accuracy", "auc", "loss", "val_accuracy", "val_auc", "val_loss"]
assert history.history["val_auc"][-1] > 0.9
one = {"age": [[30.0]], "income": [[20000.0]], "contract": [["month"]], "region": [[27]]}
assert model.predict({name: np.array(value) for name, value in one.items()}, verbose=0)[0, 0] > 0.5
