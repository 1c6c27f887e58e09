"""Cases of the layers of `kerasish/layers/attention`."""

from tests.layer_cases.case import Case, Cases

CASES = {
    "AdditiveAttention": Cases(
        Case([(3, 4), (5, 4)]),
    ),
    "Attention": Cases(
        Case([(3, 4), (5, 4)], use_scale=True, score_mode="concat"),
    ),
}  # fmt: skip
