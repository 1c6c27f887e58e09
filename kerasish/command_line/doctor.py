"""`kerasish doctor`: what is installed, what the BLAS makes of the processor, and how fast a step of training is."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from kerasish._extras import EXTRAS, install_line
from kerasish.backend import fast
from kerasish.command_line import loops, machine, step_time
from kerasish.version import __version__

SETTINGS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "KERASISH_FAST")
# A step may take so many times what it should before that counts as slow: machines differ, and are never quite alone.
TOLERANCE = 2.0
# Billions of operations a second that one core reaches in matrix products, however old it is, if it is left alone.
LEAST_RATE = {"SSE": 5, "AVX": 10, "AVX2": 20, "AVX-512": 20}

Advice = list[str]


def main(arguments: list[str]) -> int:
    """Print the report, and what to mend."""
    parser = argparse.ArgumentParser(
        "kerasish doctor",
        description="Show versions, processor, BLAS, threads and extras, and time a step of training beside what it "
        "should take. That needs some seconds, more on a busy machine.",
    )
    parser.add_argument("--quick", action="store_true", help="time nothing")
    asked = parser.parse_args(arguments)
    advice: Advice = []
    _versions()
    _machine(advice)
    _loops(asked.quick)
    _extras()
    if not asked.quick:
        _steps(advice)
    print("\n" + ("\n".join(f"! {line}" for line in advice) or "Nothing to mend."))
    return 0


def _line(name: str, text: str) -> None:
    print(f"{name:11} {text}", flush=True)


def _installed(name: str) -> str | None:
    """The version of an installed distribution."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _versions() -> None:
    _line("kerasish", f"{__version__}, in {Path(__file__).parents[1]}")
    _line("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}")
    bases = {name: _installed(name) for name in ("numpy", "h5py", "tqdm")}
    _line("brings", ", ".join(f"{name} {version or 'is missing'}" for name, version in bases.items()))


def _machine(advice: Advice) -> None:
    width, blas, cores = machine.width(), machine.blas(), machine.cores()
    _line("processor", f"{machine.processor()}, {cores:g} core(s){f', {width}' if width else ''}")
    took = f", takes the processor for {blas.architecture}" if blas.architecture else ""
    _line("BLAS", f"{blas.name} {blas.version}{took}{f' ({blas.width})' if blas.width else ''}")
    if blas.architecture is None and _installed("threadpoolctl") is None:
        print(f"{'':12}what it takes the processor for is told with the extra fast: {install_line('fast')}")
    better = machine.core_type(blas.width, width) if blas.name == "openblas" else None
    if better is not None:
        advice.append(
            f"The BLAS takes the processor for {blas.architecture}, and leaves its {width} idle. Set "
            f"OPENBLAS_CORETYPE={better} before Python starts: large products are then up to twice as fast."
        )
    _threads(blas, cores, advice)


def _threads(blas: machine.Blas, cores: float, advice: Advice) -> None:
    from kerasish.backend.threads import threads

    told = _installed("threadpoolctl") is not None
    number = "the BLAS's own number" if blas.threads is None else f"{blas.threads} for the BLAS"
    fixed = threads()
    chosen = (
        f", set to {fixed}" if fixed else ", chosen for each product of a recorded step by its size" if told else ""
    )
    _line("threads", number + chosen)
    set_here = [f"{name}={os.environ[name]}" for name in SETTINGS if name in os.environ]
    if set_here:
        _line("settings", " ".join(set_here))
    load = machine.load()
    if load is not None:
        _line("load", f"{load:.1f} in the last minute, on {cores:g} core(s)")
    if blas.threads is not None and blas.threads > max(1.0, cores):
        advice.append(
            f"The BLAS has {blas.threads} threads for {cores:g} core(s), where they wait for one another. Set "
            f"OPENBLAS_NUM_THREADS={max(1, int(cores))} (or MKL_NUM_THREADS) before Python starts."
        )
    if load is not None and load > cores and not told and "OPENBLAS_NUM_THREADS" not in os.environ:
        advice.append(
            "The machine is busy, and nothing keeps the threads of the BLAS from waiting for cores. Install the extra "
            f"fast ({install_line('fast')}), or set OPENBLAS_NUM_THREADS=1 before Python starts."
        )


def _loops(quick: bool) -> None:
    """What the extra `fast` makes of convolutions."""
    if not (fast.is_installed() and fast.is_fast_enabled()):
        return
    lanes, places, vectors = loops.registers()
    _line("convolution", f"sums in vectors of {lanes} float32, {places} x {vectors} of them in registers")
    if not quick:
        same = loops.has_numpys_bits()
        told = "the same bits as NumPy's" if same else "other bits than NumPy's here, so NumPy's products are used"
        print(f"{'':12}{told}")


def _extras() -> None:
    print("\nextras")
    for name, extra in EXTRAS.items():
        versions = {package: _installed(package) for package in extra.brings}
        absent = [package for package, version in versions.items() if version is None]
        if absent:
            _line(name, f"missing: {', '.join(absent)} ({extra.purpose})")
            print(f"{'':12}{install_line(name)}")
        else:
            _line(name, ", ".join(f"{package} {version}" for package, version in versions.items()))
    where = _digits()
    if where.is_file():
        _line("datasets", f"MNIST in {where.parent}")
    else:
        _line("datasets", "missing: kerasish-mnist (the digits of MNIST)")
        print(f"{'':12}install its wheel, or the folder kerasish_mnist of a clone, with pip")


def _digits() -> Path:
    from kerasish_datasets import mnist

    return mnist.BUNDLED


def _steps(advice: Advice) -> None:
    print("\na step of training")
    large, small = step_time.large(), step_time.small()
    rate = step_time.operations() / large.yardstick / 1e9
    _step(step_time.LARGE, step_time.LARGE_ROWS, large, "its matrix products alone", advice)
    print(f"{'':4}that is {rate:.0f} billion operations a second in the products")
    _step(step_time.SMALL, step_time.SMALL_ROWS, small, "a call of NumPy", advice)
    least = LEAST_RATE.get(machine.width() or "", 0)
    if rate < least:
        load = machine.load()
        advice.append(
            f"Matrix products run at {rate:.0f} billion operations a second; one core with {machine.width()} reaches "
            f"{least} and more by itself. Other programs may have the cores"
            + (f" (load {load:.1f} on {machine.cores():g})." if load is not None else ".")
        )


def _step(widths: tuple[int, ...], rows: int, found: step_time.StepTime, yardstick: str, advice: Advice) -> None:
    name = f"{'-'.join(map(str, widths))}, {rows} rows"
    print(f"  {name}: {_time(found.step)}; should be about {_time(found.expected)}")
    print(f"{'':4}{found.cost:g} times {yardstick}, {_time(found.yardstick)}", flush=True)
    if found.step > TOLERANCE * found.expected:
        advice.append(
            f"A step of {name} takes {found.step / found.expected:.1f} times what it should. On a busy machine that "
            "may pass; if it stays, docs/how-to/go-faster.md has the causes."
        )


def _time(seconds: float) -> str:
    return f"{1e3 * seconds:.2f} ms" if seconds >= 1e-3 else f"{1e6 * seconds:.1f} µs"
