import copy

import numpy as np
import pytest

import kerasish
from kerasish import layers

# What is expected here is what Keras 3.15.1 computes with TensorFlow 2.21, which this layer of Keras needs.


def test_numbers_of_tokens():
    layer = layers.StringLookup(vocabulary=["a", "b", "c"])
    assert layer(["a", "z", "c"]).tolist() == [1, 0, 3]
    assert layer([["a"], ["b"]]).tolist() == [[1], [2]]
    assert layer("b").item() == 2
    assert layer(np.array([b"a", b"c"])).tolist() == [1, 3]
    assert layer(["a"]).dtype == np.int64
    assert layer.get_vocabulary() == ["[UNK]", "a", "b", "c"]
    assert layer.get_vocabulary(include_special_tokens=False) == ["a", "b", "c"]
    assert layer.vocabulary_size() == 4


def test_a_mask_has_number_0_or_leaves_no_trace():
    made = {"vocabulary": ["a", "b"], "mask_token": "m"}
    assert layers.StringLookup(**made)(["m", "a", "z"]).tolist() == [0, 2, 1]
    assert layers.StringLookup(**made, output_mode="count")([["a", "m", "z", "a"]]).tolist() == [[1, 2, 0]]
    assert layers.StringLookup(**made, output_mode="one_hot")(["m", "b"]).tolist() == [[0, 0, 0], [0, 0, 1]]
    assert layers.StringLookup(**made, num_oov_indices=0)(["m", "b"]).tolist() == [0, 2]


def test_unknown_tokens_share_numbers():
    words = [["q", "r"], ["s", "t"]]
    assert layers.StringLookup(vocabulary=["a"], num_oov_indices=3)(words).tolist() == [[2, 1], [1, 1]]
    assert layers.StringLookup(vocabulary=["a"], num_oov_indices=3, salt=7)(words).tolist() == [[0, 1], [0, 2]]
    with pytest.raises(ValueError, match=r"num_oov_indices=0.*\['q', 'r'\]"):
        layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["a", "q", "r"])


def test_rows():
    x = [["a", "z"], ["c", "c"]]

    def rows(mode, **arguments):
        return layers.StringLookup(vocabulary=["a", "b", "c"], output_mode=mode, **arguments)(x).tolist()

    assert rows("multi_hot") == [[1, 1, 0, 0], [0, 0, 0, 1]]
    assert rows("count") == [[1, 1, 0, 0], [0, 0, 0, 2]]
    assert rows("one_hot") == [[[0, 1, 0, 0], [1, 0, 0, 0]], [[0, 0, 0, 1], [0, 0, 0, 1]]]
    assert rows("count", max_tokens=6, pad_to_max_tokens=True) == [[1, 1, 0, 0, 0, 0], [0, 0, 0, 2, 0, 0]]
    np.testing.assert_allclose(rows("tf_idf", idf_weights=[0.1, 0.2, 0.3]), [[0.2, 0.1, 0, 0], [0, 0, 0, 0.6]])


def test_back_to_tokens():
    layer = layers.StringLookup(vocabulary=["a", "b", "c"], invert=True, mask_token="m")
    assert layer([[0, 1], [2, 9]]).tolist() == [["m", "[UNK]"], ["a", "[UNK]"]]
    assert layer(np.array([4])).tolist() == ["c"]
    assert layer(-1).item() == "[UNK]"
    there = layers.StringLookup(vocabulary=["a", "b", "c"], mask_token="m")
    assert there(layer([2, 3, 4])).tolist() == [2, 3, 4]


def test_adapt_ranks_by_count_and_then_backwards():
    layer = layers.StringLookup()
    layer.adapt(["b", "a", "b", "c", "d", "d"])
    assert layer.get_vocabulary() == ["[UNK]", "d", "b", "c", "a"]
    layer.adapt(np.array([["x", "y"], ["x", "q"]]))
    assert layer.get_vocabulary() == ["[UNK]", "x", "y", "q"]
    layer.adapt(iter([["k"], ["l", "k"], ["n"]]), steps=2)
    assert layer.get_vocabulary() == ["[UNK]", "k", "l"]
    few = layers.StringLookup(max_tokens=3)
    few.adapt(list("abbcccdddd"))
    assert few.get_vocabulary() == ["[UNK]", "d", "c"]


