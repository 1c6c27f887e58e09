import threading

import pytest

import kerasish as keras
from kerasish.saving import names


def test_registering_gives_a_name_to_a_class_or_function() -> None:
    @keras.saving.register_keras_serializable()
    def plain(x: object) -> object:
        return x

    @keras.saving.register_keras_serializable("pack", name="other")
    class Thing:
        def get_config(self) -> dict[str, object]:
            return {}

    assert names.get_registered_name(plain) == "Custom>plain"
    assert names.get_registered_object("pack>other") is Thing and names.get_registered_name(Thing) == "pack>other"
    assert keras.saving.get_custom_objects()["Custom>plain"] is plain
    assert names.get_registered_name(len) == "len" and names.get_registered_object("nothing") is None


def test_a_class_needs_a_config() -> None:
    with pytest.raises(ValueError, match="get_config"):
        keras.saving.register_keras_serializable()(type("Bare", (), {}))


def test_scopes_end_and_are_of_one_thread() -> None:
    seen: list[object] = []
    with names.CustomObjectScope({"a": 1}), names.CustomObjectScope({"b": 2}):
        assert names.get_registered_object("a") == 1 and names.get_registered_object("b") == 2
        thread = threading.Thread(target=lambda: seen.append(names.get_registered_object("a")))
        thread.start()
        thread.join()
    assert seen == [None] and names.get_registered_object("a") is None
    assert names.get_registered_object("a", custom_objects={"a": 3}, module_objects={"a": 4}) == 3
    assert names.get_registered_object("a", module_objects={"a": 4}) == 4


def test_public_names_and_modules() -> None:
    assert names.public_module(keras.layers.Dense) == "keras.layers"
    assert names.public_module(keras.Sequential) == "keras"
    assert names.public_module(keras.optimizers.schedules.CosineDecay) == "keras.optimizers.schedules"
    assert names.public_module(dict) is None
    assert names.find_public("keras.layers", "Dense") is keras.layers.Dense
    assert names.find_public("keras.layers", "_lazy") is None and names.find_public("os", "system") is None


def test_the_nearest_names() -> None:
    assert names.nearest("dnese", ["dense", "dropout"]) == "Did you mean 'dense'?"
    assert names.nearest("zzz", ["b", "a"]) == "Known names: 'a', 'b'."
    assert names.nearest("zzz", list("abcdefghijkl")).endswith("'k', 'l'.")
    assert names.nearest("zzz", list("abcdefghijklm")).endswith("'k', 'l', ...")


def test_the_nearest_name_is_written_like_the_wrong_one() -> None:
    known = ["Accuracy", "accuracy", "AUC"]
    assert names.nearest("acuracy", known, 1) == "Did you mean 'accuracy'?"
    assert names.nearest("Acuracy", known, 1) == "Did you mean 'Accuracy'?"


def test_a_namesake_is_not_the_librarys_own() -> None:
    dense = type("Dense", (keras.layers.Dense,), {"__module__": keras.layers.Dense.__module__})
    assert not names.is_own(dense, "keras.layers") and not names.is_own(3, "keras.layers")
    assert names.is_own(keras.layers.Dense, "keras.layers") and not names.is_own(keras.layers.Dense, "keras.losses")
    assert names.is_own(keras.layers.GroupQueryAttention, "keras.layers")  # whose own name is another
