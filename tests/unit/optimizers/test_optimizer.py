"""What all optimizers share: state, files, subsets, errors, the learning rate, and rules that users write."""

import numpy as np
import pytest

import kerasish as keras

ops = keras.ops


def variables():
    return [keras.Variable(np.ones((2, 3)), name="kernel"), keras.Variable(np.zeros(3), name="bias")]


def stepped(optimizer, steps=3):
    made = variables()
    for step in range(steps):
        optimizer.apply([np.full((2, 3), step + 1.0), np.arange(3.0)], made)
    return made


# -- state ---------------------------------------------------------------------------------------------------


def test_set_weights_continues_where_another_stopped():
    first, second = keras.optimizers.Adam(0.1), keras.optimizers.Adam(0.5)
    theirs, ours = stepped(first), variables()
    second.build(ours)
    second.set_weights([v.numpy() for v in first.variables])
    for a, b in zip(ours, theirs, strict=True):
        a.assign(b)
    for optimizer, made in ((first, theirs), (second, ours)):
        optimizer.apply([np.ones((2, 3)), np.ones(3)], made)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert float(second.learning_rate) == pytest.approx(0.1)


def test_set_weights_changes_nothing_when_anything_is_wrong():
    optimizer = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="has not been built"):
        optimizer.set_weights([])
    stepped(optimizer)
    state = [v.numpy() for v in optimizer.variables]
    with pytest.raises(ValueError, match="6 variables; received 5"):
        optimizer.set_weights(state[:-1])
    with pytest.raises(ValueError, match="shape"):
        optimizer.set_weights([0, *state[1:-1], np.zeros(7)])
    assert int(optimizer.iterations) == 3


def test_own_variables_are_numbered():
    optimizer, again = keras.optimizers.RMSprop(0.1), keras.optimizers.RMSprop(0.1)
    stepped(optimizer)
    store = {}
    optimizer.save_own_variables(store)
    assert sorted(store) == ["0", "1", "2", "3"]
    again.build(variables())
    again.load_own_variables(store)
    for a, b in zip(again.variables, optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    with pytest.warns(UserWarning, match="not loaded"):
        again.load_own_variables({"0": np.array(7)})
    assert int(again.iterations) == 3


def test_a_variable_kept_as_an_attribute_is_state():
    optimizer = keras.optimizers.SGD()
    optimizer.count = keras.Variable(0.0, name="count")
    optimizer.count = optimizer.count
    assert [v.name for v in optimizer.variables] == ["iteration", "learning_rate", "count"]


# -- steps ---------------------------------------------------------------------------------------------------


def test_a_step_for_some_leaves_the_others():
    optimizer, made = keras.optimizers.SGD(0.5, momentum=0.9), variables()
    optimizer.build(made)
    optimizer.apply([np.ones(3)], [made[1]])
    np.testing.assert_array_equal(made[0].numpy(), np.ones((2, 3)))
    np.testing.assert_array_equal(made[1].numpy(), np.full(3, -0.5))
    optimizer.apply_gradients([(np.ones((2, 3)), made[0])])
    np.testing.assert_array_equal(made[1].numpy(), np.full(3, -0.5))
    assert int(optimizer.iterations) == 2


def test_no_gradients_is_no_step():
    optimizer = keras.optimizers.SGD()
    optimizer.apply([])
    assert int(optimizer.iterations) == 0


def test_missing_gradients_are_told():
    optimizer, made = keras.optimizers.SGD(1.0), variables()
    with pytest.warns(UserWarning, match="kernel"):
        optimizer.apply([None, np.ones(3)], made)
    np.testing.assert_array_equal(made[1].numpy(), -np.ones(3))


def test_gradients_that_are_not_finite_spoil_all_when_clipped_together():
    optimizer, made = keras.optimizers.SGD(1.0, global_clipnorm=1.0), variables()
    optimizer.apply([np.full((2, 3), np.inf), np.ones(3)], made)
    assert np.isnan(made[1].numpy()).all()


def test_average_starts_with_the_weights():
    optimizer, made = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5), [keras.Variable(2.0)]
    optimizer.apply([1.0], made)
    optimizer.apply([1.0], made)
    optimizer.finalize_variable_values(made)
    assert float(made[0]) == 0.5 * 1.0 + 0.5 * 0.0


def test_clipping_sees_the_mean_of_accumulated_gradients():
    made = [keras.Variable(0.0)]
    optimizer = keras.optimizers.SGD(1.0, clipvalue=0.5, gradient_accumulation_steps=2)
    optimizer.apply([2.0], made)
    assert float(made[0]) == 0.0
    optimizer.apply([-1.4], made)
    assert float(made[0]) == pytest.approx(-0.3)


def test_decay_comes_before_the_step_and_spares_the_excluded():
    made = [keras.Variable(1.0, name="kernel"), keras.Variable(1.0, name="bias")]
    optimizer = keras.optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([1.0, 1.0], made)
    assert [float(v) for v in made] == [1.0 - 0.25 - 0.5, 1.0 - 0.5]


# -- the learning rate ---------------------------------------------------------------------------------------


