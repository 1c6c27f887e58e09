"""Names of Keras 2 and `tf.keras` that Keras 3 has no longer: where they are now, found when they are asked for.

They are in no `dir()` and no `__all__`; the first use of one warns, and says how it is written today.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from functools import cache
from typing import Any, NamedTuple

# The package where a name was, the names, and the module and name of each today; a module stands for itself.
_ROWS = """
kerasish.losses: mse MSE = kerasish.losses:mean_squared_error
kerasish.losses: mae MAE = kerasish.losses:mean_absolute_error
kerasish.losses: mape MAPE = kerasish.losses:mean_absolute_percentage_error
kerasish.losses: msle MSLE = kerasish.losses:mean_squared_logarithmic_error
kerasish.losses: kld KLD kullback_leibler_divergence = kerasish.losses:kl_divergence
kerasish.losses: cosine_proximity = kerasish.losses:cosine_similarity
kerasish.losses: logcosh = kerasish.losses:log_cosh
kerasish.losses: Reduction = kerasish.compat.reduction:Reduction | reduction="sum_over_batch_size", "sum" or "none"
kerasish.metrics: mse MSE = kerasish.metrics:mean_squared_error
kerasish.metrics: mae MAE = kerasish.metrics:mean_absolute_error
kerasish.metrics: mape MAPE = kerasish.metrics:mean_absolute_percentage_error
kerasish.metrics: msle MSLE = kerasish.metrics:mean_squared_logarithmic_error
kerasish.metrics: kld KLD kullback_leibler_divergence = kerasish.metrics:kl_divergence
kerasish.metrics: cosine_proximity cosine_similarity = kerasish.losses:cosine_similarity
kerasish.metrics: logcosh = kerasish.losses:log_cosh
kerasish.initializers: normal = kerasish.initializers:random_normal
kerasish.initializers: uniform = kerasish.initializers:random_uniform
kerasish.layers: CuDNNLSTM = kerasish.layers:LSTM
kerasish.layers: CuDNNGRU = kerasish.layers:GRU
kerasish.layers: Deconvolution2D = kerasish.layers:Conv2DTranspose
kerasish.layers: ThresholdedReLU = kerasish.compat.layers:ThresholdedReLU | keras.ops.threshold(x, theta, 0)
kerasish.layers: core convolutional pooling recurrent embeddings normalization merge noise = kerasish.layers:
kerasish.layers: advanced_activations convolutional_recurrent = kerasish.layers:
kerasish.layers: experimental = kerasish.compat.layers:
kerasish.compat.layers: preprocessing = kerasish.layers:
kerasish.optimizers: adam_v2 gradient_descent_v2 rmsprop_v2 adagrad_v2 experimental = kerasish.optimizers:
kerasish.preprocessing: text = kerasish.compat.text: | keras.layers.TextVectorization
kerasish.preprocessing.sequence: skipgrams make_sampling_table = kerasish.compat.sequence: | plain NumPy
kerasish.preprocessing.sequence: TimeseriesGenerator = kerasish.compat.sequence: | a keras.utils.PyDataset
kerasish.utils: np_utils generic_utils vis_utils = kerasish.utils:
kerasish.wrappers: scikit_learn = kerasish.compat.scikit_learn: | keras.wrappers.SKLearnClassifier or SKLearnRegressor
"""

# What Keras 2 had in `keras.backend`, where it is another function than `keras.ops` has under the same name.
_BACKEND = {
    "abs": "absolute",
    "arange": "arange",
    "batch_dot": "einsum, or keras.layers.Dot",
    "batch_flatten": "reshape",
    "bias_add": "add",
    "cast_to_floatx": "cast",
    "clip": "clip",
    "concatenate": "concatenate",
    "constant": "convert_to_tensor",
    "conv1d": "conv",
    "conv2d": "conv",
    "conv2d_transpose": "conv_transpose",
    "conv3d": "conv",
    "depthwise_conv2d": "depthwise_conv",
    "gather": "take",
    "hard_sigmoid": "clip(0.2 * x + 0.5, 0, 1)",
    "in_test_phase": "an argument `training` of call",
    "in_train_phase": "an argument `training` of call",
    "is_sparse": "nothing: there are only dense tensors",
    "l2_normalize": "normalize",
    "learning_phase": "an argument `training` of call",
    "permute_dimensions": "transpose",
    "pool2d": "max_pool or average_pool",
    "pool3d": "max_pool or average_pool",
    "random_bernoulli": "keras.random.binomial",
    "random_binomial": "keras.random.binomial",
    "random_normal": "keras.random.normal",
    "random_uniform": "keras.random.uniform",
    "truncated_normal": "keras.random.truncated_normal",
    "repeat_elements": "repeat",
    "resize_images": "image.resize",
    "reverse": "flip",
    "set_learning_phase": "an argument `training` of call",
    "spatial_2d_padding": "pad",
    "spatial_3d_padding": "pad",
    "temporal_padding": "pad",
    "to_dense": "nothing: there are only dense tensors",
    "count_params": "prod(x.shape)",
    "int_shape": "shape, or x.shape",
    "eval": "convert_to_numpy",
    "get_value": "convert_to_numpy",
    "batch_get_value": "convert_to_numpy",
    "set_value": "variable.assign(value)",
    "batch_set_value": "variable.assign(value)",
    "update": "variable.assign(value)",
    "update_add": "variable.assign_add(value)",
    "update_sub": "variable.assign_sub(value)",
    "moving_average_update": "variable.assign(value)",
    "variable": "keras.Variable",
    "placeholder": "keras.Input",
    "function": "keras.Model",
    "manual_variable_initialization": "nothing: variables have their values at once",
}
_BACKEND_SAME = (
    "all any argmax argmin binary_crossentropy cast categorical_crossentropy cos cumprod cumsum dot dropout dtype elu "
    "equal exp expand_dims eye flatten foldl greater greater_equal in_top_k less less_equal log logsumexp map_fn max "
    "maximum mean min minimum ndim not_equal one_hot ones ones_like pow print_tensor prod relu repeat reshape round "
    "separable_conv2d shape sigmoid sign sin softmax softplus softsign sparse_categorical_crossentropy sqrt square "
    "squeeze stack std stop_gradient sum switch tanh tile transpose var zeros zeros_like"
)
_OTHERWISE = {
    "pow": "power",
    "foldl": "scan",
    "map_fn": "map",
    "print_tensor": "print",
    "separable_conv2d": "separable_conv",
}

# Methods of models.
METHODS = {
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
    "predict_classes": "np.argmax(model.predict(x), axis=-1)",
    "predict_proba": "predict",
    "compiled_loss": "compute_loss(x, y, y_pred, sample_weight)",
    "compiled_metrics": "compute_metrics(x, y, y_pred, sample_weight)",
}

# What cannot be had, and what to write.
_GONE = {
    ("kerasish.backend", "gradients"): "there is no graph: use keras.GradientTape, in which the loss is computed",
    ("kerasish.backend", "get_session"): "there are no sessions: operations run at once",
    ("kerasish.backend", "set_session"): "there are no sessions: leave this out",
    ("kerasish.backend", "rnn"): "use keras.layers.RNN with a cell of your own, or keras.ops.scan",
    ("kerasish.backend", "ctc_batch_cost"): "use keras.ops.ctc_loss",
    ("kerasish.backend", "ctc_decode"): "use keras.ops.ctc_decode",
    ("kerasish.backend", "reset_uids"): "use keras.utils.clear_session()",
    (
        "kerasish.backend",
        "local_conv2d",
    ): "there are no locally connected layers any more; use keras.ops.extract_sequences",
    ("kerasish.utils", "multi_gpu_model"): "one process trains here: use the model itself",
    ("kerasish.models", "model_from_yaml"): "YAML models were removed, as files that run code; use model.to_json()",
}


class Older(NamedTuple):
    """Where an older name leads.

    Attributes:
        place: the module.
        name: its name there; empty for the module itself.
        today: how it is written now.
    """

    place: str
    name: str
    today: str


@cache
def _table() -> dict[tuple[str, str], Older]:
    made = {}
    for row in _ROWS.strip().split("\n"):
        package, _, rest = row.partition(": ")
        names, _, target = rest.partition(" = ")
        where, _, told = target.partition(" | ")
        place, _, name = where.partition(":")
        for old in names.split():
            inner = old if place == "kerasish.compat.sequence" else name
            now = f"{place}.{name}" if name else place
            made[package, old] = Older(place, inner, told or now.replace("kerasish", "keras", 1))
    operations = {**{name: _OTHERWISE.get(name, name) for name in _BACKEND_SAME.split()}, **_BACKEND}
    for old, now in operations.items():
        is_whole = now.startswith(("keras.", "variable.", "an ", "nothing"))
        told = now if is_whole else f"keras.ops.{now}"
        made["kerasish.backend", old] = Older("kerasish.compat.backend", old, told)
    return made


def is_known(package: str, name: str) -> bool:
    """Whether a package had this name in Keras 2.

    Example:
        >>> is_known("kerasish.losses", "mse"), is_known("kerasish.losses", "mean")
        (True, False)
    """
    return (package, name) in _table()


def found(package: str, name: str) -> Any:
    """What a package had under this name; it warns once.

    Raises:
        AttributeError: if it had none, or what it had is gone.
    """
    old = f"{package}.{name}".replace("kerasish", "keras", 1)
    if (package, name) in _GONE:
        raise AttributeError(f"{old} ended with Keras 2: {_GONE[package, name]}")
    entry = _table()[package, name]
    warn_of(old, entry.today)
    module = importlib.import_module(entry.place)
    return getattr(module, entry.name) if entry.name else module


def knows(package: str, name: str) -> bool:
    """Whether `found` has an answer, be it that the name is gone."""
    return (package, name) in _GONE or is_known(package, name)


_told: set[str] = set()


def warn_of(old: str, today: str) -> None:
    """Say once that a name is an older one, and how it is written today, at the line outside of the library."""
    if old in _told:
        return
    _told.add(old)
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(("kerasish", "importlib")):
        frame = frame.f_back
    place = frame.f_globals
    warnings.warn_explicit(
        f"{old} is a name of Keras 2; today it is written {today}",
        DeprecationWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        place.get("__name__", "?"),
        place.setdefault("__warningregistry__", {}),
    )
