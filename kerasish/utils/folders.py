"""What a folder of files with a folder for each class has in common, be they pictures, texts or sounds."""

from __future__ import annotations

import itertools
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.random import generator
from kerasish.backend.typing import FilePath
from kerasish.utils.dataset import Dataset
from kerasish.utils.progbar import print_line

# How many files are read at a time; the decoders work outside of Python's lock.
_THREADS = min(4, os.cpu_count() or 1)


class Folder(NamedTuple):
    """Which files are wanted of a folder, and how their classes become labels.

    Attributes:
        directory: the folder; with inferred labels, it has a folder for each class.
        labels: `"inferred"` from the folders' names, None, or a number for each file in the order of their paths.
        label_mode: `"int"`, `"categorical"`, `"binary"` or None.
        class_names: the classes' folders in the order wanted; None for sorted.
        endings: of the files' names.
        what: the files' content, for messages: "pictures".
        follow_links: whether links to folders are followed.
    """

    directory: FilePath
    labels: str | Sequence[int] | None
    label_mode: str | None
    class_names: Sequence[str] | None
    endings: tuple[str, ...]
    what: str
    follow_links: bool


class Order(NamedTuple):
    """In which order files come, and which of them.

    Attributes:
        batch_size: files a batch; None for single ones.
        shuffle: whether they come in random order, another one in each iteration.
        seed: for the same order in every run.
        validation_split: the share of the files that are kept for validation.
        subset: `"training"`, `"validation"`, `"both"` or None.
        verbose: whether the numbers of files and classes are printed.
    """

    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    verbose: bool


class Files(NamedTuple):
    """The files of a folder with their classes.

    Attributes:
        paths: in the order of their folders and names.
        labels: the number of each one's class; None where there are none.
        class_names: in the order of their numbers.
    """

    paths: list[str]
    labels: np.ndarray | None
    class_names: list[str] | None

    def chosen(self, places: Any) -> Files:
        """Those at some places."""
        labels = None if self.labels is None else self.labels[places]
        return Files([self.paths[i] for i in places], labels, self.class_names)


def dataset_of(
    folder: Folder,
    order: Order,
    read: Callable[[str], Any],
    batched: Callable[[Dataset, int], Dataset] = Dataset.batch,
) -> Any:
    """The files of a folder as a data set, read when they are asked for; with `subset="both"` a list of two.

    Args:
        folder, order: which files, and in which order.
        read: makes of a path what it holds. A file for which it raises OSError is left out, with a warning.
        batched: puts elements together.

    Raises:
        ValueError: if an argument has none of the values allowed, or there are no files.
        NotADirectoryError: if there is no such folder.
    """
    _check(folder, order)
    files = files_of(folder)
    if folder.label_mode == "binary" and files.labels is not None and len(files.class_names or ()) != 2:
        raise ValueError(f'label_mode="binary" is for two classes; received {len(files.class_names or ())}')
    if folder.label_mode is None:
        files = files._replace(labels=None)
    if order.verbose:
        classes = "" if files.class_names is None else f" belonging to {len(files.class_names)} classes"
        print_line(f"Found {len(files.paths)} files{classes}.")
    made = []
    for name, part in _parts(files, order).items():
        # of a pair, what the validation is about can be looked up: its order is that of its file_paths
        random = order.shuffle and not (order.subset == "both" and name == "validation")
        made.append(_dataset(part, folder.label_mode, order._replace(shuffle=random), read, batched))
    return made if order.subset == "both" else made[0]


