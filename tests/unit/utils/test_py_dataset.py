import itertools

import pytest

import kerasish as keras


class Letters(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return "abc"[index]


def test_settings():
    data = Letters(workers=4, use_multiprocessing=True, max_queue_size=2)
    assert (data.workers, data.use_multiprocessing, data.max_queue_size, data.num_batches) == (4, True, 2, 3)
    data.workers, data.use_multiprocessing, data.max_queue_size = 1, False, 5
    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (1, False, 5)
    assert (Letters().workers, Letters().max_queue_size) == (1, 10)


def test_iteration():
    assert list(Letters()) == ["a", "b", "c"]

    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, index):
            return index

    assert list(itertools.islice(Endless(), 4)) == [0, 1, 2, 3]


def test_a_length_of_none_is_no_end():
    class Endless(Letters):
        def __len__(self):
            return None  # noqa: PLE0303

    assert Endless().num_batches is None
    assert next(iter(Endless())) == "a"


def test_what_a_subclass_must_define():
    with pytest.raises(NotImplementedError, match="must define `__len__` or the property `num_batches`"):
        _ = keras.utils.PyDataset().num_batches
    with pytest.raises(NotImplementedError, match="`__getitem__"):
        keras.utils.PyDataset()[0]


def test_sequence_is_its_former_name():
    assert keras.utils.Sequence is keras.utils.PyDataset
