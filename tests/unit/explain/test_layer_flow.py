"""The verdict on a layer follows from its numbers and those of the topmost one."""

import pytest

from kerasish.explain.layer_flow import LayerFlow, judged, overall

HEALTHY = LayerFlow("a", "Dense", "tanh", 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ({}, "healthy"),
        ({"output": float("inf")}, "exploding"),
        ({"gradient": float("nan")}, "exploding"),
        ({"weight_gradient": 1001.0}, "exploding"),
        ({"weight_gradient": 999.0}, "healthy"),
        ({"weight_gradient": 1900.0, "weight": 2.0}, "healthy"),
        ({"weight_gradient": 1900.0, "weight": 0.0}, "healthy"),
        ({"gradient": 1001.0}, "exploding"),
        ({"gradient": 999.0}, "healthy"),
        ({"gradient": 0.9e-3}, "vanishing"),
        ({"gradient": 1.1e-3}, "healthy"),
        ({"gradient": 0.9e-3, "dead": 0.5}, "dead"),
        ({"gradient": 0.9e-3, "dead": None}, "vanishing"),
        ({"gradient": 0.9e-3, "weight_gradient": None}, "healthy"),
        ({"dead": 0.49}, "healthy"),
        ({"gradient": 0.29, "saturated": 0.5}, "saturated"),
        ({"gradient": 0.29, "saturated": 0.49}, "healthy"),
        ({"gradient": 0.31, "saturated": 1.0}, "healthy"),
        ({"gradient": 0.29, "saturated": 0.5, "dead": 0.5}, "dead"),
    ],
)
def test_verdicts(numbers, verdict):
    low = LayerFlow(**{**vars(HEALTHY), **numbers})
    assert [flow.verdict for flow in judged([low, HEALTHY])] == [verdict, "healthy"]


def test_the_worst_hides_the_others():
    flows = [LayerFlow(**{**vars(HEALTHY), "verdict": verdict}) for verdict in ("saturated", "vanishing", "healthy")]
    assert overall(flows) == "vanishing" and overall([]) == "healthy"
