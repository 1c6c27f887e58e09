"""`kerasish script.py`, `python -m kerasish script.py`: run a Keras script, untouched, on kerasish; and commands."""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any

import kerasish_datasets as _datasets  # noqa: F401  (found now: the script's directory takes the place of this one)
from kerasish import distribution
from kerasish._worker import prepare_workers
from kerasish.aliases import install
from kerasish.command_line import COMMANDS, overview
from kerasish.version import __version__

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run the command, script or module that the arguments name; the exit code, where a script does not exit itself."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(overview(), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    if arguments[0] in ("-V", "--version"):
        print(f"kerasish {__version__}")
        return 0
    if arguments[0] in COMMANDS:
        return _command(arguments[0], arguments[1:])
    is_shared = arguments[0] == "--mpi"
    if is_shared:
        arguments = arguments[1:]
    is_module = arguments[:1] == ["-m"]
    if is_module:
        arguments = arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        print(f"kerasish: a script was expected, not {' '.join(arguments) or '-m'!r}\n\n{overview()}", file=sys.stderr)
        return 2
    install()
    prepare_workers()
    if is_shared:
        _share()
    sys.argv[:] = arguments
    return _run(*(_module(arguments[0]) if is_module else _script(arguments[0])))


def _share() -> None:
    """Let the script's models be trained by all the processes that `mpiexec` has started with it."""
    try:
        distribution.initialize()
    except ImportError as error:
        print(f"kerasish: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    distribution.set_distribution(distribution.DataParallel())


def _command(name: str, arguments: list[str]) -> int:
    """Run a command; one whose reader has seen enough (`| head`) ends without a word."""
    try:
        code = COMMANDS[name].load()(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where Python's last flush goes
        return 1
    return code


def console() -> int:
    """The program `kerasish`, which finds modules where `python -m kerasish` does."""
    if not sys.flags.safe_path:
        sys.path[0] = os.getcwd()
    return main(sys.argv[1:])


def _script(path: str) -> tuple[ModuleType, Any]:
    """The module `__main__` for a file, and what compiles the file."""
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    full = os.path.abspath(path)

    def code() -> CodeType:
        try:
            with open(path, "rb") as file:
                source = file.read()
        except OSError as error:
            print(f"kerasish: can't open file {path!r}: {error.strerror}{_meant(path)}", file=sys.stderr)
            raise SystemExit(2) from None
        return compile(source, full, "exec")

    return _main_module(full, None), code


def _meant(path: str) -> str:
    """The command that a mistyped one may be; nothing where it is like none."""
    import difflib

    close = difflib.get_close_matches(path, COMMANDS, 1)
    return f". Did you mean the command {close[0]}?" if close else ""


def _module(name: str) -> tuple[ModuleType, Any]:
    """The module `__main__` for a module or package that can be imported, and what compiles it."""
    spec = _spec_of(name)
    loader: Any = None if spec is None else spec.loader
    if spec is None or not hasattr(loader, "get_code"):
        print(f"kerasish: no module named {name!r} that can be run", file=sys.stderr)
        raise SystemExit(2)
    sys.argv[0] = spec.origin or name
    return _main_module(sys.argv[0], spec), lambda: loader.get_code(spec.name)


def _spec_of(name: str) -> ModuleSpec | None:
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
    except ModuleNotFoundError:
        return None
    return spec


def _main_module(path: str, spec: ModuleSpec | None) -> ModuleType:
    module = ModuleType("__main__")
    module.__dict__.update(__file__=path, __spec__=spec, __builtins__=__builtins__, __cached__=None)
    module.__package__ = None if spec is None else spec.parent
    return module


def _run(module: ModuleType, code: Any) -> int:
    """Run as `__main__`, and show an uncaught error without the frames of this file."""
    sys.modules["__main__"] = module
    try:
        exec(code(), module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        own = error.__traceback__
        while own is not None and own.tb_frame.f_code.co_filename == __file__:
            own = own.tb_next
        sys.excepthook(type(error), error.with_traceback(own), own)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
