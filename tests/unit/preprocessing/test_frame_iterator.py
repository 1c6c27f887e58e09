"""Pictures that a data frame names."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from kerasish.preprocessing.image import ImageDataGenerator


@pytest.fixture
def frame(tmp_path):
    for number in range(5):
        Image.fromarray(np.full((4, 4, 3), number, "uint8")).save(tmp_path / f"{number}.png")
    files = [f"{number}.png" for number in range(5)]
    kinds = ["b", "a", "b", "c", "a"]
    return pd.DataFrame(
        {"filename": files, "class": kinds, "x": range(5), "y": range(10, 15), "w": np.arange(5.0)}, index=list("vwxyz")
    ), str(tmp_path)


def flow(frame, generator=None, **settings):
    table, directory = frame
    settings = {"target_size": (4, 4), "shuffle": False, "batch_size": 3, **settings}
    return (generator or ImageDataGenerator()).flow_from_dataframe(table, directory, **settings)


def test_classes(frame):
    batches = flow(frame)
    x, y = batches[0]
    assert batches.class_indices == {"a": 0, "b": 1, "c": 2} and len(batches) == 2 and batches.samples == 5
    np.testing.assert_array_equal(x[:, 0, 0, 0], [0, 1, 2])
    np.testing.assert_array_equal(y, [[0, 1, 0], [1, 0, 0], [0, 1, 0]])
    chosen = flow(frame, classes=["c", "a"], class_mode="binary", weight_col="w")
    x, y, weight = chosen[0]
    assert chosen.filenames == ["1.png", "3.png", "4.png"]
    assert y.tolist() == [1, 0, 1] and weight.tolist() == [1, 3, 4]


def test_numbers_and_several_columns(frame):
    assert flow(frame, y_col="x", class_mode="raw")[1][1].tolist() == [3, 4]
    assert flow(frame, y_col=["x", "y"], class_mode="raw")[1][1].tolist() == [[3, 13], [4, 14]]
    assert [part.tolist() for part in flow(frame, y_col=["x", "y"], class_mode="multi_output")[1][1]] == [
        [3, 4],
        [13, 14],
    ]
    assert flow(frame, class_mode=None)[0].shape == (3, 4, 4, 3)
    x, same = flow(frame, class_mode="input")[0]
    np.testing.assert_array_equal(x, same)


def test_two_parts(frame):
    generator = ImageDataGenerator(validation_split=0.4)
    parts = [flow(frame, generator, subset=subset).filenames for subset in ("training", "validation")]
    assert parts == [["2.png", "3.png", "4.png"], ["0.png", "1.png"]]


def test_mistakes(frame):
    frame[0].loc["v", "filename"] = "missing.png"
    with pytest.warns(UserWarning, match="1 of 5 files are not there"):
        assert flow(frame).samples == 4
    with pytest.raises(ValueError, match=r"no column \['kind'\]"):
        flow(frame, y_col="kind")
    with pytest.raises(ValueError, match="class_mode is one of"):
        flow(frame, class_mode="other")
    with pytest.raises(TypeError, match="class_mode='raw'"):
        flow(frame, y_col="x", validate_filenames=False)
    with pytest.raises(ValueError, match="needs two classes; there are 3"):
        flow(frame, class_mode="binary", validate_filenames=False)
