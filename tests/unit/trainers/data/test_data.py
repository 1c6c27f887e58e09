"""Whatever a user has as data arrives at the model as the right batches."""

import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import kerasish as keras
from kerasish.trainers.data import arrays, lazy_rows
from kerasish.trainers.data.array_data import ArrayData
from kerasish.trainers.data.epochs import Epochs
from kerasish.trainers.data.lazy_rows import LazyRows
from kerasish.trainers.data.making import make_data, split_validation


def batches_of(*args, **kwargs):
    return list(make_data(*args, **kwargs))


def linear(features=2):
    model = keras.Sequential([keras.Input((features,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    return model


# -- arrays --------------------------------------------------------------------------------------------------


def test_arrays_are_cut_in_order_and_floats_become_floatx():
    x, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    found = batches_of(x, y, np.ones(5), batch_size=2)
    assert [len(batch[0]) for batch in found] == [2, 2, 1]
    assert [batch[0].dtype.name for batch in found] == ["float32"] * 3
    assert found[0][1].dtype == y.dtype
    np.testing.assert_array_equal(np.concatenate([batch[0] for batch in found]), x)
    np.testing.assert_array_equal(found[2][1], [4])


def test_an_array_of_floatx_is_not_copied():
    x = np.ones((4, 2), "float32")
    assert make_data(x).x is x


@pytest.mark.parametrize(
    "structure",
    [
        {"a": np.arange(5), "b": np.ones((5, 2))},
        [np.arange(5), np.ones((5, 2))],
        (np.arange(5), [np.ones((5, 2)), {"c": np.zeros(5)}]),
    ],
)
def test_structures_keep_their_form(structure):
    found = batches_of(structure, batch_size=2, shuffle=True)
    assert len(found) == 3
    keras.tree.assert_same_structure(structure, found[0][0])
    sizes = keras.tree.flatten(keras.tree.map_structure(len, found[0][0]))
    assert sizes == [2] * len(sizes)


def test_a_shuffle_keeps_rows_together():
    x = np.arange(100)
    found = batches_of({"a": x, "b": x + 1.0}, x * 2, x / 2, batch_size=7, shuffle=True)
    a = np.concatenate([batch[0]["a"] for batch in found])
    assert sorted(a) == list(range(100)) and (a != x).any()
    np.testing.assert_array_equal(np.concatenate([batch[0]["b"] for batch in found]), a + 1)
    np.testing.assert_array_equal(np.concatenate([batch[1] for batch in found]), 2 * a)
    np.testing.assert_array_equal(np.concatenate([batch[2] for batch in found]), a / 2)


def test_a_shuffle_of_batches_keeps_them_whole():
    found = [batch[0].tolist() for batch in batches_of(np.arange(50), batch_size=4, shuffle="batch")]
    assert all(batch == list(range(batch[0], batch[0] + len(batch))) for batch in found)
    assert found[-1] == [48, 49] and found != sorted(found)


def test_lists_of_numbers_are_arrays_and_lists_of_arrays_are_inputs():
    assert make_data([[1, 2], [3, 4]], [np.float32(1), np.float32(2)]).x.shape == (2, 2)
    assert isinstance(make_data([np.ones(3), np.ones(3)]).x, list)
    data = make_data(np.ones(2), [np.ones(2), np.ones(2)], [None, np.ones(2)])
    assert next(iter(data))[2][0] is None


def test_no_rows_and_rows_that_do_not_match():
    with pytest.raises(ValueError, match="0 samples"):
        make_data(np.ones((0, 2)))
    with pytest.raises(ValueError, match="x has 3 and 4, y has 3"):
        make_data([np.ones(3), np.ones(4)], np.ones(3))
    with pytest.raises(ValueError, match="single number"):
        make_data(np.float32(3))
    with pytest.raises(ValueError, match=r"x is the text 'train\.csv'"):
        make_data("train.csv")


# -- tables --------------------------------------------------------------------------------------------------


def test_pandas():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]})
    x, y, weight = next(iter(make_data(frame, frame["a"], frame["b"])))
    np.testing.assert_array_equal(x, [[1, 0.5], [2, 1.5], [3, 2.5]])
    assert x.dtype == np.float32 and x.flags.c_contiguous
    assert y.shape == (3, 1) and y.dtype.kind == "i"
    assert weight.shape == (3,)
    x, _, _ = next(iter(make_data(dict(frame))))
    assert {name: part.shape for name, part in x.items()} == {"a": (3, 1), "b": (3, 1)}
    assert linear().predict(frame, verbose=0).shape == (3, 1)


def test_pandas_with_missing_values_and_mixed_types():
    frame = pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": [0.5, 1.5], "c": [True, False]})
    array = make_data(frame).x
    np.testing.assert_array_equal(array, np.array([[1, 0.5, 1], [np.nan, 1.5, 0]], "float32"))
    assert make_data(frame["c"]).x.dtype == bool


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        (pd.Categorical(["u", "v"]), "category"),
        (pd.array(["u", "v"], "string"), "string"),
        (pd.Series(["u", 1], dtype=object), "object"),
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), "datetime64"),
    ],
)
def test_pandas_columns_without_numbers_are_named(column, dtype):
    frame = pd.DataFrame({"age": [1, 2], "city": column})
    with pytest.raises(ValueError, match=rf"x has columns that do not hold numbers: 'city' \({dtype}.*Encode"):
        make_data(frame)
    with pytest.raises(ValueError, match=rf"y is a column of dtype {dtype}"):
        make_data(np.ones(2), frame["city"])


