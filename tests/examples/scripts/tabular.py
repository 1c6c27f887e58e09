"""A table of pandas: columns as inputs by name, sample weights, and a test set split off."""

import keras
import numpy as np
import pandas as pd
from keras import layers

keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
table = pd.DataFrame(
    {
        "age": rng.integers(20, 80, 400),
        "income": rng.normal(50, 12, 400),
        "city": rng.choice(["Bern", "Graz", "Pisa"], 400),
    }
)
table["bought"] = ((table["age"] > 45) ^ (table["city"] == "Pisa")).astype(int)

train = table.sample(frac=0.8, random_state=1)
test = table.drop(train.index)


def features(rows):
    one_hot = pd.get_dummies(rows["city"]).reindex(columns=["Bern", "Graz", "Pisa"], fill_value=0)
    scaled = {"age": (rows["age"] - 50) / 20, "income": (rows["income"] - 50) / 12}
    return {**{name: column.astype("float32") for name, column in scaled.items()}, "city": one_hot.astype("float32")}


inputs = {
    "age": keras.Input(shape=(1,), name="age"),
    "income": keras.Input(shape=(1,), name="income"),
    "city": keras.Input(shape=(3,), name="city"),
}
x = layers.Concatenate()([inputs["age"], inputs["income"], inputs["city"]])
x = layers.Dense(32, activation="relu")(x)
x = layers.Dropout(0.1)(x)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
model.compile("adam", "binary_crossentropy", weighted_metrics=["accuracy"])
weight = np.where(train["age"] > 70, 0.5, 1.0)
model.fit(features(train), train["bought"], sample_weight=weight, batch_size=16, epochs=30, verbose=0)
loss, accuracy = model.evaluate(features(test), test["bought"], verbose=0)
print(f"accuracy {accuracy:.3f}")
assert accuracy > 0.85
assert model.predict(features(test.head(3)), verbose=0).shape == (3, 1)
