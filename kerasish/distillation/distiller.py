"""A network that learns from the labels and from another network."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import losses
from kerasish.backend import nest
from kerasish.distillation.distillation_loss import DistillationLoss
from kerasish.losses.loss import Loss
from kerasish.metrics.reduction_metrics import Mean
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class Distiller(Model):
    """Trains a student on `w · (its loss on the labels) + (1 - w) · (its distance from a teacher)`.

    The teacher is frozen. Predictions are the student's; after training, take `distiller.student`.

    Args:
        teacher: a trained network.
        student: the one that learns, with inputs and outputs like the teacher's.
        distillation_losses: one `DistillationLoss`, or several.
        distillation_loss_weights: how much each of several counts; 1 by default.
        student_loss_weight: `w`, from 0 to 1.
        name: the model's name.
        **kwargs: `trainable`, `dtype` of `Model`.

    Raises:
        ValueError: if the networks do not go together, or an argument cannot be used.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.utils.set_random_seed(0)
        >>> teacher, student = (keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]) for _ in range(2))
        >>> distiller = keras.distillation.Distiller(teacher, student, keras.distillation.LogitsDistillation())
        >>> distiller.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> x, y = np.ones((8, 4), "float32"), np.zeros(8, int)
        >>> sorted(distiller.fit(x, y, verbose=0).history)
        ['distillation_loss', 'loss', 'student_loss', 'total_loss']

    Source: Hinton, Vinyals and Dean, Distilling the knowledge in a neural network, https://arxiv.org/abs/1503.02531.
    """

    def __init__(
        self,
        teacher: Any,
        student: Any,
        distillation_losses: Any,
        distillation_loss_weights: Any = None,
        student_loss_weight: float = 0.5,
        name: str | None = "distiller",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        _check_models(teacher, student)
        if isinstance(student_loss_weight, bool) or not isinstance(student_loss_weight, (int, float)):
            raise ValueError(f"student_loss_weight is a number from 0 to 1; received {student_loss_weight!r}")
        if not 0 <= student_loss_weight <= 1:
            raise ValueError(f"student_loss_weight is a number from 0 to 1; received {student_loss_weight}")
        if distillation_losses is None:
            raise ValueError("Distiller needs distillation_losses, such as LogitsDistillation(); received None")
        several = isinstance(distillation_losses, (list, tuple))
        self.teacher = teacher
        self.student = student
        self.student_loss_weight = student_loss_weight
        self.distillation_losses: list[DistillationLoss] = (
            list(distillation_losses) if several else [distillation_losses]
        )
        weights = distillation_loss_weights if several else None
        self.distillation_loss_weights = [1.0] * len(self.distillation_losses) if weights is None else list(weights)
        if len(self.distillation_loss_weights) != len(self.distillation_losses):
            raise ValueError(
                f"Distiller needs a weight for each of {len(self.distillation_losses)} distillation_losses; received "
                f"distillation_loss_weights={distillation_loss_weights!r}"
            )
        for loss in self.distillation_losses:
            loss.validate_model_compatibility(teacher, student)
        self._teacher_feature_extractor = _extractor(teacher, [_layer_of(loss, 0) for loss in self.distillation_losses])
        self._student_feature_extractor = _extractor(student, [_layer_of(loss, 1) for loss in self.distillation_losses])
        self.teacher.trainable = False
        self.student_loss_tracker = Mean(name="student_loss")
        self.distillation_loss_tracker = Mean(name="distillation_loss")
        self.total_loss_tracker = Mean(name="total_loss")
        self._student_loss: Any = None
        self._given_loss: Any = None
        self.built = bool(teacher.built and student.built)

    def compile(  # type: ignore[override]
        self, optimizer: Any = "adam", loss: Any = None, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Choose how the student learns.

        Args:
            optimizer: of the student's weights.
            loss: the student's loss on the labels, one for each output.
            metrics: a list, as in `Model.compile`.
            **kwargs: further arguments of `Model.compile`.

        Raises:
            ValueError: if there is no loss, or `metrics` is no list.
        """
        if loss is None:
            raise ValueError("Distiller.compile needs the loss of the student on the labels; received loss=None")
        if metrics is not None and not isinstance(metrics, (list, tuple)):
            raise ValueError(f"Distiller.compile needs a list of metrics; received {type(metrics).__name__}")
        self._given_loss = loss
        self._student_loss = nest.map_structure(lambda part: losses.get(part) if isinstance(part, str) else part, loss)
        super().compile(optimizer=optimizer, loss=None, metrics=metrics, **kwargs)

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of `compile`."""
        config = super().get_compile_config()
        return config and {**config, "loss": serialize_keras_object(self._given_loss)}

    def call(self, inputs: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """The student's predictions."""
        return self.student(inputs, training=training, **kwargs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The weighted sum of the loss on the labels and the distance from the teacher.

        Args:
            x, y: a batch.
            y_pred: the student's predictions; made of `x` by default.
            sample_weight: the weight of each sample in the loss on the labels.
            training: whether layers behave as in training.
        """
        y_pred = self(x, training=training) if y_pred is None else y_pred
        own = far = np.zeros((), "float32")
        if self.student_loss_weight > 0 and y is not None:
            own = self._on_labels(y, y_pred, sample_weight)
        if self.student_loss_weight < 1:
            far = self._from_teacher(x, y_pred)
        total = own * self.student_loss_weight + far * (1.0 - self.student_loss_weight)
        self.student_loss_tracker.update_state(own)
        self.distillation_loss_tracker.update_state(far)
        self.total_loss_tracker.update_state(total)
        return total

    def _on_labels(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        def one(loss: Any, true: Any, predicted: Any) -> Any:
            if loss is None:
                return None
            if isinstance(loss, Loss):
                return np.mean(loss(true, predicted, sample_weight=sample_weight))
            values = loss(true, predicted)
            return np.mean(values if sample_weight is None else values * sample_weight)

        values = [v for v in nest.flatten(nest.map_structure(one, self._student_loss, y, y_pred)) if v is not None]
        return sum(values[1:], start=values[0])

    def _from_teacher(self, x: Any, y_pred: Any) -> Any:
        teacher, student = self._teacher_feature_extractor, self._student_feature_extractor
        known = {None: self.teacher(x, training=False)} if teacher is None else teacher(x, training=False)
        learned = {} if student is None else student(x, training=True)
        terms = []
        for loss, weight in zip(self.distillation_losses, self.distillation_loss_weights, strict=True):
            theirs, ours = _layer_of(loss, 0), _layer_of(loss, 1)
            taught = known[theirs or ("final_output" if teacher is not None else None)]
            shown = learned[ours] if ours else y_pred
            loss.validate_outputs(taught, shown)
            value = loss.compute_loss(taught, shown)
            if np.ndim(value):
                raise ValueError(
                    f"{type(loss).__name__}.compute_loss must return one number; it returned shape {np.shape(value)}"
                )
            terms.append(value * weight)
        return sum(terms[1:], start=terms[0])

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
            "teacher": serialize_keras_object(self.teacher),
            "student": serialize_keras_object(self.student),
            "distillation_losses": [serialize_keras_object(loss) for loss in self.distillation_losses],
            "distillation_loss_weights": self.distillation_loss_weights,
            "student_loss_weight": self.student_loss_weight,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A model from the result of `get_config`."""
        made = {key: deserialize_keras_object(config[key]) for key in ("teacher", "student")}
        losses_of = [deserialize_keras_object(loss) for loss in config["distillation_losses"]]
        dtype = config.get("dtype")
        dtype = deserialize_keras_object(dtype) if isinstance(dtype, dict) else dtype
        return cls(**{**config, **made, "distillation_losses": losses_of, "dtype": dtype})


def _layer_of(loss: Any, role: int) -> str | None:
    return getattr(loss, ("teacher_layer_name", "student_layer_name")[role], None)


def _check_models(teacher: Any, student: Any) -> None:
    for role, model in (("teacher", teacher), ("student", student)):
        if not isinstance(model, Model):
            raise ValueError(f"the {role} of a Distiller is a keras.Model; received {type(model).__name__}")
    for what in ("inputs", "outputs"):
        theirs, ours = (getattr(model, what, None) for model in (teacher, student))
        if theirs is None or ours is None:
            continue
        for a, b in zip(nest.flatten(theirs), nest.flatten(ours), strict=True):
            sizes = zip(a.shape, b.shape, strict=False)
            fits = len(a.shape) == len(b.shape) and all(n == m or None in (n, m) for n, m in sizes)
            if not fits or a.dtype != b.dtype:
                raise ValueError(
                    f"teacher and student need {what} of one shape and dtype; received {tuple(a.shape)} of {a.dtype} "
                    f"and {tuple(b.shape)} of {b.dtype}"
                )


def _extractor(model: Any, names: list[str | None]) -> Any:
    """The network with the outputs of these layers as well; None where none is named."""
    wanted = [name for name in dict.fromkeys(names) if name is not None]
    if not wanted:
        return None
    last = model.layers[-1].output if isinstance(model, Sequential) else model.output
    outputs = {"final_output": last, **{name: model.get_layer(name=name).output for name in wanted}}
    return Model(inputs=model.inputs, outputs=outputs, name=f"{model.name}_multi_feature_extractor")