class PolarsType:
    """As much of a dtype of polars as is looked at."""

    def __init__(self, name):
        self.name = name

    def is_numeric(self):
        return self.name in ("Int64", "Float64")

    def __str__(self):
        return self.name


class PolarsColumn:
    def __init__(self, values, dtype):
        self.values, self.dtype = values, PolarsType(dtype)

    def to_numpy(self):
        return np.array(self.values)


class PolarsFrame:
    def __init__(self, **columns):
        self.columns = list(columns)
        self.dtypes = [column.dtype for column in columns.values()]
        self.values = [column.values for column in columns.values()]

    def to_numpy(self):
        return np.array(self.values, object).T


def test_tables_like_those_of_polars():
    frame = PolarsFrame(a=PolarsColumn([1.5, None], "Float64"), b=PolarsColumn([True, False], "Boolean"))
    np.testing.assert_array_equal(make_data(frame).x, np.array([[1.5, 1], [np.nan, 0]], "float32"))
    assert make_data(PolarsColumn([1, 2], "Int64")).x.shape == (2, 1)
    with pytest.raises(ValueError, match=r"'name' \(String\)"):
        make_data(PolarsFrame(name=PolarsColumn(["u", "v"], "String")))


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, None], "b": [0.5, 1.5], "c": [True, False]})
    np.testing.assert_array_equal(make_data(frame).x, np.array([[1, 0.5, 1], [np.nan, 1.5, 0]], "float32"))
    assert make_data(frame["b"]).x.shape == (2, 1)
    with pytest.raises(ValueError, match=r"'city' \(Categorical"):
        make_data(polars.DataFrame({"city": ["u", "v"]}, schema={"city": polars.Categorical}))


# -- larger than memory --------------------------------------------------------------------------------------


@pytest.fixture
def mapped(tmp_path):
    def make(dtype, shape=(20, 3)):
        path = tmp_path / f"{np.dtype(dtype).name}.dat"
        np.arange(np.prod(shape)).astype(dtype).tofile(path)
        return np.memmap(path, dtype, "r", shape=shape)

    return make


