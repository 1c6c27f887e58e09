import pytest

from kerasish import losses
from kerasish.saving.registry import CustomObjectScope


def test_strings_give_functions_and_class_names_instances():
    assert losses.get("mse") is losses.mean_squared_error is losses.get("MSE") is losses.get("mean_squared_error")
    assert isinstance(losses.get("MeanSquaredError"), losses.MeanSquaredError)
    assert losses.get(None) is None
    assert losses.get(losses.huber) is losses.huber
    assert isinstance(losses.get(losses.Huber), losses.Huber)


@pytest.mark.parametrize(
    ("former", "name"),
    [
        ("logcosh", "log_cosh"),
        ("kullback_leibler_divergence", "kl_divergence"),
        ("cosine_proximity", "cosine_similarity"),
    ],
)
def test_names_in_old_files(former, name):
    assert losses.get(former) is getattr(losses, name)


def test_a_config_without_a_module():
    found = losses.get({"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}})
    assert isinstance(found, losses.CategoricalCrossentropy) and found.from_logits


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="categorical_crossentropy"):
        losses.get("categorial_crossentropy")
    with pytest.raises(ValueError, match="loss"):
        losses.get(3)


def test_custom_objects():
    def mine(y_true, y_pred):
        return y_pred

    assert losses.deserialize("mine", {"mine": mine}) is mine
    with CustomObjectScope({"mine": mine}):
        assert losses.get("mine") is mine
