"""One class a library: how its user would train and call the same network."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.tasks import Task

Step = Callable[[], Any]


class Keras:
    """Keras's API: this library, or Keras on one of its backends."""

    def __init__(self, backend: str | None = None) -> None:
        if backend is None:
            import kerasish as keras
        else:
            os.environ["KERAS_BACKEND"] = backend
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
            import keras
        self.keras = keras

    def model(self, task: Task) -> Any:
        """The compiled network."""
        layers = self.keras.layers
        hidden = [layers.Dense(n, activation=task.activation) for n in task.widths[1:-1]]
        for block in reversed(task.blocks):
            windows = [layers.Conv2D(n, 3, padding="same", activation=task.activation) for n in block]
            hidden = [*windows, layers.MaxPooling2D(), *(hidden or [layers.Flatten()])]
        top = layers.Dense(task.widths[-1], activation=task.top)
        model = self.keras.Sequential([self.keras.Input(task.picture or (task.widths[0],)), *hidden, top])
        metrics = ["accuracy"] if "crossentropy" in task.loss else None
        model.compile("adam", task.loss, metrics=metrics)
        return model

    def fit(self, task: Task) -> Step:
        """A function that trains for the task's epochs."""
        model, (x, y) = self.model(task), task.data()
        return lambda: model.fit(x, y, batch_size=task.batch, epochs=task.epochs, verbose=0)

    def call(self, task: Task, x: np.ndarray) -> Step:
        """A function that computes the network's output as an array."""
        model, as_array = self.model(task), self.keras.ops.convert_to_numpy
        return lambda: as_array(model(x))

    def predict(self, task: Task, x: np.ndarray) -> Step:
        """A function that calls `predict`."""
        model = self.model(task)
        return lambda: model.predict(x, verbose=0)


class Torch:
    """PyTorch, with its fused Adam."""

    def __init__(self) -> None:
        import torch

        self.torch = torch

    def _network(self, task: Task) -> Any:
        nn = self.torch.nn
        activation = {"relu": nn.ReLU, "tanh": nn.Tanh}[task.activation]
        parts = []
        if task.picture is not None:
            height, width, channels = task.picture
            for block in task.blocks:
                for n in block:
                    parts += [nn.Conv2d(channels, n, 3, padding="same"), activation()]
                    channels = n
                parts.append(nn.MaxPool2d(2))
            size = channels * (height >> len(task.blocks)) * (width >> len(task.blocks))
            return nn.Sequential(*parts, nn.Flatten(), nn.Linear(size, task.widths[-1]))
        for n, m in zip(task.widths[:-2], task.widths[1:-1], strict=True):
            parts += [nn.Linear(n, m), activation()]
        return nn.Sequential(*parts, nn.Linear(*task.widths[-2:]))

    def fit(self, task: Task) -> Step:
        """A function that trains for the task's epochs."""
        torch, nn = self.torch, self.torch.nn
        network = self._network(task)
        losses = {"mse": nn.MSELoss, "binary_crossentropy": nn.BCEWithLogitsLoss}
        loss_of = losses.get(task.loss, nn.CrossEntropyLoss)()
        adam = torch.optim.Adam(network.parameters(), eps=1e-7, fused=True)
        x, y = (torch.from_numpy(a) for a in task.data())
        if task.picture is not None:
            x = x.permute(0, 3, 1, 2).contiguous()

        def run() -> float:
            total = 0.0
            for _ in range(task.epochs):
                order = torch.randperm(len(x))
                for start in range(0, len(x), task.batch):
                    pick = order[start : start + task.batch]
                    adam.zero_grad()
                    loss = loss_of(network(x[pick]), y[pick])
                    loss.backward()
                    adam.step()
                    total += loss.item()
            return total

        return run

    def call(self, task: Task, x: np.ndarray) -> Step:
        """A function that computes the network's output as an array."""
        network, tensor = self._network(task).eval(), self.torch.from_numpy(x)

        def run() -> np.ndarray:
            with self.torch.inference_mode():
                return network(tensor).softmax(-1).numpy()

        return run

    def predict(self, task: Task, x: np.ndarray) -> Step:
        """A function that computes all rows in batches of 32."""
        network, tensor = self._network(task).eval(), self.torch.from_numpy(x)

        def run() -> np.ndarray:
            with self.torch.inference_mode():
                parts = [network(tensor[i : i + 32]).softmax(-1) for i in range(0, len(x), 32)]
                return self.torch.cat(parts).numpy()

        return run


