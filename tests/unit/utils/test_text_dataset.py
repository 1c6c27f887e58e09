"""Folders of texts as data sets, and files of folders in Keras's order."""

import keras as theirs
import numpy as np
import pytest
from keras.src.utils import dataset_utils

import kerasish as keras


@pytest.fixture
def folder(tmp_path):
    for name, count in (("bad", 7), ("good", 5), (".hidden", 1)):
        (tmp_path / name / "a.more").mkdir(parents=True)
        (tmp_path / name / "a").mkdir()
        for i in range(count):
            place = tmp_path / name / ["", "a", "a.more"][i % 3] / f"{i}.txt"
            place.write_text(f"{name} {'é' * i}", encoding="utf-8")
    (tmp_path / "bad" / "0.png").write_text("no text")
    return tmp_path


def read(folder, **settings):
    return keras.utils.text_dataset_from_directory(folder, verbose=False, **settings)


def test_texts_and_labels(folder, capsys):
    data = keras.utils.text_dataset_from_directory(folder, batch_size=5, shuffle=False)
    assert capsys.readouterr().out == "Found 12 files belonging to 2 classes.\n"
    assert (data.class_names, len(data)) == (["bad", "good"], 3)
    texts, labels = (np.concatenate(parts) for parts in zip(*data, strict=True))
    assert sorted(texts) == sorted([f"bad {'é' * i}" for i in range(7)] + [f"good {'é' * i}" for i in range(5)])
    assert [text.split()[0] for text in texts] == [data.class_names[label] for label in labels]
    assert next(iter(read(folder, batch_size=None, labels=None, shuffle=False))) == ".hidden "
    assert {len(text) for text in next(iter(read(folder, label_mode=None, max_length=2)))} == {2}
    assert keras.preprocessing.text_dataset_from_directory is keras.utils.text_dataset_from_directory


@pytest.mark.parametrize("settings", [{"shuffle": False}, {"seed": 3}, {"labels": list(range(13)), "seed": 4}])
def test_files_are_in_the_order_of_keras(folder, settings):
    """Also which of them are for validation: the same seed chooses the same files."""
    labels = settings.get("labels", "inferred")
    labels = labels if isinstance(labels, str) else list(labels)  # Keras mixes the list that it is given
    paths, numbers, names = dataset_utils.index_directory(
        str(folder),
        labels,
        (".txt",),
        shuffle=settings.get("shuffle", True),
        seed=settings.get("seed"),
        verbose=False,
    )
    data = read(folder, **settings)
    assert (data.file_paths, data.class_names) == (paths, names)
    for subset in ("training", "validation"):
        expected, _ = dataset_utils.get_training_or_validation_split(paths, numbers, 0.25, subset)
        assert read(folder, **settings, validation_split=0.25, subset=subset).file_paths == expected
    pairs = read(folder, **settings, batch_size=None)
    found = {text: int(label) for text, label in pairs}
    expected = {open(path, encoding="utf-8").read(): int(n) for path, n in zip(paths, numbers, strict=True)}  # noqa: SIM115
    assert found == expected


def test_the_validation_part_of_both_comes_in_the_order_of_its_paths(folder):
    training, validation = read(folder, validation_split=0.5, subset="both", seed=1, batch_size=None)
    for _ in range(2):
        assert [text for text, _ in validation] == [open(p, encoding="utf-8").read() for p in validation.file_paths]  # noqa: SIM115
    assert [text for text, _ in training] != [text for text, _ in training]


def test_words_are_counted(folder):
    data = read(folder, seed=1, batch_size=4)
    words = keras.layers.TextVectorization(output_sequence_length=2)
    words.adapt(data.map(lambda text, _: text))
    model = keras.Sequential(
        [keras.layers.Embedding(words.vocabulary_size(), 4), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")]
    )
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.map(lambda text, label: (words(text), label)).cache(), epochs=10, verbose=0)
    assert model.evaluate(data.map(lambda text, label: (words(text), label)), verbose=0)[1] == 1.0


def test_what_is_no_text_is_named_and_left_out(folder):
    (folder / "bad" / "picture.txt").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.warns(RuntimeWarning, match=r"left out: the file .*picture\.txt is no text in UTF-8"):
        assert len(list(read(folder, batch_size=None))) == 12


def test_a_link_that_leads_back(folder):
    (folder / "bad" / "loop").symlink_to(folder / "bad", target_is_directory=True)
    assert len(read(folder, follow_links=True).file_paths) == len(read(folder).file_paths) == 12


def test_reading_ends_with_the_iteration(folder):
    """No thread reads on when nobody asks."""
    iterator = iter(read(folder, batch_size=2))
    next(iterator)
    iterator.close()
    with pytest.raises(StopIteration):
        next(iterator)


def test_folders_without_classes(tmp_path):
    (tmp_path / "1.txt").write_text("a")
    with pytest.raises(ValueError, match=r"there are texts, but no folder for each class: labels=None"):
        read(tmp_path)
    assert read(tmp_path, labels=None).class_names is None
    with pytest.raises(ValueError, match="'torch'"):
        read(tmp_path, format="torch")
    for library in (theirs, keras):
        with pytest.raises(ValueError):
            library.utils.text_dataset_from_directory(tmp_path, labels=None, format="torch")