def test_learning_rate_can_be_set():
    optimizer, made = keras.optimizers.SGD(0.5), [keras.Variable(0.0)]
    optimizer.learning_rate = 0.25
    optimizer.apply([1.0], made)
    assert float(made[0]) == -0.25
    assert optimizer.get_config()["learning_rate"] == 0.25


def test_a_schedule_takes_the_place_of_the_number_for_good():
    optimizer, made = keras.optimizers.SGD(0.5), [keras.Variable(0.0)]
    optimizer.learning_rate = keras.optimizers.schedules.PiecewiseConstantDecay([0], [1.0, 0.5])
    optimizer.apply([1.0], made)
    optimizer.apply([1.0], made)
    assert float(made[0]) == -1.5
    assert [v.name for v in optimizer.variables] == ["iteration"]
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate = 0.1


@keras.saving.register_keras_serializable(package="tests")
def half():
    return 0.5


def test_a_function_as_learning_rate_goes_into_the_config():
    optimizer, made = keras.optimizers.SGD(half), [keras.Variable(0.0)]
    optimizer.apply([1.0], made)
    assert float(made[0]) == -0.5
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert float(again.learning_rate) == 0.5


# -- errors --------------------------------------------------------------------------------------------------


def test_all_gradients_missing():
    with pytest.raises(ValueError, match="no gradient for any variable"):
        keras.optimizers.SGD().apply([None, None], variables())


def test_unknown_variable():
    optimizer = keras.optimizers.SGD(name="rule")
    optimizer.build(variables())
    with pytest.raises(ValueError, match=r"'rule' was built for other variables than \['stranger'\]"):
        optimizer.apply([1.0], [keras.Variable(0.0, name="stranger")])


def test_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"'kernel' has shape \(3, 2\); the variable has \(2, 3\)"):
        keras.optimizers.SGD().apply([np.ones((3, 2)), np.ones(3)], variables())


def test_variables_are_needed_once():
    with pytest.raises(ValueError, match="does not know its variables"):
        keras.optimizers.SGD().apply([np.ones(3)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": -0.1}, "learning_rate must not be negative"),
        ({"learning_rate": "fast"}, "learning_rate must be a number"),
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "only one of"),
        ({"clipnorm": -1.0}, "clipnorm must not be negative"),
        ({"use_ema": True, "ema_momentum": 1.5}, "ema_momentum"),
        ({"use_ema": True, "ema_overwrite_frequency": 0}, "ema_overwrite_frequency"),
        ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps"),
        ({"weight_decay": "a little"}, "weight_decay"),
        ({"speed": 3}, "speed"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        keras.optimizers.SGD(**options)


def test_stateless_apply_wants_every_value():
    optimizer = keras.optimizers.SGD()
    with pytest.raises(ValueError, match="must be built"):
        optimizer.stateless_apply([], [], [])
    optimizer.build(variables())
    with pytest.raises(ValueError, match="2 values for the optimizer's variables and 2"):
        optimizer.stateless_apply([0], [], [])


# -- rules that users write ------------------------------------------------------------------------------------


class Momentum(keras.optimizers.Optimizer):
    """As in the guides of Keras: `build` and `update_step` alone."""

    def __init__(self, learning_rate=0.01, momentum=0.9, name="momentum", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.momentum = momentum

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.momentums = []
        for variable in variables:
            self.momentums.append(self.add_variable_from_reference(reference_variable=variable, name="momentum"))

    def update_step(self, gradient, variable, learning_rate):
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, ops.subtract(ops.multiply(m, ops.cast(self.momentum, variable.dtype)), gradient * learning_rate))
        self.assign_add(variable, m)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


class Sign(keras.Optimizer):
    """The shortest rule, without state."""

    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, learning_rate * ops.sign(gradient))


def fitted(optimizer):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    x = np.random.default_rng(0).standard_normal((20, 3)).astype("float32")
    history = model.fit(x, x.sum(1, keepdims=True), epochs=3, batch_size=4, shuffle=False, verbose=0)
    return model, history.history["loss"]


def test_a_users_rule_equals_ours():
    options = {"clipnorm": 0.5, "weight_decay": 0.1, "use_ema": True}
    theirs, _ = fitted(Momentum(0.05, **options))
    ours, _ = fitted(keras.optimizers.SGD(0.05, momentum=0.9, **options))
    for a, b in zip(theirs.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert [v.shape for v in theirs.optimizer.variables] == [v.shape for v in ours.optimizer.variables]


def test_a_users_rule_without_state_learns():
    _, losses = fitted(Sign(0.01))
    assert losses[-1] < losses[0]


def test_a_users_rule_is_saved_and_resumed(tmp_path):
    model, _ = fitted(Momentum(0.05))
    path = str(tmp_path / "model.keras")
    model.save(path)
    again = keras.models.load_model(path, custom_objects={"Momentum": Momentum})
    assert again.optimizer.momentum == 0.9
    for a, b in zip(again.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_rule_is_needed():
    class Nothing(keras.optimizers.Optimizer):
        pass

    with pytest.raises(NotImplementedError, match="Nothing defines neither"):
        Nothing(0.1).apply([1.0], [keras.Variable(0.0)])
