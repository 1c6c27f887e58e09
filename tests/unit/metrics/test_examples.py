"""The examples in the docstrings of every metric run as they are written."""

import doctest
import importlib
import pkgutil

import pytest

import kerasish.metrics

FILES = [found.name for found in pkgutil.iter_modules(kerasish.metrics.__path__)]


@pytest.mark.parametrize("name", FILES)
def test_examples(name):
    results = doctest.testmod(importlib.import_module(f"kerasish.metrics.{name}"))
    assert results.failed == 0


def test_every_public_name_has_a_docstring():
    assert not [name for name in kerasish.metrics.__all__ if not getattr(kerasish.metrics, name).__doc__]
