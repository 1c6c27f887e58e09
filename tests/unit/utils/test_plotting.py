import re
import subprocess
import sys

import pytest

import kerasish as keras
from kerasish.utils import model_to_dot, plot_model


def stack():
    return keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, "relu", name="low"), keras.layers.Dense(2, name="top")], name="stack"
    )


def branches():
    """Two inputs through one shared layer, a plain operation, an inner model of two outputs, a stack."""
    keras.utils.clear_session()
    a, b, inside = (keras.Input((4,), name=name) for name in ("a", "b", "inside"))
    shared = keras.layers.Dense(4, name="shared")
    inner = keras.Model(inside, [keras.layers.Dense(4, name="first")(inside), inside * 2.0], name="inner")
    u, v = inner(keras.layers.add([shared(a), shared(b)], name="sum"))
    return keras.Model([a, b], stack()(keras.ops.tanh(u) + v), name="branches")


def arrows(drawn):
    """The arrows of a graph and its frames, by the names in the boxes."""
    names, found = {}, set()
    graphs = [drawn]
    for graph in graphs:
        graphs += graph.get_subgraphs()
        for node in graph.get_nodes():
            title = re.search(r"<b>([^<]*)</b>", str(node.get("label")))
            if title:
                names[node.get_name()] = title[1]
        found |= {(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()}
    return {(names[source], names[target]) for source, target in found}


def test_without_pydot(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(ImportError, match="pip install matplotlib pydot"):
        plot_model(stack())


def test_a_model_without_weights():
    with pytest.raises(ValueError, match="call `build"):
        model_to_dot(keras.Sequential([keras.layers.Dense(1)]))
    with pytest.raises(ValueError, match="layer_range"):
        model_to_dot(stack(), layer_range=["low", "top"])


class TestWithPydot:
    @pytest.fixture(autouse=True)
    def _pydot(self):
        self.pydot = pytest.importorskip("pydot")

    def test_a_stack(self):
        drawn = model_to_dot(stack(), rankdir="LR", dpi=70)
        assert isinstance(drawn, self.pydot.Dot) and drawn.get("rankdir") == "LR"
        assert arrows(drawn) == {("low", "top")}

    def test_a_graph(self):
        assert arrows(model_to_dot(branches())) == {
            ("a", "shared"), ("b", "shared"), ("shared", "sum"), ("sum", "inner"), ("inner", "tanh"),
            ("tanh", "add"), ("inner", "add"), ("add", "stack"),
        }  # fmt: skip

    def test_inner_models(self):
        drawn = model_to_dot(branches(), expand_nested=True)
        assert sorted(frame.get("label") for frame in drawn.get_subgraphs()) == ['"inner"', '"stack"']
        assert arrows(drawn) == {
            ("a", "shared"), ("b", "shared"), ("shared", "sum"), ("sum", "inside"), ("inside", "first"),
            ("inside", "multiply"), ("first", "tanh"), ("tanh", "add"), ("multiply", "add"), ("add", "low"),
            ("low", "top"),
        }  # fmt: skip

    def test_what_boxes_show(self):
        model = stack()
        model.layers[1].trainable = False
        plain = model_to_dot(model, show_layer_names=False).to_string()
        assert "Dense" in plain and "low" not in plain and "(None, 4)" not in plain
        full = model_to_dot(
            model, show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True
        ).to_string()
        for part in ("(None, 4)", "(None, 3)", "float32", "relu", ">trainable", "not trainable"):
            assert part in full

    def test_a_subclass_is_one_box(self):
        class Net(keras.Model):
            def __init__(self):
                super().__init__(name="net")
                self.top = keras.layers.Dense(1)

            def call(self, inputs):
                return self.top(inputs)

        model = Net()
        model.build((None, 3))
        drawn = model_to_dot(model, show_shapes=True)
        assert [node for node in drawn.get_nodes() if "Net" in str(node.get("label"))]
        assert not drawn.get_edges()

    def test_a_frame_for_another_graph(self):
        assert isinstance(model_to_dot(stack(), subgraph=True), self.pydot.Cluster)

    def test_text_needs_no_graphviz(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", "")
        plot_model(branches(), tmp_path / "model.dot", show_layer_names=True)
        assert "shared" in (tmp_path / "model.dot").read_text()
        with pytest.raises(ImportError, match="Graphviz"):
            plot_model(stack(), tmp_path / "model.png")

    @pytest.mark.parametrize("expand_nested", [False, True])
    def test_graphviz_draws_it(self, tmp_path, expand_nested):
        try:
            subprocess.run(["dot", "-V"], check=True, capture_output=True)
        except FileNotFoundError:
            pytest.skip("Graphviz is not installed")
        plot_model(branches(), str(tmp_path / "model.svg"), show_shapes=True, expand_nested=expand_nested)
        assert (tmp_path / "model.svg").read_text().count("<text") > 10
