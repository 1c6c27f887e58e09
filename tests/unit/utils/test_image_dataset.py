"""Folders of pictures as data sets."""

import numpy as np
import pytest

import kerasish as keras

RNG = np.random.default_rng(0)


@pytest.fixture
def folder(tmp_path):
    """Seven pictures of cats, dark, and five of dogs, bright; one of them a folder deeper."""
    for name, count, low in (("cats", 7, 0), ("dogs", 5, 150)):
        (tmp_path / name / "more").mkdir(parents=True)
        for i in range(count):
            place = tmp_path / name / ("more" if i == 2 else "") / f"{i}.png"
            keras.utils.save_img(place, RNG.integers(low, low + 90, (6 + i, 8, 3)), scale=False)
    (tmp_path / "cats" / "notes.txt").write_text("not a picture")
    return tmp_path


def read(folder, **settings):
    return keras.utils.image_dataset_from_directory(folder, image_size=(4, 5), verbose=False, **settings)


def test_pictures_labels_and_names(folder, capsys):
    data = keras.utils.image_dataset_from_directory(folder, image_size=(4, 5), batch_size=5, shuffle=False)
    assert capsys.readouterr().out == "Found 12 files belonging to 2 classes.\n"
    assert data.class_names == ["cats", "dogs"]
    assert (len(data), len(data.file_paths)) == (3, 12)
    batches = list(data)
    assert [x.shape for x, _ in batches] == [(5, 4, 5, 3), (5, 4, 5, 3), (2, 4, 5, 3)]
    labels = np.concatenate([y for _, y in batches])
    assert (labels.dtype, labels.tolist()) == (np.dtype("int32"), [0] * 7 + [1] * 5)
    pictures = np.concatenate([x for x, _ in batches])
    assert pictures.dtype == np.float32
    np.testing.assert_array_equal(pictures.mean((1, 2, 3)) > 120, labels == 1)
    first = keras.utils.img_to_array(keras.utils.load_img(data.file_paths[0]))
    np.testing.assert_allclose(pictures[0], keras.ops.image.resize(first, (4, 5)), rtol=1e-6)


def test_forms_of_labels(folder):
    assert next(iter(read(folder, label_mode="categorical")))[1].shape == (12, 2)
    binary = next(iter(read(folder, label_mode="binary")))[1]
    assert (binary.dtype, binary.shape, binary.sum()) == (np.dtype("float32"), (12, 1), 5)
    assert next(iter(read(folder, label_mode=None))).shape == (12, 4, 5, 3)
    assert next(iter(read(folder, labels=None))).shape == (12, 4, 5, 3)
    given = read(folder, labels=list(range(12)), shuffle=False)
    assert next(iter(given))[1].tolist() == list(range(12))
    swapped = read(folder, class_names=["dogs", "cats"], shuffle=False)
    assert next(iter(swapped))[1].tolist() == [0] * 5 + [1] * 7


def test_forms_of_pictures(folder):
    assert next(iter(read(folder, color_mode="grayscale")))[0].shape == (12, 4, 5, 1)
    assert next(iter(read(folder, color_mode="rgba")))[0].shape == (12, 4, 5, 4)
    assert next(iter(read(folder, data_format="channels_first")))[0].shape == (12, 3, 4, 5)
    assert next(iter(read(folder, batch_size=None)))[0].shape == (4, 5, 3)
    padded = next(iter(read(folder, pad_to_aspect_ratio=True)))[0]
    assert (padded[:, :, 0] == 0).all((1, 2)).any(), "the left column of a tall picture is filled"


def order(data):
    return np.concatenate([x[:, 0, 0, 0] for x, _ in data]).tolist()


def test_order_by_the_seed(folder):
    first, second, other = read(folder, seed=1), read(folder, seed=1), read(folder, seed=2)
    orders = [order(first), order(first)]
    assert orders == [order(second), order(second)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(order(other))
    assert orders[0] != order(other)


@pytest.mark.parametrize("settings", [{"seed": 3}, {"shuffle": False}])
def test_parts_do_not_overlap(folder, settings):
    both = read(folder, validation_split=0.25, subset="both", **settings)
    assert [len(part.file_paths) for part in both] == [9, 3]
    assert len({*both[0].file_paths, *both[1].file_paths}) == 12
    alone = [read(folder, validation_split=0.25, subset=name, **settings) for name in ("training", "validation")]
    assert [part.file_paths for part in alone] == [part.file_paths for part in both]


def test_fit_on_a_folder(folder):
    keras.utils.set_random_seed(0)
    data = read(folder, seed=1, batch_size=4).map(lambda x, y: (x / 255, y)).cache().prefetch(2)
    model = keras.Sequential([keras.Input((4, 5, 3)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data, epochs=20, verbose=0)
    assert model.evaluate(data, verbose=0)[1] == 1.0


def test_a_damaged_file_is_named_and_left_out(folder):
    (folder / "cats" / "text.png").write_text("no picture")
    data = read(folder, batch_size=4)
    with pytest.warns(RuntimeWarning, match=r"left out: .*text\.png"):
        assert sum(len(x) for x, _ in data) == 12
    model = keras.Sequential([keras.Input((4, 5, 3)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.warns(RuntimeWarning, match=r"text\.png"):
        assert len(model.fit(data, epochs=2, verbose=0).history["loss"]) == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"label_mode": "words"}, "label_mode must be one of"),
        ({"color_mode": "blue"}, "color_mode must be one of"),
        ({"labels": "guess"}, "labels must be"),
        ({"labels": [1, 2]}, "12 files need as many labels"),
        ({"class_names": ["cats", "cows"]}, "has the classes"),
        ({"validation_split": 0.5}, "go together"),
        ({"validation_split": 0.5, "subset": "training"}, "a seed is needed"),
        ({"validation_split": 1.5, "subset": "training", "seed": 1}, "between 0 and 1"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "not by both"),
        ({"class_names": ["cats"], "label_mode": "binary"}, "for two classes"),
    ],
)
def test_wrong_arguments_are_named(folder, settings, message):
    with pytest.raises(ValueError, match=message):
        read(folder, **settings)


def test_folders_without_pictures(tmp_path):
    with pytest.raises(ValueError, match="no pictures in the folders of the classes"):
        read(tmp_path)
    with pytest.raises(NotADirectoryError, match="there is no folder"):
        read(tmp_path / "none")
