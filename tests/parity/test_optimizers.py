"""Optimizers beside Keras's: what their state is called, how they are written down, and the steps of wrappers."""

import keras
import numpy as np
import pytest

import kerasish
from tests.optimizer_cases import CASES, optimizer_names, stored

CONFIGURATIONS = {name: stored(name) for name in CASES}


def test_every_optimizer_has_cases():
    assert optimizer_names() == set(CASES)


def variables(lib):
    rng = np.random.default_rng(0)
    shapes = {"kernel": (3, 2), "bias": (2,), "filters": (2, 3, 4), "embeddings": (4, 2)}
    return [
        lib.Variable(rng.standard_normal(shape).astype("float32"), name=name, dtype="float32")
        for name, shape in shapes.items()
    ]


def gradients(step, made):
    rng = np.random.default_rng(step + 10)
    return [rng.standard_normal(v.shape).astype("float32") for v in made]


def assert_same_values(ours, theirs, rtol=1e-5):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=rtol, atol=rtol * np.abs(np.asarray(b)).max())


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_state_has_the_same_paths_shapes_and_dtypes(name):
    layouts = []
    for lib in (keras, kerasish):
        optimizer = getattr(lib.optimizers, name)(name="rule", **CONFIGURATIONS[name])
        optimizer.build(variables(lib))
        layouts.append([(v.path, tuple(v.shape), str(v.dtype)) for v in optimizer.variables])
    theirs, ours = layouts
    if name == "Nadam":  # its product of momentums is nameless in both, and numbered as they come
        theirs, ours = theirs[:-1], ours[:-1]
    assert ours == theirs


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_configs_are_the_same_and_go_both_ways(name):
    theirs = getattr(keras.optimizers, name)(name="rule", **CONFIGURATIONS[name])
    ours = getattr(kerasish.optimizers, name)(name="rule", **CONFIGURATIONS[name])
    assert ours.get_config() == theirs.get_config()
    config = keras.optimizers.serialize(theirs)
    assert kerasish.optimizers.serialize(ours) == config
    assert type(kerasish.optimizers.deserialize(config)) is type(ours)
    assert type(kerasish.optimizers.get(name.lower())) is type(ours)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_slots_after_five_steps(name):
    states = []
    for lib in (keras, kerasish):
        optimizer = getattr(lib.optimizers, name)(learning_rate=0.01, **CONFIGURATIONS[name])
        made = variables(lib)
        for step in range(5):
            optimizer.apply(gradients(step, made), made)
        states.append([np.asarray(v) for v in (*made, *optimizer.variables)])
    # Muon's polynomial blows rounding up
    assert_same_values(states[1], states[0], rtol=1e-4 if name == "Muon" else 1e-5)


def test_centered_rmsprop_adds_epsilon_last():
    """As much as the mean's square is the mean of squares where each gradient is like the last: epsilon remains."""
    gradients = 2.0 ** np.arange(1, 9, dtype="float32")
    moved = []
    for library in (keras, kerasish):
        optimizer = library.optimizers.RMSprop(0.5, rho=0.5, centered=True)
        variable = library.Variable(np.zeros(8, "float32"))
        optimizer.build([variable])
        slots = [v for v in optimizer.variables if v.shape == (8,)]
        for slot in slots:
            slot.assign(gradients**2 if "velocity" in slot.path else gradients)
        optimizer.apply([gradients], [variable])
        moved.append(np.asarray(variable.numpy() if library is kerasish else variable.value))
    np.testing.assert_allclose(moved[1], moved[0], rtol=1e-5)


def test_only_some_variables_and_missing_gradients():
    states = []
    for lib in (keras, kerasish):
        optimizer = lib.optimizers.Adam(0.1, use_ema=True, weight_decay=0.1, global_clipnorm=0.7)
        made = variables(lib)
        optimizer.build(made)
        optimizer.apply(gradients(0, made), made)
        optimizer.apply(gradients(1, made[1:3]), made[1:3])
        with pytest.warns(UserWarning, match="kernel"):
            optimizer.apply([None, *gradients(2, made[1:])], made)
        states.append([np.asarray(v) for v in (*made, *optimizer.variables)])
    assert_same_values(states[1], states[0])


def test_constraints_and_accumulation():
    states = []
    for lib in (keras, kerasish):
        optimizer = lib.optimizers.SGD(0.1, gradient_accumulation_steps=2)
        made = variables(lib)
        made[0].constraint = lib.constraints.MaxNorm(0.5)
        seen = []
        for step in range(3):
            optimizer.apply(gradients(step, made), made)
            seen += [np.asarray(v) for v in made]
        states.append(seen)
    assert_same_values(states[1], states[0])


