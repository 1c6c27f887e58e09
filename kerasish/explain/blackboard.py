"""One step of backpropagation, written out: every number, and the products that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.names import printable
from kerasish.explain.network import draw_network, draw_sizes
from kerasish.explain.result import Explanation, Table, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(repr=False)
class LayerStep:
    """One layer in one step.

    Attributes:
        name, kind, activation: the layer's name, its class, and the name of its activation ("" for none).
        operations: the operations that it put on the tape, in order.
        outputs: what it returned, y.
        output_gradient: dJ/dy; None if the loss does not depend on it through the tape.
        inputs: what it was given, x; None but for fully connected layers, as are the next three.
        kernel, bias: its weights before the step; the bias may be None.
        sums: its weighted sums, z = x @ kernel + bias.
        sum_gradient: dJ/dz.
        slopes: dy/dz, unit by unit; None where each output depends on all sums (softmax).
        jacobian: dy/dz in that case: `jacobian[sample, k, j]` is the derivative of y_k by z_j.
        trains_bias: whether the bias is changed by the step.
        feeds: the place, among the layers, of the fully connected layer that alone reads `outputs`; None if there is
            no such layer.
    """

    name: str
    kind: str
    activation: str
    operations: list[str]
    outputs: np.ndarray
    output_gradient: np.ndarray | None = None
    inputs: np.ndarray | None = None
    kernel: np.ndarray | None = None
    bias: np.ndarray | None = None
    sums: np.ndarray | None = None
    sum_gradient: np.ndarray | None = None
    slopes: np.ndarray | None = None
    jacobian: np.ndarray | None = None
    trains_bias: bool = False
    feeds: int | None = None


@dataclass(repr=False)
class WeightStep:
    """One array of weights in one step: `after = before - learning_rate * gradient`."""

    path: str
    before: np.ndarray
    gradient: np.ndarray
    after: np.ndarray


@dataclass(repr=False)
class BackpropStep(Explanation):
    """One step of gradient descent on one batch.

    Attributes:
        model, loss_name: their names.
        learning_rate: the size of the step.
        x, y: the batch.
        layers: the layers, in the order in which they computed.
        weights: every trainable array of weights.
        prediction, prediction_after: the model's output before and after the step.
        loss, loss_after: the number that the step makes smaller.
        input_gradient: dJ/dx, what a layer before the first would receive; None where x is not one array of floats.
        detail: whether the text shows every number, or a summary.
        digits: how many digits it shows after the point.
        reason: why it shows a summary, where nobody asked for one.
    """

    model: str
    loss_name: str
    learning_rate: float
    x: Any
    y: Any
    layers: list[LayerStep]
    weights: list[WeightStep]
    prediction: Any
    prediction_after: Any
    loss: float
    loss_after: float
    input_gradient: np.ndarray | None
    detail: bool
    digits: int = 4
    reason: str = ""

    def blocks(self) -> list[str | Table]:
        title = f"One step of gradient descent on {self.model}, learning rate {number(self.learning_rate)}"
        if not self.detail:
            title += f"\n{self.reason}" if self.reason else ""
            return [title, self._layer_table(), self._weight_table(), self._summary()]
        return [
            title,
            *(f"forward: {printable(layer.name)}\n" + _indented(self._forward(layer)) for layer in self.layers),
            f"loss: {self.loss_name}\n" + _indented(self._loss_lines()),
            *(
                f"backward: {printable(layer.name)}{_legend(layer)}\n" + _indented(self._backward(layer))
                for layer in reversed(self.layers)
            ),
            "update: w - learning rate × gradient\n" + _indented(self._update_lines()),
            self._summary(),
        ]

    def plot(self) -> Figure:
        """The network with its numbers; for one that is large or no plain stack, the sizes of weights and gradients."""
        connected = [i for i, layer in enumerate(self.layers) if layer.kernel is not None]
        is_stack = bool(connected) and all(self.layers[i].feeds == j for i, j in pairwise(connected))
        return draw_network(self) if self.detail and is_stack else draw_sizes(self)

    # -- every number ----------------------------------------------------------------------------------------

    def _n(self, value: Any) -> str:
        """A number, in parentheses where a sign would meet another."""
        text = number(value, self.digits)
        return f"({text})" if text.startswith("-") else text

    def _sample(self, s: int) -> str:
        return f"sample {s + 1}: " if len(self.layers[0].outputs) > 1 else ""

    def _forward(self, layer: LayerStep) -> Iterator[str]:
        for s in range(len(layer.outputs)):
            if layer.sums is None or layer.inputs is None or layer.kernel is None:
                yield f"{self._sample(s)}y = {_row(layer.outputs[s], self.digits)}"
                continue
            for j, z in enumerate(layer.sums[s]):
                terms = [
                    f"{self._n(x)} × {self._n(w)}" for x, w in zip(layer.inputs[s], layer.kernel[:, j], strict=True)
                ]
                terms += [] if layer.bias is None else [self._n(layer.bias[j])]
                total = number(z, self.digits)
                yield f"{self._sample(s)}z{j + 1} = {' + '.join(terms)} = {total}"
                if layer.activation not in ("", "linear") and layer.slopes is not None:
                    y = number(layer.outputs[s, j], self.digits)
                    yield f"{self._sample(s)}y{j + 1} = {layer.activation}({total}) = {y}"
            if layer.slopes is None:
                yield f"{self._sample(s)}y = {layer.activation}(z) = {_row(layer.outputs[s], self.digits)}"

    def _loss_lines(self) -> Iterator[str]:
        if isinstance(self.prediction, np.ndarray):
            for s, predicted in enumerate(self.prediction):
                wanted = "" if self.y is None else f", wanted {_row(self.y[s], self.digits)}"
                yield f"{self._sample(s)}predicted {_row(predicted, self.digits)}{wanted}"
        yield f"J = {number(self.loss, self.digits)}"

    def _backward(self, layer: LayerStep) -> Iterator[str]:
        gradient = layer.output_gradient
        if gradient is None:
            yield "the loss does not read these outputs through the tape"
        if layer.sums is None or layer.sum_gradient is None or layer.inputs is None or layer.kernel is None:
            if gradient is not None:
                for s, row in enumerate(gradient):
                    yield f"{self._sample(s)}dJ/dy = {_row(row, self.digits)}"
            return
        for s in range(len(layer.sums)):
            for j in range(layer.sums.shape[1]):
                yield from (self._sample(s) + line for line in self._unit(layer, s, j))
        for i, j in np.ndindex(layer.kernel.shape):
            yield self._weight(layer, i, j)
        if layer.trains_bias:
            for j in range(layer.kernel.shape[1]):
                yield self._bias(layer, j)

    def _unit(self, layer: LayerStep, s: int, j: int) -> Iterator[str]:
        """How the gradient reaches one unit, and passes its activation."""
        assert layer.sum_gradient is not None
        n = self._n
        total = number(layer.sum_gradient[s, j], self.digits)
        if layer.output_gradient is not None:
            arrives = number(layer.output_gradient[s, j], self.digits)
            above = None if layer.feeds is None else self.layers[layer.feeds]
            if above is not None and above.sum_gradient is not None and above.kernel is not None:
                pairs = zip(above.sum_gradient[s], above.kernel[j], strict=True)
                arrives = " + ".join(f"{n(g)} × {n(w)}" for g, w in pairs) + f" = {arrives}"
            yield f"dJ/dy{j + 1} = {arrives}"
            if layer.slopes is not None:
                product = f"{n(layer.output_gradient[s, j])} × {n(layer.slopes[s, j])}"
                yield f"dJ/dz{j + 1} = dJ/dy{j + 1} × dy{j + 1}/dz{j + 1} = {product} = {total}"
            elif layer.jacobian is not None:
                pairs = zip(layer.output_gradient[s], layer.jacobian[s, :, j], strict=True)
                product = " + ".join(f"{n(g)} × {n(d)}" for g, d in pairs)
                yield f"dJ/dz{j + 1} = sum over k of dJ/dyk × dyk/dz{j + 1} = {product} = {total}"
        else:
            yield f"dJ/dz{j + 1} = {total}"

    def _factors(self, layer: LayerStep, s: int, j: int) -> str:
        """dJ/dz of a unit, as the two numbers that it is the product of where there are two."""
        assert layer.sum_gradient is not None
        if layer.output_gradient is None or layer.slopes is None:
            return self._n(layer.sum_gradient[s, j])
        return f"{self._n(layer.output_gradient[s, j])} × {self._n(layer.slopes[s, j])}"

    def _chain(self, layer: LayerStep, j: int) -> str:
        if layer.output_gradient is None or layer.slopes is None:
            return f"dJ/dz{j + 1}"
        return f"dJ/dy{j + 1} × dy{j + 1}/dz{j + 1}"

    def _weight(self, layer: LayerStep, i: int, j: int) -> str:
        assert layer.sum_gradient is not None and layer.inputs is not None
        w = _weight_name(layer.sum_gradient.shape[1], len(layer.inputs[0]), i, j)
        terms = [f"{self._factors(layer, s, j)} × {self._n(layer.inputs[s, i])}" for s in range(len(layer.inputs))]
        total = number(layer.inputs[:, i] @ layer.sum_gradient[:, j], self.digits)
        return f"dJ/d{w} = {self._chain(layer, j)} × dz{j + 1}/d{w} = {' + '.join(terms)} = {total}"

    def _bias(self, layer: LayerStep, j: int) -> str:
        assert layer.sum_gradient is not None
        terms = [self._factors(layer, s, j) for s in range(len(layer.sum_gradient))]
        total = number(layer.sum_gradient[:, j].sum(), self.digits)
        is_one_number = len(terms) == 1 and " × " not in terms[0]
        product = "" if is_one_number else f"{' + '.join(terms)} = "
        return f"dJ/db{j + 1} = {self._chain(layer, j)} × 1 = {product}{total}"

    def _update_lines(self) -> Iterator[str]:
        rate = self._n(self.learning_rate)
        for step in self.weights:
            kernel = next((layer.kernel for layer in self.layers if _is_kernel_of(layer, step)), None)
            for place in np.ndindex(step.before.shape):
                before, gradient = self._n(step.before[place]), self._n(step.gradient[place])
                index = f"[{', '.join(map(str, place))}]" if place else ""
                if kernel is not None:
                    index += f", {_weight_name(kernel.shape[1], kernel.shape[0], *place)}"
                yield f"{step.path}{index}: {before} - {rate} × {gradient} = {number(step.after[place], self.digits)}"

    # -- the summary -----------------------------------------------------------------------------------------

    def _layer_table(self) -> Table:
        rows = [
            (
                layer.name,
                " ".join(layer.operations) if len(layer.operations) <= 4 else f"{len(layer.operations)} operations",
                "x".join(map(str, layer.outputs.shape)),
                number(np.sqrt(np.mean(np.square(layer.outputs, dtype="float64")))),
                number(None if layer.output_gradient is None else np.linalg.norm(layer.output_gradient)),
            )
            for layer in self.layers
        ]
        return Table(("layer", "on the tape", "output", "output rms", "norm of dJ/dy"), rows, "forward and back")

    def _weight_table(self) -> Table:
        rows = []
        for step in self.weights:
            size = np.abs(step.gradient)
            place = np.unravel_index(int(size.argmax()), size.shape) if size.size else ()
            norm, moved = np.linalg.norm(step.before), np.linalg.norm(step.after - step.before)
            rows.append(
                (
                    step.path,
                    "x".join(map(str, step.before.shape)) or "1",
                    number(norm),
                    number(np.linalg.norm(step.gradient)),
                    f"{number(step.gradient[place])} at [{', '.join(str(int(i)) for i in place)}]",
                    number(moved / norm if norm else None),
                )
            )
        header = ("weights", "shape", "norm", "norm of gradient", "largest", "step / norm")
        return Table(header, rows, f"update: w - {number(self.learning_rate)} × gradient")

    def _summary(self) -> str:
        change = self.loss_after - self.loss
        by = f"by {number(abs(change), self.digits)}"
        loss, after = number(self.loss, self.digits), number(self.loss_after, self.digits)
        if not np.isfinite(change):
            word = "the numbers have left their range: try a smaller learning rate, and look for nan in the data"
        else:
            word = f"down {by}" if change < 0 else f"up {by}" if change > 0 else "unchanged"
        return f"the loss before: {loss}, after the step: {after} ({word})"


def _is_kernel_of(layer: LayerStep, step: WeightStep) -> bool:
    return layer.kernel is not None and step.path.endswith("kernel") and np.array_equal(layer.kernel, step.before)


def _weight_name(units: int, inputs: int, i: int, j: int) -> str:
    """w2 of a single unit; w12, or w1,12 where a digit does not tell, from input 1 to one of several units."""
    if units == 1:
        return f"w{i + 1}"
    return f"w{i + 1}{',' if max(units, inputs) > 9 else ''}{j + 1}"


def _legend(layer: LayerStep) -> str:
    """What the two numbers of a weight mean, where there are two."""
    if layer.kernel is None or layer.kernel.shape[1] == 1:
        return ""
    return f" ({_weight_name(layer.kernel.shape[1], len(layer.kernel), 0, 1)} is the weight from input 1 to unit 2)"


def _row(values: Any, digits: int) -> str:
    return ", ".join(number(v, digits) for v in np.ravel(values))


def _indented(lines: Iterator[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