@pytest.mark.parametrize("dtype", ["float64", "float16", "float32", "uint8", ">f4"])
@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_a_memory_map_gives_the_batches_of_its_array(mapped, dtype, shuffle):
    source = mapped(dtype)
    rows = np.asarray(source, None if dtype == "uint8" else "float32")
    found = batches_of(source, rows[:, 0], batch_size=6, shuffle=shuffle)
    x = np.concatenate([batch[0] for batch in found])
    assert x.dtype == rows.dtype and not any(isinstance(batch[0], np.memmap) for batch in found)
    order = np.argsort(x[:, 0])
    np.testing.assert_array_equal(x[order], rows)
    np.testing.assert_array_equal(np.concatenate([batch[1] for batch in found]), x[:, 0])


def test_bfloat16(mapped):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    source = mapped(ml_dtypes.bfloat16)
    for given in (source, np.array(source)):
        x = next(iter(make_data(given)))[0]
        assert x.dtype == np.float32
        np.testing.assert_array_equal(x, source.astype("float32"))


def test_a_memory_map_is_not_loaded(tmp_path):
    """A sparse file of 64 GB: it could be neither read nor copied."""
    path = tmp_path / "huge.dat"
    with open(path, "wb") as file:
        file.truncate(8 * 4 * 2**31)
    huge = np.memmap(path, "float64", "r", shape=(2**31, 4))
    model = linear(4)
    labels = np.broadcast_to(np.float32(0), (2**31,))
    history = model.fit(huge, labels, batch_size=8, steps_per_epoch=3, epochs=2, shuffle=False, verbose=0)
    assert history.history["loss"] == [0, 0]
    (x, _, _), (vx, _, _) = split_validation(huge, labels, None, 0.25)
    assert (x.shape, vx.shape) == ((3 * 2**29, 4), (2**29, 4))
    assert model.predict(vx, batch_size=5, steps=2, verbose=0).shape == (10, 1)


def test_a_huge_array_is_converted_batch_by_batch(monkeypatch):
    monkeypatch.setattr(arrays, "HUGE", 100)
    x = np.arange(60.0).reshape(20, 3)
    data = make_data(x, batch_size=6, shuffle=True)
    assert isinstance(data.x, LazyRows) and data.x.source is x
    assert {batch[0].dtype.name for batch in data} == {"float32"}
    assert lazy_rows.HUGE > 2**20


def test_hdf5_is_read_batch_by_batch(tmp_path):
    x = np.arange(60.0).reshape(20, 3)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = x, x.sum(axis=1)
        for shuffle in (False, True):
            found = batches_of(file["x"], file["y"], batch_size=7, shuffle=shuffle)
            rows = np.concatenate([batch[0] for batch in found])
            np.testing.assert_array_equal(rows[np.argsort(rows[:, 0])], x)
            np.testing.assert_allclose(np.concatenate([batch[1] for batch in found]), rows.sum(axis=1))
        model = linear(3)
        assert model.evaluate(file["x"], file["y"], verbose=0) == pytest.approx(0, abs=1e-6)
        model.fit(file["x"], file["y"], validation_split=0.5, verbose=0)


@pytest.mark.parametrize("form", ["csr_matrix", "coo_matrix", "csc_array"])
def test_sparse_matrices_are_made_dense_batch_by_batch(form):
    dense = np.eye(10, 4) * np.arange(1.0, 11)[:, None]
    data = make_data(getattr(scipy.sparse, form)(dense), np.ones(10), batch_size=3, shuffle=True)
    rows = np.concatenate([batch[0] for batch in data])
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(np.sort(rows, axis=0), np.sort(dense, axis=0))


