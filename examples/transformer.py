"""A transformer of two layers: it sorts letters, each place of the answer looking at all of the question.

KERASISH_EXAMPLE_EPOCHS makes it shorter.
"""

import os

import numpy as np

import kerasish as keras

LETTERS, LENGTH, WIDTH = "abcdefghijklmnopqrstuvwxyz", 8, 32
EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "10"))


class Places(keras.Layer):
    """Adds a vector of its own to each place: attention by itself does not know in which order things stand."""

    def build(self, shape):
        self.vectors = self.add_weight(shape[1:], "random_normal", name="vectors")

    def call(self, x):
        return x + self.vectors


def block(x, number: int):
    """Everything looks at everything; then each place thinks for itself. Both add to what was there."""
    layers = keras.layers
    seen = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(4, WIDTH // 4, name=f"look_{number}")(seen, seen)
    thought = layers.Dense(2 * WIDTH, "gelu")(layers.LayerNormalization()(x))
    return x + layers.Dense(WIDTH)(thought)


def network() -> keras.Model:
    """Letters in, letters out."""
    letters = keras.Input((LENGTH,), dtype="int32")
    x = Places()(keras.layers.Embedding(len(LETTERS), WIDTH)(letters))
    for number in (1, 2):
        x = block(x, number)
    x = keras.layers.LayerNormalization()(x)
    return keras.Model(letters, keras.layers.Dense(len(LETTERS), "softmax")(x), name="sorter")


def main() -> None:
    """Learn to sort from examples, and sort words that were not among them."""
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).integers(0, len(LETTERS), (12_000, LENGTH))
    y = np.sort(x, axis=1)
    known, new = slice(0, 10_000), slice(10_000, None)
    model = network()
    rate = keras.optimizers.schedules.CosineDecay(0.004, EPOCHS * 10_000 // 100)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    print(f"{model.count_params():,} weights")
    for epoch in range(EPOCHS):
        model.fit(x[known], y[known], batch_size=100, epochs=epoch + 1, initial_epoch=epoch, verbose=0)
        if epoch % 2 == 1:
            accuracy = model.evaluate(x[new], y[new], batch_size=500, verbose=0)[1]
            print(f"epoch {epoch + 1:2d}: {accuracy:.1%} of the letters right, of words that it has never seen")

    words = ["notebook", "learning", "mountain", "sequence"]
    answers = model.predict(np.array([[LETTERS.index(c) for c in word] for word in words]), verbose=0).argmax(axis=-1)
    for word, answer in zip(words, answers, strict=True):
        print(f"{word} -> {''.join(LETTERS[i] for i in answer)}")


if __name__ == "__main__":
    main()
