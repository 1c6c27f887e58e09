import numpy as np
import pytest

import kerasish as keras
from kerasish import layers


def model():
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="first"), layers.Dense(1, name="last")], name="small"
    )


def text(m, **arguments):
    lines = []
    m.summary(print_fn=lines.append, **arguments)
    assert len(lines) == 1
    return lines[0]


def test_the_whole_table():
    assert text(model(), line_length=50) == (
        'Model: "small"\n'
        "┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━┓\n"
        "┃ Layer (type)        ┃ Output Shape   ┃ Param # ┃\n"
        "┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━┩\n"
        "│ first (Dense)       │ (None, 3)      │      15 │\n"
        "├─────────────────────┼────────────────┼─────────┤\n"
        "│ last (Dense)        │ (None, 1)      │       4 │\n"
        "└─────────────────────┴────────────────┴─────────┘\n"
        " Total params: 19 (76.00 B)\n"
        " Trainable params: 19 (76.00 B)\n"
        " Non-trainable params: 0 (0.00 B)\n"
    )


def test_it_goes_to_standard_output(capsys):
    m = model()
    m.summary()
    assert capsys.readouterr().out == text(m)


def test_training_adds_the_state_of_the_optimizer():
    m = model()
    m.compile("sgd", "mse")
    assert "Optimizer" not in text(m)
    m.fit(np.ones((2, 4)), np.ones((2, 1)), verbose=0)
    assert " Optimizer params: 2 (" in text(m)


def test_a_range_of_layers():
    assert "first" not in text(model(), layer_range=["last", "last"])
    assert "last" not in text(model(), layer_range=["f.*", "f.*"])
    both = text(model(), layer_range=["last", "first"])
    assert "first" in both
    assert "last" in both
    with pytest.raises(ValueError, match="pair of names"):
        text(model(), layer_range=["last"])
    with pytest.raises(ValueError, match="'first', 'last'"):
        text(model(), layer_range=["x", "y"])


def test_columns_need_room():
    with pytest.raises(ValueError, match="3 columns"):
        text(model(), positions=[0.01, 0.6, 1.0])
    with pytest.raises(ValueError, match="3 columns"):
        text(model(), line_length=12)
    with pytest.raises(ValueError, match="3 columns"):
        text(model(), positions=[0.5, 1.0])


def test_operations_of_a_config_have_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    x = keras.Input((4,))
    model = keras.Model(x, keras.ops.log_softmax(x))
    keras.models.model_from_json(model.to_json()).summary()
    assert "(LogSoftmax)" in capsys.readouterr().out


def test_shapes_that_follow_from_those_that_a_layer_was_built_with() -> None:
    class Halves(layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight(name="scale", shape=(input_shape[-1],))

        def compute_output_shape(self, input_shape):
            return [(None, 2), {"rest": (None, input_shape[-1] - 2)}]

    m = keras.Sequential([layers.Dense(3, name="first"), Halves(name="halves")])
    m.layers[0].build((None, 4))
    m.layers[1].build((None, 6))
    assert " (None, 3) " in text(m)
    assert " [(None, 2), {'rest': (None, 4)}] " in text(m, line_length=120)


def test_a_notebook_shows_the_layers_of_a_model() -> None:
    stack = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="first")], name="stack")
    shown = stack._repr_html_()
    assert "<caption>Sequential &quot;stack&quot;</caption>" in shown and "<div>Total params: 8" in shown
    assert "<td>first (Dense)</td><td>(None, 2)</td><td>8</td>" in shown and "Connected to" not in shown
    x = keras.Input((3,), name="x")
    branches = keras.Model(x, keras.layers.Add()([x, keras.layers.Dense(3, name="inner")(x)]))
    assert "<th>Connected to</th>" in branches._repr_html_() and "<td>x[0][0]</td>" in branches._repr_html_()
    assert "0 (unbuilt)" in keras.Sequential([keras.layers.Dense(1)])._repr_html_()
