"""kerasish_datasets: the bundled MNIST, local copies of it, and XOR."""

import doctest
import hashlib
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kerasish_datasets
from kerasish_datasets import _bundled, iris, mnist, playground, xor

ROOT = Path(__file__).resolve().parents[2]


def _members(train: int = 3, test: int = 2) -> dict[str, Any]:
    """Valid members of a small archive."""
    return {
        "x_train": np.arange(train * 784, dtype=np.uint32).astype(np.uint8).reshape(train, 28, 28),
        "y_train": np.arange(train, dtype=np.uint8),
        "x_test": np.ones((test, 28, 28), np.uint8),
        "y_test": np.ones(test, np.uint8),
    }


class TestMnist:
    def test_shapes_and_dtypes(self) -> None:
        (x_train, y_train), (x_test, y_test) = mnist.load_data()
        assert [a.shape for a in (x_train, y_train, x_test, y_test)] == [
            (60000, 28, 28),
            (60000,),
            (10000, 28, 28),
            (10000,),
        ]
        assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}

    def test_content_is_the_published_one(self) -> None:
        (x_train, y_train), (x_test, y_test) = mnist.load_data()
        assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
        assert y_test[:5].tolist() == [7, 2, 1, 0, 4]
        assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
        assert x_train.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
        assert x_train.std() / 255 == pytest.approx(0.3081, abs=5e-5)
        assert (x_train.max(), x_test.max()) == (255, 255)

    def test_arrays_are_the_callers_own(self) -> None:
        (x_train, _), _ = mnist.load_data()
        x_train[:] = 0
        assert mnist.load_data()[0][0].any()

    def test_damaged_bundle_is_refused_with_its_name_and_repair(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copy = tmp_path / "mnist.npz"
        data = bytearray(mnist.BUNDLED.read_bytes())
        data[len(data) // 2] ^= 1
        copy.write_bytes(data)
        monkeypatch.setattr(mnist, "BUNDLED", copy)
        with pytest.raises(OSError, match=r"is damaged.*force-reinstall") as caught:
            mnist.load_data()
        assert str(copy) in str(caught.value)

    def test_missing_bundle_is_refused_with_its_name_and_its_package(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mnist, "BUNDLED", tmp_path / "gone.npz")
        with pytest.raises(FileNotFoundError, match=r"gone\.npz.*kerasish-mnist: install"):
            mnist.load_data()

    def test_bundle_is_found_wherever_its_package_is(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("__init__.py", "digits.npz"):
            (tmp_path / "elsewhere").mkdir(exist_ok=True)
            (tmp_path / "elsewhere" / name).touch()
        monkeypatch.syspath_prepend(tmp_path)
        assert _bundled.of_package("elsewhere", "digits.npz") == tmp_path / "elsewhere" / "digits.npz"
        beside = Path(kerasish_datasets.__file__).parents[1] / "nowhere" / "digits.npz"
        assert _bundled.of_package("nowhere", "digits.npz") == beside

    def test_checksum_is_of_the_bundled_file(self) -> None:
        assert hashlib.sha256(mnist.BUNDLED.read_bytes()).hexdigest() == mnist._BUNDLED_SHA256

    def test_default_name_is_the_bundle_even_beside_a_local_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        np.savez("mnist.npz", **_members())
        assert mnist.load_data(path="mnist.npz")[0][0].shape == (60000, 28, 28)
        assert mnist.load_data(path="./mnist.npz")[0][0].shape == (3, 28, 28)

    @pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
    def test_local_file(self, tmp_path: Path, save: Any) -> None:
        members = _members()
        save(tmp_path / "mine.npz", **members)
        (x_train, y_train), (x_test, y_test) = mnist.load_data(tmp_path / "mine.npz")
        for name, array in {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}.items():
            np.testing.assert_array_equal(array, members[name])

    @pytest.mark.parametrize("name", ["other.npz", ""])
    def test_absent_local_file(self, name: str) -> None:
        with pytest.raises(FileNotFoundError, match="downloads nothing"):
            mnist.load_data(name)

    def test_directory(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="no file"):
            mnist.load_data(tmp_path)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"y_test": None}, "has no member 'y_test'. It has: x_train, y_train, x_test"),
            (
                {"x_train": np.zeros((3, 784), np.uint8)},
                r"uint8 of shape \(3, 784\).*Expected uint8 of shape \(n, 28, 28\)",
            ),
            ({"x_train": np.zeros((3, 28, 28))}, "'x_train' of .* is float64"),
            ({"y_train": np.zeros((3, 1), np.uint8)}, r"Expected uint8 of shape \(n,\)"),
            ({"y_train": np.zeros((), np.uint8)}, r"of shape \(\)"),
            ({"y_train": np.zeros(4, np.uint8)}, "3 images in x_train but 4 labels in y_train"),
            ({"x_test": np.array([{"an": "object"}])}, "Member 'x_test' of .* cannot be read: Object arrays"),
        ],
    )
    def test_wrong_member(self, tmp_path: Path, change: dict[str, Any], message: str) -> None:
        members = {name: array for name, array in (_members() | change).items() if array is not None}
        np.savez(tmp_path / "wrong.npz", **members)
        with pytest.raises(ValueError, match=message) as caught:
            mnist.load_data(tmp_path / "wrong.npz")
        assert "wrong.npz" in str(caught.value)

    def test_truncated_at_any_length(self, tmp_path: Path) -> None:
        whole, cut = tmp_path / "whole.npz", tmp_path / "cut.npz"
        np.savez_compressed(whole, **_members())
        data = whole.read_bytes()
        for length in range(0, len(data), 97):
            cut.write_bytes(data[:length])
            with pytest.raises(ValueError, match=r"cut\.npz"):
                mnist.load_data(cut)

    def test_flipped_byte_never_raises_anything_but_value_error(self, tmp_path: Path) -> None:
        whole, bad = tmp_path / "whole.npz", tmp_path / "bad.npz"
        np.savez_compressed(whole, **_members())
        data = whole.read_bytes()
        for place in range(len(data)):
            bad.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
            try:
                mnist.load_data(bad)
            except ValueError as error:
                assert "bad.npz" in str(error)

    def test_pickle_is_not_executed(self, tmp_path: Path) -> None:
        (tmp_path / "evil.npz").write_bytes(pickle.dumps(_TouchOnLoad(tmp_path / "touched")))
        with pytest.raises(ValueError, match=r"evil\.npz is not a readable"):
            mnist.load_data(tmp_path / "evil.npz")
        assert not (tmp_path / "touched").exists()

    def test_single_array(self, tmp_path: Path) -> None:
        np.save(tmp_path / "one.npy", np.zeros(3))
        with pytest.raises(ValueError, match="single array"):
            mnist.load_data(tmp_path / "one.npy")


