"""The playground without a page: it takes messages, trains, and answers.

There is no socket, thread or clock in it. Whoever owns an engine hands it the page's messages, and lets it `advance` as
often as frames are wanted; a server does that in a thread, and a browser could in a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, cast

import numpy as np

from kerasish.playground import catalogue, network, reading
from kerasish.playground.answers import backprop_answer, file_answer, keras_file, surface_answer
from kerasish.playground.messages import VERSION, Answer, Binary, Error, Settings, State, View
from kerasish.playground.points import read_csv
from kerasish.playground.settings import SettingError, checked, checked_view, number, whole
from kerasish.playground.subject import Brought, Subject

# What asks for other points; for another network; and for the same network, compiled anew.
_POINTS = {"problem", "data", "points", "classes", "noise", "samples", "train_share", "data_seed"}
_NETWORK = {"features", "layers", "initializer", "seed"}
_COMPILED = {"loss", "output_activation", "optimizer", "optimizer_options", "regularization", "regularization_rate"}
# What can be changed of the model of a script.
_OF_A_SCRIPT = ("learning_rate", "batch_size")
_LONGEST_SCRIPT = 200_000
# What a script asks for is trained while the page waits for it.
_MOST_EPOCHS = 2000


class Engine:
    """One network under training, and the answers to one page.

    Args:
        brought: the model and data of a script; by default a network is made of settings.

    Attributes:
        playing: whether `advance` trains.
        subject: what is trained.
        view: what frames hold.

    Example:
        >>> engine = Engine()
        >>> [answer["type"] for answer in engine.handle({"type": "play"})]
        ['state']
        >>> frame = list(engine.advance())[-1]
        >>> frame.header["epoch"], frame.arrays["output"].shape
        (1, (1, 60, 60))
    """

    def __init__(self, brought: Brought | None = None) -> None:
        self.playing = False
        self.view: View = catalogue.DEFAULT_VIEW
        self.revision = 0
        self._number = 0
        self._shown: object = None
        self._brought = brought
        self.subject = self._first()

    def _first(self) -> Subject:
        return Subject.of(catalogue.DEFAULTS) if self._brought is None else Subject.from_script(self._brought)

    # -- from outside --------------------------------------------------------------------------------------------

    def handle(self, message: Any) -> Iterator[Answer]:
        """The answers to one message; to one that is wrong, an error, and nothing is changed.

        Args:
            message: what the page sent, of any structure.
        """
        number = message.get("id") if isinstance(message, Mapping) else None
        try:
            for answer in self._answers(message):
                yield answer if number is None else _in_reply(answer, number)
        except (ValueError, TypeError, ArithmeticError) as error:
            setting = error.setting if isinstance(error, SettingError) else None
            yield _in_reply(_error(str(error), setting), number)

    def advance(self) -> Iterator[Answer]:
        """Train for the epochs of one frame, and show it; nothing where the engine is not playing."""
        if self.playing:
            yield from self._train(self.view["epochs_per_frame"])
            yield self.frame()

    def train(self) -> Iterator[Answer]:
        """Train for the epochs of one frame that nobody would see: only where the training stops it is shown."""
        if self.playing:
            can_go_on = yield from self._train(self.view["epochs_per_frame"])
            if not can_go_on:
                yield self.frame()

    def _train(self, epochs: int) -> Generator[Answer, None, bool]:
        """Train, or stop playing and say why that cannot go on; returns whether it can."""
        subject, wrong = self.subject, None
        if subject.can_train:
            subject.train(epochs)
            if not all(np.isfinite(array).all() for array in subject.weights().values()):
                wrong = _error(
                    f"after {subject.epoch} epochs the weights are not finite any more: try a smaller learning rate "
                    f"than {subject.settings['learning_rate']:g}, and reset",
                    "learning_rate",
                )
        else:
            wrong = _error("there are no points to learn from: click into the plane, or paste a table", "points")
        if wrong is not None:
            self.playing = False
            yield wrong
            yield cast(Answer, self.state())
        return wrong is None

    def frame(self) -> Binary:
        """The network as it is now."""
        self._number += 1
        subject = self.subject
        train, test = subject.judge()
        header = {
            "type": "frame",
            "number": self._number,
            "revision": self.revision,
            "epoch": subject.epoch,
            "loss": train.loss,
            "test_loss": test.loss,
            "accuracy": train.accuracy,
            "test_accuracy": test.accuracy,
            "playing": self.playing,
        }
        arrays = {**subject.picture.maps(self.view), **subject.weights()}
        if self.view["gradients"]:
            arrays["gradients"] = subject.gradients()
        shown = (self.revision, self.view["resolution"], self.view["neuron_resolution"])
        if shown != self._shown:
            self._shown = shown
            arrays["features"] = subject.picture.features(self.view)
        return Binary(header, arrays)

    def state(self) -> State:
        """What is trained, and how."""
        subject = self.subject
        return {
            "type": "state",
            "revision": self.revision,
            "settings": subject.settings,
            "view": self.view,
            "playing": self.playing,
            "epoch": subject.epoch,
            "inputs": [catalogue.WRITTEN.get(name, name) for name in subject.settings["features"]],
            "layers": subject.layers(),
            "parameters": int(subject.model.count_params()),
            "loss": subject.loss_name(),
            "outputs": subject.outputs,
            "range": list(subject.range()),
            "threshold": network.threshold(subject.settings),
            "fixed": subject.fixed(),
            "notes": subject.notes(),
            "script": subject.script(),
        }

    def data(self) -> Binary:
        """The points."""
        points = self.subject.points
        values = np.concatenate([points.train_y, points.test_y])
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        arrays = {
            "train_x": points.train_x,
            "train_y": points.train_y[:, 0],
            "test_x": points.test_x,
            "test_y": points.test_y[:, 0],
        }
        return Binary({"type": "data", "revision": self.revision, "low": low, "high": high}, arrays)

    # -- one message ---------------------------------------------------------------------------------------------

    def _answers(self, message: Any) -> Iterator[Answer]:
        kind = message.get("type") if isinstance(message, Mapping) else None
        answers = self._known().get(kind) if isinstance(kind, str) else None
        if answers is None:
            raise SettingError("type", f"a message has one of the types {list(self._known())}; received {kind!r:.40}")
        yield from answers(cast(Mapping[str, Any], message))

    def _known(self) -> dict[str, Callable[[Mapping[str, Any]], Iterator[Answer]]]:
        return {
            "hello": self._hello,
            "set": lambda message: self._set(_part(message, "settings")),
            "view": self._set_view,
            "play": lambda _: self._play(True),
            "pause": lambda _: self._play(False),
            "step": self._step,
            "reset": self._reset,
            "edit": self._edit,
            "backprop": self._backprop,
            "surface": self._surface,
            "export": self._export,
            "script": self._script,
            "parse": self._parse,
            "csv": self._csv,
            "drawn": lambda _: iter(()),
        }

    def _hello(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        if message.get("version") != VERSION:
            raise SettingError(
                "version", f"the engine speaks version {VERSION}; received {message.get('version')!r:.40}"
            )
        yield cast(Answer, catalogue.catalogue())
        if self._brought is None and isinstance(message.get("settings"), Mapping):
            yield from self._as_far_as_it_goes(message["settings"])
        for name, take in (("view", self._take_view), ("weights", self._restore)):
            try:
                if name in message:
                    take(message)
            except SettingError as error:
                yield _error(str(error), error.setting)
        self.playing = message.get("playing") is True
        self._shown = None
        yield cast(Answer, self.state())
        yield self.data()
        yield self.frame()

    def _as_far_as_it_goes(self, given: Mapping[str, Any]) -> Iterator[Answer]:
        """Take the settings of a link, and say of those that are wrong that they are."""
        rest = dict(given)
        while True:
            try:
                settings = checked(rest, self.subject.settings)
                break
            except SettingError as error:
                yield _error(str(error), error.setting)
                wrong = error.setting.partition("[")[0].partition(".")[0]
                if wrong not in rest:  # it does not go with another one, and nobody knows which
                    return
                del rest[wrong]
        for _ in self._change(settings):
            pass

    def _restore(self, message: Mapping[str, Any]) -> None:
        """Go on with weights that another engine had reached."""
        epoch = whole("epoch", message.get("epoch", 0), (0, 10**9))
        layers = [network.weights_of(layer) for layer in self.subject.picture.layers]
        given = message["weights"]
        if not isinstance(given, list) or len(given) != len(layers):
            raise SettingError("weights", f"must be a list with an entry for each of the {len(layers)} layers")
        found = []
        for i, (variables, arrays) in enumerate(zip(layers, given, strict=True)):
            if not isinstance(arrays, list) or len(arrays) != len(variables):
                raise SettingError(f"weights[{i}]", f"must be a list of {len(variables)} arrays")
            pairs = enumerate(zip(variables, arrays, strict=True))
            found += [(v, _array(f"weights[{i}][{j}]", a, v.shape)) for j, (v, a) in pairs]
        for variable, array in found:
            variable.assign(array)
        self.subject.epoch = epoch
        self.subject.by_hand = True

    # -- settings ------------------------------------------------------------------------------------------------

    def _set(self, given: Any) -> Iterator[Answer]:
        before = self.subject.settings
        if self._brought is not None:
            changed = {k: v for k, v in dict(given).items() if k not in before or before[k] != v}  # type: ignore[literal-required]
            for name in changed:
                if name not in _OF_A_SCRIPT:
                    raise SettingError(str(name)[:40], self.subject.fixed())
            made: dict[str, Any] = dict(before)
            for name, value in changed.items():
                made[name] = whole(name, value) if name == "batch_size" else number(name, value)
            yield from self._change(cast(Settings, made))
        else:
            yield from self._change(checked(given, before))

    def _change(self, settings: Settings) -> Iterator[Answer]:
        """Take settings that have been checked: with as much of what is under way as can stay."""
        old, new = network.essential(self.subject.settings), network.essential(settings)
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        subject = self.subject
        has_begun = subject.epoch > 0 or subject.by_hand
        if changed & (_POINTS | _NETWORK):
            subject = Subject.of(settings, None if changed & _POINTS else subject.points)
        elif changed & _COMPILED:
            model = network.build(settings)
            if has_begun:
                model.set_weights(subject.model.get_weights())
            subject = Subject(settings, model, subject.points, None, subject.epoch, has_begun)
        else:
            if "learning_rate" in changed:
                _set_rate(subject.model.optimizer, settings["learning_rate"])
            subject.settings = settings
            subject.by_hand = subject.by_hand or bool(changed and has_begun)
        subject.judge()  # what does not work is found before anything is changed
        self.subject = subject
        self.revision += bool(changed & (_POINTS | _NETWORK))
        yield cast(Answer, self.state())
        if changed & _POINTS:
            yield self.data()
        yield self.frame()

    def _set_view(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        self._take_view(message)
        yield self.frame()

    def _take_view(self, message: Mapping[str, Any]) -> None:
        self.view = checked_view(_part(message, "view"), self.view, len(self.subject.picture.layers))

    # -- commands ------------------------------------------------------------------------------------------------

    def _play(self, playing: bool) -> Iterator[Answer]:
        self.playing = playing
        yield cast(Answer, self.state())
        if not playing:  # the last epochs may not have been shown
            yield self.frame()

    def _step(self, _: Mapping[str, Any]) -> Iterator[Answer]:
        yield from self._train(1)
        yield self.frame()

    def _reset(self, _: Mapping[str, Any]) -> Iterator[Answer]:
        if self._brought is None:
            self.subject = Subject.of(self.subject.settings, self.subject.points)
        else:
            self.subject = self._first()
        self.revision += 1
        yield cast(Answer, self.state())
        yield self.frame()

    def _edit(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        layers = self.subject.picture.layers
        layer = whole("layer", message.get("layer"), (0, len(layers) - 1))
        weights = network.weights_of(layers[layer])
        if not weights:
            raise SettingError("layer", f"the layer {layers[layer].name!r} has no weights")
        variable = weights[whole("weight", message.get("weight"), (0, len(weights) - 1))]
        given = message.get("index")
        if not isinstance(given, list) or len(given) != len(variable.shape):
            raise SettingError("index", f"must be a list of {len(variable.shape)} numbers; received {given!r:.40}")
        index = tuple(whole("index", i, (0, n - 1)) for i, n in zip(given, variable.shape, strict=True))
        value = np.array(variable.numpy())
        value[index] = number("value", message.get("value"), catalogue.LIMITS["coordinate"])
        variable.assign(value)
        self.subject.by_hand = True
        yield self.frame()

    # -- questions -----------------------------------------------------------------------------------------------

    def _backprop(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        given = message.get("point")
        if not isinstance(given, list) or len(given) != 2:
            raise SettingError("point", f"must be [x1, x2]; received {given!r:.40}")
        point = [number("point", x, catalogue.LIMITS["coordinate"]) for x in given]
        settings = self.subject.settings
        is_label = settings["problem"] == "classification"
        limits = (0, settings["classes"] - 1) if is_label else catalogue.LIMITS["coordinate"]
        label = float((whole if is_label else number)("label", message.get("label"), limits))
        x = self.subject.inputs(np.array([point], "float32"))
        y = self.subject.targets(np.array([[label]], "float32"))
        yield cast(Answer, backprop_answer(self.subject.model, x, y, point, label))

    def _surface(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        if not self.subject.can_train:
            raise SettingError("points", "there are no points yet, and so there is no loss")
        directions = message.get("directions", "descent")
        if directions not in ("descent", "random"):
            raise SettingError("directions", f"must be 'descent' or 'random'; received {directions!r:.40}")
        options = {
            "directions": directions,
            "resolution": whole("resolution", message.get("resolution", 21), (5, 41)),
            "steps": whole("steps", message.get("steps", 30), (1, 100)),
        }
        points = self.subject.points
        x, y = self.subject.inputs(points.train_x), self.subject.targets(points.train_y)
        yield surface_answer(self.subject.model, x, y, options)

    def _export(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        if message.get("format") == "keras":
            yield keras_file(self.subject.model)
        elif message.get("format") == "script":
            yield file_answer("playground.py", "text/x-python", self.subject.script().encode())
        else:
            raise SettingError("format", f"must be 'keras' or 'script'; received {message.get('format')!r:.40}")

    def _script(self, _: Mapping[str, Any]) -> Iterator[Answer]:
        yield {"type": "script", "text": self.subject.script(), "epoch": self.subject.epoch}

    # -- text ----------------------------------------------------------------------------------------------------

    def _parse(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        text = _text(message, _LONGEST_SCRIPT)
        if self._brought is not None:
            raise SettingError("text", self.subject.fixed())
        found = reading.read(text, self.subject.settings)
        yield {"type": "parsed", "settings": found.settings, "marks": found.marks}
        if found.settings is not None:
            yield from self._follow(found.settings, found.weights, found.epochs)

    def _follow(self, settings: Settings, weights: list[np.ndarray] | None, epochs: int) -> Iterator[Answer]:
        """Do what a script says: make its network, and train it or give it the weights."""
        before = self.subject
        old, new = network.essential(before.settings), network.essential(settings)
        has_points = all(old.get(name) == new.get(name) for name in _POINTS)
        subject = Subject.of(settings, before.points if has_points else None)
        if weights is not None:
            subject.model.set_weights(weights)
            subject.by_hand = True
            subject.epoch = before.epoch
        if subject.can_train:
            subject.train(min(epochs, _MOST_EPOCHS))
        subject.judge()
        self.subject = subject
        self.revision += 1
        if epochs > _MOST_EPOCHS:
            yield _error(
                f"{_MOST_EPOCHS} of {epochs} epochs are trained at once; play goes on with the others", "epochs"
            )
        yield cast(Answer, self.state())
        if not has_points:
            yield self.data()
        yield self.frame()

    def _csv(self, message: Mapping[str, Any]) -> Iterator[Answer]:
        text = _text(message, _LONGEST_SCRIPT)
        yield from self._set(read_csv(text, self.subject.settings["problem"]))


def _part(message: Mapping[str, Any], name: str) -> Any:
    if not isinstance(message.get(name), Mapping):
        raise SettingError(name, "must be an object of names and values")
    return message[name]


def _text(message: Mapping[str, Any], most: int) -> str:
    text = message.get("text")
    if not isinstance(text, str) or len(text) > most:
        raise SettingError("text", f"must be a text of at most {most} characters")
    return text


def _set_rate(optimizer: Any, rate: float) -> None:
    try:
        optimizer.learning_rate = rate
    except TypeError as error:  # it follows a schedule of the script
        raise SettingError("learning_rate", str(error)) from None


def _array(name: str, value: Any, shape: Any) -> np.ndarray:
    try:
        array = np.array(value, "float32")
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.shape != tuple(shape) or not np.isfinite(array).all():
        raise SettingError(name, f"must be nested lists of finite numbers, of the shape {tuple(shape)}")
    return array


def _error(text: str, setting: str | None = None) -> Mapping[str, Any]:
    answer: Error = {"type": "error", "setting": setting, "message": text}
    return cast(Mapping[str, Any], answer)


def _in_reply(answer: Answer, number: Any) -> Answer:
    if number is None or not isinstance(number, (int, str)):
        return answer
    if isinstance(answer, Binary):
        return Binary({**answer.header, "reply_to": number}, answer.arrays)
    return {**answer, "reply_to": number}
