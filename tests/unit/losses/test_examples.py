"""The examples in the docstrings of every loss run as they are written."""

import doctest
import importlib
import pkgutil

import pytest

import kerasish.losses

FILES = [found.name for found in pkgutil.iter_modules(kerasish.losses.__path__)]


@pytest.mark.parametrize("name", FILES)
def test_examples(name):
    results = doctest.testmod(importlib.import_module(f"kerasish.losses.{name}"))
    assert results.failed == 0


def test_every_public_name_has_a_docstring():
    assert not [name for name in kerasish.losses.__all__ if not getattr(kerasish.losses, name).__doc__]