class _TouchOnLoad:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


class TestXor:
    def test_truth_table(self) -> None:
        x, y = xor.load_data()
        assert x.dtype == y.dtype == np.float32
        assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
        assert y.tolist() == [[0], [1], [1], [0]]

    def test_truth_table_is_the_callers_own(self) -> None:
        x, y = xor.load_data()
        x[:] = y[:] = 7
        assert [a.max() for a in xor.load_data()] == [1, 1]

    @given(n=st.integers(1, 500), noise=st.floats(0, 2), seed=st.integers(0, 2**32))
    def test_cloud(self, n: int, noise: float, seed: int) -> None:
        x, y = xor.load_data(n, noise, seed)
        assert (x.shape, y.shape) == ((n, 2), (n, 1))
        assert x.dtype == y.dtype == np.float32
        assert set(y.ravel()) <= {0, 1}
        assert abs(2 * y.sum() - n) <= 1  # the classes are as even as can be

    def test_cloud_without_noise_is_balanced_corners(self) -> None:
        x, y = xor.load_data(n=400, noise=0.0, seed=1)
        corners, counts = np.unique(x, axis=0, return_counts=True)
        assert corners.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
        assert counts.tolist() == [100] * 4
        np.testing.assert_array_equal(y.ravel(), x.sum(axis=1) == 1)

    def test_noise_is_the_standard_deviation(self) -> None:
        clean, _ = xor.load_data(n=20_000, noise=0.0, seed=3)
        noisy, _ = xor.load_data(n=20_000, noise=0.25, seed=3)
        assert (noisy - clean).std() == pytest.approx(0.25, rel=0.02)

    def test_shuffled(self) -> None:
        _, y = xor.load_data(n=400, seed=0)
        assert 0.3 < y[:100].mean() < 0.7
        assert y[:8].ravel().tolist() != [0, 1, 1, 0] * 2

    def test_seed(self) -> None:
        first, again, other = (xor.load_data(n=50, seed=seed)[0] for seed in (5, 5, 6))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()
        assert (xor.load_data(n=50)[0] != xor.load_data(n=50)[0]).any()

    @pytest.mark.parametrize("n", [0, -4])
    def test_bad_n(self, n: int) -> None:
        with pytest.raises(ValueError, match=f"`n` must be at least 1.*n={n}"):
            xor.load_data(n)

    def test_fractional_n(self) -> None:
        with pytest.raises(TypeError):
            xor.load_data(10.5)  # type: ignore[arg-type]

    @pytest.mark.parametrize("noise", [-0.1, float("inf"), float("nan")])
    def test_bad_noise(self, noise: float) -> None:
        with pytest.raises(ValueError, match="`noise` is a standard deviation"):
            xor.load_data(4, noise=noise)


