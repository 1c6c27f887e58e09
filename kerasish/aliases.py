"""`keras` means kerasish: a finder for `import keras`, and for `tensorflow` where TensorFlow is absent."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from kerasish import _older_names

_HOME = "kerasish"
# Keras spreads its operations over submodules; here they are all in one.
_SAME = dict.fromkeys((f"{_HOME}.ops.{name}" for name in ("image", "linalg", "nn", "numpy")), f"{_HOME}.ops")


def install() -> None:
    """Let `keras` mean kerasish, in this process and from now on.

    After it, `import keras`, `from keras import layers`, `from keras.layers import Dense` and every other form import
    kerasish. Where TensorFlow is not installed, `import tensorflow` gives a stand-in: `tensorflow.keras` is kerasish,
    and the other names are those of a table. Nothing is imported before it is asked for. A second call changes nothing.
    `python -m kerasish script.py` does the same for a script that is not to be touched.

    Raises:
        ImportError: if Keras itself has been imported already.

    Example:
        >>> import kerasish
        >>> kerasish.install()  # doctest: +SKIP
        >>> from keras.layers import Dense  # doctest: +SKIP
        >>> Dense is kerasish.layers.Dense  # doctest: +SKIP
        True
    """
    loaded = sys.modules.get("keras")
    if loaded is not None and loaded is not sys.modules[_HOME]:
        raise ImportError(
            f"Keras itself is imported already ({getattr(loaded, '__file__', 'no file')}), and two libraries cannot "
            "have one name: call kerasish.install() before the first `import keras`, or run the script with "
            "`python -m kerasish`"
        )
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds the modules of kerasish under Keras's names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        first, _, rest = fullname.partition(".")
        if first == "keras":
            module = _module_for(fullname, rest)
        elif first == "tensorflow" and _is_absent("tensorflow"):
            module = _tensorflow_for(fullname, rest)
        else:
            return None
        return ModuleSpec(fullname, _Alias(module), is_package=hasattr(module, "__path__"))


class _Alias(Loader):
    """Puts a module that there is in the place of the one that is being imported."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes what stands here afterwards, so the module keeps its own name and spec.
        sys.modules[module.__name__] = self.module


def _module_for(alias: str, rest: str) -> ModuleType:
    """The module of kerasish that is public under this name.

    Raises:
        ModuleNotFoundError: if there is none.
    """
    module = importlib.import_module(_HOME)
    if rest == "src" or rest.startswith("src."):
        private = importlib.import_module(_PRIVATE).module_for(rest)
        if private is not None:
            return private
        raise ModuleNotFoundError(
            f"{alias!r} is a private part of Keras, and kerasish stands in for keras here: import the public name, "
            "such as `from keras.layers import Dense`",
            name=alias,
        )
    for name in rest.split(".") if rest else ():
        inner = f"{module.__name__}.{name}"
        found = importlib.import_module(_SAME[inner]) if inner in _SAME else _public(module, name)
        if not isinstance(found, ModuleType):
            raise ModuleNotFoundError(
                f"no module named {alias!r}: kerasish stands in for keras here, and its {module.__name__!r} has no "
                f"module {name!r}",
                name=alias,
            )
        module = found
    return module


def _public(module: ModuleType, name: str) -> object:
    if name in getattr(module, "__all__", ()):
        return getattr(module, name)
    return _older_names.found(module.__name__, name) if _older_names.is_known(module.__name__, name) else None


def _is_absent(package: str) -> bool:
    return PathFinder.find_spec(package) is None


def _tensorflow_for(alias: str, rest: str) -> ModuleType:
    for home in _KERAS_WITHIN:
        if rest == home or rest.startswith(f"{home}."):
            return _module_for(alias, rest[len(home) + 1 :])
    return importlib.import_module(_TENSORFLOW).module_for(rest)


# The few private names that packages need.
_PRIVATE = "kerasish.compat.private"
# Where TensorFlow has Keras, and the module that knows its other names.
_KERAS_WITHIN = ("keras", "python.keras", "compat.v1.keras")
_TENSORFLOW = "kerasish.compat.tensorflow.namespace"
