"""Look into the wheels of a folder, and use them in a new environment: `python .ci/try_wheels.py dist`.

Needs Python 3.11 or newer with pip and venv, on any system. The environment lies outside of the clone, so that nothing
there helps.
"""

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

MOST_BYTES = 3_000_000
LARGEST_MEMBER = 300_000

TRAIN = """
import keras  # which means kerasish here
import numpy as np

x, y = keras.datasets.xor.load_data()
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1, "sigmoid")])
model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
model.fit(x, y, epochs=200, verbose=0)
model.save("xor.keras")
answers = keras.models.load_model("xor.keras").predict(x, verbose=0)
assert ((answers > 0.5) == y).all(), answers
assert len(keras.datasets.iris.load_data()[0][0]) == 120
print("trained, saved, loaded")
"""
WITHOUT_DIGITS = """
from kerasish.datasets import mnist

try:
    mnist.load_data()
except FileNotFoundError as error:
    assert "kerasish-mnist" in str(error), error
else:
    raise SystemExit("MNIST is there, though nothing brought it")
"""
WITH_DIGITS = "from kerasish.datasets import mnist; assert mnist.load_data()[0][0].shape == (60000, 28, 28)"


def look(wheel: Path) -> None:
    """Check that a wheel holds the package, its types and its licences, and nothing large."""
    with zipfile.ZipFile(wheel) as archive:
        sizes = {member.filename: member.file_size for member in archive.infolist()}
    size = wheel.stat().st_size
    large = {name: count for name, count in sizes.items() if count > LARGEST_MEMBER}
    tops = {name.partition("/")[0] for name in sizes}
    assert size <= MOST_BYTES, f"{wheel.name} has {size:,} bytes; at most {MOST_BYTES:,} were expected"
    assert not large, f"{wheel.name} holds what is no code: {large}"
    assert {top for top in tops if "dist-info" not in top} == {"kerasish", "kerasish_datasets"}, tops
    assert "kerasish/py.typed" in sizes and any(name.endswith("licenses/LICENSE") for name in sizes)
    print(f"{wheel.name}: {size:,} bytes, {len(sizes)} files")


def use(dist: Path, wheel: Path) -> None:
    """Install the wheel in a new environment, and train there; then the digits, too."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        venv.create(home / "env", with_pip=True)
        programs = home / "env" / ("Scripts" if sys.platform == "win32" else "bin")
        environment = {**os.environ, "PYTHONUTF8": "1"}  # Windows writes into a pipe in another encoding
        environment.pop("PYTHONPATH", None)
        (home / "train.py").write_text(TRAIN, encoding="utf-8")

        def run(program: str, *arguments: str) -> None:
            print("+", program, *arguments, flush=True)
            subprocess.run([str(programs / program), *arguments], cwd=home, env=environment, check=True)

        run("python", "-m", "pip", "install", "-q", str(wheel))
        run("kerasish", "train.py")
        run("kerasish", "summary", "xor.keras")
        run("kerasish", "convert", "xor.keras", "xor.h5")
        run("kerasish", "doctor")
        run("python", "-c", WITHOUT_DIGITS)
        run("python", "-m", "pip", "install", "-q", "--find-links", str(dist), f"{wheel}[datasets]")
        run("python", "-c", WITH_DIGITS)


def main() -> None:
    """Look at the one wheel of kerasish, and use it."""
    dist = Path(sys.argv[1]).resolve()
    (wheel,) = dist.glob("kerasish-*.whl")
    look(wheel)
    use(dist, wheel)


if __name__ == "__main__":
    main()
