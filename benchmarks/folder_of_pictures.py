"""How fast a folder of pictures is read: `python -m benchmarks.folder_of_pictures [--files 10000] [--size 128]`.

Small JPEGs are made in a temporary folder, in ten classes, and read by `image_dataset_from_directory` in batches of 32.
Beside it stands what Pillow takes to decode the same files in as many threads, which is the floor. TensorFlow, through
which Keras reads folders, is measured too where it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import kerasish
from kerasish.utils import folders


def make(folder: Path, files: int, side: int) -> None:
    """Smooth noise, which packs as photographs do: some 5 kB for 128 by 128 pixels."""
    rng = np.random.default_rng(0)
    for number in range(files):
        place = folder / str(number % 10)
        place.mkdir(exist_ok=True)
        coarse = Image.fromarray(rng.integers(0, 255, (16, 16, 3)).astype("uint8"))
        coarse.resize((side, side), Image.Resampling.BICUBIC).save(place / f"{number}.jpg", quality=85)


def pictures_in(batches: Iterable[Any]) -> int:
    """Read all, and count them."""
    return sum(len(x) for x, _ in batches)


def decoded(paths: list[str]) -> int:
    """Decode the files alone, as many at a time as a data set reads."""

    def decode(path: str) -> None:
        with Image.open(path) as image:
            image.load()

    with ThreadPoolExecutor(folders._THREADS) as pool:
        return len(list(pool.map(decode, paths, chunksize=64)))


def timed(name: str, work: Callable[[], int], rounds: int) -> None:
    """Print the median of some rounds, and its ends."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        count = work()
        seconds.append(time.perf_counter() - start)
    rates = sorted(count / s for s in seconds)
    print(f"{name:34} {np.median(rates):8.0f} pictures/s   ({rates[0]:.0f} to {rates[-1]:.0f})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=128, help="the side of a picture, in pixels")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, options.files, options.size)
        paths = sorted(str(path) for path in folder.rglob("*.jpg"))
        print(f"{len(paths)} files, {sum(Path(p).stat().st_size for p in paths) / 1e6:.1f} MB")
        timed("Pillow decodes, nothing else", lambda: decoded(paths), options.rounds)
        for side in (options.size, 2 * options.size, options.size // 2):
            settings = {"image_size": (side, side), "batch_size": 32, "seed": 0, "verbose": False}
            data = kerasish.utils.image_dataset_from_directory(folder, **settings)
            timed(f"kerasish, to {side} by {side}", lambda data=data: pictures_in(data), options.rounds)
            if importlib.util.find_spec("tensorflow"):
                import keras

                data = keras.utils.image_dataset_from_directory(folder, **settings)
                timed(f"keras, to {side} by {side}", lambda data=data: pictures_in(data), options.rounds)


if __name__ == "__main__":
    main()
