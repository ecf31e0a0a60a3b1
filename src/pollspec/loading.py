"""While modules load there is nothing to be cleaned up: Ctrl-C ends the program there and then.

An exception would pass through whatever is being loaded, and others make an error of their own of it, or lose it.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn


class Loading:
    """`with LOADING:` around imports. `alone`: the process is pollspec's own, and so may be ended."""

    alone = False

    def __enter__(self) -> None:
        """Ctrl-C is the end from now on, unless somebody has made something else of it."""
        if self.alone and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, interrupted)

    def __exit__(self, *error: object) -> None:
        """Ctrl-C is KeyboardInterrupt again."""
        if signal.getsignal(signal.SIGINT) is interrupted:
            signal.signal(signal.SIGINT, signal.default_int_handler)


LOADING = Loading()


def interrupted(*_: object) -> NoReturn:
    """The end: exit code 130, and nothing else runs."""
    os.write(2, b"pollspec: interrupted\n")
    os._exit(130)
