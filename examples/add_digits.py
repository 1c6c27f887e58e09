"""Addition as spelling: one LSTM reads "47+85" character by character, another writes "132".

KERASISH_EXAMPLE_EPOCHS makes it shorter.
"""

import os

import numpy as np

import kerasish as keras

CHARACTERS = "0123456789+ "
DIGITS = 2
READ, WRITTEN = 2 * DIGITS + 1, DIGITS + 1
EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "15"))


def coded(text: str) -> list[int]:
    """Each character as its place in the list of characters."""
    return [CHARACTERS.index(character) for character in text]


def sums() -> tuple[np.ndarray, np.ndarray]:
    """Every sum of two numbers below 100, in random order: questions of five characters, answers of three.

    The question is written backward, as sums are done: ones first. So is the answer.
    """
    pairs = [(a, b) for a in range(100) for b in range(100)]
    np.random.default_rng(0).shuffle(pairs)
    questions = [f"{a:>2}+{b:>2}"[::-1] for a, b in pairs]
    answers = [f"{a + b:>3}"[::-1] for a, b in pairs]
    return np.array([coded(text) for text in questions]), np.array([coded(text) for text in answers])


def network() -> keras.Model:
    """An encoder, whose last states are all that the decoder knows of the question; it sees them at each step too."""
    layers = keras.layers
    question = keras.Input((READ,), dtype="int32")
    characters = layers.Embedding(len(CHARACTERS), 16)(question)
    thought, *states = layers.LSTM(64, return_state=True, name="reader")(characters)
    again = layers.RepeatVector(WRITTEN)(thought)
    written = layers.LSTM(64, return_sequences=True, name="writer")(again, initial_state=states)
    return keras.Model(question, layers.Dense(len(CHARACTERS), "softmax")(written), name="adder")


def main() -> None:
    """Learn from four fifths of all sums, and do the others."""
    keras.utils.set_random_seed(0)
    x, y = sums()
    known = len(x) * 4 // 5
    model = network()
    rate = keras.optimizers.schedules.CosineDecay(0.01, EPOCHS * known // 128)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for start in range(0, EPOCHS, 3):
        end = min(EPOCHS, start + 3)
        model.fit(x[:known], y[:known], batch_size=128, epochs=end, initial_epoch=start, verbose=0)
        said = model.predict(x[known:], batch_size=1000, verbose=0).argmax(axis=-1)
        right = (said == y[known:]).all(axis=1)
        print(f"after {end:2d} epochs, new sums all right: {right.mean():.1%}")

    print()
    for question, answer, wanted in list(zip(x[known:], said, y[known:], strict=True))[:8]:
        asked, written, true = ("".join(CHARACTERS[i] for i in part[::-1]) for part in (question, answer, wanted))
        print(f"{asked} = {written}  {'right' if written == true else f'wrong: {true}'}")


if __name__ == "__main__":
    main()
