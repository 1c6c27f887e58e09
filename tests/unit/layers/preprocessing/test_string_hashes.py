import warnings

import numpy as np
import pytest

from kerasish.layers.preprocessing.string_hashes import fingerprint64, siphash64

LENGTHS = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, 129, 300]
STRINGS = [*(("abcdefghij" * 40)[:n] for n in LENGTHS), "é漢字"]
BUCKETS = 10**9

# What TensorFlow 2.21 computes: tf.strings.to_hash_bucket_fast, and to_hash_bucket_strong with key=[133, 137].
FAST = [
    34397263, 809363939, 749001502, 260161385, 756105985, 789030229, 171807497, 766293058, 573707007, 858006574,
    940222465, 560054163, 656294515, 563238788, 168464198, 984236569, 386023856, 777135623, 499386126, 479043642,
    903541970,
]  # fmt: skip
STRONG = [
    774450900, 121841354, 20288330, 433867945, 183015879, 699773311, 346525444, 612491333, 21483495, 476643853,
    721206751, 894805520, 999066022, 777501762, 255860746, 880728666, 865693254, 153402204, 352511104, 317590015,
    311261242,
]  # fmt: skip


def test_fingerprints_are_those_of_farmhash():
    found = fingerprint64(np.array(STRINGS, object)) % np.uint64(BUCKETS)
    assert found.tolist() == FAST


def test_salted_hashes_are_those_of_siphash():
    found = siphash64(np.array(STRINGS, object), (133, 137)) % np.uint64(BUCKETS)
    assert found.tolist() == STRONG


def test_siphash_of_the_paper():
    """The vector of appendix A: key 00 01 ... 0f, message 00 01 ... 0e."""
    key = tuple(int.from_bytes(bytes(range(start, start + 8)), "little") for start in (0, 8))
    message = "".join(map(chr, range(15)))
    assert siphash64(np.array([message], object), key).tolist() == [0xA129CA6149BE45E5]


@pytest.mark.parametrize("function", [fingerprint64, lambda strings: siphash64(strings, (-1, 2**64 - 1))])
def test_many_are_hashed_as_one_by_one_without_a_warning(function):
    grid = np.array(STRINGS[:20], object).reshape(4, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(grid)
        assert found.shape == (4, 5)
        for place, text in np.ndenumerate(grid):
            assert function(np.array([text], object))[0] == found[place]
        assert function(np.zeros((0, 2), object)).shape == (0, 2)
