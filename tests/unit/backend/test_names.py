"""Scopes of names."""

import pytest

from kerasish.backend.names import name_scope


@pytest.mark.parametrize("name", ["", "a/b", 3, None])
def test_a_scope_needs_a_name_that_is_one_part_of_a_path(name):
    with pytest.raises(ValueError, match="non-empty name without '/'"):
        name_scope(name)
