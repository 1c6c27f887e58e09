import numpy as np

from kerasish import losses
from kerasish.backend.tape import GradientTape


def test_an_embedding_without_a_pair_costs_nothing_and_has_a_finite_gradient():
    embeddings = np.eye(4, dtype="float32")
    with GradientTape() as tape:
        watched = tape.watch(embeddings)
        result = losses.circle([0, 0, 1, 2], watched, gamma=2.0)
    assert result.value[2] == result.value[3] == 0 and (result.value[:2] > 0).all()
    assert np.isfinite(tape.gradient(result, watched)).all()


def test_the_mean_is_over_embeddings_with_pairs():
    embeddings = np.eye(4, dtype="float32")
    each = losses.circle([0, 0, 1, 2], embeddings, gamma=2.0)
    found = losses.Circle(gamma=2.0)(np.array([0, 0, 1, 2]), embeddings)
    np.testing.assert_allclose(found, each[:2].mean(), rtol=1e-6)


def test_one_class_alone_costs_nothing():
    assert losses.Circle()(np.array([1, 1, 1]), np.eye(3, dtype="float32")) == 0.0
