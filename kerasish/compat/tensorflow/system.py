"""Devices, settings and versions: one processor, and nothing to set."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from kerasish.version import __version__ as own_version

VERSION = f"2.16.0+kerasish.{own_version}"
KERAS_VERSION = "3.15.1"


class PhysicalDevice(NamedTuple):
    """A device: the processor is the only one."""

    name: str
    device_type: str


_PROCESSOR = PhysicalDevice("/physical_device:CPU:0", "CPU")


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    return [_PROCESSOR] if device_type in (None, "CPU") else []


def gpu_device_name() -> str:
    return ""


def get_logger() -> logging.Logger:
    return logging.getLogger("tensorflow")


def set_verbosity(v: Any, *_: Any) -> None:
    levels = {"DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50}
    get_logger().setLevel(levels.get(str(v), v))


DEBUG, INFO, WARN, ERROR, FATAL = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL
