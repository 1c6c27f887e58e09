import pytest

from kerasish.optimizers import schedules
from kerasish.saving import register_keras_serializable


@pytest.mark.parametrize(
    "made",
    [
        schedules.CosineDecay(0.1, 50, 0.1, "mine", 0.3, 10), schedules.CosineDecayRestarts(0.1, 10, 1.5, 0.9, 0.1),
        schedules.ExponentialDecay(0.1, 10, 0.9, True), schedules.InverseTimeDecay(0.1, 10, 0.9, True),
        schedules.PiecewiseConstantDecay([3, 6], [1, 0.5, 0.1]), schedules.PolynomialDecay(0.1, 10, 0.01, 2.0, True),
    ],
    ids=lambda made: type(made).__name__,
)  # fmt: skip
def test_configs_go_round(made):
    config = schedules.serialize(made)
    assert config["module"] == "keras.optimizers.schedules"
    twin = schedules.deserialize(config)
    assert type(twin) is type(made) and twin.get_config() == made.get_config()
    assert [twin(step) for step in range(30)] == [made(step) for step in range(30)]


def test_a_config_of_keras_2_is_read():
    old = {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.5, "decay_steps": 10}}
    assert schedules.deserialize(old)(0) == 0.5


def test_custom_schedules():
    @register_keras_serializable("test_schedules")
    class Flat(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.25

        def get_config(self):
            return {}

    assert schedules.deserialize(schedules.serialize(Flat()))(7) == 0.25


def test_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match="'Nope'"):
        schedules.deserialize({"class_name": "Nope", "config": {}})