class TestIris:
    def test_the_published_table(self) -> None:
        (x, y), (none, _) = iris.load_data(test_split=0.0)
        assert x.shape == (150, 4) and none.shape == (0, 4)
        assert (x.dtype, y.dtype) == (np.float32, np.uint8)
        assert np.bincount(y).tolist() == [50, 50, 50]
        means = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.77, 4.26, 1.326], [6.588, 2.974, 5.552, 2.026]]
        for species, mean in enumerate(means):
            np.testing.assert_allclose(x[y == species].mean(axis=0), mean, atol=1e-5)
        assert (len(iris.FEATURES), len(iris.SPECIES)) == (4, 3)

    def test_split_and_seed(self) -> None:
        (x_train, y_train), (x_test, y_test) = iris.load_data()
        assert (len(x_train), len(y_train), len(x_test), len(y_test)) == (120, 120, 30, 30)
        assert set(y_test) == {0, 1, 2}
        np.testing.assert_array_equal(iris.load_data()[0][0], x_train)
        assert (iris.load_data(seed=1)[0][0] != x_train).any()
        assert len(iris.load_data(test_split=0.1)[1][0]) == 15
        with pytest.raises(ValueError, match="test_split"):
            iris.load_data(test_split=1.0)

    def test_arrays_are_the_callers_own(self) -> None:
        iris.load_data()[0][0][:] = 0
        assert iris.load_data()[0][0].all()

    def test_a_damaged_or_missing_file_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(iris, "_FILE", tmp_path / "iris.npz")
        with pytest.raises(OSError, match=r"bundled Iris cannot be read.*force-reinstall"):
            iris.load_data()
        (tmp_path / "iris.npz").write_bytes(b"PK")
        with pytest.raises(OSError, match=r"is damaged.*force-reinstall"):
            iris.load_data()


POINT_SETS = [
    playground.circle,
    playground.xor,
    playground.gauss,
    playground.spiral,
    playground.regression_plane,
    playground.regression_gauss,
]


