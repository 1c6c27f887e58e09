import pytest

from kerasish import regularizers


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("l1", "L1"), ("L1", "L1"), ("l2", "L2"), ("L2", "L2"), ("l1l2", "L1L2"), ("L1L2", "L1L2"),
     ("orthogonal_regularizer", "OrthogonalRegularizer")],
)  # fmt: skip
def test_names(spelling, name):
    assert type(regularizers.get(spelling)) is getattr(regularizers, name)


def test_aliases_are_the_classes():
    assert regularizers.l1 is regularizers.L1 and regularizers.l1_l2 is regularizers.L1L2
    assert regularizers.l2 is regularizers.L2


def test_what_is_one_already_stays():
    made = regularizers.L2(0.5)
    assert regularizers.get(made) is made and regularizers.get(None) is None and regularizers.get(abs) is abs


@pytest.mark.parametrize(
    "made", [regularizers.L1(0.3), regularizers.L2(0.3), regularizers.L1L2(0.1, 0.2),
             regularizers.OrthogonalRegularizer(0.3, "columns")],
)  # fmt: skip
def test_configs_go_round(made):
    config = regularizers.serialize(made)
    assert config["module"] == "keras.regularizers"
    for read in (regularizers.deserialize, regularizers.get):
        assert read(config).get_config() == made.get_config()


def test_a_config_of_keras_2_is_read():
    assert regularizers.get({"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}}).l2 == 0.5


def test_a_misspelled_name_brings_the_nearest():
    with pytest.raises(ValueError, match=r"unknown regularizer 'l3'.*'l1'"):
        regularizers.get("l3")
    with pytest.raises(ValueError, match="regularizer"):
        regularizers.get(3)
