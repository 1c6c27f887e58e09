"""The version, in the one place where it is written."""

__version__ = "0.1.0"


def version() -> str:
    """The version of this library."""
    return __version__
