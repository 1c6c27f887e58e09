"""Settings that come from outside, checked one by one: what is wrong is said in a sentence that names the setting."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from kerasish import optimizers
from kerasish.playground import catalogue
from kerasish.playground.messages import LayerSettings, Settings, View


class SettingError(ValueError):
    """A setting is not what it may be.

    Attributes:
        setting: which, as a path such as `layers[2].units`.
    """

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting


def checked(given: Any, before: Settings) -> Settings:
    """The settings before, with those that are given in their place.

    Args:
        given: a mapping from names of settings to values, of whatever came in a message.
        before: the settings that are kept where none is given.

    Raises:
        SettingError: if a name is unknown, or a value is not what it may be, or two do not go together.

    Example:
        >>> from kerasish.playground.catalogue import DEFAULTS
        >>> checked({"learning_rate": 0.1}, DEFAULTS)["learning_rate"]
        0.1
        >>> checked({"learning_rate": -1}, DEFAULTS)
        Traceback (most recent call last):
        kerasish.playground.settings.SettingError: learning_rate: must be from 1e-06 to 1000; received -1
    """
    made: dict[str, Any] = dict(before)
    for name, value in _mapping("settings", given).items():
        check = _CHECKS.get(name)
        if check is None:
            raise SettingError(str(name)[:40], f"there is no such setting{_nearest(str(name), _CHECKS)}")
        made[name] = check(name, value)
    settings = cast(Settings, made)
    _adapt(settings, given)
    _check_together(settings)
    return settings


def checked_view(given: Any, before: View, layers: int) -> View:
    """The view before, with the options that are given in their place; `layers` is how many layers there are.

    Raises:
        SettingError: if an option is unknown or is not what it may be.
    """
    made: dict[str, Any] = dict(before)
    for name, value in _mapping("view", given).items():
        if name == "maps":
            made[name] = "all" if value == "all" else [whole(name, i, (0, layers - 1)) for i in _list(name, value, 100)]
        elif name == "gradients":
            made[name] = _flag(name, value)
        elif name == "frames_per_second":
            made[name] = number(name, value)
        elif name in before:
            made[name] = whole(name, value)
        else:
            raise SettingError(str(name)[:40], f"there is no such option of the view{_nearest(str(name), before)}")
    view = cast(View, made)
    if view["resolution"] % view["neuron_resolution"]:
        raise SettingError(
            "neuron_resolution",
            f"must divide resolution={view['resolution']}; received {view['neuron_resolution']}",
        )
    return view


def _adapt(settings: Settings, given: Mapping[str, Any]) -> None:
    """Let what follows from another setting follow it, unless it is given itself."""
    if "problem" not in given and "data" in given and settings["data"] != "own":
        is_regression = settings["data"] in catalogue.REGRESSION
        settings["problem"] = "regression" if is_regression else "classification"
    if "data" not in given and settings["data"] not in catalogue.PROBLEMS[settings["problem"]]:
        settings["data"] = catalogue.PROBLEMS[settings["problem"]][0]
    if "classes" not in given and settings["data"] == "xor":
        settings["classes"] = 2
    if "loss" not in given and settings["loss"] not in _losses(settings):
        settings["loss"] = "auto"
    if "optimizer_options" not in given:
        known = catalogue.optimizer_options(settings["optimizer"])
        kept = {name: value for name, value in settings["optimizer_options"].items() if name in known}
        settings["optimizer_options"] = kept


def _check_together(settings: Settings) -> None:
    problem, data, classes = settings["problem"], settings["data"], settings["classes"]
    if data not in catalogue.PROBLEMS[problem]:
        raise SettingError("data", f"{data!r} is no data set of a {problem}; those are {catalogue.PROBLEMS[problem]}")
    if problem == "classification" and classes > 2 and data not in (*catalogue.MANY_CLASSES, "own"):
        raise SettingError(
            "classes", f"{data!r} has two classes; more of them have {list(catalogue.MANY_CLASSES)} and own points"
        )
    if settings["loss"] not in _losses(settings):
        raise SettingError("loss", f"{settings['loss']!r} does not fit; those that do are {_losses(settings)}")
    if problem == "classification" and data == "own":
        for i, (_, _, label) in enumerate(settings["points"]):
            if label not in range(classes):
                raise SettingError(
                    f"points[{i}]", f"its label must be a whole number from 0 to {classes - 1}; received {label}"
                )
    _check_optimizer(settings)


def _losses(settings: Settings) -> list[str]:
    return ["auto", *catalogue.losses_for(settings["problem"], settings["classes"])]


def _check_optimizer(settings: Settings) -> None:
    name, options = settings["optimizer"], settings["optimizer_options"]
    known = catalogue.optimizer_options(name)
    for key, value in options.items():
        if key not in known:
            raise SettingError(f"optimizer_options.{key}", f"{name} has no such argument{_nearest(key, known)}")
        default = known[key]
        if isinstance(value, bool) != isinstance(default, bool) or (value is None and default is not None):
            raise SettingError(f"optimizer_options.{key}", f"must be like {default!r}; received {value!r}")
    kind = getattr(optimizers, catalogue.OPTIMIZERS[name])
    try:
        kind(**optimizer_kwargs(settings))
    except (TypeError, ValueError) as error:
        named = next((key for key in options if key in str(error)), "")
        raise SettingError(f"optimizer_options.{named}" if named else "optimizer_options", str(error)) from None


def optimizer_kwargs(settings: Settings) -> dict[str, Any]:
    """The arguments that the optimizer of these settings is made with, those that differ from its defaults."""
    arguments: dict[str, Any] = {"learning_rate": settings["learning_rate"]}
    given = dict(settings["optimizer_options"])
    if catalogue.has_momentum(settings["optimizer"]):
        given["momentum"] = settings["momentum"]
    defaults = catalogue.optimizer_arguments(settings["optimizer"])
    return arguments | {name: given[name] for name in defaults if name in given and given[name] != defaults[name]}


# -- one value ----------------------------------------------------------------------------------------------------


def _nearest(name: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {found[0]!r}?" if found else f"; there are {list(known)}"


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingError(name, f"must be an object of names and values; received {_shown(value)}")
    return value


def _list(name: str, value: Any, most: float) -> list[Any]:
    if not isinstance(value, list):
        raise SettingError(name, f"must be a list; received {_shown(value)}")
    if len(value) > most:
        raise SettingError(name, f"must have at most {most:.0f} entries; received {len(value)}")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def number(name: str, value: Any, limits: tuple[float, float] | None = None) -> float:
    """The value, if it is a number within the limits, by default those of its name; SettingError otherwise."""
    low, high = limits or catalogue.LIMITS[name]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:  # nan is not between them either
        raise SettingError(name, f"must be from {low:g} to {high:g}; received {_shown(value)}")
    return float(value)


def whole(name: str, value: Any, limits: tuple[float, float] | None = None) -> int:
    """The value, if it is a whole number within the limits, by default those of its name; SettingError otherwise."""
    low, high = limits or catalogue.LIMITS[name.rpartition(".")[2]]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise SettingError(name, f"must be a whole number from {low:.0f} to {high:.0f}; received {_shown(value)}")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SettingError(name, f"must be true or false; received {_shown(value)}")
    return value


def _one_of(*known: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            nearest = _nearest(value, known) if isinstance(value, str) else f"; there are {list(known)}"
            raise SettingError(name, f"there is no {_shown(value)}{nearest}")
        return value

    return check


_activation = _one_of(*catalogue.ACTIVATIONS)


def _layers(name: str, value: Any) -> list[LayerSettings]:
    return [_layer(f"{name}[{i}]", layer) for i, layer in enumerate(_list(name, value, catalogue.LIMITS["layers"][1]))]


def _layer(name: str, value: Any) -> LayerSettings:
    given = _mapping(name, value)
    kind = _one_of(*catalogue.LAYER_KINDS)(f"{name}.kind", given.get("kind"))
    made: dict[str, Any] = {"kind": kind}
    if kind == "dense":
        made["units"] = whole(f"{name}.units", given.get("units"))
        made["activation"] = _activation(f"{name}.activation", given.get("activation", "linear"))
    elif kind == "dropout":
        made["rate"] = number(f"{name}.rate", given.get("rate"), catalogue.LIMITS["rate"])
    for key in given:
        if key not in made:
            raise SettingError(f"{name}.{str(key)[:40]}", f"a layer of the kind {kind!r} has no such setting")
    return cast(LayerSettings, made)


def _features(name: str, value: Any) -> list[str]:
    chosen = [_one_of(*catalogue.FEATURES)(f"{name}[{i}]", item) for i, item in enumerate(_list(name, value, 100))]
    if not chosen:
        raise SettingError(name, "the network needs at least one; x1 and x2 are the usual ones")
    return [feature for feature in catalogue.FEATURES if feature in chosen]


def _points(name: str, value: Any) -> list[list[float]]:
    made = []
    for i, point in enumerate(_list(name, value, catalogue.LIMITS["points"][1])):
        numbers = _list(f"{name}[{i}]", point, 3)
        if len(numbers) != 3:
            raise SettingError(f"{name}[{i}]", f"must be [x1, x2, label]; received {_shown(point)}")
        made.append([number(f"{name}[{i}]", part, catalogue.LIMITS["coordinate"]) for part in numbers])
    return made


def _options(name: str, value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, option in _mapping(name, value).items():
        if option is None or isinstance(option, bool):
            made[key] = option
        elif isinstance(option, int):
            made[key] = whole(f"{name}.{key}", option, (-1000, 1000))
        else:
            made[key] = number(f"{name}.{key}", option, (-1e6, 1e6))
    return made


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "problem": _one_of(*catalogue.PROBLEMS),
    "data": _one_of(*catalogue.CLASSIFICATION, *catalogue.REGRESSION, "own"),
    "points": _points,
    "classes": whole,
    "noise": number,
    "samples": whole,
    "train_share": number,
    "data_seed": whole,
    "features": _features,
    "layers": _layers,
    "output_activation": _one_of("auto", *catalogue.ACTIVATIONS),
    "initializer": _one_of(*catalogue.INITIALIZERS),
    "loss": _one_of("auto", *dict.fromkeys(name for names in catalogue.LOSSES.values() for name in names)),
    "optimizer": _one_of(*catalogue.OPTIMIZERS),
    "learning_rate": number,
    "momentum": number,
    "optimizer_options": _options,
    "regularization": _one_of(*catalogue.REGULARIZATIONS),
    "regularization_rate": number,
    "batch_size": whole,
    "seed": whole,
}