def test_lazy_rows_pick_like_an_array():
    source = np.arange(40.0).reshape(10, 4)
    rows = LazyRows(source, 2, 9)
    array = source[2:9].astype("float32")
    assert (rows.shape, rows.ndim, len(rows), rows.dtype) == ((7, 4), 2, 7, np.dtype("float32"))
    for pick in (slice(1, 3), slice(-2, None), slice(None, None, 2), slice(5, 2), np.array([3, 0, 3]), [6]):
        np.testing.assert_array_equal(rows[pick], array[pick])
    out = np.empty((2, 4), "float32")
    assert rows.take([1, 2], 0, out, "clip") is out
    np.testing.assert_array_equal(out, array[[1, 2]])
    np.testing.assert_array_equal(rows.between(1, 3)[:], array[1:3])
    np.testing.assert_array_equal(np.asarray(rows), array)
    with pytest.raises(IndexError, match="7 rows"):
        rows.take([7])
    with pytest.raises(ValueError, match="axis 0"):
        rows.take([0], axis=1)
    with pytest.raises(ValueError, match="copy"):
        np.array(rows, copy=False)


# -- what yields batches -------------------------------------------------------------------------------------


class Loader:
    """A loader as PyTorch has it: iterable again, of lists."""

    def __init__(self, batches, length=None):
        self.batches, self.length = batches, length

    def __iter__(self):
        return iter(self.batches)

    def __len__(self):
        if self.length is None:
            raise TypeError("this loader has no length")
        return self.length


