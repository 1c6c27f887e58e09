"""Weights as arrays of NumPy: what `save_weights` writes, and what `np.savez(path, *model.get_weights())` does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras


def test_every_array_has_its_path_and_training_goes_on(
    trained: Any, make_model: Any, train: Any, tmp_path: Path
) -> None:
    path = tmp_path / "model.weights.npz"
    trained.save_weights(path)
    with np.load(path, allow_pickle=False) as arrays:
        assert np.array_equal(arrays["layers/dense/vars/0"], trained.layers[1].kernel.numpy())
        assert int(arrays["optimizer/vars/0"]) == 6
    other = make_model()
    train(other)
    other.load_weights(path)
    assert train(other) == train(trained)


def test_arrays_in_the_order_of_get_weights(trained: Any, make_model: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    for save in (np.savez, np.savez_compressed):
        save(path, *[np.asfortranarray(w) for w in trained.get_weights()])
        other = make_model()
        other.load_weights(path)
        assert all(np.array_equal(a, b) for a, b in zip(other.get_weights(), trained.get_weights(), strict=True))


def test_what_does_not_fit_changes_nothing(trained: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    before = trained.get_weights()
    np.savez(path, *[w + 1 for w in before[:-1]])
    with pytest.raises(ValueError, match=rf"weights\.npz: weights: the file holds {len(before) - 1} arrays"):
        trained.load_weights(path)
    np.savez(path, *[w + 1 for w in before[:-1]], np.zeros(7))
    with pytest.raises(ValueError, match=r"has shape \(2,\); arr_6 has \(7,\)"):
        trained.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(trained.get_weights(), before, strict=True))
    with pytest.warns(UserWarning, match="is left as it is"):
        trained.load_weights(path, skip_mismatch=True)
    after = trained.get_weights()
    assert np.array_equal(after[-1], before[-1]) and np.array_equal(after[0], before[0] + 1)


def test_a_part_that_is_missing_is_named_or_skipped(trained: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.weights.npz"
    trained.save_weights(path)
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays if not name.startswith("layers/dense_1/")}
    np.savez(path, **kept)
    with pytest.raises(ValueError, match=r"Dense 'dense_\d+' has 2 variables; the file holds 0 at layers/dense_1"):
        trained.load_weights(path)
    with pytest.warns(UserWarning, match="has 2 variables; the file holds 0"):
        trained.load_weights(path, skip_mismatch=True)


def test_low_precision_is_kept_as_numbers(tmp_path: Path) -> None:
    pytest.importorskip("ml_dtypes")
    for dtype in ("bfloat16", "float16", "float64"):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, dtype=dtype)])
        model.save_weights(tmp_path / "weights.npz")
        expected = model.layers[0].kernel.numpy()
        model.layers[0].kernel.assign(np.zeros((4, 2)))
        model.load_weights(tmp_path / "weights.npz")
        assert model.layers[0].kernel.dtype == dtype
        assert np.array_equal(model.layers[0].kernel.numpy(), expected)


def test_no_hdf5_is_needed(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['h5py'] = None\n"
        "import kerasish as keras\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "model.save_weights(sys.argv[1]); model.load_weights(sys.argv[1])\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "weights.npz")], check=True)


def test_it_is_no_format_of_models_or_of_shards(trained: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in \.keras"):
        trained.save(tmp_path / "model.npz")
    with pytest.raises(ValueError, match=r"weights\.json; received"):
        trained.save_weights(tmp_path / "weights.npz", max_shard_size=1.0)
    with pytest.raises(FileNotFoundError, match="missing"):
        trained.load_weights(tmp_path / "missing.npz")
