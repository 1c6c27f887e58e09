"""Text: strings to numbers with TextVectorization, an embedding whose mask an average respects, strings to answers."""

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(0)
good = ["a lovely film", "great fun and a great cast", "i loved it", "wonderful , just lovely", "fun from start to end"]
bad = ["a dull film", "boring and far too long", "i hated it", "awful , just awful", "dull from start to end"]
texts = np.array((good + bad) * 8)
labels = np.array(([1] * len(good) + [0] * len(bad)) * 8)

vectorize = layers.TextVectorization(max_tokens=60, output_sequence_length=8)
vectorize.adapt(texts)
words = vectorize.get_vocabulary()
assert words[:2] == ["", "[UNK]"] and "lovely" in words


class MaskedMean(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        weights = ops.expand_dims(ops.cast(mask, inputs.dtype), axis=-1)
        return ops.sum(inputs * weights, axis=1) / ops.maximum(ops.sum(weights, axis=1), 1.0)

    def compute_mask(self, inputs, mask=None):
        return None


tokens = keras.Input(shape=(None,), dtype="int64")
x = layers.Embedding(len(words), 8, mask_zero=True)(tokens)
x = layers.Dropout(0.2)(MaskedMean()(x))
classifier = keras.Model(tokens, layers.Dense(1, activation="sigmoid")(x))
classifier.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.05), metrics=["accuracy"])
numbers = vectorize(texts)
history = classifier.fit(numbers, labels, epochs=12, batch_size=16, verbose=0).history
assert history["accuracy"][-1] > 0.95
assert np.allclose(classifier(numbers[:1]), classifier(np.pad(numbers[:1], ((0, 0), (0, 5)))), atol=1e-6)

end_to_end = keras.Sequential([keras.Input(shape=(1,), dtype="string"), vectorize, classifier])
answers = end_to_end.predict(np.array([["a lovely start"], ["awful and boring"]], dtype=object), verbose=0)
print(answers.ravel())
assert answers[0, 0] > 0.5 > answers[1, 0]