def check_choice(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """Raise ValueError unless a value is one of those allowed."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; received {name}={value!r}")


def _check(folder: Folder, order: Order) -> None:
    labels, split, subset = folder.labels, order.validation_split, order.subset
    check_choice("label_mode", folder.label_mode, ("int", "categorical", "binary", None))
    check_choice("subset", subset, ("training", "validation", "both", None))
    if isinstance(labels, str) and labels != "inferred":
        raise ValueError(f'labels must be "inferred", None or a list of numbers; received labels={labels!r}')
    if folder.class_names is not None and not isinstance(labels, str):
        raise ValueError('class_names are for labels="inferred": they name the folders')
    if (split is None) != (subset is None):
        raise ValueError(f"validation_split and subset go together; received {split!r} and {subset!r}")
    if split is not None and not 0 < split < 1:
        raise ValueError(f"validation_split must be between 0 and 1; received {split!r}")
    if split is not None and order.shuffle and order.seed is None:
        raise ValueError("with shuffle=True and validation_split a seed is needed, or the two parts would overlap")


def files_of(folder: Folder) -> Files:
    """The files of a folder with their classes.

    Raises:
        ValueError: if there are none, or classes or labels do not belong to them.
        NotADirectoryError: if there is no such folder.
    """
    directory = Path(folder.directory)
    if not directory.is_dir():
        raise NotADirectoryError(f"there is no folder {directory}")
    if not isinstance(folder.labels, str):
        paths = _below(directory, folder)
        return Files(_checked(paths, str(directory), folder), *_given(folder.labels, paths))
    found = sorted(entry.name for entry in directory.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    names = found if folder.class_names is None else list(folder.class_names)
    if set(names) - set(found):
        raise ValueError(f"the folder {directory} has the classes {found}; received class_names={names}")
    groups = [_below(directory / name, folder) for name in names]
    numbers = np.repeat(np.arange(len(names), dtype="int32"), [len(group) for group in groups])
    where = f"the folders of the classes {names} in {directory}"
    if not names and _below(directory, folder):
        where += f" (there are {folder.what}, but no folder for each class: labels=None reads them without classes)"
    return Files(_checked(list(itertools.chain(*groups)), where, folder), numbers, names)


def _checked(paths: list[str], where: str, folder: Folder) -> list[str]:
    if not paths:
        raise ValueError(f"no {folder.what} in {where}: looked for files that end in {', '.join(folder.endings)}")
    return paths


def _given(labels: Sequence[int] | None, paths: list[str]) -> tuple[np.ndarray | None, list[str] | None]:
    if labels is None:
        return None, None
    numbers = np.asarray(labels)
    if numbers.shape != (len(paths),):
        raise ValueError(f"{len(paths)} files need as many labels; received {numbers.shape[:1]}")
    return numbers, [str(number) for number in sorted(set(numbers.tolist()))]


def _below(directory: Path, folder: Folder) -> list[str]:
    """The paths of all files wanted in a folder and those below: sorted by folder, then by name."""
    found, seen = [], set()
    for root, folders, names in os.walk(directory, followlinks=folder.follow_links):
        if folder.follow_links:  # a link may lead back
            place = os.path.realpath(root)
            if place in seen:
                folders.clear()
                continue
            seen.add(place)
        found.append((root, sorted(name for name in names if name.lower().endswith(folder.endings))))
    return [os.path.join(root, name) for root, names in sorted(found) for name in names]


def _parts(files: Files, order: Order) -> dict[str, Files]:
    """All files, or those of a subset: the last share of them, mixed before as Keras mixes them, is for validation."""
    count = len(files.paths)
    places = np.arange(count)
    if order.shuffle:
        seed = int(generator().integers(10**6)) if order.seed is None else order.seed
        np.random.RandomState(seed).shuffle(places)
    if order.validation_split is None:
        return {"all": files.chosen(places)}
    cut = count - int(order.validation_split * count)
    parts = {"training": files.chosen(places[:cut]), "validation": files.chosen(places[cut:])}
    if not all(part.paths for part in parts.values()):
        raise ValueError(f"validation_split={order.validation_split} of {count} files leaves one part empty")
    wanted = parts if order.subset == "both" else {str(order.subset): parts[str(order.subset)]}
    if order.verbose:
        for name, part in wanted.items():
            print_line(f"Using {len(part.paths)} files for {name}.")
    return wanted


def _dataset(
    files: Files, mode: Any, order: Order, read: Callable[[str], Any], batched: Callable[[Dataset, int], Dataset]
) -> Dataset:
    orders = [generator(order.seed)] if order.shuffle else []
    targets = None if files.labels is None else _targets(files.labels, len(files.class_names or ()), mode)

    def elements() -> Iterator[Any]:
        count = len(files.paths)
        places = orders[0].permutation(count) if orders else np.arange(count)
        ahead = max(2 * _THREADS, order.batch_size or 1)
        for place, content in _read_ahead(files.paths, places, read, ahead):
            if content is not None:
                yield content if targets is None else (content, targets[place])

    made = Dataset(elements, len(files.paths))
    made = made if order.batch_size is None else batched(made, order.batch_size)
    made.class_names = files.class_names  # type: ignore[attr-defined]
    made.file_paths = files.paths  # type: ignore[attr-defined]
    return made


def _read_ahead(
    paths: list[str], places: Any, read: Callable[[str], Any], ahead: int
) -> Iterator[tuple[int, Any | None]]:
    """The content of files, some of which are being read by threads while others are in use.

    Only a few: reading all ahead would hold all in memory.
    """
    pool = ThreadPoolExecutor(_THREADS)
    waiting: deque[tuple[int, Future[Any]]] = deque()
    try:
        for place in places:
            waiting.append((place, pool.submit(_or_none, read, paths[place])))
            if len(waiting) > ahead:
                done, content = waiting.popleft()
                yield done, content.result()
        while waiting:
            done, content = waiting.popleft()
            yield done, content.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _or_none(read: Callable[[str], Any], path: str) -> Any | None:
    """What a file holds; None, with a warning that names it, where it cannot be read."""
    try:
        return read(path)
    except OSError as error:
        warnings.warn(f"left out: {error}", RuntimeWarning, stacklevel=2)
        return None


def _targets(labels: np.ndarray, classes: int, mode: str) -> np.ndarray:
    if mode == "categorical":
        return np.eye(classes, dtype="float32")[labels]
    return labels.astype("float32")[:, None] if mode == "binary" else labels.astype("int32")