class TorchTensor:
    """A tensor that NumPy must not touch before it has been taken off the tape and the device."""

    def __init__(self, array, steps=()):
        self.array, self.steps, self.shape = array, steps, array.shape

    def detach(self):
        return TorchTensor(self.array, (*self.steps, "detach"))

    def cpu(self):
        return TorchTensor(self.array, (*self.steps, "cpu"))

    def numpy(self):
        assert self.steps == ("detach", "cpu")
        return self.array

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class EagerTensor:
    """A tensor of TensorFlow: something that NumPy can read."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.array, dtype)


@pytest.mark.parametrize("wrap", [np.asarray, TorchTensor, EagerTensor])
@pytest.mark.parametrize("kind", [tuple, list])
def test_loaders_of_batches(wrap, kind):
    x, y = np.arange(6.0).reshape(3, 2), np.ones(3)
    loader = Loader([kind((wrap(x), wrap(y)))] * 4, 4)
    data = make_data(loader, shuffle=True)
    assert data.num_batches == 4 and not data.once
    for _ in range(2):
        found = list(data)
        assert len(found) == 4
        np.testing.assert_array_equal(found[0][0], x)
        assert found[0][0].dtype == np.float32
        assert found[0][2] is None
    assert len(linear().fit(loader, epochs=2, verbose=0).history["loss"]) == 2
    assert make_data(Loader([(x, y)])).num_batches is None


def test_torch():
    torch = pytest.importorskip("torch")
    x, y = torch.arange(12.0).reshape(6, 2), torch.ones(6)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=4)
    assert [len(batch[0]) for batch in make_data(loader)] == [4, 2]
    assert len(linear().fit(loader, epochs=2, verbose=0).history["loss"]) == 2
    weights = torch.ones(6, requires_grad=True)
    assert linear().predict(x, verbose=0).shape == (6, 1)
    np.testing.assert_array_equal(make_data(x, y, weights).sample_weight, np.ones(6))


def test_no_library_of_data_is_imported():
    code = (
        "import sys, numpy, kerasish.trainers.data.making as data; list(data.make_data(numpy.ones(3))); "
        "print({'torch', 'tensorflow', 'pandas', 'polars', 'scipy', 'h5py'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"


def test_a_batch_of_one_part_is_x():
    x = np.ones((3, 2))
    for form in (x, (x,), [x]):
        batch = next(iter(make_data(iter([form]))))
        assert batch[0].shape == (3, 2) and batch[1] is None
    named = next(iter(make_data(iter([{"a": x, "b": x}]))))[0]
    assert list(named) == ["a", "b"]


@pytest.mark.parametrize("parts", [0, 4])
def test_a_batch_of_too_many_parts(parts):
    with pytest.raises(ValueError, match=f"tuple of {parts} parts"):
        next(iter(make_data(iter([(np.ones(2),) * parts]))))


def test_a_batch_whose_parts_differ_in_length():
    with pytest.raises(ValueError, match="x has 3, y has 2"):
        next(iter(make_data(iter([(np.ones((3, 2)), np.ones(2))]))))


def test_targets_beside_a_generator():
    with pytest.raises(ValueError, match=r"x yields batches \(list_iterator\), so y"):
        make_data(iter([]), np.ones(2))
    with pytest.raises(ValueError, match="validation_split needs arrays"):
        split_validation(iter([]), None, None, 0.5)


# -- weights -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("y", [np.array([0, 1, 2, 1]), np.array([[0], [1], [2], [1]]), np.eye(3)[[0, 1, 2, 1]]])
def test_class_weight(y):
    x = np.ones((4, 2))
    for data in (
        make_data(x, y, class_weight={1: 3.0, 2: 0.5}),
        make_data(iter([(x, y)]), class_weight={1: 3.0, 2: 0.5}),
    ):
        np.testing.assert_array_equal(next(iter(data))[2], [1, 3, 0.5, 3])


def test_class_weight_with_sample_weight():
    x = np.ones((4, 2))
    with pytest.raises(ValueError, match="cannot both be given"):
        make_data(x, np.ones(4), np.ones(4), class_weight={1: 2.0})
    with pytest.raises(ValueError, match="cannot both be given"):
        next(iter(make_data(iter([(x, np.ones(4), np.ones(4))]), class_weight={1: 2.0})))
    with pytest.raises(ValueError, match="one array of labels"):
        make_data(x, {"a": np.ones(4)}, class_weight={1: 2.0})


def test_every_kind_of_data_trains_alike():
    rng = np.random.default_rng(0)
    x, y, weight = rng.random((12, 2)).astype("float32"), rng.random(12).astype("float32"), rng.random(12)
    cuts = [slice(0, 5), slice(5, 10), slice(10, 12)]

    class Data(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return x[cuts[index]], y[cuts[index]], weight[cuts[index]]

    forms = {
        "arrays": ((x, y), {"sample_weight": weight, "batch_size": 5}),
        "generator": (((x[c], y[c], weight[c]) for c in cuts * 2), {"steps_per_epoch": 3}),
        "loader": (Loader([[x[c], y[c], weight[c]] for c in cuts]), {}),
        "data set": (Data(), {}),
        "workers": (Data(workers=2), {}),
    }
    weights = {}
    for name, (data, arguments) in forms.items():
        model = linear()
        args = data if isinstance(data, tuple) else (data,)
        model.fit(*args, epochs=2, shuffle=False, verbose=0, **arguments)
        weights[name] = model.get_weights()[0]
    for name, found in weights.items():
        np.testing.assert_allclose(found, weights["arrays"], rtol=1e-6, err_msg=name)


def test_validation_split_takes_the_end_of_structures():
    x = {"a": np.arange(10), "b": np.arange(10.0)}
    (left, y, none), (right, vy, _) = split_validation(x, np.arange(10), None, 0.3)
    assert len(left["a"]) == len(y) == 7 and none is None
    assert right["b"].tolist() == [7, 8, 9] == vy.tolist()


def test_array_data_tells_what_the_training_loop_needs():
    data = ArrayData(np.ones((5, 2)), np.ones(5), batch_size=2)
    assert (data.size, data.batch_size, data.num_batches, data.sample_weight, data._order()) == (5, 2, 3, None, None)
    assert Epochs(data).num_batches == 3


def test_lists_of_numbers_and_of_words_inside_a_dict():
    data = ArrayData({"a": [[1.0], [2.0]], "b": {"c": (3, 4)}, "d": [["x"], ["y"]]}, [[0.0], [1.0]])
    x, y, _ = next(iter(data))
    assert (x["a"].tolist(), x["b"]["c"].tolist(), x["d"].tolist()) == ([[1.0], [2.0]], [3, 4], [["x"], ["y"]])
    assert x["a"].dtype == y.dtype == "float32"
