from typing import Any

import kerasish as keras
from kerasish.saving import saveables


def _paths(model: Any, **options: Any) -> list[str]:
    found: list[str] = []

    def note(part: Any, path: str) -> bool:
        found.append(path)
        return True

    saveables.walk(model, note, **options)
    return found


def test_a_sequential_models_layers_come_first() -> None:
    model = keras.Sequential([keras.layers.Dense(1), keras.layers.Dense(1), keras.layers.Dropout(0.5)])
    model.compile("adam", "mse")
    expected = ["", "layers/dense", "layers/dense_1", "layers/dropout", "layers/dropout/seed_generator", "optimizer"]
    assert _paths(model) == expected
    assert _paths(model, skip=[model.layers[0]]) == [p for p in expected if p != "layers/dense"]


class Net(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        dense = keras.layers.Dense
        self.pair = (dense(1), [dense(1), {"a": dense(1)}])
        self._hidden = dense(1)
        self.again = self.pair[0]

    @property
    def first_of_all(self) -> Any:
        return self._hidden

    @property
    def broken(self) -> Any:
        raise RuntimeError("not now")


def test_attributes_in_alphabetical_order_each_part_once() -> None:
    net = Net()
    names = {id(part): name for name, part in zip("abch", [*keras.tree.flatten(net.pair), net._hidden], strict=True)}
    found: list[tuple[str, str]] = []
    saveables.walk(net, lambda part, path: found.append((names.get(id(part), ""), path)) or True)
    assert found[:3] == [("", ""), ("a", "again"), ("h", "first_of_all")]
    assert sorted(name for name, _ in found) == ["", "a", "b", "c", "h"]


def test_containers_within_containers() -> None:
    layer = keras.layers.Layer()
    layer.kept = [[keras.layers.Dense(1)], {"a": [keras.layers.Dense(1)]}, "text", 3]
    assert _paths(layer) == ["", "kept/container/dense", "kept/container_1/container/dense"]


def test_a_part_that_fails_is_tried_on_its_next_path() -> None:
    net, tried = Net(), []

    def handle(part: Any, path: str) -> bool:
        tried.append((part, path))
        return part is not net._hidden or path == "_hidden"

    saveables.walk(net, handle)
    paths = [path for part, path in tried if part is net._hidden]
    assert paths[0] == "first_of_all" and paths[-1] == "_hidden" and len(paths) == 3


def test_a_layers_own_attribute_is_saved_whatever_the_librarys_are_called() -> None:
    class Tower(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self._stack = [keras.layers.Dense(1)]

    assert _paths(Tower()) == ["", "_stack/dense"]
