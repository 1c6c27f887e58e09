"""What a student shall have in common with its teacher."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import losses
from kerasish.backend import nest
from kerasish.losses.divergences import KLDivergence, kl_divergence
from kerasish.ops.nn import softmax
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class DistillationLoss:
    """How far a student is from its teacher, as one number; a loss of your own overrides `compute_loss`.

    Example:
        >>> import kerasish as keras
        >>> class Distance(keras.distillation.DistillationLoss):
        ...     def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        ...         return keras.ops.mean(keras.ops.abs(teacher_outputs - student_outputs))
        >>> float(Distance().compute_loss(keras.ops.ones(3), keras.ops.zeros(3)))
        1.0
    """

    # The layers that are compared, by name; None for the outputs of the networks.
    teacher_layer_name: str | None = None
    student_layer_name: str | None = None

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """One number for the outputs of a batch."""
        raise NotImplementedError(
            f"{type(self).__name__} needs a method `compute_loss(self, teacher_outputs, student_outputs, **kwargs)`"
        )

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Refuse outputs that do not go together.

        Raises:
            ValueError: if they have another structure.
        """
        nest.assert_same_structure(teacher_outputs, student_outputs)

    def validate_model_compatibility(self, teacher: Any, student: Any) -> None:
        """Refuse networks that do not go together; any two do, by default."""


class _ByLosses(DistillationLoss):
    """The sum of a loss for each output; None leaves an output out."""

    def _set(self, loss: Any) -> None:
        self._given = loss
        self.loss = nest.map_structure(lambda part: losses.get(part) if isinstance(part, str) else part, loss)
        if all(part is None for part in nest.flatten(self.loss)):
            raise ValueError(f"{type(self).__name__} needs at least one loss that is not None; received {loss!r}")

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Refuse outputs that do not go together, or not with the losses.

        Raises:
            ValueError: if they have another structure.
        """
        super().validate_outputs(teacher_outputs, student_outputs)
        nest.assert_same_structure(self.loss, teacher_outputs)

    def _summed(self, teacher: Any, student: Any) -> Any:
        values = nest.map_structure(self._one, self.loss, teacher, student)
        found = [value for value in nest.flatten(values) if value is not None]
        return sum(found[1:], start=found[0])

    def _one(self, loss: Any, teacher: Any, student: Any) -> Any:
        return None if loss is None else np.mean(loss(teacher, student))


class FeatureDistillation(_ByLosses):
    """The outputs of a layer of the student shall be those of a layer of the teacher.

    Args:
        loss: a loss, or one for each output of the layers; None for an output leaves it out.
        teacher_layer_name: the teacher's layer; its last output by default.
        student_layer_name: the student's.

    Raises:
        ValueError: if all losses are None.

    Example:
        >>> import kerasish as keras
        >>> loss = keras.distillation.FeatureDistillation("mse")
        >>> float(loss.compute_loss(keras.ops.ones((1, 2)), keras.ops.zeros((1, 2))))
        1.0

    Source: Romero et al., FitNets, https://arxiv.org/abs/1412.6550 (2014).
    """

    def __init__(
        self, loss: Any = "mse", teacher_layer_name: str | None = None, student_layer_name: str | None = None
    ) -> None:
        self.teacher_layer_name = teacher_layer_name
        self.student_layer_name = student_layer_name
        self._set(loss)

    def validate_model_compatibility(self, teacher: Any, student: Any) -> None:
        """Refuse networks without these layers.

        Raises:
            ValueError: if a network has no such layer, or has no symbolic inputs from which to reach it.
        """
        for role, model, name in (
            ("teacher", teacher, self.teacher_layer_name),
            ("student", student, self.student_layer_name),
        ):
            if name is None:
                continue
            if getattr(model, "inputs", None) is None:
                raise ValueError(
                    f"FeatureDistillation finds the layer {name!r} of the {role} in a Sequential or functional model; "
                    f"{model.name!r} is a {type(model).__name__} without symbolic inputs. Leave the layer's name out "
                    "to compare last outputs."
                )
            try:
                model.get_layer(name=name)
            except ValueError as error:
                raise ValueError(f"in the {role} {model.name!r}: {error}") from error

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """The mean loss of each output, added up."""
        return self._summed(teacher_outputs, student_outputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss anew."""
        return {
            "loss": serialize_keras_object(self.loss),
            "teacher_layer_name": self.teacher_layer_name,
            "student_layer_name": self.student_layer_name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> FeatureDistillation:
        """A loss from the result of `get_config`."""
        return cls(**{**config, "loss": _losses_of(config["loss"])})


class LogitsDistillation(_ByLosses):
    """The student's probabilities shall be the teacher's, both softened by a temperature `T`.

    With the divergence of Kullback and Leibler: `T² KL(softmax(teacher / T) ‖ softmax(student / T))`, whose gradient
    does not shrink as `T` grows. Any other loss gets the logits over `T`.

    Keras 3.15.1 takes the divergence of the logits themselves where it is given by its name and not as an instance,
    which is no divergence; here both mean the same.

    Args:
        temperature: above 0; the higher, the more the unlikely classes count.
        loss: a loss, or one for each output; None for an output leaves it out.

    Raises:
        ValueError: if the temperature is not above 0, or all losses are None.

    Example:
        >>> import kerasish as keras
        >>> loss = keras.distillation.LogitsDistillation(temperature=2.0)
        >>> logits = keras.ops.array([[0.0, 2.0]])
        >>> round(float(loss.compute_loss(logits, -logits)), 4)
        1.8485

    Source: Hinton, Vinyals and Dean, https://arxiv.org/abs/1503.02531 (2015).
    """

    def __init__(self, temperature: float = 3.0, loss: Any = "kl_divergence") -> None:
        if isinstance(temperature, bool) or not isinstance(temperature, (int, float)) or temperature <= 0:
            raise ValueError(f"LogitsDistillation needs a temperature above 0; received temperature={temperature!r}")
        self.temperature = temperature
        self._set(loss)

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """The mean loss of each output, added up."""
        return self._summed(teacher_outputs, student_outputs)

    def _one(self, loss: Any, teacher: Any, student: Any) -> Any:
        if loss is None:
            return None
        teacher, student = teacher / self.temperature, student / self.temperature
        if loss is kl_divergence or isinstance(loss, KLDivergence):
            return np.mean(loss(softmax(teacher), softmax(student))) * self.temperature**2
        return np.mean(loss(teacher, student))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss anew."""
        return {"temperature": self.temperature, "loss": serialize_keras_object(self.loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LogitsDistillation:
        """A loss from the result of `get_config`."""
        return cls(**{**config, "loss": _losses_of(config["loss"])})


def _losses_of(config: Any) -> Any:
    """Losses by their names or configs, in the structure of a config."""
    if isinstance(config, (list, tuple)):
        return [_losses_of(part) for part in config]
    if isinstance(config, dict) and "class_name" not in config:
        return {key: _losses_of(part) for key, part in config.items()}
    return deserialize_keras_object(config) if isinstance(config, dict) else config
