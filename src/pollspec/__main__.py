"""`pollspec`, and `python -m pollspec`: from the first moment to the last, no traceback, and Ctrl-C is 130."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from pollspec.loading import LOADING, interrupted

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Run the command line. Until its modules are there, there is nothing to be cleaned up."""
    LOADING.alone = True
    try:
        _loaded()()
    except KeyboardInterrupt:
        interrupted()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _loaded() -> Callable[[], object]:
    try:
        with LOADING:
            return _command()
    except Exception as error:
        _end(error)


def _command() -> Callable[[], object]:
    import pathlib

    pathlib.Path.cwd()
    from pollspec.cli import main as command

    return command


def _end(error: Exception) -> NoReturn:
    from pollspec.errors import OwnError

    gone = OwnError("the working directory is gone", "cd to one that is there")
    own = gone if isinstance(error, FileNotFoundError) else OwnError.of(error)
    if sys.stderr:
        print(f"pollspec: {own}", file=sys.stderr)
    raise SystemExit(own.exit_code)


if __name__ == "__main__":
    main()