def test_adapt_weighs_rare_tokens():
    layer = layers.StringLookup(output_mode="tf_idf", max_tokens=5, pad_to_max_tokens=True)
    layer.adapt([["1", "2", "2"], ["3", "2", "1"]])
    assert layer.get_vocabulary() == ["[UNK]", "2", "1", "3"]
    np.testing.assert_allclose(layer.idf_weights, [0.5715995, 0.51082563, 0.51082563, 0.6931472, 0], rtol=1e-6)
    np.testing.assert_allclose(
        layer([["1", "2", "2"], ["9", "9", "3"]]),
        [[0, 1.0216513, 0.5108256, 0, 0], [1.143199, 0, 0, 0.6931472, 0]],
        rtol=1e-6,
    )


def test_a_vocabulary_may_begin_with_the_special_tokens():
    layer = layers.StringLookup(vocabulary=["", "[UNK]", "a"], mask_token="")
    assert layer.get_vocabulary() == ["", "[UNK]", "a"]
    weighed = layers.StringLookup(vocabulary=["[UNK]", "a"], output_mode="tf_idf", idf_weights=[1, 2])
    assert weighed.idf_weights.tolist() == [1, 2]


def test_a_vocabulary_from_a_file_of_the_callers(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("a\né\n", encoding="utf-8")
    for given in (path, str(path)):
        layer = layers.StringLookup(vocabulary=given)
        assert layer.get_vocabulary() == ["[UNK]", "a", "é"]
        assert layer.get_config()["vocabulary"] is None  # a file of the model holds the tokens, not the path
    layer.set_vocabulary(str(path))
    with pytest.raises(ValueError, match="no such file"):
        layers.StringLookup(vocabulary=str(tmp_path / "nothing.txt"))
    with pytest.raises(ValueError, match="https"):
        layers.StringLookup(vocabulary="https://example.com/words.txt")


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"vocabulary": ["a", "b"]},
        {"vocabulary": np.array(["a", "b"]), "num_oov_indices": 2, "salt": 3},
        {"vocabulary": ("a", "b"), "output_mode": "tf_idf", "idf_weights": np.array([1.0, 2.0])},
        {"max_tokens": 10, "output_mode": "multi_hot", "pad_to_max_tokens": True, "mask_token": ""},
        {"vocabulary": ["a"], "invert": True, "oov_token": "?", "encoding": "latin-1"},
    ],
)
def test_config(arguments):
    layer = layers.StringLookup(**arguments)
    config = layer.get_config()
    assert set(config) == {
        "name", "trainable", "dtype", "invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token",
        "output_mode", "sparse", "pad_to_max_tokens", "idf_weights", "vocabulary", "vocabulary_size", "oov_method",
        "salt", "encoding",
    }  # fmt: skip
    again = layers.StringLookup.from_config(config)
    assert again.get_config() == config
    assert again.get_vocabulary() == layer.get_vocabulary()
    assert layers.deserialize(layers.serialize(layer)).get_config() == config
    assert copy.deepcopy(layer).get_vocabulary() == layer.get_vocabulary()


def test_what_is_set_later_is_in_the_config():
    layer = layers.StringLookup(vocabulary=["a"])
    layer.set_vocabulary(["b", "c"])
    assert layers.StringLookup.from_config(layer.get_config()).get_vocabulary() == ["[UNK]", "b", "c"]