def test_loss_scale_optimizer():
    states = []
    for lib in (keras, kerasish):
        inner = lib.optimizers.SGD(0.1, momentum=0.9, name="inner")
        optimizer = lib.optimizers.LossScaleOptimizer(inner, 1024.0, dynamic_growth_steps=2, name="outer")
        made = variables(lib)
        seen = []
        for step in range(6):
            grads = [g * 1024.0 for g in gradients(step, made)]
            if step == 3:
                grads[1][0] = np.inf
            if lib is keras:  # which on JAX scales in stateless steps only
                if not optimizer.built:
                    optimizer.build(made)
                held = [*made, *optimizer.variables]
                parts = optimizer.stateless_apply(
                    [v.value for v in optimizer.variables], grads, [v.value for v in made]
                )
                for variable, value in zip(held, [*parts[0], *parts[1]], strict=True):
                    variable.assign(value)
            else:
                optimizer.apply(grads, made)
            seen += [np.asarray(v) for v in (*made, *optimizer.variables)]
        states.append((seen, [v.path for v in optimizer.variables], optimizer.get_config()))
        assert float(optimizer.scale_loss(1.0)) == float(optimizer.dynamic_scale)
    assert_same_values(states[1][0], states[0][0])
    assert states[1][1:] == states[0][1:]


def test_multi_optimizer():
    states = []
    for lib in (keras, kerasish):
        made = variables(lib)
        choice = lib.optimizers.OptimizerMap(lib.optimizers.Adam(0.01, name="rest"))
        choice["ker.*"] = lib.optimizers.SGD(0.1, momentum=0.9, name="kernels")
        optimizer = lib.optimizers.MultiOptimizer(choice, name="multi")
        for step in range(3):
            optimizer.apply(gradients(step, made), made)
        values = [np.asarray(v) for v in (*made, *optimizer.variables)]
        states.append((values, [v.path for v in optimizer.variables], optimizer.get_config()))
    assert_same_values(states[1][0], states[0][0])
    assert states[1][1:] == states[0][1:]


def test_stateless_apply():
    states = []
    for lib in (keras, kerasish):
        optimizer, made = lib.optimizers.Adam(0.1), variables(lib)
        optimizer.build(made)
        before = [np.asarray(v) for v in made]
        own = [np.asarray(v) for v in optimizer.variables]
        trained, state = optimizer.stateless_apply(own, gradients(0, made), before)
        states.append([*map(np.asarray, trained), *map(np.asarray, state)])
        assert_same_values([np.asarray(v) for v in made], before)
    assert_same_values(states[1], states[0])


@pytest.mark.parametrize("wrapper", ["scaled", "multi"])
def test_training_with_wrappers(wrapper):
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((40, 3)).astype("float32"), rng.standard_normal((40, 1)).astype("float32")
    start, results = None, []
    for lib in (keras, kerasish):
        layers = [lib.layers.Dense(4, "tanh", name="first"), lib.layers.Dense(1, name="last")]
        model = lib.Sequential([lib.Input((3,)), *layers])
        start = model.get_weights() if start is None else start
        model.set_weights(start)
        if wrapper == "scaled":
            optimizer = lib.optimizers.LossScaleOptimizer(lib.optimizers.Adam(0.01), 2.0, dynamic_growth_steps=3)
        else:
            choice = lib.optimizers.OptimizerMap(lib.optimizers.Adam(0.01), {".*first.*": lib.optimizers.SGD(0.1)})
            optimizer = lib.optimizers.MultiOptimizer(choice)
        model.compile(optimizer, "mse")
        model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
        results.append([*model.get_weights(), *(np.asarray(v) for v in optimizer.variables)])
    assert_same_values(results[1], results[0], rtol=2e-5)


def test_state_goes_through_files_of_keras(tmp_path):
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((16, 3)).astype("float32"), rng.standard_normal((16, 1)).astype("float32")
    path = str(tmp_path / "model.keras")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="first"), keras.layers.Dense(1)])
    inner = keras.optimizers.Muon(0.01, exclude_layers=["first"])
    model.compile(keras.optimizers.LossScaleOptimizer(inner), "mse")
    model.fit(x, y, batch_size=4, verbose=0)
    model.save(path)
    ours = kerasish.models.load_model(path)
    assert_same_values(
        [np.asarray(v) for v in ours.optimizer.variables], [np.asarray(v) for v in model.optimizer.variables]
    )
    ours.save(path)
    back = keras.models.load_model(path)
    assert_same_values(
        [np.asarray(v) for v in back.optimizer.variables], [np.asarray(v) for v in model.optimizer.variables]
    )