class Jax:
    """JAX with one jitted step: what its user writes by hand."""

    def __init__(self) -> None:
        import jax

        self.jax = jax

    def fit(self, task: Task) -> Step:
        """A function that trains for the task's epochs."""
        jax, jnp = self.jax, self.jax.numpy
        rng = np.random.default_rng(0)
        pairs = list(zip(task.widths[:-1], task.widths[1:], strict=True))
        parameters = [
            (jnp.asarray(rng.standard_normal(shape) * (2 / sum(shape)) ** 0.5, jnp.float32), jnp.zeros(shape[1]))
            for shape in pairs
        ]
        activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[task.activation]

        def loss_of(parameters: Any, x: Any, y: Any) -> Any:
            for kernel, bias in parameters[:-1]:
                x = activation(x @ kernel + bias)
            z = x @ parameters[-1][0] + parameters[-1][1]
            if task.loss == "mse":
                return jnp.mean((z - y) ** 2)
            if task.loss == "binary_crossentropy":
                return jnp.mean(jnp.logaddexp(0, z) - z * y)
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))

        tree = jax.tree_util.tree_map

        def step(p: Any, m: Any, v: Any, t: Any, x: Any, y: Any) -> Any:
            loss, g = jax.value_and_grad(loss_of)(p, x, y)
            m = tree(lambda m, g: 0.9 * m + 0.1 * g, m, g)
            v = tree(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
            rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            return tree(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), p, m, v), m, v, loss

        jitted = jax.jit(step, donate_argnums=(0, 1, 2))
        state = [parameters, tree(jnp.zeros_like, parameters), tree(jnp.zeros_like, parameters), 0]
        x, y = task.data()

        def run() -> float:
            total = 0.0
            for _ in range(task.epochs):
                order = rng.permutation(len(x))
                for start in range(0, len(x), task.batch):
                    pick = order[start : start + task.batch]
                    state[3] += 1
                    *state[:3], loss = jitted(*state[:3], float(state[3]), x[pick], y[pick])
                    total += float(loss)
            return total

        return run


class ScikitLearn:
    """scikit-learn's multilayer perceptron."""

    def __init__(self) -> None:
        import sklearn.neural_network

        self.module = sklearn.neural_network

    def fit(self, task: Task) -> Step:
        """A function that trains for the task's epochs."""
        import warnings

        kind = self.module.MLPRegressor if task.loss == "mse" else self.module.MLPClassifier
        x, y = task.data()

        def run() -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return kind(
                    hidden_layer_sizes=task.widths[1:-1],
                    activation=task.activation,
                    batch_size=task.batch,
                    max_iter=task.epochs,
                    n_iter_no_change=10**9,
                    tol=0,
                    alpha=0,
                ).fit(x, y.ravel())

        return run


class MatrixProducts:
    """Nothing but the matrix products of a training step: what no library on this BLAS can beat."""

    def fit(self, task: Task) -> Step:
        """A function that computes the products of the task's steps."""
        rng = np.random.default_rng(0)
        pairs = list(zip(task.widths[:-1], task.widths[1:], strict=True))
        kernels = [rng.standard_normal(shape).astype("f4") for shape in pairs]
        values = [rng.standard_normal((task.batch, n)).astype("f4") for n in task.widths]
        out, gradients = [np.empty_like(v) for v in values], [np.empty_like(k) for k in kernels]

        def run() -> None:
            for _ in range(task.steps):
                for i, kernel in enumerate(kernels):
                    np.dot(values[i], kernel, out[i + 1])
                for i in reversed(range(len(kernels))):
                    np.dot(values[i].T, values[i + 1], gradients[i])
                    if i:
                        np.dot(values[i + 1], kernels[i].T, out[i])

        return run


class OnnxRuntime:
    """onnxruntime on the same network; inference only."""

    def predict(self, task: Task, x: np.ndarray) -> Step:
        """A function that computes all rows in one run."""
        return self.call(task, x)

    def call(self, task: Task, x: np.ndarray) -> Step:
        """A function that computes the network's output as an array."""
        import onnx
        import onnxruntime

        helper, numbers = onnx.helper, onnx.TensorProto.FLOAT
        rng = np.random.default_rng(0)
        nodes, constants, last = [], [], "x"
        layers = list(zip(task.widths[:-1], task.widths[1:], strict=True))
        for i, shape in enumerate(layers):
            kernel = rng.standard_normal(shape).astype("f4")
            for name, array in ((f"k{i}", kernel), (f"b{i}", np.zeros(shape[1], "f4"))):
                constants.append(onnx.numpy_helper.from_array(array, name))
            nodes.append(helper.make_node("Gemm", [last, f"k{i}", f"b{i}"], [f"z{i}"]))
            kind = "Softmax" if i == len(layers) - 1 else "Relu"
            nodes.append(helper.make_node(kind, [f"z{i}"], [f"y{i}"]))
            last = f"y{i}"
        shapes = [("x", task.widths[0]), (last, task.widths[-1])]
        ends = [helper.make_tensor_value_info(name, numbers, [None, n]) for name, n in shapes]
        graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"x": x})[0]


LIBRARIES: dict[str, Callable[[], Any]] = {
    "kerasish": Keras,
    "keras-jax": lambda: Keras("jax"),
    "keras-tensorflow": lambda: Keras("tensorflow"),
    "keras-torch": lambda: Keras("torch"),
    "torch": Torch,
    "jax": Jax,
    "sklearn": ScikitLearn,
    "onnxruntime": OnnxRuntime,
    "blas": MatrixProducts,
}
MODULES = {
    "kerasish": "kerasish",
    "kerasish (fast)": "kerasish",
    "keras-jax": "keras",
    "keras-tensorflow": "keras",
    "keras-torch": "keras",
    "sklearn": "sklearn.neural_network",
    "blas": "numpy",
}
