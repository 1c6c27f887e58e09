"""The known networks by themselves: what is asked of them, stored weights, pictures of any layout, transfer."""

import inspect

import numpy as np
import pytest

import kerasish as keras

TINY = {"input_shape": (32, 32, 3), "alpha": 0.25, "weights": None}


def test_what_is_not_kept_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"mobilenet_2_5_128_tf\.h5.*KERAS_HOME.*weights=None") as error:
        keras.applications.MobileNet((128, 128, 3), alpha=0.25)
    assert str(tmp_path / "models") in str(error.value)
    with pytest.raises(FileNotFoundError, match=r"imagenet_class_index\.json.*argsort"):
        keras.applications.resnet.decode_predictions(np.zeros((1, 1000)))


@pytest.mark.parametrize("text", ["{", "[]", '{"0": ["n0", "tench"]}', '{"0": 1}'])
def test_a_damaged_table_of_classes_is_told(text, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "imagenet_class_index.json").write_text(text)
    with pytest.raises(ValueError, match=r"imagenet_class_index\.json is damaged"):
        keras.applications.resnet.decode_predictions(np.zeros((1, 1000)))


@pytest.mark.parametrize(
    ("name", "options", "file"),
    [
        ("VGG16", {}, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("ResNet50V2", {"name": "mine"}, "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("MobileNet", {"input_shape": (160, 160, 3)}, "mobilenet_1_0_160_tf_no_top.h5"),
        ("MobileNetV2", {"alpha": 1.4, "input_shape": (96, 96, 3)}, "kernels_1.4_96_no_top.h5"),
        ("MobileNetV3Small", {"input_shape": (224, 224, 3)}, "v3_small_224_1.0_float_no_top_v2.h5"),
        ("EfficientNetB0", {}, "efficientnetb0_notop.h5"),
        ("EfficientNetV2B0", {}, "efficientnetv2-b0_notop.h5"),
        ("NASNetMobile", {}, "nasnet_mobile_no_top.h5"),
        ("ConvNeXtTiny", {}, "convnext_tiny_notop.h5"),
    ],
)
def test_each_family_has_its_own_files(name, options, file, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(
        keras.initializers.VarianceScaling, "__call__", lambda self, shape, dtype=None: np.zeros(shape, "float32")
    )
    with pytest.raises(FileNotFoundError, match=file):
        getattr(keras.applications, name)(include_top=False, **options)


def test_sizes_without_weights_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with (
        pytest.warns(UserWarning, match="squares of 128, 160, 192, 224"),
        pytest.raises(FileNotFoundError, match="mobilenet_2_5_224_tf_no_top"),
    ):
        keras.applications.MobileNet((100, 128, 3), alpha=0.25, include_top=False)


def test_a_mistyped_pooling_is_told():
    with pytest.raises(ValueError, match="pooling must be None, 'avg' or 'max'; received 'mean'"):
        keras.applications.MobileNet(**TINY, include_top=False, pooling="mean")


def test_unusual_channels_are_told():
    with pytest.warns(UserWarning, match="1 or 3 channels"):
        keras.applications.MobileNet((32, 32, 4), alpha=0.25, weights=None, include_top=False)


def test_the_functions_of_a_family_are_told_apart():
    for name in ("ResNet50", "EfficientNetB3", "EfficientNetV2S", "ConvNeXtTiny", "NASNetLarge", "MobileNetV3Small"):
        function = getattr(keras.applications, name)
        assert function.__name__ == function.__qualname__ == name
        assert function.__module__.startswith("kerasish.applications.")
        documented = inspect.getdoc(function)
        missing = [p for p in inspect.signature(function).parameters if f"    {p}: " not in documented]
        assert not missing and "arxiv.org" in documented, (name, missing)


def test_channels_first_gives_the_same_answers():
    last = keras.applications.MobileNetV3Small(**TINY, classes=3)
    x = np.random.default_rng(0).uniform(0, 255, (2, 3, 32, 32)).astype("float32")
    try:
        keras.config.set_image_data_format("channels_first")
        first = keras.applications.MobileNetV3Small((3, 32, 32), alpha=0.25, weights=None, classes=3)
        first.set_weights(last.get_weights())
        answers = first.predict(x, verbose=0)
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_allclose(answers, last.predict(np.moveaxis(x, 1, -1), verbose=0), rtol=1e-4, atol=1e-6)


def test_nasnet_takes_pictures_of_any_size(monkeypatch):
    monkeypatch.setattr(
        keras.initializers.VarianceScaling,
        "__call__",
        lambda self, shape, dtype=None: np.full(shape, 1 / np.prod(shape[:-1]), "float32"),
    )
    fixed = keras.applications.NASNetMobile((65, 65, 3), include_top=False, weights=None, pooling="avg")
    free = keras.applications.NASNetMobile((None, None, 3), include_top=False, weights=None, pooling="avg")
    x = np.random.default_rng(0).uniform(-1, 1, (1, 65, 65, 3)).astype("float32")
    np.testing.assert_allclose(free(x), fixed(x), rtol=1e-4, atol=1e-6)


def test_transfer():
    """Freeze, replace the top, unfreeze the last layers: what is frozen keeps its weights and its statistics."""
    x = np.random.default_rng(0).uniform(-1, 1, (16, 32, 32, 3)).astype("float32")
    y = np.arange(16) % 2
    base = keras.applications.MobileNet(**TINY, include_top=False, pooling="avg")
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    base(x, training=True)  # with statistics of new layers, next to nothing would come through
    base.trainable = False
    inputs = keras.Input((32, 32, 3))
    outputs = keras.layers.Dense(2, "softmax", name="top")(base(inputs, training=False))
    model = keras.Model(inputs, outputs)
    assert len(model.trainable_weights) == 2

    def changed():
        before = {w.path: np.array(w) for w in model.weights}
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        model.fit(x, y, batch_size=8, epochs=2, verbose=0)
        return {path for path, old in before.items() if not np.array_equal(old, _by_path(model)[path])}

    assert changed() == {"top/kernel", "top/bias"}
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer.name.startswith("conv_pw_13") and "bn" not in layer.name
    assert changed() == {"top/kernel", "top/bias", "conv_pw_13/kernel"}
    base.get_layer("conv_pw_13_bn").trainable = True
    assert {path for path in changed() if "bn" in path} == {
        f"conv_pw_13_bn/{name}" for name in ("beta", "gamma", "moving_mean", "moving_variance")
    }


def _by_path(model):
    return {w.path: np.array(w) for w in model.weights}
