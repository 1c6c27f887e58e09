"""Sentiment: from sentences to words, numbers and vectors, read in both directions; zeros that fill up do not count."""

import itertools

import numpy as np

import kerasish as keras

GOOD = ["good", "great", "lovely", "funny", "touching", "brilliant"]
BAD = ["bad", "awful", "boring", "silly", "dull", "terrible"]
OPENINGS = ["", "well, ", "I think ", "to be honest, ", "my sister says that "]
THINGS = ["", "the film was ", "the music was ", "this story is ", "that book was ", "the second part of it is "]


def reviews() -> tuple[list[str], np.ndarray]:
    """Sentences, and 1 where they praise: words say one thing, and `not` before them the other."""
    texts, labels = [], []
    for opening, thing, word, negated in itertools.product(OPENINGS, THINGS, GOOD + BAD, [False, True]):
        is_good = (word in GOOD) is not negated
        texts.append(f"{opening}{thing}{'not ' if negated else ''}{word}")
        labels.append(int(is_good))
        second = (GOOD if is_good else BAD)[len(texts) % 6]  # of the same opinion
        texts.append(f"{opening}{thing}{second}, and not at all {(BAD if is_good else GOOD)[len(texts) % 5]}!")
        labels.append(int(is_good))
    return texts, np.array(labels)


def main() -> None:
    """Train on four of five sentences; then judge the others, and some that are not of this pattern."""
    keras.utils.set_random_seed(0)
    texts, labels = reviews()
    order = np.random.default_rng(0).permutation(len(texts))
    known, new = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]

    words = keras.layers.TextVectorization(max_tokens=100)
    words.adapt(texts)
    x = words(texts)
    print(f"{texts[known[0]]!r} is {x[known[0]].tolist()}")
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int64"),
            keras.layers.Embedding(words.vocabulary_size(), 16, mask_zero=True),
            keras.layers.Bidirectional(keras.layers.LSTM(16)),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x[known], labels[known], batch_size=32, epochs=8, verbose=0)
    print(f"sentences judged right of {len(new)} new ones: {model.evaluate(x[new], labels[new], verbose=0)[1]:.1%}\n")

    for text in ["lovely music", "the second story was not lovely", "my sister is not at all dull", "dull, I think"]:
        share = float(model.predict(words([text]), verbose=0)[0, 0])
        print(f"{share:4.0%} praise: {text}")


if __name__ == "__main__":
    main()
