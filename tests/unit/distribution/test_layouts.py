"""Devices, layouts and ways of spreading, as one process sees them."""

import numpy as np
import pytest

import kerasish as keras

D = keras.distribution


def test_a_mesh_needs_axes_names_and_devices_that_go_together():
    mesh = D.DeviceMesh((2, 3), ["batch", "model"], [f"cpu:{i}" for i in range(6)])
    assert mesh.shape == (2, 3) and mesh.devices[1, 2] == "cpu:5" and mesh.axis_names == ["batch", "model"]
    for shape, names, devices, message in (
        ((), [], None, "at least one axis"),
        ((1, 1), ["batch"], None, "a name for each axis"),
        ((4,), ["batch"], None, "has 4 devices; there are 1"),
    ):
        with pytest.raises(ValueError, match=message):
            D.DeviceMesh(shape, names, devices)


def test_a_layout_knows_the_axes_of_its_mesh():
    mesh = D.DeviceMesh((1,), ["batch"])
    layout = D.TensorLayout(("batch", None))
    layout.device_mesh = mesh
    assert layout.axes == ("batch", None) and layout.device_mesh is mesh
    with pytest.raises(ValueError, match="already"):
        layout.device_mesh = mesh
    with pytest.raises(ValueError, match=r"names the axes \['model'\]; the mesh has \['batch'\]"):
        D.TensorLayout(("model",), mesh)


def test_a_map_finds_a_path_by_its_name_or_one_pattern():
    layouts = D.LayoutMap(D.DeviceMesh((1,), ["model"]))
    layouts["dense.*kernel"] = (None, "model")
    layouts["dense_1/kernel"] = D.TensorLayout((None, None))
    assert layouts["dense_1/kernel"].axes == (None, None)
    assert layouts["net/dense_2/kernel"].axes == (None, "model")
    assert layouts["net/dense_2/kernel"].device_mesh is layouts.device_mesh
    assert layouts["conv/bias"] is None
    assert list(layouts) == ["dense.*kernel", "dense_1/kernel"] and len(layouts) == 2
    layouts["net"] = (None,)
    with pytest.raises(ValueError, match="matched by several keys"):
        layouts["net/dense_2/kernel"]
    with pytest.raises(ValueError, match="already"):
        layouts["net"] = (None,)
    with pytest.raises(ValueError, match="must be a TensorLayout or a tuple"):
        layouts["bias"] = 3
    del layouts["net"]
    assert layouts["net/dense_2/kernel"].axes == (None, "model")


def test_data_parallel_in_one_process():
    spread = D.DataParallel()
    facts = spread.batch_dim_name, spread.num_processes, spread.num_model_replicas, spread.data_shard_id
    assert facts == ("batch", 1, 1, 0)
    assert spread.get_data_layout((3, 4)).axes == ("batch", None) and spread.get_data_layout(()).axes == ()
    assert spread.get_variable_layout(keras.Variable(np.ones((2, 2)))).axes == (None, None)
    assert spread.get_tensor_layout("dense/output") is None and spread.distribute_dataset(D) is D
    assert D.distribution() is None
    with spread.scope():
        assert D.distribution() is spread
    assert D.distribution() is None
    with pytest.raises(ValueError, match="must be a DeviceMesh"):
        D.DataParallel(device_mesh=3)
    with pytest.raises(ValueError, match="2 devices, but there are 1 processes"):
        D.set_distribution(D.DataParallel(devices=["cpu:0", "cpu:1"]))
    with pytest.raises(TypeError, match="needs a DataParallel"):
        D.set_distribution(3)
    assert D.distribution() is None


def test_what_is_not_supported_is_said():
    mesh = D.DeviceMesh((1, 2), ["batch", "model"], ["cpu:0", "cpu:1"])
    layouts = D.LayoutMap(mesh)
    layouts["kernel"] = (None, "model")
    spread = D.ModelParallel(layout_map=layouts)
    assert spread.batch_dim_name == "batch" and spread.get_tensor_layout("dense/kernel").axes == (None, "model")
    for wrong in (lambda: D.set_distribution(spread), lambda: D.distribute_tensor(np.ones((2, 2)), layouts["kernel"])):
        with pytest.raises(ValueError, match="2 devices, but there are 1 processes"):
            wrong()
    assert D.distribution() is None
    for shape, names, batch in (((1, 1, 1), ["batch", "model", "third"], None), ((1,), ["model"], "batch")):
        other = D.ModelParallel(layout_map=D.LayoutMap(D.DeviceMesh(shape, names)), batch_dim_name=batch)
        with pytest.raises(ValueError, match="an axis for batches and one for weights"):
            D.set_distribution(other)
    with pytest.raises(ValueError, match="not one 'cpu:0'"):
        D.set_distribution(D.ModelParallel(layout_map=D.LayoutMap(D.DeviceMesh((1,), ["batch"], ["cpu:1"]))))
    with pytest.raises(ValueError, match="layout_map"):
        D.ModelParallel()
    with pytest.raises(ValueError, match=r"argument\(s\) \['foo'\]"):
        D.ModelParallel(layout_map=layouts, foo=1)
    with pytest.raises(RuntimeError, match="'gpu'"):
        D.list_devices("gpu")
    with pytest.raises(ValueError, match="mpiexec --host"):
        D.initialize("10.0.0.1:1234")


def test_weights_cut_over_one_device_are_whole():
    layouts = D.LayoutMap(D.DeviceMesh((1, 1), ["batch", "model"]))
    layouts["kernel"] = (None, "model")
    with D.ModelParallel(layout_map=layouts).scope():
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        model.compile("sgd", "mse")
        assert len(model.fit(np.ones((4, 2)), np.ones((4, 3)), verbose=0).history["loss"]) == 1
    assert type(model.layers[0].kernel) is keras.Variable
    assert D.distribution() is None


def test_several_processes_that_do_not_know_each_other_are_refused(monkeypatch):
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "4")
    with pytest.raises(RuntimeError, match="initialize"):
        D.set_distribution(D.DataParallel())


def test_a_training_alone_has_no_part_in_any_sum():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    assert "step" not in vars(model.optimizer)
