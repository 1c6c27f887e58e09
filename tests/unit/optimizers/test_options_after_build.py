"""Options of an optimizer that are set when it is built already, in mid-fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import optimizers

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X[:, :1] * 2


def linear(optimizer: Any, run_eagerly: bool = False) -> Any:
    layers = [keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="ones", name="dense")]
    model = keras.Sequential(layers, name="net")
    model.compile(optimizer, "mse", run_eagerly=run_eagerly)
    return model


class Switch(keras.callbacks.Callback):
    """Sets options of the optimizer after the second epoch."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            for name, value in self.options.items():
                setattr(self.model.optimizer, name, value)


Make = Callable[..., Any]

# rules whose states start at 0, and the options that ask for more of them
SWITCHES: list[tuple[Make, dict[str, Any]]] = [
    (optimizers.SGD, {"momentum": 0.9}),
    (optimizers.SGD, {"momentum": 0.9, "nesterov": True}),
    (optimizers.Adam, {"amsgrad": True}),
    (optimizers.AdamW, {"amsgrad": True}),
    (optimizers.RMSprop, {"momentum": 0.9}),
    (optimizers.RMSprop, {"centered": True, "momentum": 0.5}),
]


@pytest.mark.parametrize(("make", "options"), SWITCHES)
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_an_option_switched_on_in_mid_fit_works(make: Make, options: dict[str, Any], run_eagerly: bool) -> None:
    """The third epoch is as from an optimizer that has the option, and the state of the other one."""
    model = linear(make(0.05), run_eagerly)
    model.fit(X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0)
    other = linear(make(0.05, **options), run_eagerly)
    other.set_weights(model.get_weights())
    other.optimizer.build(other.trainable_variables)
    states = {v.path.split("/")[-1]: v for v in model.optimizer.variables}
    for variable in other.optimizer.variables:
        if variable.path.split("/")[-1] in states:
            variable.assign(states[variable.path.split("/")[-1]])
    fresh = linear(make(0.05), run_eagerly)
    fresh.fit(X, Y, batch_size=16, epochs=4, shuffle=False, verbose=0, callbacks=[Switch(**options)])
    other.fit(X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0)
    for mine, its in zip(fresh.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-6)
    names = [[v.path.split("/")[-1] for v in m.optimizer.variables] for m in (fresh, other)]
    assert names[0] == names[1]  # so that a file of the one is a file of the other


@pytest.mark.parametrize(("make", "options"), [SWITCHES[0], SWITCHES[2], SWITCHES[5]])
def test_an_option_may_be_switched_off_and_on_again(make: Make, options: dict[str, Any]) -> None:
    model = linear(make(0.05, **options))
    model.fit(X, Y, epochs=2, verbose=0)
    for name, value in options.items():
        setattr(model.optimizer, name, type(value)(0))
    plain = linear(make(0.05))
    plain.set_weights(model.get_weights())
    if make is optimizers.SGD:
        model.fit(X, Y, batch_size=16, shuffle=False, verbose=0)
        plain.fit(X, Y, batch_size=16, shuffle=False, verbose=0)
        assert all(map(np.array_equal, model.get_weights(), plain.get_weights()))
    for name, value in options.items():
        setattr(model.optimizer, name, value)
    model.fit(X, Y, verbose=0)
    assert np.isfinite(model.get_weights()[0]).all()


def test_an_average_switched_on_starts_with_the_weights() -> None:
    model = linear(optimizers.SGD(0.05, momentum=0.5))
    model.fit(X, Y, epochs=2, verbose=0)
    before = model.get_weights()[0]
    model.optimizer.use_ema = True
    model.optimizer.ema_momentum = 0.75
    model.train_on_batch(X, Y)
    after = model.get_weights()[0]
    average = next(v for v in model.optimizer.variables if v.path.endswith("kernel_average"))
    np.testing.assert_allclose(average.numpy(), 0.75 * before + 0.25 * after, rtol=1e-6)
    names = [v.path.split("/")[-1] for v in model.optimizer.variables]
    built = optimizers.SGD(0.05, momentum=0.5, use_ema=True)
    built.build(model.trainable_variables)
    assert names == [v.path.split("/")[-1] for v in built.variables]
    model.optimizer.finalize_variable_values(model.trainable_variables)
    np.testing.assert_allclose(model.get_weights()[0], average.numpy(), rtol=1e-6)


def test_a_switched_optimizer_is_copied_and_its_state_kept() -> None:
    first = linear(optimizers.SGD(0.05))
    first.train_on_batch(X, Y)
    first.optimizer.momentum = 0.9
    first.train_on_batch(X, Y)
    copy = keras.models.clone_model(first)
    copy.optimizer.set_weights([v.numpy() for v in first.optimizer.variables])
    copy.set_weights(first.get_weights())
    first.train_on_batch(X, Y)
    copy.train_on_batch(X, Y)
    assert all(map(np.array_equal, first.get_weights(), copy.get_weights()))


def test_an_option_of_an_inner_optimizer_may_be_switched_on() -> None:
    model = linear(optimizers.LossScaleOptimizer(optimizers.SGD(0.05), initial_scale=8.0))
    plain = linear(optimizers.SGD(0.05))
    for one, inner in ((model, model.optimizer.inner_optimizer), (plain, plain.optimizer)):
        one.train_on_batch(X, Y)
        inner.momentum = 0.9
        one.train_on_batch(X, Y)
        one.train_on_batch(X, Y)
    for mine, its in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-6)


def test_accumulation_is_fixed_at_build_and_says_so() -> None:
    model = linear(optimizers.SGD(0.05))
    model.train_on_batch(X, Y)
    model.optimizer.gradient_accumulation_steps = None
    with pytest.raises(
        ValueError, match=r"gradient_accumulation_steps of the optimizer .* is fixed since it was built"
    ):
        model.optimizer.gradient_accumulation_steps = 2
    assert model.optimizer.gradient_accumulation_steps is None


@pytest.mark.parametrize(
    "options",
    [
        {"weight_decay": 0.1},
        {"clipnorm": 0.1},
        {"clipvalue": 0.01},
        {"global_clipnorm": 0.1},
        {"loss_scale_factor": 8.0},
    ],
)
def test_options_without_states_take_effect_at_once(options: dict[str, Any]) -> None:
    model, plain = linear(optimizers.SGD(0.05)), linear(optimizers.SGD(0.05, **options))
    model.train_on_batch(X, Y)
    plain.build((None, 3))
    plain.set_weights(model.get_weights())
    for name, value in options.items():
        setattr(model.optimizer, name, value)
    for one in (model, plain):
        one.train_on_batch(X, Y)
    for mine, its in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-6)
