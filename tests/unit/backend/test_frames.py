"""What is taken for text."""

import numpy as np
import pytest

from kerasish.backend.frames import is_text


@pytest.mark.parametrize(
    ("values", "expected"),
    [(["a", b"b"], True), (["a", 1], False), (["a", None], False), ([1.5], False), ([], False)],
)
def test_objects_are_text_if_all_are_and_there_are_any(values, expected):
    assert is_text(np.array(values, object)) is expected


@pytest.mark.parametrize(("dtype", "expected"), [("U3", True), ("S3", True), ("int32", False)])
def test_types_of_text(dtype, expected):
    assert is_text(np.zeros(2, dtype)) is expected
