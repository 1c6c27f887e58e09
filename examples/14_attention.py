"""Attention: a tiny translator that looks at the words it needs, in an order and a gender of their own."""

import itertools

import numpy as np
from pictures import save

import kerasish as keras

# Each English word with its French ones, masculine and feminine.
ARTICLES = {"the": ("le", "la"), "a": ("un", "une")}
COLOURS = {
    "green": ("vert", "verte"),
    "white": ("blanc", "blanche"),
    "grey": ("gris", "grise"),
    "blue": ("bleu", "bleue"),
}
MASCULINE = {"book": "livre", "cat": "chat", "boat": "bateau"}
FEMININE = {"car": "voiture", "house": "maison", "table": "table"}
VERBS = {"falls": "tombe", "burns": "brûle", "waits": "attend", "turns": "tourne"}


def sentences() -> list[tuple[list[str], list[str]]]:
    """Every sentence that these words make, in English and in French."""
    pairs = []
    for article, colour, noun, verb in itertools.product(ARTICLES, COLOURS, {**MASCULINE, **FEMININE}, VERBS):
        gender = int(noun in FEMININE)
        french = {**MASCULINE, **FEMININE}[noun]
        made = [ARTICLES[article][gender], french, COLOURS[colour][gender], VERBS[verb]]
        pairs.append(([article, colour, noun, verb], made))
    return pairs


def numbered(texts: list[list[str]]) -> tuple[np.ndarray, list[str]]:
    """The words as numbers, and the word of each number."""
    words = sorted({word for text in texts for word in text})
    return np.array([[words.index(word) for word in text] for text in texts]), words


def translator(english: int, french: int) -> keras.Model:
    """For each place of the answer a query, which looks at the words of the question."""
    layers = keras.layers
    words, places = keras.Input((4,), dtype="int32", name="words"), keras.Input((4,), dtype="int32", name="places")
    read = layers.Embedding(english, 16)(words) + layers.Embedding(4, 16)(places)
    asked = layers.Embedding(4, 16)(places)
    seen = layers.MultiHeadAttention(1, 16, name="look")(asked, read)
    hidden = layers.Dense(64, "relu")(seen + asked)
    return keras.Model([words, places], layers.Dense(french, "softmax")(hidden), name="translator")


def main() -> None:
    """Train on four of five sentences, translate the others, and see where the translator looks."""
    keras.utils.set_random_seed(1)
    pairs = sentences()
    x, english = numbered([source for source, _ in pairs])
    y, french = numbered([target for _, target in pairs])
    places = np.broadcast_to(np.arange(4), x.shape)
    order = np.random.default_rng(0).permutation(len(x))
    known, new = order[: len(x) * 4 // 5], order[len(x) * 4 // 5 :]

    model = translator(len(english), len(french))
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit([x[known], places[known]], y[known], batch_size=32, epochs=60, verbose=0)
    _, accuracy = model.evaluate([x[new], places[new]], y[new], verbose=0)
    print(f"words right in {len(new)} sentences that it has never seen: {accuracy:.2f}")

    shown = next(i for i, (source, _) in enumerate(pairs) if source == ["the", "green", "car", "waits"])
    one = [x[shown : shown + 1], places[:1]]
    answer = [french[i] for i in model.predict(one, verbose=0)[0].argmax(axis=-1)]
    print(f"{' '.join(pairs[shown][0])}: {' '.join(answer)}")

    found = keras.explain.attention(model, one, queries=answer, keys=pairs[shown][0])
    print(found)
    save(found.plot(), "14_attention")


if __name__ == "__main__":
    main()