class TestPlayground:
    @pytest.mark.parametrize("draw", POINT_SETS)
    @pytest.mark.parametrize("n", [1, 2, 7, 300])
    def test_shapes_dtypes_and_range(self, draw: Any, n: int) -> None:
        x, y = draw(n, noise=0.0, seed=3)
        assert (x.shape, y.shape) == ((n, 2), (n, 1))
        assert x.dtype == y.dtype == np.float32
        assert np.abs(x).max() <= 6

    @pytest.mark.parametrize("draw", POINT_SETS[:4])
    def test_classes_are_even_and_shuffled(self, draw: Any) -> None:
        y = draw(400, seed=0)[1].ravel()
        assert y.sum() == 200 and set(y) == {0, 1}
        assert 0.3 < y[:100].mean() < 0.7

    @pytest.mark.parametrize("draw", POINT_SETS)
    def test_seed(self, draw: Any) -> None:
        first, again, other = (draw(50, seed=seed)[0] for seed in (5, 5, 6))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()
        assert (draw(50)[0] != draw(50)[0]).any()

    @pytest.mark.parametrize("draw", POINT_SETS)
    def test_noise_moves_points_and_keeps_targets(self, draw: Any) -> None:
        clean, noisy = draw(5000, noise=0.0, seed=3), draw(5000, noise=0.25, seed=3)
        np.testing.assert_array_equal(clean[1], noisy[1])
        assert (noisy[0] - clean[0]).std() == pytest.approx(0.25, rel=0.05)

    def test_xor_fills_its_squares(self) -> None:
        x, y = playground.xor(5000, noise=0.0, seed=0)
        assert 0.3 <= np.abs(x).min() < 0.31 and 5.29 < np.abs(x).max() <= 5.3
        np.testing.assert_array_equal(x[:, 0] * x[:, 1] > 0, y.ravel() == 1)

    def test_gauss_has_the_playgrounds_variance(self) -> None:
        x, y = playground.gauss(20_000, noise=0.0, seed=0)
        for label, centre in ((1, 2.0), (0, -2.0)):
            cloud = x[y.ravel() == label]
            np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=0.03)
            np.testing.assert_allclose(cloud.var(axis=0), 0.5, rtol=0.05)

    @pytest.mark.parametrize("draw", [playground.circle, playground.gauss, playground.spiral])
    @pytest.mark.parametrize("classes", [3, 8])
    def test_more_classes_are_even_and_apart(self, draw: Any, classes: int) -> None:
        x, y = draw(40 * classes, noise=0.0, seed=1, classes=classes)
        labels = y.ravel().astype(int)
        assert np.bincount(labels).tolist() == [40] * classes and np.abs(x).max() <= 6
        distance = np.linalg.norm(x[:, None] - x[None], axis=2) + 100 * np.eye(len(x))
        assert (labels[distance.argmin(axis=1)] == labels).mean() > 0.75  # the nearest neighbour is of the same class
        for wrong in (1, 9):
            with pytest.raises(ValueError, match="`classes` must be from 2 to 8"):
                draw(classes=wrong)

    def test_more_classes_lie_around_the_middle(self) -> None:
        x, y = playground.circle(3000, noise=0.0, seed=0, classes=3)
        rings = [np.hypot(*x[y.ravel() == label].T) for label in range(3)]
        assert rings[2].max() < 5 / 3 < rings[1].min() < rings[1].max() < 10 / 3 < rings[0].min()
        x, y = playground.gauss(3000, noise=0.0, seed=0, classes=3)
        centres = np.array([x[y.ravel() == label].mean(axis=0) for label in range(3)])
        np.testing.assert_allclose(np.hypot(*centres.T), np.sqrt(8), atol=0.1)
        np.testing.assert_allclose(centres.sum(axis=0), 0, atol=0.15)
        np.testing.assert_allclose(centres[1], 2, atol=0.1)

    def test_circle_has_a_gap(self) -> None:
        x, y = playground.circle(2000, noise=0.0, seed=0)
        radius = np.hypot(*x.T)
        assert radius[y.ravel() == 1].max() < 2.5 and 3.5 < radius[y.ravel() == 0].min() < radius.max() < 5.001

    def test_spiral_arms_are_each_others_mirror(self) -> None:
        x, y = playground.spiral(400, noise=0.0, seed=0)
        arms = [x[y.ravel() == label] for label in (0, 1)]
        arms = [arm[np.hypot(*arm.T).argsort()] for arm in arms]
        np.testing.assert_allclose(arms[0], -arms[1], atol=1e-5)

    def test_the_end_of_the_data_is_like_its_beginning(self) -> None:
        x, _ = playground.spiral(400, noise=0.0, seed=0)
        radius = np.hypot(*x.T)
        assert radius[:200].mean() == pytest.approx(radius[200:].mean(), rel=0.15)

    def test_regression_gauss_at_its_centres(self) -> None:
        assert playground._heights(playground._PEAKS[:, :2]).tolist() == [1, -1, 1, -1, 1, -1]
        assert playground._heights(np.array([[-4.0, 0.0], [-2.0, 2.5]])).tolist() == [0, 0]

    @pytest.mark.parametrize("draw", POINT_SETS)
    def test_bad_arguments(self, draw: Any) -> None:
        with pytest.raises(ValueError, match=r"`n` must be at least 1.*n=0"):
            draw(0)
        with pytest.raises(ValueError, match=r"`noise` is a standard deviation.*noise=-1"):
            draw(5, noise=-1)


class TestPackage:
    def test_submodules_are_imported_on_first_use(self) -> None:
        code = (
            "import sys, kerasish_datasets as d; "
            "assert 'numpy' not in sys.modules and 'kerasish_datasets.xor' not in sys.modules; "
            "d.xor.load_data; assert 'kerasish_datasets.mnist' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

    def test_unknown_name(self) -> None:
        with pytest.raises(AttributeError, match=r"no attribute 'cifar'. It has: boston_housing, .*, xor\."):
            kerasish_datasets.cifar  # noqa: B018

    def test_dir_lists_submodules(self) -> None:
        assert dir(kerasish_datasets) == sorted(kerasish_datasets.__all__)

    def test_kerasish_datasets_are_the_same_modules(self) -> None:
        import kerasish.datasets

        assert kerasish.datasets.mnist is mnist
        assert kerasish.datasets.xor is xor
        assert dir(kerasish.datasets) == sorted(kerasish.datasets.__all__)
        with pytest.raises(AttributeError, match=r"kerasish\.datasets.*'cifar'"):
            kerasish.datasets.cifar  # noqa: B018

    def test_notice_travels_with_the_data(self) -> None:
        digits = (mnist.BUNDLED.parent / "NOTICE").read_text(encoding="utf-8")
        assert "Yann LeCun and Corinna Cortes" in digits and "CC BY-SA 3.0" in digits
        flowers = (Path(kerasish_datasets.__file__).parent / "NOTICE").read_text(encoding="utf-8")
        assert "Fisher, R. (1936). Iris" in flowers and "CC BY 4.0" in flowers

    @pytest.mark.parametrize("module", [iris, mnist, playground, xor])
    def test_docstring_examples_run(self, module: Any) -> None:
        result = doctest.testmod(module)
        assert result.attempted > 0 and result.failed == 0
