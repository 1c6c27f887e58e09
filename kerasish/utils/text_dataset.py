"""A folder of texts as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.typing import FilePath
from kerasish.utils.folders import Folder, Order, check_choice, dataset_of


def text_dataset_from_directory(
    directory: FilePath,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """The texts of a folder's `.txt` files, read when they are asked for, as batches for `TextVectorization`.

    Args:
        directory, labels, label_mode, class_names: see `image_dataset_from_directory`.
        batch_size: texts a batch; None for single strings.
        max_length: letters after which a text is cut off.
        shuffle, seed, validation_split, subset, follow_links, verbose: see `image_dataset_from_directory`.
        format: `"tf"` or `"grain"`, accepted for compatibility.

    Returns:
        A `Dataset` of arrays of strings, or of pairs of these and labels, with `class_names` and `file_paths`; with
        `subset="both"` two. A file that is no text in UTF-8 is left out with a warning that names it.

    Raises:
        ValueError: if an argument has none of these values, or there are no texts.

    Example:
        >>> import pathlib
        >>> import tempfile
        >>> import kerasish as keras
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for name, text in [("bad", "what a bore"), ("good", "well made")]:
        ...     (folder / name).mkdir()
        ...     _ = (folder / name / "1.txt").write_text(text)
        >>> data = keras.utils.text_dataset_from_directory(folder, shuffle=False, verbose=False)
        >>> texts, labels = next(iter(data))
        >>> texts.tolist(), labels.tolist()
        (['what a bore', 'well made'], [0, 1])
    """
    check_choice("format", format, ("tf", "grain"))
    if max_length is not None and max_length < 0:
        raise ValueError(f"max_length is a number of letters; received max_length={max_length}")

    def read(path: str) -> str:
        try:
            with open(path, encoding="utf-8") as file:
                return file.read(-1 if max_length is None else max_length)
        except UnicodeDecodeError as error:
            raise OSError(f"the file {path} is no text in UTF-8: {error}") from error

    return dataset_of(
        Folder(directory, labels, label_mode, class_names, (".txt",), "texts", follow_links),
        Order(batch_size, shuffle, seed, validation_split, subset, verbose),
        read,
    )
