"""Cases of the layers of `kerasish/layers/merging`."""

from tests.layer_cases.case import Case, Cases

CASES = {
    "Add": Cases(
        Case([(3, 3), (3, 3)]),
        Case([(3, 4), (3, 4), (3, 4)]),
        Case([(3,), (3,), (1,)]),
        Case([(3,), (4, 3)], refused="different numbers of axes"),
    ),
    "Average": Cases(
        Case([(3, 3), (3, 3)]),
        Case([(3, 4), (3, 4), (3, 4)]),
        Case([(3,), (3,), (3,)]),
    ),
    "Concatenate": Cases(
        Case([(3, 3), (3, 3)]),
        Case([(3, 4), (3, 4), (3, 4)], axis=1),
        Case([(3,), (4,)]),
        Case([(3, 4), (2, 4)], axis=1),
        axis=[1, 2, -2],
    ),
    "Dot": Cases(
        Case([(3, 3), (3, 3)], axes=1),
        Case([(3, 4), (3, 4)], axes=(1, 1), normalize=True),
        Case([(3,), (3,)], 1),
        Case([(4, 3), (3, 5)], (2, 1)),
        Case([(4, 3), (5, 3)], 2, normalize=True),
        Case([(3,), (5, 4, 3)], (1, 3)),
        axes=[1, 2, (1, 2), (-1, 1)], normalize=[True],
    ),
    "Maximum": Cases(
        Case([(3, 3), (3, 3)]),
        Case([(3, 4), (3, 4), (3, 4)]),
        Case([(3,), (3,), (3,)]),
    ),
    "Minimum": Cases(
        Case([(3, 3), (3, 3)]),
        Case([(3, 4), (3, 4), (3, 4)]),
        Case([(3,), (1,)]),
    ),
    "Multiply": Cases(
        Case([(3, 3), (3, 3)]),
        Case([(3, 4), (3, 4), (3, 4)]),
        Case([(3,), (3,), (3,)]),
    ),
    "Subtract": Cases(
        Case([(3, 3), (3, 3)]),
        Case([(3, 4), (3, 4)]),
        Case([(3,), (3,)]),
    ),
}  # fmt: skip
