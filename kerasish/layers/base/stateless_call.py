"""Calling a layer with values in place of its variables."""

from __future__ import annotations

from typing import Any

from kerasish.backend.stateless_scope import Substituted
from kerasish.backend.variable import Variable
from kerasish.layers.base.weight_lists import WeightsMixin


class StatelessMixin(WeightsMixin):
    """A layer's call as a function of its variables' values."""

    def stateless_call(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call the layer with these values in place of its variables, which stay as they are.

        Args:
            trainable_variables: a value for each of `layer.trainable_variables`. To differentiate with respect to
                them, watch arrays with a `GradientTape` and give what `watch` returned.
            non_trainable_variables: a value for each of `layer.non_trainable_variables`.
            *args, **kwargs: the arguments of the call.
            return_losses: whether the losses that the call added are returned as well.

        Returns:
            `(outputs, non_trainable_variables)`, the latter with the values that the call changed; with the list of
            losses at the end, if asked for.

        Raises:
            ValueError: if the layer has no weights yet, or a number or a shape differs.

        Example:
            >>> import numpy as np
            >>> import kerasish as keras
            >>> layer = keras.layers.Dense(1, use_bias=False)
            >>> layer.build((None, 2))
            >>> layer.stateless_call([np.ones((2, 1))], [], np.ones((1, 2), "float32"))
            (array([[2.]], dtype=float32), [])
        """
        if not self.built:
            raise ValueError(f"the layer {self.name!r} has no weights yet: build it before `stateless_call`")
        pairs: list[tuple[Variable, Any]] = []
        own = (self.trainable_variables, self.non_trainable_variables)
        given = (list(trainable_variables), list(non_trainable_variables))
        for kind, variables, values in zip(("trainable", "non_trainable"), own, given, strict=True):
            if len(variables) != len(values):
                raise ValueError(
                    f"the layer {self.name!r} has {len(variables)} {kind}_variables; received {len(values)} values"
                )
            pairs += zip(variables, values, strict=True)
        with Substituted(pairs) as substituted:
            outputs = self(*args, **kwargs)  # type: ignore[operator]
            losses = self.losses if return_losses else []  # type: ignore[attr-defined]
        after = [substituted.final[id(v)] for v in own[1]]
        return (outputs, after, losses) if return_losses else (outputs, after)
