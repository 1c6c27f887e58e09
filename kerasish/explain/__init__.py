"""Watch a network learn: what it computes, how its gradient is made, and what a step of descent does to it.

Every function returns a result that prints as text, shows itself as HTML in a notebook, and draws itself with
`.plot()` (matplotlib, of the extra `plot`). The numbers come from the tape that training itself uses.
"""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "boundary": "decision_boundary DecisionBoundary",
        "curves": "training TrainingCurves",
        "flow": "gradient_flow GradientFlow",
        "fading": "gradient_over_time GradientOverTime",
        "gating": "gates Gates",
        "heads": "attention AttentionScores",
        "slopes": "activations ActivationSlopes",
        "step": "backprop",
        "blackboard": "BackpropStep",
        "surface": "loss_surface",
        "descent": "LossSurface",
        "watching": "watch Watch Snapshot",
    },
)
