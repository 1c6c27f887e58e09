import pytest


@pytest.fixture
def tf():
    """The stand-in; afterwards operations return plain numbers again."""
    from kerasish.backend.array import let_scalars_be_tensors
    from kerasish.compat.tensorflow.namespace import Namespace

    yield Namespace()
    let_scalars_be_tensors(False)
