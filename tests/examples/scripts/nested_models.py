"""Models in models: subclassed blocks in lists and dicts, two outputs without names, a functional model as a layer."""

import keras
import numpy as np
from keras import layers


class Block(keras.Model):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(width, activation="relu")
        self.norm = layers.LayerNormalization()
        self.drop = layers.Dropout(0.1)

    def call(self, inputs, training=None):
        return inputs + self.drop(self.norm(self.dense(inputs)), training=training)


class TwoHeads(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Block(8, name=f"block_{i}") for i in range(2)]
        self.heads = {"size": layers.Dense(1, name="size"), "kind": layers.Dense(3, activation="softmax", name="kind")}
        inner = keras.Input((8,))
        self.scale = keras.Model(inner, inner * 0.5 + layers.Dense(8)(inner), name="scale")

    def call(self, inputs):
        x = inputs
        for block in self.blocks:
            x = block(x)
        x = self.scale(x)
        return self.heads["size"](x), self.heads["kind"](x)


keras.utils.set_random_seed(6)
x = np.random.normal(size=(160, 8)).astype("float32")
size, kind = x.sum(axis=1, keepdims=True), np.argmax(x[:, :3], axis=1)
model = TwoHeads()
model.compile("adam", loss=["mse", "sparse_categorical_crossentropy"], metrics=[["mae"], ["accuracy"]])
history = model.fit(x, [size, kind], epochs=15, batch_size=16, verbose=0).history
print({name: (values[0], values[-1]) for name, values in history.items()})
assert sorted(history) == ["accuracy", "loss", "mae", "mse_loss", "sparse_categorical_crossentropy_loss"]
assert history["loss"][-1] < 0.5 * history["loss"][0]
assert [layer.name for layer in model.layers] == ["block_0", "block_1", "size", "kind", "scale"]
assert len(model.weights) == 2 * 4 + 2 * 2 + 2
assert model.blocks[0].dense in model.blocks[0].layers

by_name = keras.Input((8,), name="row")
wrapped = keras.Model(by_name, dict(zip(("size", "kind"), model(by_name), strict=True)))
wrapped.compile("sgd", {"size": "mae", "kind": "sparse_categorical_crossentropy"}, metrics={"kind": "accuracy"})
logs = wrapped.evaluate({"row": x}, {"size": size, "kind": kind}, verbose=0, return_dict=True)
assert list(logs) == ["kind_accuracy", "kind_loss", "loss", "size_loss"]
assert np.allclose(logs["kind_accuracy"], model.evaluate(x, [size, kind], verbose=0, return_dict=True)["accuracy"])
