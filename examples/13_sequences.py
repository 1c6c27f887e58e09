"""Sequences: a state by hand, backpropagation through time, why it forgets, and gates that do not."""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import COLORS, MARKERS, canvas

LENGTH = 40
COLOURS = ["red", "green", "blue", "white"]
WORDS = [*COLOURS, "the", "car", "house", "boat", "was", "is", "and", "now"]


def by_hand() -> None:
    """Three steps of a SimpleRNN with one unit, forward and back, and the same by the layer and its tape."""
    x, w, u, target = [1.0, 0.5, -1.0], 0.6, 0.9, 0.5
    h = [0.0]
    for t, value in enumerate(x, start=1):
        h.append(float(np.tanh(w * value + u * h[-1])))
        print(f"h{t} = tanh({w:g} × {value:g} + {u:g} × {h[-2]:.4f}) = {h[-1]:.4f}")
    print(f"J = (h3 - {target:g})² / 2 = {(h[3] - target) ** 2 / 2:.4f}\n")

    arriving, dw, du = h[3] - target, 0.0, 0.0
    print(f"dJ/dh3 = h3 - {target:g} = {arriving:.4f}")
    for t in (3, 2, 1):
        delta = arriving * (1 - h[t] ** 2)
        dw, du = dw + delta * x[t - 1], du + delta * h[t - 1]
        print(f"dJ/dz{t} = dJ/dh{t} × (1 - h{t}²) = {arriving:.4f} × {1 - h[t] ** 2:.4f} = {delta:.4f}")
        arriving = delta * u
        if t > 1:
            print(f"dJ/dh{t - 1} = dJ/dz{t} × u = {delta:.4f} × {u:g} = {arriving:.4f}")
    print(f"dJ/dw = {dw:.4f} and dJ/du = {du:.4f}: a sum of one term for each step")

    layer = keras.layers.SimpleRNN(1, use_bias=False)
    sequence = np.array(x, "float32").reshape(1, 3, 1)
    layer.build(sequence.shape)
    layer.set_weights([np.array([[w]]), np.array([[u]])])
    with keras.GradientTape() as tape:
        y = layer(sequence)
        loss = keras.ops.sum((y - target) ** 2) / 2
    found = [float(g[0, 0]) for g in tape.gradient(loss, layer.trainable_variables)]
    print(f"the layer: h3 = {float(y[0, 0]):.4f}, and its tape: dJ/dw = {found[0]:.4f}, dJ/du = {found[1]:.4f}\n")


def data(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, and a first number of -1 or 1 that must be remembered to the end."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1.5, (n, LENGTH, 1)).astype("float32")
    y = rng.integers(0, 2, n)
    x[:, 0, 0] = 2 * y - 1
    return x, y


def memory(kind: str) -> keras.Sequential:
    """A network with one recurrent layer; `LSTM, gates open` begins with a forget gate that keeps nearly everything."""
    keras.utils.set_random_seed(0)
    layer = (keras.layers.SimpleRNN if kind == "SimpleRNN" else keras.layers.LSTM)(16, name=kind.split(",")[0].lower())
    model = keras.Sequential([keras.Input((LENGTH, 1)), layer, keras.layers.Dense(1, "sigmoid")], name="memory")
    if kind == "LSTM, gates open":
        kernel, recurrent, bias = layer.get_weights()
        bias[16:32] = 3.0  # sigmoid(3) = 0.95
        layer.set_weights([kernel, recurrent, bias])
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
    return model


def gates_over_a_sentence() -> None:
    """Train an LSTM to say which colour was named last, and see when its gates open."""
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(0)
    x = np.where(rng.random((2000, 12)) < 0.2, rng.integers(0, 4, (2000, 12)), rng.integers(4, 12, (2000, 12)))
    x[:, 0] = rng.integers(0, 4, 2000)  # there is one in each
    places = np.where(x < 4, np.arange(12), -1).argmax(axis=1)
    layers = keras.layers
    memory = layers.LSTM(6, name="memory")
    model = keras.Sequential([keras.Input((None,)), layers.Embedding(12, 6), memory, layers.Dense(4, "softmax")])
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, np.take_along_axis(x, places[:, None], axis=1), batch_size=50, epochs=15, verbose=0)
    text = "the red car and the house was blue and the boat is now"
    sentence = text.split()
    numbers = np.array([[WORDS.index(word) for word in sentence]])
    said = COLOURS[int(model.predict(numbers, verbose=0).argmax())]
    print(f"\naccuracy {history.history['accuracy'][-1]:.0%}; the last colour in {text!r}: {said}\n")
    found = keras.explain.gates(model, numbers, steps=sentence)
    print(found)
    save(found.plot(), "13_gates")


def main() -> None:
    """By hand; then the gradient over forty steps, and what is learnt of the first; then gates over a sentence."""
    by_hand()
    (x, y), test = data(1000, seed=0), data(500, seed=1)
    figure, (left, right) = (lambda f, a: (f, a[0]))(*canvas(1, 2, width=3.6, height=3.3))
    for i, kind in enumerate(["SimpleRNN", "LSTM", "LSTM, gates open"]):
        model = memory(kind)
        flow = keras.explain.gradient_over_time(model, x[:64], y[:64])
        name, norms = list(flow.norms.items())[-1]  # h of a SimpleRNN, c of an LSTM
        accuracy = model.fit(x, y, batch_size=50, epochs=12, verbose=0).history["accuracy"]
        print(
            f"{kind:17s} |dJ/d{name[-1]}1| / |dJ/d{name[-1]}{LENGTH}| = {norms[0] / norms[-1]:.1e} before training, "
            f"{flow.verdicts[name]};  right after it: {model.evaluate(*test, verbose=0)[1]:.0%}"
        )
        left.plot(range(1, LENGTH + 1), norms / norms[-1], label=kind, color=COLORS[i], marker=MARKERS[i], markersize=3)
        right.plot(range(1, len(accuracy) + 1), accuracy, color=COLORS[i], marker=MARKERS[i], markersize=4)
    left.set(yscale="log", xlabel="step of the sequence", ylabel="gradient, beside the last step's")
    left.set_title("What arrives of the gradient ...", fontsize=10)
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0.4, 1.03))
    right.set_title("... and what is learnt of the first step", fontsize=10)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8.5)
    save(figure, "13_gradient_over_time")
    gates_over_a_sentence()


if __name__ == "__main__":
    main()
