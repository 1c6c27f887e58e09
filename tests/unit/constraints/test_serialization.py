import pytest

from kerasish import constraints


@pytest.mark.parametrize("name", ["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"])
def test_names(name):
    snake = {"MaxNorm": "max_norm", "MinMaxNorm": "min_max_norm", "NonNeg": "non_neg", "UnitNorm": "unit_norm"}[name]
    cls = getattr(constraints, name)
    assert type(constraints.get(name)) is type(constraints.get(snake)) is cls is getattr(constraints, snake)


def test_what_is_one_already_stays():
    made = constraints.MaxNorm(3)
    assert constraints.get(made) is made and constraints.get(None) is None and constraints.get(abs) is abs


@pytest.mark.parametrize(
    "made", [constraints.MaxNorm(3, [0, 1]), constraints.MinMaxNorm(0.1, 0.2, 0.3, 1), constraints.NonNeg(),
             constraints.UnitNorm(1)],
)  # fmt: skip
def test_configs_go_round(made):
    config = constraints.serialize(made)
    assert config["module"] == "keras.constraints"
    for read in (constraints.deserialize, constraints.get):
        twin = read(config)
        assert type(twin) is type(made) and twin.get_config() == made.get_config()


def test_a_misspelled_name_brings_the_nearest():
    with pytest.raises(ValueError, match=r"unknown constraint 'max_nrom'.*'max_norm'"):
        constraints.get("max_nrom")
    with pytest.raises(ValueError, match="constraint"):
        constraints.get(3)
