"""What the machine is, and what NumPy's BLAS makes of it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

# Instructions on several numbers at once, from narrow to wide.
WIDTHS = ("SSE", "AVX", "AVX2", "AVX-512")
# The kinds of processors that OpenBLAS knows, by the widest instructions of its loops for them. Names that are missing
# are of other families, where nothing is compared.
OPENBLAS_WIDTHS = {
    "AVX-512": "skylakex cooperlake sapphirerapids",
    "AVX2": "haswell zen excavator",
    "AVX": "sandybridge bulldozer piledriver steamroller",
    "SSE": "prescott core2 penryn dunnington nehalem atom bobcat barcelona opteron opteron_sse3 athlon",
}
# What to tell OpenBLAS where it sees less than the processor has.
CORE_TYPES = {"AVX-512": "SkylakeX", "AVX2": "Haswell", "AVX": "Sandybridge"}


class Blas(NamedTuple):
    """The library of matrix products; what is None could not be asked."""

    name: str
    version: str
    architecture: str | None = None
    threads: int | None = None

    @property
    def width(self) -> str | None:
        """The widest instructions of the loops that it took; None where that is not known."""
        kind = (self.architecture or "").lower()
        return next((width for width, names in OPENBLAS_WIDTHS.items() if kind in names.split()), None)


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def width() -> str | None:
    """The widest of `WIDTHS` that the processor has, as NumPy found it; None for other families of processors."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return None
    config: Any = np.show_config(mode="dicts")
    found = config["SIMD Extensions"].get("found", [])
    if any(name.startswith("AVX512") or name == "X86_V4" for name in found):
        return "AVX-512"
    if {"AVX2", "FMA3", "X86_V3"} & set(found):
        return "AVX2"
    return "AVX" if "AVX" in found else "SSE"


def blas() -> Blas:
    """NumPy's BLAS: asked through threadpoolctl where that is installed, or else as NumPy was built."""
    if importlib.util.find_spec("threadpoolctl") is not None:
        for found in importlib.import_module("threadpoolctl").threadpool_info():
            if found["user_api"] == "blas":
                version, kind = found.get("version") or "", found.get("architecture")
                return Blas(found["internal_api"], version, kind, found["num_threads"])
    config: Any = np.show_config(mode="dicts")
    built = config["Build Dependencies"]["blas"]
    return Blas(built.get("name", "unknown"), built.get("version", ""))


def cores() -> float:
    """The cores that this process may use, by its affinity and its container."""
    usable = getattr(os, "sched_getaffinity", None)
    count = float(len(usable(0)) if usable else os.cpu_count() or 1)
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):  # no container of this kind
        return count
    return count if quota == "max" else min(count, int(quota) / int(period))


def load() -> float | None:
    """How many programs wanted to run in the last minute; None where the system does not count them."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def core_type(blas_width: str | None, processor_width: str | None) -> str | None:
    """The name to tell OpenBLAS if it took loops for less than the processor has; None if all is well or not known."""
    if blas_width is None or processor_width is None:
        return None
    return CORE_TYPES[processor_width] if WIDTHS.index(blas_width) < WIDTHS.index(processor_width) else None
