"""The known networks beside Keras's: the same layers, answers with the same weights, files and errors."""

import importlib.util
import json
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

HERE = Path(__file__).parent


def _load():
    spec = importlib.util.spec_from_file_location("applications_with_keras", HERE / "applications_with_keras.py")
    module = sys.modules.setdefault("applications_with_keras", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


compared = _load()
FOUND = json.loads((HERE / "applications.json").read_text())
LIBRARIES = (keras, kerasish)
TINY = {"input_shape": (32, 32, 3), "alpha": 0.25, "weights": None}


@pytest.fixture(autouse=True, scope="module")
def _zeros_in_keras():
    """Keras's weights start as zeros: they are set anyway, and its draws compile for minutes."""
    drawing = importlib.import_module("keras.src.backend").random
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("normal", "truncated_normal", "uniform"):
            patch.setattr(
                drawing, kind, lambda shape, *args, dtype=None, **options: np.zeros(shape, dtype or "float32")
            )
        yield


@pytest.fixture(autouse=True)
def _names_count_from_one():
    for lib in LIBRARIES:
        lib.utils.clear_session(free_memory=False)


@pytest.fixture
def undrawn(monkeypatch):
    """Weights here start as zeros too, where only their shapes count."""
    monkeypatch.setattr(
        kerasish.initializers.VarianceScaling, "__call__", lambda self, shape, dtype=None: np.zeros(shape, "float32")
    )


def pair(make, scale=1.0):
    """A network of each library, with the same weights."""
    theirs, ours = (make(lib) for lib in LIBRARIES)
    weights = compared.unlike_new(ours, scale)
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return theirs, ours


def test_all_networks_were_compared():
    assert sorted(FOUND) == compared.networks(keras) == compared.networks(_public())
    assert max(row["difference"] for row in FOUND.values()) < 1e-4


def _public():
    """kerasish with the names of its applications, which are filled in on first use."""
    for name in dir(kerasish.applications):
        getattr(kerasish.applications, name)
    return kerasish


@pytest.mark.parametrize("name", FOUND)
def test_the_layers_of_a_network_are_keras_s(name, undrawn):
    model = getattr(kerasish.applications, name)(**compared.arguments(name))
    row = FOUND[name]
    assert (len(model.layers), model.count_params()) == (row["layers"], row["parameters"])
    assert compared.fingerprint(model) == row["fingerprint"]


FORMS = {
    "mobilenet": lambda lib: lib.applications.MobileNet(
        alpha=0.5, depth_multiplier=2, include_top=False, weights=None, pooling="max"
    ),
    "mobilenet_v2": lambda lib: lib.applications.MobileNetV2((96, 96, 1), alpha=1.4, weights=None, classes=7),
    "mobilenet_v3": lambda lib: lib.applications.MobileNetV3Small(
        alpha=1.5, minimalistic=True, weights=None, include_preprocessing=False
    ),
    "on_a_tensor": lambda lib: lib.applications.VGG16(
        False, None, lib.layers.Rescaling(1 / 255)(lib.Input((48, 48, 3), name="x")), pooling="avg", name="mine"
    ),
    "efficientnet_v2": lambda lib: lib.applications.EfficientNetV2B0(False, None, input_shape=(64, 64, 1)),
    "convnext": lambda lib: lib.applications.ConvNeXtTiny(
        False, True, None, input_shape=(32, 32, 1), pooling="avg", name="mine"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_arguments_give_the_same_layers(form, undrawn):
    theirs, ours = (FORMS[form](lib) for lib in LIBRARIES)
    assert ours.name == theirs.name
    assert compared.layers_of(ours) == compared.layers_of(theirs)
    assert ours.output_shape == theirs.output_shape


ANSWERED = {
    "mobilenet": lambda lib: lib.applications.MobileNet(**TINY, classes=5),
    "mobilenet_v2": lambda lib: lib.applications.MobileNetV2((48, 32, 3), alpha=0.35, weights=None, classes=3),
    "mobilenet_v3": lambda lib: lib.applications.MobileNetV3Small(
        (40, 56, 3), alpha=0.35, include_top=False, weights=None, pooling="avg"
    ),
    "vgg": lambda lib: lib.applications.VGG16(include_top=False, weights=None, input_shape=(33, 40, 3)),
}


@pytest.mark.parametrize("form", ANSWERED)
def test_the_same_weights_give_the_same_answers(form):
    theirs, ours = pair(ANSWERED[form])
    x = np.random.default_rng(0).uniform(-1, 1, (2, *ours.input_shape[1:])).astype("float32")
    there = theirs.predict(x, verbose=0)
    np.testing.assert_allclose(ours.predict(x, verbose=0), there, atol=1e-5 * np.abs(there).max())


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Files that Keras wrote of one network, and its weights."""
    legacy = importlib.import_module("keras.src.legacy.saving.legacy_h5_format")
    h5py = pytest.importorskip("h5py")
    folder = tmp_path_factory.mktemp("models")
    model = keras.applications.MobileNet((128, 128, 3), alpha=0.25, weights=None)
    drawn = np.random.default_rng(0)
    model.set_weights([drawn.normal(size=w.shape).astype("float32") for w in model.weights])
    model.save_weights(folder / "mobilenet.weights.h5")
    with h5py.File(folder / "mobilenet_2_5_128_tf.h5", "w") as file:  # as the published weights are
        legacy.save_weights_to_hdf5_group(file, model)
    return folder, model.get_weights()


@pytest.mark.parametrize("file", ["mobilenet.weights.h5", "mobilenet_2_5_128_tf.h5"])
def test_weights_that_keras_wrote_are_read(file, written):
    folder, weights = written
    model = kerasish.applications.MobileNet((128, 128, 3), alpha=0.25, weights=folder / file)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_weights_are_read_by_name_into_a_network_with_another_top(written):
    folder, weights = written
    model = kerasish.applications.MobileNet((64, 64, 3), alpha=0.25, weights=None, classes=3)
    before = model.get_layer("conv_preds").get_weights()
    with pytest.warns(UserWarning, match="conv_preds"):
        model.load_weights(folder / "mobilenet_2_5_128_tf.h5", by_name=True, skip_mismatch=True)
    after = model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(after[:-2], weights[:-2], strict=True))
    assert np.array_equal(model.get_layer("conv_preds").get_weights()[0], before[0])


def test_the_weights_of_imagenet_are_those_that_keras_keeps(written, tmp_path, monkeypatch):
    folder, weights = written
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mobilenet_2_5_128_tf.h5").write_bytes((folder / "mobilenet_2_5_128_tf.h5").read_bytes())
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    model = kerasish.applications.MobileNet((128, 128, 3), alpha=0.25)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_the_layers_of_networks_are_known_by_files(tmp_path):
    for lib, other in (LIBRARIES, LIBRARIES[::-1]):
        convnext = importlib.import_module(f"{'keras.src' if lib is keras else 'kerasish'}.applications.convnext")
        resnet = importlib.import_module(
            f"{'keras.src' if lib is keras else 'kerasish'}.applications.inception_resnet_v2"
        )
        x = lib.Input((4, 4, 3))
        y = convnext.StochasticDepth(0.3)(convnext.LayerScale(0.5, 3)(x))
        model = lib.Model(x, resnet.CustomScaleLayer(0.25)([x, y]))
        path = tmp_path / f"{lib.__name__}.keras"
        model.save(path)
        data = np.random.default_rng(0).normal(size=(2, 4, 4, 3)).astype("float32")
        loaded = other.models.load_model(path)
        np.testing.assert_allclose(np.asarray(loaded(data)), np.asarray(model(data)), rtol=1e-6)


MODULES = {"vgg16": "caffe", "xception": "tf", "densenet": "torch", "efficientnet": None, "imagenet_utils": "caffe"}


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first", None])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_pictures_are_prepared_alike(module, data_format, dtype):
    shape = (2, 3, 4, 5) if data_format == "channels_first" else (2, 4, 5, 3)
    x = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    for given in (x, x[0]):
        there = getattr(keras.applications, module).preprocess_input(given.copy(), data_format=data_format)
        kept = given.copy()
        here = getattr(kerasish.applications, module).preprocess_input(kept, data_format=data_format)
        assert type(here) is np.ndarray and here.dtype == there.dtype and np.array_equal(kept, given)
        np.testing.assert_allclose(here, there, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
def test_pictures_are_prepared_in_a_model(mode):
    x = np.random.default_rng(0).uniform(0, 255, (2, 4, 5, 3)).astype("float32")
    answers = []
    for lib in LIBRARIES:
        inputs = lib.Input((4, 5, 3))
        model = lib.Model(inputs, lib.applications.imagenet_utils.preprocess_input(inputs, mode=mode))
        answers.append(np.asarray(model(x)))
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-5, atol=1e-4)


def test_answers_are_named_alike(tmp_path, monkeypatch):
    names = {str(i): [f"n{i:08}", f"thing_{i}"] for i in range(1000)}
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "imagenet_class_index.json").write_text(json.dumps(names))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(importlib.import_module("keras.src.applications.imagenet_utils"), "CLASS_INDEX", names)
    answers = np.random.default_rng(0).random((3, 1000)).astype("float32")
    for top in (5, 2):
        theirs, ours = (lib.applications.vgg16.decode_predictions(answers, top=top) for lib in LIBRARIES)
        assert ours == theirs


WRONG = {
    "weights": lambda lib: lib.applications.ResNet50(weights="imagnet"),
    "classes": lambda lib: lib.applications.ResNet50(classes=10),
    "too small": lambda lib: lib.applications.ResNet50(weights=None, input_shape=(31, 64, 3)),
    "too small for Xception": lambda lib: lib.applications.Xception(False, None, input_shape=(70, 70, 3)),
    "too small for MobileNetV3": lambda lib: lib.applications.MobileNetV3Small((31, 31, 3), weights=None),
    "two sizes": lambda lib: lib.applications.VGG16(False, None, input_shape=(64, 64)),
    "unknown sizes": lambda lib: lib.applications.VGG16(weights=None, input_shape=(None, None, 3)),
    "channels of ImageNet": lambda lib: lib.applications.VGG16(include_top=False, input_shape=(64, 64, 1)),
    "sizes of ImageNet": lambda lib: lib.applications.VGG16(input_shape=(64, 64, 3)),
    "alpha": lambda lib: lib.applications.MobileNet(alpha=0.3),
    "alpha of V2": lambda lib: lib.applications.MobileNetV2(alpha=0.25),
    "alpha of V3": lambda lib: lib.applications.MobileNetV3Small(alpha=0.75, minimalistic=True),
    "depth multiplier": lambda lib: lib.applications.MobileNet(depth_multiplier=2),
    "another size of the tensor": lambda lib: lib.applications.MobileNetV2(
        (64, 64, 3), weights=None, input_tensor=lib.Input((96, 96, 3))
    ),
    "activation": lambda lib: lib.applications.MobileNetV3Small(
        (32, 32, 3), weights=__file__, classifier_activation="relu"
    ),
    "mode": lambda lib: lib.applications.imagenet_utils.preprocess_input(np.zeros((2, 2, 3)), mode="onnx"),
    "data format": lambda lib: lib.applications.vgg16.preprocess_input(np.zeros((2, 2, 3)), data_format="last"),
    "shape of answers": lambda lib: lib.applications.vgg16.decode_predictions(np.zeros((2, 10))),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_mistakes_raise_what_keras_raises(mistake, undrawn):
    for lib in LIBRARIES:
        with pytest.raises(ValueError):
            WRONG[mistake](lib)


@pytest.mark.parametrize("name", ["ConvNeXtTiny", "DenseNet121", "NASNetMobile"])
def test_channels_first_is_refused_by_the_same_families(name):
    try:
        for lib in LIBRARIES:
            lib.config.set_image_data_format("channels_first")
            with pytest.raises(ValueError, match=r"channels.first|channels last"):
                getattr(lib.applications, name)(weights=None)
    finally:
        for lib in LIBRARIES:
            lib.config.set_image_data_format("channels_last")
