"""Named settings as attributes, which can be frozen."""

from __future__ import annotations

import json
from collections.abc import ItemsView, KeysView, Sequence, ValuesView
from typing import Any

from kerasish.saving.names import nearest


class Config:
    """Settings by name, as attributes and as items, that can be frozen and written as JSON.

    Args:
        **kwargs: the first settings.

    Raises:
        ValueError: where a setting is changed after `freeze()`.
        AttributeError: where a setting is read that is not there, with the nearest names.

    Example:
        >>> settings = Config(learning_rate=0.1)
        >>> settings.epochs = 3
        >>> settings["learning_rate"], settings.to_json()
        (0.1, '{"learning_rate": 0.1, "epochs": 3}')
    """

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_settings", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether changes are refused."""
        return self._frozen

    def freeze(self) -> None:
        """Refuse changes from now on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Allow changes again."""
        object.__setattr__(self, "_frozen", False)

    def _changing(self) -> dict[str, Any]:
        if self._frozen:
            raise ValueError("this Config is frozen: its settings cannot be changed. Call `unfreeze()` first.")
        return self._settings

    def as_dict(self) -> dict[str, Any]:
        """The settings in a dict of their own."""
        return dict(self._settings)

    def to_json(self) -> str:
        """The settings as JSON."""
        return json.dumps(self._settings)

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._settings.keys()

    def values(self) -> ValuesView[Any]:
        """The values."""
        return self._settings.values()

    def items(self) -> ItemsView[str, Any]:
        """Names and values."""
        return self._settings.items()

    def pop(self, *args: Any) -> Any:
        """Take a setting out, as from a dict."""
        return self._changing().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over settings, as into a dict."""
        self._changing().update(*args, **kwargs)

    def get(self, keyname: str, value: Any = None) -> Any:
        """A setting, or `value` where it is not there."""
        return self._settings.get(keyname, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name):
            raise AttributeError(f"{name!r} is a method of Config, and cannot be a setting")
        self._changing()[name] = value

    def __getattr__(self, name: str) -> Any:
        if name in ("_settings", "_frozen"):  # while a copy is made of it
            raise AttributeError(name)
        try:
            return self._settings[name]
        except KeyError:
            message = f"there is no setting {name!r}. {nearest(name, self._settings)}"
            raise AttributeError(message.rstrip()) from None

    def __delattr__(self, name: str) -> None:
        if name not in self._settings:
            raise AttributeError(f"there is no setting {name!r}")
        del self._changing()[name]

    def __setitem__(self, key: str, item: Any) -> None:
        self._changing()[key] = item

    def __getitem__(self, key: str) -> Any:
        return self._settings[key]

    def __delitem__(self, key: str) -> None:
        del self._changing()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._settings

    def __len__(self) -> int:
        return len(self._settings)

    def __iter__(self) -> Any:
        return iter(self._settings)

    def __dir__(self) -> Sequence[str]:
        return [*super().__dir__(), *self._settings]

    def __getstate__(self) -> dict[str, Any]:
        return {"_settings": self._settings, "_frozen": self._frozen}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<Config {self._settings}>"