def test_former_names_and_settings():
    layer = layers.StringLookup(output_mode="binary", trainable=True, dtype="string", has_input_vocabulary=False)
    assert layer.output_mode == "multi_hot"
    assert layers.StringLookup(output_mode="tf-idf").output_mode == "tf_idf"


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(), (1,), (3,)])
def test_symbolic_shapes_are_those_of_values(mode, shape):
    layer = layers.StringLookup(vocabulary=["a", "b"], output_mode=mode)
    y = layer(np.full((2, *shape), "a"))
    if shape or mode in ("int", "one_hot"):
        symbol = layer(kerasish.Input(shape, dtype="string"))
        assert symbol.shape == (None, *y.shape[1:])
        assert symbol.dtype == y.dtype.name


def test_rows_keep_their_length():
    layer = layers.StringLookup(output_mode="count")
    with pytest.raises(RuntimeError, match="no vocabulary yet"):
        layer([["a"]])
    layer.adapt(["a", "b"])
    with pytest.raises(RuntimeError, match="rows of length 3"):
        layer.adapt(["a", "b", "c"])
    assert layer([["b", "a"]]).tolist() == [[0, 1, 1]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_tokens": 1}, ValueError, "greater than 1"),
        ({"pad_to_max_tokens": True}, ValueError, "needs max_tokens"),
        ({"num_oov_indices": -1}, ValueError, "at least 0"),
        ({"output_mode": "x"}, ValueError, "output modes"),
        ({"invert": True, "output_mode": "count"}, ValueError, "invert=True"),
        ({"invert": True, "oov_token": None}, ValueError, "needs an oov_token"),
        ({"sparse": True}, ValueError, "dense"),
        ({"idf_weights": [1]}, ValueError, "tf_idf"),
        ({"output_mode": "tf_idf", "vocabulary": ["a"]}, ValueError, "goes with idf_weights"),
        ({"output_mode": "tf_idf", "vocabulary": ["a"], "idf_weights": [1, 2]}, ValueError, "one weight for each"),
        ({"salt": (1, 2, 3)}, ValueError, "salt"),
        ({"oov_method": "x"}, ValueError, "oov_method"),
        ({"something": 1}, ValueError, "something"),
        ({"vocabulary": ["a", "b", "c"], "max_tokens": 3}, ValueError, "max_tokens is 3"),
        ({"vocabulary": ["a", "a"]}, ValueError, "more than once"),
        ({"vocabulary": []}, ValueError, "at least one token"),
        ({"vocabulary": [["a"]]}, ValueError, "at least one token"),
        ({"vocabulary": [1, 2]}, TypeError, "works with strings"),
        ({"vocabulary": ["a", ""], "mask_token": ""}, ValueError, "at place 1"),
        ({"vocabulary": ["a", "[UNK]"], "invert": True}, ValueError, "at place 1"),
        ({"mask_token": 3}, TypeError, "mask_token"),
        ({"vocabulary_size": "many"}, ValueError, "vocabulary_size"),
    ],
)
def test_mistakes_are_told(arguments, error, message):
    with pytest.raises(error, match=message):
        layers.StringLookup(**arguments)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda layer: layer([1, 2]), TypeError, "works with strings"),
        (lambda layer: layer([["a"], ["a", "b"]]), ValueError, "different lengths"),
        (lambda layer: layer.adapt(["b"]), ValueError, "does not adapt"),
        (lambda layer: layer.set_vocabulary(["b"], [1.0]), ValueError, "no use for idf_weights"),
        (lambda layer: layers.StringLookup().adapt(3.5), TypeError, "yields batches"),
    ],
)
def test_wrong_data_is_told(call, error, message):
    with pytest.raises(error, match=message):
        call(layers.StringLookup(vocabulary=["a"]))


def test_a_large_vocabulary_costs_nothing_but_itself():
    layer = layers.StringLookup(vocabulary=[f"word{i}" for i in range(50_000)])
    assert layer.weights == [] and not layer._tracker.has_layers()
    held = [value for value in layer._tracker.held.values() if len(value) > 100]
    assert not held  # lists are searched for layers whenever weights are asked for


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_missing_value_is_told_with_its_place_and_the_cure(missing):
    data = np.array(["a", missing, "b"], dtype=object)
    with pytest.raises(TypeError, match="at place 1: a missing value"):
        layers.StringLookup().adapt(data)
