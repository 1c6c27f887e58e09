"""Classes and their configurations, which older files name without a module."""

from __future__ import annotations

from typing import Any

from kerasish.saving import names
from kerasish.saving.legacy.origin import Config

# Where layers are that Keras 3 has no longer.
_FORMER_LAYERS = "kerasish.layers.legacy"


def named(name: str, module: str, others: Config | None = None, registered: Any = None) -> Config:
    """The class of this name as a config says it: in a package of the library, or the caller's.

    Args:
        name: the name.
        module: the package that it is looked for in.
        others: for some names another package.
        registered: the name under which its writer had registered it, if the file tells that.
    """
    if isinstance(registered, str) and names.get_registered_object(registered) is not None:
        return {"module": None, "class_name": name, "registered_name": registered}
    if names.get_registered_object(name) is not None:
        return {"module": None, "class_name": name, "registered_name": name}
    short = name.removeprefix("Custom>")
    for candidate in (short, short.removesuffix("V1"), short.removesuffix("V2")):
        home = (others or {}).get(candidate, module)
        for place in (home, _FORMER_LAYERS) if module == "keras.layers" else (home,):
            if candidate in names.public_names(place):
                return {"module": place, "class_name": candidate, "registered_name": None}
    return {"module": module, "class_name": short, "registered_name": None}


def with_module(value: Any, module: str, renamed: dict[str, str] | None = None) -> Any:
    """The config of an initializer, loss, ... with the module that it had no need of."""
    if not isinstance(value, dict) or "class_name" not in value or value.get("module") is not None:
        return value
    name = str(value["class_name"])
    inner = value.get("config")
    return {
        **named((renamed or {}).get(name, name), module, registered=value.get("registered_name")),
        "config": dict(inner) if isinstance(inner, dict) else {},
    }
